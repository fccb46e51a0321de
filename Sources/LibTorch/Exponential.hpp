// The exponential function as one that compilers vectorise: the C library's is called for each number.
#pragma once
#include "CTorch.h"
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {

/// exp(x) within 2 units of the last place; 0 far below, large far above. (Cephes' expf: Moshier 1992.)
__attribute__((always_inline)) inline float exponential(float x) {
  const float bounded = std::min(std::max(x, -87.3f), 88.3f);
  constexpr float shift = 12582912; // Adding 1.5 · 2²³ and taking it away again rounds to a whole number.
  const float n = (bounded * 1.44269504f + shift) - shift;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float power = __builtin_bit_cast(float, (static_cast<int32_t>(n) + 127) << 23);
  return (p * r * r + r + 1) * power;
}

/// The softmax in place of the numbers from `first` to before `last`; the rest of the row is 0.
GROVE_VECTORISED void softmax_of_run(float *row, int64_t first, int64_t last, int64_t count) {
  float most = -INFINITY, sum = 0;
  for (int64_t j = first; j < last; j++) most = std::max(most, row[j]);
  for (int64_t j = first; j < last; j++) row[j] = exponential(row[j] - most);
  for (int64_t j = first; j < last; j++) sum += row[j];
  const float scale = 1 / sum;
  for (int64_t j = 0; j < first; j++) row[j] = 0;
  for (int64_t j = first; j < last; j++) row[j] *= scale;
  for (int64_t j = last; j < count; j++) row[j] = 0;
}

} // namespace
