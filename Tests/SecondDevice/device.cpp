// libtorch's name for a device of one's own is PrivateUse1. Its memory is the host's, marked as its own; every operation
// but those that make and view memory is the CPU's, on copies.
#include "SecondDevice.h"
#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <cstdlib>
#include <torch/library.h>
#include <utility>

namespace {

constexpr auto kind = c10::DeviceType::PrivateUse1;
thread_local long numbers_to = 0, numbers_from = 0;

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) const override {
    void *data = std::malloc(bytes ? bytes : 1);
    return {data, data, &std::free, c10::Device(kind, 0)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
};
Memory memory;

at::Tensor empty(at::IntArrayRef sizes, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                 c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, &memory, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(type), format);
}
at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, c10::optional<at::ScalarType> type,
                         c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, &memory,
                                           c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           c10::dtype_or_default(type));
}

/// The same memory as a tensor of the CPU.
at::Tensor on_host(const at::Tensor &t) {
  return at::from_blob(t.data_ptr(), t.sizes(), t.strides(), t.options().device(at::kCPU));
}
at::Tensor copy(const at::Tensor &from, const at::Tensor &to, bool) {
  if (from.is_cpu()) numbers_to += to.numel();
  if (to.is_cpu()) numbers_from += from.numel();
  on_host(to).copy_(on_host(from));
  return to;
}
at::Tensor copy_and_resize(const at::Tensor &from, const at::Tensor &to) {
  if (to.sizes() != from.sizes()) {
    const auto larger = at::empty(from.sizes(), to.options());
    to.unsafeGetTensorImpl()->set_storage_keep_dtype(larger.storage());
    to.unsafeGetTensorImpl()->set_sizes_contiguous(from.sizes());
  }
  on_host(to).copy_(on_host(from));
  return to;
}

/// Refuses tensors of the CPU, but for single numbers.
void refuse(const c10::OperatorHandle &operation, const c10::IValue &value) {
  if (value.isTensor()) {
    auto &tensor = value.toTensor();
    TORCH_CHECK(!tensor.defined() || tensor.device().type() == kind || tensor.dim() == 0, "all tensors of ",
                operation.schema().name(), " must be on one device, but one of ", tensor.sizes(), " is on ",
                tensor.device());
  } else if (value.isList()) {
    for (const c10::IValue &element : value.toListRef()) refuse(operation, element);
  }
}
void compute(const c10::OperatorHandle &operation, torch::jit::Stack *stack) {
  for (auto &argument : torch::jit::last(stack, operation.schema().arguments().size())) refuse(operation, argument);
  const long to = numbers_to, from = numbers_from;
  at::native::cpu_fallback(operation, stack);
  // What this device does inside is no copy.
  numbers_to = to;
  numbers_from = from;
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
}
TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("view", at::native::view);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("_copy_from", copy);
  library.impl("_copy_from_and_resize", copy_and_resize);
}

} // namespace

namespace c10::impl {
C10_REGISTER_GUARD_IMPL(PrivateUse1, NoOpDeviceGuardImpl<DeviceType::PrivateUse1>);
}

const char *sd_name(void) { return "privateuseone:0"; }
void sd_copied(long *to, long *from) {
  *to = std::exchange(numbers_to, 0);
  *from = std::exchange(numbers_from, 0);
}
