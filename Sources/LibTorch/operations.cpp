// libtorch's own operations, as they are.
#include "Tensor.hpp"

using grove::code;
using grove::tensor;

static at::Tensor chosen(const at::Tensor &rows, const at::Tensor &targets) {
  return rows.reshape({-1, rows.size(-1)}).gather(1, targets.reshape({-1, 1})).reshape({-1});
}

extern "C" {

gt_tensor *gt_add(const gt_tensor *a, const gt_tensor *b) {
  return tensor([&] { return a->value + b->value; });
}
gt_tensor *gt_reshape(const gt_tensor *x, const int64_t *shape, int rank) {
  return tensor([&] { return x->value.reshape(at::IntArrayRef(shape, rank)); });
}
gt_tensor *gt_narrow(const gt_tensor *x, int dimension, int64_t start, int64_t count) {
  return tensor([&] { return x->value.narrow(dimension, start, count); });
}
gt_tensor *gt_concatenate(gt_tensor *const *tensors, int count, int dimension) {
  return tensor([&] {
    std::vector<at::Tensor> list;
    for (int i = 0; i < count; i++) list.push_back(tensors[i]->value);
    return at::cat(list, dimension);
  });
}
gt_tensor *gt_select_rows(const gt_tensor *x, const gt_tensor *rows) {
  return tensor([&] { return x->value.index_select(0, rows->value); });
}
gt_tensor *gt_embedding(const gt_tensor *table, const gt_tensor *tokens) {
  return tensor([&] { return at::embedding(table->value, tokens->value); });
}
gt_tensor *gt_layer_norm(const gt_tensor *x, const gt_tensor *scale, const gt_tensor *shift) {
  return tensor([&] {
    return at::layer_norm(x->value, {x->value.size(-1)}, scale->value, shift->value, 1e-5, false);
  });
}
gt_tensor *gt_argmax(const gt_tensor *x) {
  return tensor([&] { return at::argmax(x->value, -1); });
}
gt_tensor *gt_negative_log_likelihood(const gt_tensor *log_probability, const gt_tensor *targets,
                                      const gt_tensor *weights) {
  return tensor([&] {
    return -(chosen(log_probability->value, targets->value) * weights->value.reshape({-1})).sum();
  });
}
gt_tensor *gt_chosen(const gt_tensor *log_probability, const gt_tensor *targets) {
  return tensor([&] { return chosen(log_probability->value, targets->value); });
}
int gt_backward(gt_tensor *scalar) {
  return code([&] { scalar->value.backward(); });
}

} // extern "C"
