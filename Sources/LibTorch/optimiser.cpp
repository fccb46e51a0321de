// Adam and the Polyak average by libtorch's operations, for parameters that are not in the host's memory.
#include "Tensor.hpp"
#include <c10/core/GradMode.h>
#include <cmath>

using grove::code;

extern "C" {

int gt_adam_on_device(gt_tensor *values, const gt_tensor *gradient, gt_tensor *first, gt_tensor *second, float clip,
                      float rate, float beta1, float beta2, float epsilon, int64_t step) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    const double step_size = rate / (1 - std::pow(static_cast<double>(beta1), step));
    const double correction = 1 / (1 - std::pow(static_cast<double>(beta2), step));
    // The norm stays on the device: who reads it waits for all that the device has yet to do.
    const auto norm = at::linalg_vector_norm(gradient->value, 2, c10::nullopt, false, at::kDouble).to(at::kFloat);
    const auto g = gradient->value * norm.reciprocal().mul_(clip).clamp_max_(1);
    first->value.mul_(beta1).add_(g, 1 - beta1);
    second->value.mul_(beta2).addcmul_(g, g, 1 - beta2);
    values->value.addcdiv_(first->value, second->value.mul(correction).sqrt_().add_(epsilon), -step_size);
  });
}

int gt_average_on_device(gt_tensor *average, const gt_tensor *values, float weight) {
  return code([&] {
    c10::AutoGradMode unrecorded(false);
    average->value.add_(values->value - average->value, weight);
  });
}

} // extern "C"
