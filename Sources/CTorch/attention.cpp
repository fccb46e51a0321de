// Multi-head attention as one node of the gradient graph. Debian's batched product has no fast kernel for many small
// matrices, so each head of each context is computed here: small ones by loops that the compiler vectorises, large ones
// by BLAS.
#include "Tensor.hpp"
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

using grove::tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

extern "C" void sgemm_(const char *, const char *, const int *, const int *, const int *, const float *, const float *,
                       const int *, const float *, const int *, const float *, float *, const int *);

namespace {

/// A [rows, columns] matrix inside a larger tensor: rows are `stride` numbers apart.
struct Matrix {
  float *data;
  int64_t stride;
};

constexpr int64_t blas_pays = 32 * 32 * 32;

/// c (+)= a bᵀ: a [n, k], b [m, k], c [n, m].
GROVE_VECTORISED void product_transposed_small(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k,
                                               float scale) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      const float *x = a.data + i * a.stride, *y = b.data + j * b.stride;
      float lanes[16] = {0};
      int64_t l = 0;
      for (; l + 16 <= k; l += 16)
        for (int lane = 0; lane < 16; lane++) lanes[lane] += x[l + lane] * y[l + lane];
      for (; l < k; l++) lanes[0] += x[l] * y[l];
      float sum = 0;
      for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
      c.data[i * c.stride + j] = scale * sum;
    }
}

/// c += a b: a [n, m], b [m, k], c [n, k].
GROVE_VECTORISED void product_small(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      const float x = scale * a.data[i * a.stride + j];
      const float *__restrict y = b.data + j * b.stride;
      float *__restrict z = c.data + i * c.stride;
      for (int64_t l = 0; l < k; l++) z[l] += x * y[l];
    }
}

/// c += aᵀ b: a [n, m], b [n, k], c [m, k].
GROVE_VECTORISED void transposed_product_small(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k,
                                               float scale) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      const float x = scale * a.data[i * a.stride + j];
      const float *__restrict y = b.data + i * b.stride;
      float *__restrict z = c.data + j * c.stride;
      for (int64_t l = 0; l < k; l++) z[l] += x * y[l];
    }
}

/// BLAS is column-major: a row-major c = op(a) op(b) is its cᵀ = op(b)ᵀ op(a)ᵀ.
void blas(char ta, char tb, Matrix a, Matrix b, Matrix c, int64_t rows, int64_t columns, int64_t inner, float scale,
          float keep) {
  const int m = columns, n = rows, k = inner;
  const int lda = a.stride, ldb = b.stride, ldc = c.stride;
  sgemm_(&tb, &ta, &m, &n, &k, &scale, b.data, &ldb, a.data, &lda, &keep, c.data, &ldc);
}

void product_transposed(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k < blas_pays) product_transposed_small(a, b, c, n, m, k, scale);
  else blas('N', 'T', a, b, c, n, m, k, scale, 0);
}
void product(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k < blas_pays) product_small(a, b, c, n, m, k, scale);
  else blas('N', 'N', a, b, c, n, k, m, scale, 1);
}
void transposed_product(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k < blas_pays) transposed_product_small(a, b, c, n, m, k, scale);
  else blas('T', 'N', a, b, c, m, k, n, scale, 1);
}

GROVE_VECTORISED void softmax_row(float *row, int64_t visible, int64_t count) {
  float most = -INFINITY, sum = 0;
  for (int64_t j = 0; j < visible; j++) most = std::max(most, row[j]);
  for (int64_t j = 0; j < visible; j++) {
    row[j] = std::exp(row[j] - most);
    sum += row[j];
  }
  const float scale = 1 / sum;
  for (int64_t j = 0; j < visible; j++) row[j] *= scale;
  for (int64_t j = visible; j < count; j++) row[j] = 0;
}

/// The part of context b that starts at column `from`.
Matrix slice(const at::Tensor &t, int64_t b, int64_t from) {
  return {t.data_ptr<float>() + b * t.stride(0) + from, t.stride(1)};
}

at::Tensor row_contiguous(const at::Tensor &t) {
  return t.stride(2) == 1 || t.size(2) == 1 ? t : t.contiguous();
}

struct Attention : torch::autograd::Function<Attention> {
  static at::Tensor run(const at::Tensor &q, const at::Tensor &kv, int64_t heads, bool causal, at::Tensor *weights) {
    const int64_t batch = q.size(0), n = q.size(1), m = kv.size(1), width = q.size(2), size = width / heads;
    auto result = at::zeros({batch, n, width}, q.options());
    auto shares = at::empty({batch, heads, n, m}, q.options());
    float *p = shares.data_ptr<float>();
    const float scale = 1 / std::sqrt(static_cast<float>(size));
    for (int64_t b = 0; b < batch; b++)
      for (int64_t h = 0; h < heads; h++, p += n * m) {
        product_transposed(slice(q, b, h * size), slice(kv, b, h * size), {p, m}, n, m, size, scale);
        for (int64_t i = 0; i < n; i++) softmax_row(p + i * m, causal ? i + 1 + m - n : m, m);
        product({p, m}, slice(kv, b, width + h * size), slice(result, b, h * size), n, m, size, 1);
      }
    if (weights) *weights = shares;
    return result;
  }

