// Sequences of unequal lengths one behind the other, without filler.
#pragma once
#include "Tensor.hpp"
#include <vector>

struct gt_packing {
  /// Of each sequence: where its rows begin, how many they are, how many come before them in the cache, and where there.
  std::vector<int64_t> starts, counts, past, slots;
  int64_t rows = 0;
  /// The most rows of a sequence, and the most with those before them.
  int64_t most = 0, longest = 0;
  /// What indices are made for; on the CPU none are needed.
  at::Device device = at::kCPU;
  /// On another device, the sequences as a rectangle [sequences, most]: the row of each place, filler being the last of
  /// its sequence; the position in its sequence; and of each row its place, and its position.
  at::Tensor row_of_place, position_of_place, place_of_row, position_of_row;
  /// Of each row, and of each sequence, the slot in the cache.
  at::Tensor slot_of_row, slot_of_sequence;

  size_t sequences() const { return counts.size(); }
};
