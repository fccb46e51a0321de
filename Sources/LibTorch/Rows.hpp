// What is done to rows of numbers before and after they are multiplied with a matrix, and the gradients of that.
#pragma once
#include "CTorch.h"
#include <cmath>

namespace {

constexpr double epsilon = 1e-5;
constexpr int64_t lanes = 16;

/// Of sums side by side, which vectorise: their sum, in a fixed order.
float total(const float *sums) {
  float sum = 0;
  for (int64_t l = 0; l < lanes; l++) sum += sums[l];
  return sum;
}

/// z = gain (x - mean) / deviation + shift, row by row; keeps the mean and 1 / deviation of each.
GROVE_VECTORISED void normalise(const float *x, const float *gain, const float *shift, float *z, float *moments,
                                int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++, x += width, z += width) {
    float sum[lanes] = {0}, squares[lanes] = {0};
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes)
      for (int64_t l = 0; l < lanes; l++) sum[l] += x[i + l];
    for (; i < width; i++) sum[0] += x[i];
    const float mean = total(sum) / width;
    for (i = 0; i + lanes <= width; i += lanes)
      for (int64_t l = 0; l < lanes; l++) squares[l] += (x[i + l] - mean) * (x[i + l] - mean);
    for (; i < width; i++) squares[0] += (x[i] - mean) * (x[i] - mean);
    const float scale = 1 / std::sqrt(total(squares) / width + static_cast<float>(epsilon));
    for (i = 0; i < width; i++) z[i] = gain[i] * ((x[i] - mean) * scale) + shift[i];
    moments[2 * r] = mean;
    moments[2 * r + 1] = scale;
  }
}

/// Turns dz into dx, and adds to dgain and dshift.
GROVE_VECTORISED void normalise_backward(const float *x, const float *gain, const float *moments, float *__restrict dz,
                                         float *__restrict dgain, float *__restrict dshift, int64_t rows,
                                         int64_t width) {
  for (int64_t r = 0; r < rows; r++, x += width, dz += width) {
    const float mean = moments[2 * r], scale = moments[2 * r + 1];
    float plain[lanes] = {0}, along[lanes] = {0};
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes)
      for (int64_t l = 0; l < lanes; l++) {
        const float g = gain[i + l] * dz[i + l];
        plain[l] += g;
        along[l] += g * (x[i + l] - mean) * scale;
      }
    for (; i < width; i++) {
      plain[0] += gain[i] * dz[i];
      along[0] += gain[i] * dz[i] * (x[i] - mean) * scale;
    }
    const float a = total(plain) / width, b = total(along) / width;
    for (i = 0; i < width; i++) {
      const float unit = (x[i] - mean) * scale, d = dz[i];
      dgain[i] += d * unit;
      dshift[i] += d;
      dz[i] = scale * (gain[i] * d - a - unit * b);
    }
  }
}

GROVE_VECTORISED void rectify(const float *__restrict x, float *__restrict z, int64_t count) {
  for (int64_t i = 0; i < count; i++) z[i] = x[i] > 0 ? x[i] : 0;
}
GROVE_VECTORISED void rectify_backward(const float *__restrict x, float *__restrict dz, int64_t count) {
  for (int64_t i = 0; i < count; i++) dz[i] = x[i] > 0 ? dz[i] : 0;
}
/// y = around + bias in every row; around may be NULL.
GROVE_VECTORISED void begin_rows(float *__restrict y, const float *__restrict around, const float *__restrict bias,
                                 int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++, y += width) {
    if (around)
      for (int64_t i = 0; i < width; i++) y[i] = around[r * width + i] + bias[i];
    else
      for (int64_t i = 0; i < width; i++) y[i] = bias[i];
  }
}
GROVE_VECTORISED void add_rows(const float *__restrict y, float *__restrict sum, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = 0; i < width; i++) sum[i] += y[r * width + i];
}

} // namespace
