// How sequences are packed, and on other devices than the CPU where each of them is.
#include "Packing.hpp"
#include <algorithm>

using grove::code;

static at::Tensor indices(const std::vector<int64_t> &values, at::Device device) {
  return at::from_blob(const_cast<int64_t *>(values.data()), {static_cast<int64_t>(values.size())}, at::kLong)
      .to(device, at::kLong, false, true);
}

extern "C" {

gt_packing *gt_pack(const int64_t *counts, const int64_t *past, const int64_t *slots, int64_t sequences,
                    const char *device) {
  gt_packing *packing = nullptr;
  const int failed = code([&] {
    auto made = std::make_unique<gt_packing>();
    made->device = grove::present(device);
    for (int64_t s = 0; s < sequences; s++) {
      TORCH_CHECK(counts[s] > 0 && past[s] >= 0 && slots[s] >= 0, "sequence ", s, " has ", counts[s],
                  " tokens after ", past[s]);
      made->starts.push_back(made->rows);
      made->rows += counts[s];
      made->most = std::max(made->most, counts[s]);
      made->longest = std::max(made->longest, past[s] + counts[s]);
    }
    made->counts.assign(counts, counts + sequences);
    made->past.assign(past, past + sequences);
    made->slots.assign(slots, slots + sequences);
    if (!made->device.is_cpu()) {
      std::vector<int64_t> row_of_place, position_of_place, place_of_row, position_of_row, slot_of_row;
      for (int64_t s = 0; s < sequences; s++)
        for (int64_t i = 0; i < made->most; i++) {
          const int64_t row = std::min(i, counts[s] - 1);
          row_of_place.push_back(made->starts[s] + row);
          position_of_place.push_back(past[s] + row);
          if (i >= counts[s]) continue;
          place_of_row.push_back(s * made->most + i);
          position_of_row.push_back(past[s] + i);
          slot_of_row.push_back(slots[s]);
        }
      made->row_of_place = indices(row_of_place, made->device);
      made->position_of_place = indices(position_of_place, made->device);
      made->place_of_row = indices(place_of_row, made->device);
      made->position_of_row = indices(position_of_row, made->device);
      made->slot_of_row = indices(slot_of_row, made->device);
      made->slot_of_sequence = indices(made->slots, made->device);
    }
    packing = made.release();
  });
  return failed ? nullptr : packing;
}
void gt_unpack(gt_packing *packing) { delete packing; }

} // extern "C"
