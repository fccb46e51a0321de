// Tensors of other numbers than 32-bit floats, and such as lie in somebody else's memory.
#include "Tensor.hpp"

using grove::present;
using grove::tensor;

static at::ScalarType scalar_type(int type) {
  switch (type) {
  case gt_float32: return at::kFloat;
  case gt_bfloat16: return at::kBFloat16;
  }
  TORCH_CHECK(false, "there is no type of numbers ", type);
}

extern "C" {

gt_tensor *gt_borrowed(const void *numbers, int type, const int64_t *shape, int rank, void (*release)(void *),
                       void *owner) {
  return tensor([&] {
    return at::from_blob(const_cast<void *>(numbers), at::IntArrayRef(shape, rank), [=](void *) { release(owner); },
                         at::TensorOptions(scalar_type(type)));
  });
}
gt_tensor *gt_converted(const gt_tensor *t, int type, const char *device) {
  return tensor([&] { return t->value.to(present(device), scalar_type(type)); });
}
int gt_type(const gt_tensor *t) {
  switch (t->value.scalar_type()) {
  case at::kFloat: return gt_float32;
  case at::kBFloat16: return gt_bfloat16;
  default: return -1;
  }
}
gt_tensor *gt_zeros_of(const int64_t *shape, int rank, int type, const char *device) {
  return tensor([&] {
    return at::zeros(at::IntArrayRef(shape, rank), at::TensorOptions(scalar_type(type)).device(present(device)));
  });
}
gt_tensor *gt_scaled(const gt_tensor *t, double factor) {
  return tensor([&] { return t->value * factor; });
}

} // extern "C"
