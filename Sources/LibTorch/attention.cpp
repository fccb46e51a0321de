// Multi-head attention as one node of the gradient graph. Debian's batched product has no fast kernel for many small
// matrices, so each head of each context is computed here.
#include "Node.hpp"
#include "Products.hpp"
#include "Softmax.hpp"

using namespace grove;

namespace {

/// The part of context b that starts at column `from`.
Matrix slice(const at::Tensor &t, int64_t b, int64_t from) {
  return {t.data_ptr<float>() + b * t.stride(0) + from, t.stride(1)};
}

at::Tensor row_contiguous(const at::Tensor &t) {
  return t.stride(2) == 1 || t.size(2) == 1 ? t : t.contiguous();
}

struct Attention : Function<Attention> {
  static Variable forward(AutogradContext *context, const Variable &queries, const Variable &keys_and_values,
                          const Variable &extra, int64_t heads, bool causal) {
    auto q = row_contiguous(queries), kv = row_contiguous(keys_and_values);
    const int64_t batch = q.size(0), n = q.size(1), m = kv.size(1), width = q.size(2), size = width / heads;
    auto result = at::zeros({batch, n, width}, q.options());
    auto weights = at::empty({batch, heads, n, m}, q.options());
    float *p = weights.data_ptr<float>();
    const float *more = extra.numel() > 0 ? extra.data_ptr<float>() : nullptr;
    const float scale = 1 / std::sqrt(static_cast<float>(size));
    for (int64_t b = 0; b < batch; b++)
      for (int64_t h = 0; h < heads; h++, p += n * m) {
        product_transposed(slice(q, b, h * size), slice(kv, b, h * size), {p, m}, n, m, size, scale);
        if (more) {
          for (int64_t i = 0; i < n * m; i++) p[i] += more[i];
          more += n * m;
        }
        for (int64_t i = 0; i < n; i++) softmax(p + i * m, p + i * m, causal ? i + 1 + m - n : m, m);
        product({p, m}, slice(kv, b, width + h * size), slice(result, b, h * size), n, m, size, 1);
      }
    if (context) {
      context->save_for_backward({q, kv, weights});
      context->saved_data["extra"] = extra.numel() > 0;
      context->saved_data["heads"] = heads;
    }
    return result;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &q = saved[0], &kv = saved[1], &weights = saved[2];
    const int64_t heads = context->saved_data["heads"].toInt();
    auto dy = gradients[0].contiguous();
    const int64_t batch = q.size(0), n = q.size(1), m = kv.size(1), width = q.size(2), size = width / heads;
    auto dq = at::zeros(q.sizes(), q.options()), dkv = at::zeros(kv.sizes(), q.options()),
         scores = at::empty({n, m}, q.options());
    const bool has_extra = context->saved_data["extra"].toBool();
    at::Tensor dextra = has_extra ? at::empty(weights.sizes(), q.options()) : at::Tensor();
    float *p = weights.data_ptr<float>(), *ds = has_extra ? dextra.data_ptr<float>() : scores.data_ptr<float>();
    const float scale = 1 / std::sqrt(static_cast<float>(size));
    for (int64_t b = 0; b < batch; b++)
      for (int64_t h = 0; h < heads; h++, p += n * m) {
        const int64_t key = h * size, value = width + h * size;
        transposed_product({p, m}, slice(dy, b, key), slice(dkv, b, value), n, m, size, 1);
        product_transposed(slice(dy, b, key), slice(kv, b, value), {ds, m}, n, m, size, 1);
        for (int64_t i = 0; i < n; i++) softmax_backward(p + i * m, ds + i * m, ds + i * m, m);
        product({ds, m}, slice(kv, b, key), slice(dq, b, key), n, m, size, scale);
        transposed_product({ds, m}, slice(q, b, key), slice(dkv, b, key), n, m, size, scale);
        if (has_extra) ds += n * m;
      }
    return {dq, dkv, dextra, Variable(), Variable()};
  }
};

struct PointerScores : Function<PointerScores> {
  static Variable forward(AutogradContext *context, const Variable &queries, const Variable &keys) {
    auto q = row_contiguous(queries), k = row_contiguous(keys);
    const int64_t batch = q.size(0), n = q.size(1), m = k.size(1), width = q.size(2);
    auto scores = at::empty({batch, n, m}, q.options());
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    for (int64_t i = 0; i < batch; i++)
      product_transposed(slice(q, i, 0), slice(k, i, 0), slice(scores, i, 0), n, m, width, scale);
    if (context) context->save_for_backward({q, k});
    return scores;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &q = saved[0], &k = saved[1];
    auto ds = gradients[0].contiguous();
    const int64_t batch = q.size(0), n = q.size(1), m = k.size(1), width = q.size(2);
    auto dq = at::zeros(q.sizes(), q.options()), dk = at::zeros(k.sizes(), q.options());
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    for (int64_t i = 0; i < batch; i++) {
      product(slice(ds, i, 0), slice(k, i, 0), slice(dq, i, 0), n, m, width, scale);
      transposed_product(slice(ds, i, 0), slice(q, i, 0), slice(dk, i, 0), n, m, width, scale);
    }
    return {dq, dk};
  }
};

} // namespace

