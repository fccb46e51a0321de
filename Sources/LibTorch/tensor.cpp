// The library's start, and tensors: how they are made, read and changed.
#include "Tensor.hpp"
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string>

namespace grove {
static thread_local std::string message;
void remember(const char *text) {
  message = text;
  if (auto end = message.find('\n'); end != std::string::npos) message.resize(end);
}

at::Device present(const char *name) {
  const at::Device device(name);
  if (device.is_cpu()) return device;
  TORCH_CHECK(c10::impl::hasDeviceGuardImpl(device.type()), "this libtorch can't compute on ", name,
              ": it was built without");
  const int count = c10::impl::getDeviceGuardImpl(device.type())->deviceCount();
  TORCH_CHECK(std::max<int>(device.index(), 0) < count, "there is no ", name, " here: libtorch finds ", count,
              count == 1 ? " device" : " devices", " of that kind");
  return device;
}
} // namespace grove

using grove::code;
using grove::present;
using grove::tensor;

extern "C" {

const char *gt_error(void) { return grove::message.c_str(); }
void gt_start(int threads) {
  code([&] { at::set_num_threads(threads); });
#ifdef __GLIBC__
  // A step frees what the next allocates. Kept, that memory is there at once; given back to the system, as glibc does
  // with large blocks and with the heaps of threads, it costs a page fault each time, several times the step itself.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

const char *gt_blas(int *kind) {
  *kind = 0;
  if (auto config = reinterpret_cast<char *(*)()>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) {
    auto parallel = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_parallel"));
    *kind = 1 + (parallel ? parallel() : 0);
    return config();
  }
  if (dlsym(RTLD_DEFAULT, "MKL_Get_Max_Threads") || dlsym(RTLD_DEFAULT, "mkl_get_max_threads")) {
    *kind = 4;
    return "MKL";
  }
  return "";
}

bool gt_set_recording(bool on) {
  bool was = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on);
  return was;
}

gt_tensor *gt_floats(const float *values, const int64_t *shape, int rank, const char *device) {
  return tensor([&] {
    return at::from_blob(const_cast<float *>(values), at::IntArrayRef(shape, rank), at::kFloat)
        .to(present(device), at::kFloat, false, true);
  });
}
gt_tensor *gt_tokens(const int32_t *values, const int64_t *shape, int rank, const char *device) {
  return tensor([&] {
    return at::from_blob(const_cast<int32_t *>(values), at::IntArrayRef(shape, rank), at::kInt)
        .to(present(device), at::kLong);
  });
}
gt_tensor *gt_zeros(const int64_t *shape, int rank, const char *device) {
  return tensor([&] {
    return at::zeros(at::IntArrayRef(shape, rank), at::TensorOptions(at::kFloat).device(present(device)));
  });
}
void gt_free(gt_tensor *t) { delete t; }
int gt_rank(const gt_tensor *t) { return static_cast<int>(t->value.dim()); }
int64_t gt_size(const gt_tensor *t, int dimension) { return t->value.sizes()[dimension]; }
int gt_read_floats(const gt_tensor *t, float *into, int64_t count) {
  return code([&] {
    auto plain = t->value.detach().to(at::kCPU, at::kFloat).contiguous();
    TORCH_CHECK(plain.numel() == count, "read ", count, " numbers of a tensor of ", plain.numel());
    std::memcpy(into, plain.data_ptr<float>(), count * sizeof(float));
  });
}
int gt_overwrite(gt_tensor *t, const float *values) {
  return code([&] {
    auto from = at::from_blob(const_cast<float *>(values), t->value.sizes(), at::kFloat);
    t->value.detach().copy_(from);
  });
}
int gt_clear(gt_tensor *t) {
  return code([&] { t->value.detach().zero_(); });
}
gt_tensor *gt_copy(const gt_tensor *t) {
  return tensor([&] { return t->value.detach().clone(); });
}
int gt_add_to(gt_tensor *t, const gt_tensor *other) {
  return code([&] {
    grove::together("sum", {t, other});
    t->value.detach().add_(other->value);
  });
}
int gt_read_tokens(const gt_tensor *t, int32_t *into, int64_t count) {
  return code([&] {
    auto plain = t->value.to(at::kCPU, at::kInt).contiguous();
    TORCH_CHECK(plain.numel() == count, "read ", count, " tokens of a tensor of ", plain.numel());
    std::memcpy(into, plain.data_ptr<int32_t>(), count * sizeof(int32_t));
  });
}

gt_tensor *gt_parameter(gt_tensor *values, gt_tensor *gradients, int64_t offset, const int64_t *shape, int rank) {
  return tensor([&] {
    at::IntArrayRef sizes(shape, rank);
    int64_t count = 1;
    for (auto size : sizes) count *= size;
    auto leaf = values->value.detach().narrow(0, offset, count).view(sizes).detach();
    if (!gradients) return leaf;
    leaf.requires_grad_(true);
    leaf.mutable_grad() = gradients->value.detach().narrow(0, offset, count).view(sizes);
    return leaf;
  });
}
float *gt_data(gt_tensor *t) {
  auto &value = t->value;
  return value.is_cpu() && value.is_contiguous() && value.scalar_type() == at::kFloat ? value.data_ptr<float>() : nullptr;
}
int gt_write(gt_tensor *into, int64_t start, const gt_tensor *from) {
  return code([&] {
    grove::together("write", {into, from});
    into->value.narrow(1, start, from->value.size(1)).copy_(from->value);
  });
}

} // extern "C"
