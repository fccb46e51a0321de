// Plain vectors: what needs no libtorch.
#include "CTorch.h"
#include <cmath>

extern "C" {

GROVE_VECTORISED void gt_vector_add(float *into, const float *other, int64_t count) {
  for (int64_t i = 0; i < count; i++) into[i] += other[i];
}
double gt_vector_square_sum(const float *values, int64_t count) {
  // Eight sums side by side, in a fixed order: quick, and the same bits everywhere.
  double lanes[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; lane++) lanes[lane] += static_cast<double>(values[i + lane]) * values[i + lane];
  for (; i < count; i++) lanes[0] += static_cast<double>(values[i]) * values[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}
GROVE_VECTORISED void gt_adam(float *__restrict values, const float *__restrict gradient, float *__restrict first,
                              float *__restrict second, int64_t count, float scale, float rate, float beta1,
                              float beta2, float epsilon, int64_t step) {
  const float step_size = static_cast<float>(rate / (1 - std::pow(static_cast<double>(beta1), step)));
  const float correction = static_cast<float>(1 / (1 - std::pow(static_cast<double>(beta2), step)));
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i] * scale;
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    values[i] -= step_size * first[i] / (__builtin_elementwise_sqrt(second[i] * correction) + epsilon);
  }
}
GROVE_VECTORISED void gt_average(float *__restrict average, const float *__restrict values, int64_t count,
                                 float weight) {
  for (int64_t i = 0; i < count; i++) average[i] += weight * (values[i] - average[i]);
}

} // extern "C"
