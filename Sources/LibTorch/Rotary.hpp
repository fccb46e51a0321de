// The parts of causal attention with rotary positions on the CPU: heads of packed sequences, their keys, their scores.
#pragma once
#include "Exponential.hpp"
#include "Numbers.hpp"
#include "Packing.hpp"
#include "Products.hpp"
#include "Rows.hpp"

namespace {

/// Queries at a time, so that scores stay small however long the sequence is.
constexpr int64_t queries_at_once = 128;

struct Heads {
  /// Of queries, of keys, and numbers in each.
  int64_t queries, keys, size;
  float scale;
  /// How many positions are seen, with one's own; 0: all.
  int64_t window;

  int64_t group() const { return queries / keys; }
  /// The first position that `position` sees.
  int64_t first(int64_t position) const { return window > 0 ? std::max<int64_t>(0, position - window + 1) : 0; }
};

/// Turns the pairs of a head by the angles of its position; direction -1 turns them back.
GROVE_VECTORISED void turn(float *x, const float *angles, int64_t size, float direction) {
  const int64_t half = size / 2;
  const float *cosines = angles, *sines = angles + half;
  for (int64_t i = 0; i < half; i++) {
    const float a = x[i], b = x[half + i], s = direction * sines[i];
    x[i] = a * cosines[i] - b * s;
    x[half + i] = b * cosines[i] + a * s;
  }
}

/// c = scale a bᵀ for few numbers, which BLAS takes longer to begin with.
GROVE_VECTORISED void small_scores(Matrix a, Matrix b, Matrix c, int64_t n, int64_t m, int64_t k, float scale) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      const float *x = a.data + i * a.stride, *y = b.data + j * b.stride;
      float sum[lanes] = {0};
      int64_t l = 0;
      for (; l + lanes <= k; l += lanes)
        for (int64_t lane = 0; lane < lanes; lane++) sum[lane] += x[l + lane] * y[l + lane];
      for (; l < k; l++) sum[0] += x[l] * y[l];
      c.data[i * c.stride + j] = scale * total(sum);
    }
}

/// Some queries of one sequence, for all heads that share its keys; `from` is the first position that one of them sees.
struct Block {
  int64_t position, count, from, seen;

  Block(const Heads &heads, int64_t past, int64_t start, int64_t rows)
      : position(past + start), count(std::min(queries_at_once, rows - start)), from(heads.first(past + start)),
        seen(past + start + count - from) {}
};

/// What each head of the block's queries makes of the keys that it sees, [group count, seen].
void weigh(const Heads &heads, const Block &block, Matrix q, Matrix k, float *p) {
  const int64_t rows = heads.group() * block.count;
  if (rows * block.seen * heads.size < blas_pays)
    small_scores(q, k, {p, block.seen}, rows, block.seen, heads.size, heads.scale);
  else multiply('N', 'T', q, k, {p, block.seen}, rows, block.seen, heads.size, heads.scale, 0);
  for (int64_t r = 0; r < rows; r++) {
    const int64_t position = block.position + r % block.count;
    softmax_of_run(p + r * block.seen, heads.first(position) - block.from, position + 1 - block.from, block.seen);
  }
}

/// The heads of a packed tensor [rows, heads size].
struct Packed {
  Numbers numbers;
  int64_t width, size;

  Packed(const at::Tensor &t, int64_t size) : numbers(t), width(t.size(1)), size(size) {}

  /// The heads from `head` on of rows from `row` on, head by head.
  void copy(int64_t row, int64_t rows, int64_t head, int64_t heads, float *into) const {
    for (int64_t h = 0; h < heads; h++)
      for (int64_t r = 0; r < rows; r++, into += size) numbers.copy((row + r) * width + (head + h) * size, size, into);
  }
  void write(int64_t row, int64_t rows, int64_t head, int64_t heads, const float *from) const {
    for (int64_t h = 0; h < heads; h++)
      for (int64_t r = 0; r < rows; r++, from += size)
        numbers.write((row + r) * width + (head + h) * size, size, from);
  }
};

void turn_all(float *x, const float *table, const Heads &heads, int64_t copies, int64_t rows, int64_t position,
              float direction) {
  for (int64_t c = 0; c < copies; c++)
    for (int64_t r = 0; r < rows; r++, x += heads.size)
      turn(x, table + (position + r) * heads.size, heads.size, direction);
}

/// Keys and values of a sequence's positions from the first that is needed: in the cache, or new ones that are turned.
struct Seen {
  std::vector<float> keys, values;
  Matrix k, v;

  Seen(const Heads &heads, const Packed &from_keys, const Packed &from_values, int64_t row, int64_t rows, int64_t head)
      : keys(rows * heads.size), values(rows * heads.size), k{keys.data(), heads.size}, v{values.data(), heads.size} {
    from_keys.copy(row, rows, head, 1, keys.data());
    from_values.copy(row, rows, head, 1, values.data());
  }
  Seen(const Heads &heads, const at::Tensor &cached_keys, const at::Tensor &cached_values, int64_t row, int64_t rows,
       int64_t head)
      : k{cached_floats(cached_keys, heads, row, head), cached_keys.size(2)},
        v{cached_floats(cached_values, heads, row, head), cached_values.size(2)} {
    if (k.data) return;
    keys.resize(rows * heads.size);
    values.resize(rows * heads.size);
    Packed(cached_keys.flatten(0, 1), heads.size).copy(row, rows, head, 1, keys.data());
    Packed(cached_values.flatten(0, 1), heads.size).copy(row, rows, head, 1, values.data());
    k = {keys.data(), heads.size};
    v = {values.data(), heads.size};
  }

private:
  static float *cached_floats(const at::Tensor &t, const Heads &heads, int64_t row, int64_t head) {
    float *floats = Numbers(t).floats();
    return floats ? floats + row * t.size(2) + head * heads.size : nullptr;
  }
};

} // namespace
