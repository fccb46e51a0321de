// The softmax of a row, and its gradient.
#pragma once
#include "CTorch.h"
#include <algorithm>
#include <cmath>

namespace {

/// The softmax of the first `visible` of `count` logits, which may be where the result goes; the rest is 0.
GROVE_VECTORISED void softmax(const float *logits, float *out, int64_t visible, int64_t count) {
  float most = -INFINITY, sum = 0;
  for (int64_t j = 0; j < visible; j++) most = std::max(most, logits[j]);
  for (int64_t j = 0; j < visible; j++) {
    out[j] = std::exp(logits[j] - most);
    sum += out[j];
  }
  const float scale = 1 / sum;
  for (int64_t j = 0; j < visible; j++) out[j] *= scale;
  for (int64_t j = visible; j < count; j++) out[j] = 0;
}

/// dlogits = p (dp - <dp, p>), which may be where dp is.
void softmax_backward(const float *p, const float *dp, float *dlogits, int64_t count) {
  float along = 0;
  for (int64_t j = 0; j < count; j++) along += p[j] * dp[j];
  for (int64_t j = 0; j < count; j++) dlogits[j] = p[j] * (dp[j] - along);
}

} // namespace