  static Variable forward(AutogradContext *context, const Variable &q, const Variable &kv, int64_t heads,
                          bool causal) {
    at::Tensor weights;
    auto a = row_contiguous(q), b = row_contiguous(kv);
    auto result = run(a, b, heads, causal, &weights);
    context->save_for_backward({a, b, weights});
    context->saved_data["heads"] = heads;
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
    float *p = weights.data_ptr<float>(), *ds = scores.data_ptr<float>();
    const float scale = 1 / std::sqrt(static_cast<float>(size));
    for (int64_t b = 0; b < batch; b++)
      for (int64_t h = 0; h < heads; h++, p += n * m) {
        const int64_t key = h * size, value = width + h * size;
        transposed_product({p, m}, slice(dy, b, key), slice(dkv, b, value), n, m, size, 1);
        product_transposed(slice(dy, b, key), slice(kv, b, value), {ds, m}, n, m, size, 1);
        for (int64_t i = 0; i < n; i++) {
          float along = 0;
          for (int64_t j = 0; j < m; j++) along += ds[i * m + j] * p[i * m + j];
          for (int64_t j = 0; j < m; j++) ds[i * m + j] = p[i * m + j] * (ds[i * m + j] - along);
        }
        product({ds, m}, slice(kv, b, key), slice(dq, b, key), n, m, size, scale);
        transposed_product({ds, m}, slice(q, b, key), slice(dkv, b, key), n, m, size, scale);
      }
    return {dq, dkv, Variable(), Variable()};
  }
};

struct PointerScores : torch::autograd::Function<PointerScores> {
  static Variable forward(AutogradContext *context, const Variable &q, const Variable &k) {
    auto a = row_contiguous(q), b = row_contiguous(k);
    const int64_t batch = a.size(0), n = a.size(1), m = b.size(1), width = a.size(2);
    auto scores = at::empty({batch, n, m}, a.options());
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    for (int64_t i = 0; i < batch; i++)
      product_transposed(slice(a, i, 0), slice(b, i, 0), slice(scores, i, 0), n, m, width, scale);
    context->save_for_backward({a, b});
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

gt_tensor *gt_attention(const gt_tensor *q, const gt_tensor *kv, int heads, bool causal) {
  return tensor([&] {
    auto &a = q->value, &b = kv->value;
    TORCH_CHECK(a.dim() == 3 && b.dim() == 3 && a.size(0) == b.size(0) && 2 * a.size(2) == b.size(2) && heads > 0 &&
                    a.size(2) % heads == 0,
                "attention of queries ", a.sizes(), " to keys and values ", b.sizes(), " with ", heads, " heads");
    TORCH_CHECK(!causal || b.size(1) >= a.size(1), "causal attention with fewer keys than queries");
    if (!a.is_cpu()) { // Elsewhere libtorch's own kernels are the fast ones.
      const int64_t width = a.size(2), size = width / heads;
      auto split = [&](const at::Tensor &t) { return t.reshape({t.size(0), t.size(1), heads, size}).transpose(1, 2); };
      auto scores = at::matmul(split(a), split(b.narrow(2, 0, width)).transpose(2, 3)) /
                    std::sqrt(static_cast<double>(size));
      if (causal) {
        auto hidden = at::ones({a.size(1), b.size(1)}, scores.options()).triu(1 + b.size(1) - a.size(1)).to(at::kBool);
        scores = scores.masked_fill(hidden, -INFINITY);
      }
      return at::matmul(at::softmax(scores, -1), split(b.narrow(2, width, width))).transpose(1, 2).reshape(a.sizes());
    }
    if (!c10::GradMode::is_enabled()) return Attention::run(row_contiguous(a), row_contiguous(b), heads, causal, nullptr);
    return Attention::apply(a, b, heads, causal);
  });
}

gt_tensor *gt_pointer_scores(const gt_tensor *q, const gt_tensor *k) {
  return tensor([&] {
    auto &a = q->value, &b = k->value;
    TORCH_CHECK(a.dim() == 3 && b.dim() == 3 && a.size(0) == b.size(0) && a.size(2) == b.size(2), "pointers of ",
                a.sizes(), " into ", b.sizes());
    if (!a.is_cpu()) return at::matmul(a, b.transpose(1, 2)) / std::sqrt(static_cast<double>(a.size(2)));
    return at::Tensor(PointerScores::apply(a, b));
  });
}

} // extern "C"
