// Muon's and Adam's steps and the Polyak average by libtorch's operations: Muon's anywhere, the others for parameters that
// are not in the host's memory.
#include "Tensor.hpp"
#include <c10/core/GradMode.h>
#include <cmath>

using grove::code;

namespace {

/// U Vᵀ of a matrix U S Vᵀ, near enough: its singular values come to lie within 0.7 and 1.2 in five iterations, of Newton
/// and Schulz's kind, by a polynomial of odd powers that Jordan et al. (2024) chose for its slope at zero.
at::Tensor orthogonal(const at::Tensor &matrix) {
  const bool is_tall = matrix.size(0) > matrix.size(1);
  auto x = is_tall ? matrix.t() : matrix;
  x = x / at::linalg_vector_norm(x).add_(1e-7);
  for (int i = 0; i < 5; i++) {
    const auto squared = at::mm(x, x.t());
    x = at::addmm(x, at::addmm(squared, squared, squared, -4.7750, 2.0315), x, 3.4445);
  }
  return is_tall ? x.t() : x;
}

/// A step of Muon with Nesterov's momentum; `average` is the moving average of the gradient.
void step_orthogonally(at::Tensor values, const at::Tensor &gradient, at::Tensor average, float size, float momentum) {
  average.lerp_(gradient, 1 - momentum);
  values.sub_(orthogonal(gradient.lerp(average, momentum)), size);
}

at::Tensor part(const gt_tensor *flat, int64_t start, int64_t count) { return flat->value.narrow(0, start, count); }

} // namespace

extern "C" {

int gt_muon(float *values, const float *gradient, float *average, int64_t rows, int64_t columns, float scale, float size,
            float momentum) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    const auto matrix = [&](float *at) { return at::from_blob(at, {rows, columns}, at::kFloat); };
    // from_blob() takes no constant; nothing is written there.
    step_orthogonally(matrix(values), matrix(const_cast<float *>(gradient)) * scale, matrix(average), size, momentum);
  });
}

int gt_clip_on_device(gt_tensor *gradient, float clip) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    const auto norm = at::linalg_vector_norm(gradient->value, 2, c10::nullopt, false, at::kDouble).to(at::kFloat);
    gradient->value.mul_(norm.reciprocal().mul_(clip).clamp_max_(1));
  });
}

int gt_muon_on_device(gt_tensor *values, const gt_tensor *gradient, gt_tensor *average, int64_t start, int64_t rows,
                      int64_t columns, float size, float momentum) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    const auto matrix = [&](const gt_tensor *flat) { return part(flat, start, rows * columns).view({rows, columns}); };
    step_orthogonally(matrix(values), matrix(gradient), matrix(average), size, momentum);
  });
}

int gt_adam_on_device(gt_tensor *values, const gt_tensor *gradient, gt_tensor *first, gt_tensor *second, int64_t start,
                      int64_t count, float rate, float beta1, float beta2, float epsilon, int64_t step) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    const double step_size = rate / (1 - std::pow(static_cast<double>(beta1), step));
    const double correction = 1 / (1 - std::pow(static_cast<double>(beta2), step));
    const auto g = part(gradient, start, count), m = part(first, start, count), v = part(second, start, count);
    m.mul_(beta1).add_(g, 1 - beta1);
    v.mul_(beta2).addcmul_(g, g, 1 - beta2);
    part(values, start, count).addcdiv_(m, v.mul(correction).sqrt_().add_(epsilon), -step_size);
  });
}

int gt_average_on_device(gt_tensor *average, const gt_tensor *values, float weight) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    average->value.add_(values->value - average->value, weight);
  });
}

} // extern "C"
