// Matrix products on plain memory.
#pragma once
#include <cstdint>

extern "C" void sgemm_(const char *, const char *, const int *, const int *, const int *, const float *, const float *,
                       const int *, const float *, const int *, const float *, float *, const int *);

namespace grove {

/// A row-major matrix, perhaps inside a larger one: rows are `stride` numbers apart.
struct Matrix {
  float *data;
  int64_t stride;
};

/// c = scale op(a) op(b) + keep c; 'T' transposes. BLAS is column-major: cᵀ = op(b)ᵀ op(a)ᵀ.
inline void multiply(char ta, char tb, Matrix a, Matrix b, Matrix c, int64_t rows, int64_t columns, int64_t inner,
                     float scale, float keep) {
  const int m = columns, n = rows, k = inner;
  const int lda = a.stride, ldb = b.stride, ldc = c.stride;
  sgemm_(&tb, &ta, &m, &n, &k, &scale, b.data, &ldb, a.data, &lda, &keep, c.data, &ldc);
}

} // namespace grove
