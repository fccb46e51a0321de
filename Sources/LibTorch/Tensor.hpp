#pragma once
#include "CTorch.h"
#include <ATen/ATen.h>

struct gt_tensor {
  at::Tensor value;
};

namespace grove {

void remember(const char *message);

/// The device of a name. - Throws: if it is not there. The CPU always is.
at::Device present(const char *name);

/// Runs `body`, which returns a tensor, and turns an exception into NULL and a message.
template <typename Body> gt_tensor *tensor(Body body) noexcept {
  try {
    return new gt_tensor{body()};
  } catch (const c10::Error &error) {
    remember(error.what_without_backtrace());
  } catch (const std::exception &error) {
    remember(error.what());
  } catch (...) {
    remember("an unknown exception");
  }
  return nullptr;
}

template <typename Body> int code(Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    remember(error.what_without_backtrace());
  } catch (const std::exception &error) {
    remember(error.what());
  } catch (...) {
    remember("an unknown exception");
  }
  return 1;
}

/// Refuses tensors that are not all on one device; NULL is none. What reads their memory itself has to know.
inline void together(const char *operation, std::initializer_list<const gt_tensor *> tensors) {
  const gt_tensor *first = nullptr;
  for (auto *tensor : tensors) {
    if (!tensor) continue;
    if (!first) first = tensor;
    TORCH_CHECK(tensor->value.device() == first->value.device(), "all tensors of the ", operation,
                " must be on one device, and are on ", first->value.device(), " and ", tensor->value.device());
  }
}

} // namespace grove
