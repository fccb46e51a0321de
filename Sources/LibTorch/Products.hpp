// Products of matrices of any size: small ones by loops that the compiler vectorises, large ones by BLAS.
#pragma once
#include "CTorch.h"
#include "Matrix.hpp"

namespace {

using grove::Matrix;
using grove::multiply;

constexpr int64_t blas_pays = 32 * 32 * 32;

/// Numbers of a small matrix.
constexpr int64_t small = 1024;

/// `lanes` neighbouring numbers of a row of c, whose sums stay in registers.
template <int64_t lanes>
__attribute__((always_inline)) inline void small_run(const float *a, int64_t across, const float *b, int64_t b_stride,
                                                     float *c, int64_t inner, float scale, bool keep) {
  float sum[lanes] = {0};
  for (int64_t l = 0; l < inner; l++) {
    const float x = a[l * across];
    for (int64_t lane = 0; lane < lanes; lane++) sum[lane] += x * b[l * b_stride + lane];
  }
  for (int64_t lane = 0; lane < lanes; lane++) c[lane] = (keep ? c[lane] : 0) + scale * sum[lane];
}

/// c = scale a b + (keep) c: a [rows, inner], its numbers `down` and `across` apart; b [inner, columns].
GROVE_VECTORISED void small_product(const float *a, int64_t down, int64_t across, Matrix b, Matrix c, int64_t rows,
                                    int64_t columns, int64_t inner, float scale, bool keep) {
  for (int64_t r = 0; r < rows; r++, a += down) {
    float *z = c.data + r * c.stride;
    int64_t j = 0;
    for (; j + 16 <= columns; j += 16) small_run<16>(a, across, b.data + j, b.stride, z + j, inner, scale, keep);
    for (; j + 8 <= columns; j += 8) small_run<8>(a, across, b.data + j, b.stride, z + j, inner, scale, keep);
    for (; j + 4 <= columns; j += 4) small_run<4>(a, across, b.data + j, b.stride, z + j, inner, scale, keep);
    for (; j < columns; j++) small_run<1>(a, across, b.data + j, b.stride, z + j, inner, scale, keep);
  }
}

/// c = scale a bᵀ: a [n, k], b [m, k], c [n, m].
void product_transposed(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k >= blas_pays || m * k > small) return multiply('N', 'T', a, b, c, n, m, k, scale, 0);
  float turned[small];
  for (int64_t j = 0; j < m; j++)
    for (int64_t l = 0; l < k; l++) turned[l * m + j] = b.data[j * b.stride + l];
  small_product(a.data, a.stride, 1, {turned, m}, c, n, m, k, scale, false);
}

/// c += scale a b: a [n, m], b [m, k], c [n, k].
void product(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k >= blas_pays) return multiply('N', 'N', a, b, c, n, k, m, scale, 1);
  small_product(a.data, a.stride, 1, b, c, n, k, m, scale, true);
}

/// c += scale aᵀ b: a [n, m], b [n, k], c [m, k].
void transposed_product(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  if (n * m * k >= blas_pays) return multiply('T', 'N', a, b, c, m, k, n, scale, 1);
  small_product(a.data, 1, a.stride, b, c, m, k, n, scale, true);
}

} // namespace
