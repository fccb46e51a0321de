// Numbers as tensors keep them, 32-bit floats or bfloat16, and as rows of floats, which are what is computed with.
#pragma once
#include "CTorch.h"
#include <ATen/ATen.h>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

GROVE_VECTORISED void widen(const uint16_t *__restrict from, float *__restrict into, int64_t count) {
  for (int64_t i = 0; i < count; i++) into[i] = __builtin_bit_cast(float, static_cast<uint32_t>(from[i]) << 16);
}
/// To the nearest bfloat16, of two the even one.
GROVE_VECTORISED void shorten(const float *__restrict from, uint16_t *__restrict into, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const uint32_t bits = __builtin_bit_cast(uint32_t, from[i]);
    const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    into[i] = (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded;
  }
}

/// The memory of a contiguous tensor on the CPU.
class Numbers {
public:
  explicit Numbers(const at::Tensor &t) : data(t.data_ptr()), are_brief(t.scalar_type() == at::kBFloat16) {}

  /// `count` numbers from `start` on: where they are if they are floats, or else in the scratch.
  const float *read(int64_t start, int64_t count, float *scratch) const {
    if (!are_brief) return static_cast<const float *>(data) + start;
    widen(static_cast<const uint16_t *>(data) + start, scratch, count);
    return scratch;
  }
  void copy(int64_t start, int64_t count, float *into) const {
    if (are_brief) widen(static_cast<const uint16_t *>(data) + start, into, count);
    else std::memcpy(into, static_cast<const float *>(data) + start, count * sizeof(float));
  }
  /// Where to write numbers that are to be at `start`; keep() has to follow.
  float *place(int64_t start, float *scratch) const {
    return are_brief ? scratch : static_cast<float *>(data) + start;
  }
  void keep(int64_t start, int64_t count, const float *scratch) const {
    if (are_brief) shorten(scratch, static_cast<uint16_t *>(data) + start, count);
  }
  void write(int64_t start, int64_t count, const float *from) const {
    if (are_brief) shorten(from, static_cast<uint16_t *>(data) + start, count);
    else std::memcpy(static_cast<float *>(data) + start, from, count * sizeof(float));
  }
  /// The floats themselves; NULL if they are brief.
  float *floats() const { return are_brief ? nullptr : static_cast<float *>(data); }

private:
  void *data;
  bool are_brief;
};

/// Refuses what the kernels of the CPU can't read.
inline void check_numbers(const char *operation, std::initializer_list<at::Tensor> tensors) {
  for (auto &t : tensors)
    TORCH_CHECK(!t.defined() || ((t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16) &&
                                 t.scalar_type() == tensors.begin()->scalar_type()),
                "the numbers of the ", operation, " must be all 32-bit floats or all bfloat16");
}

} // namespace