extern "C" {

gt_tensor *gt_attention(const gt_tensor *q, const gt_tensor *kv, const gt_tensor *extra, int heads, bool causal) {
  return tensor([&] {
    together("attention", {q, kv, extra});
    auto &a = q->value, &b = kv->value;
    TORCH_CHECK(a.dim() == 3 && b.dim() == 3 && a.size(0) == b.size(0) && 2 * a.size(2) == b.size(2) && heads > 0 &&
                    a.size(2) % heads == 0,
                "attention of queries ", a.sizes(), " to keys and values ", b.sizes(), " with ", heads, " heads");
    // Without extra scores, an empty tensor: autograd does not take an undefined one.
    const at::Tensor more = extra ? extra->value.contiguous() : at::empty({0}, a.options());
    TORCH_CHECK(!extra || more.sizes() == at::IntArrayRef({a.size(0), heads, a.size(1), b.size(1)}), "scores of ",
                more.sizes(), " for ", heads, " heads of ", a.sizes(), " and ", b.sizes());
    TORCH_CHECK(!causal || b.size(1) >= a.size(1), "causal attention with fewer keys than queries");
    if (!a.is_cpu()) { // Elsewhere libtorch's own kernels are the fast ones.
      const int64_t width = a.size(2), size = width / heads;
      auto split = [&](const at::Tensor &t) { return t.reshape({t.size(0), t.size(1), heads, size}).transpose(1, 2); };
      auto scores = at::matmul(split(a), split(b.narrow(2, 0, width)).transpose(2, 3)) /
                    std::sqrt(static_cast<double>(size));
      if (extra) scores = scores + more;
      if (causal) scores = hiding_what_follows(scores);
      return at::matmul(at::softmax(scores, -1), split(b.narrow(2, width, width))).transpose(1, 2).reshape(a.sizes());
    }
    return result<Attention>(a, b, more, heads, causal);
  });
}

gt_tensor *gt_pointer_scores(const gt_tensor *q, const gt_tensor *k) {
  return tensor([&] {
    together("pointer scores", {q, k});
    auto &a = q->value, &b = k->value;
    TORCH_CHECK(a.dim() == 3 && b.dim() == 3 && a.size(0) == b.size(0) && a.size(2) == b.size(2), "pointers of ",
                a.sizes(), " into ", b.sizes());
    if (!a.is_cpu()) return at::matmul(a, b.transpose(1, 2)) / std::sqrt(static_cast<double>(a.size(2)));
    return result<PointerScores>(a, b);
  });
}

} // extern "C"
