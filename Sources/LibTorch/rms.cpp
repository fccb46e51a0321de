// Rows divided by their root mean square (Zhang & Sennrich 2019), as one node of the gradient graph.
#include "Node.hpp"
#include "Numbers.hpp"
#include "Rows.hpp"

using namespace grove;

namespace {

/// z = gain x / √(mean x² + epsilon); the result is what x was multiplied with.
GROVE_VECTORISED float divide_by_rms(const float *x, const float *gain, float *z, int64_t width, float epsilon) {
  float squares[lanes] = {0};
  int64_t i = 0;
  for (; i + lanes <= width; i += lanes)
    for (int64_t l = 0; l < lanes; l++) squares[l] += x[i + l] * x[i + l];
  for (; i < width; i++) squares[0] += x[i] * x[i];
  const float scale = 1 / std::sqrt(total(squares) / width + epsilon);
  for (i = 0; i < width; i++) z[i] = gain[i] * (x[i] * scale);
  return scale;
}

/// dx of a row, and what it adds to dgain unless that is NULL.
GROVE_VECTORISED void divide_by_rms_backward(const float *x, const float *gain, float scale, const float *dz, float *dx,
                                             float *dgain, int64_t width) {
  float along[lanes] = {0};
  int64_t i = 0;
  for (; i + lanes <= width; i += lanes)
    for (int64_t l = 0; l < lanes; l++) along[l] += gain[i + l] * dz[i + l] * x[i + l];
  for (; i < width; i++) along[0] += gain[i] * dz[i] * x[i];
  if (dgain)
    for (i = 0; i < width; i++) dgain[i] += dz[i] * (x[i] * scale);
  const float back = total(along) / width * scale * scale;
  for (i = 0; i < width; i++) dx[i] = scale * (gain[i] * dz[i] - x[i] * back);
}

struct RMSNorm : Function<RMSNorm> {
  static Variable forward(AutogradContext *context, const Variable &x, const Variable &gain, double epsilon) {
    const int64_t width = x.size(-1), rows = x.numel() / std::max<int64_t>(width, 1);
    auto z = at::empty(x.sizes(), x.options());
    auto scales = at::empty({rows}, x.options().dtype(at::kFloat));
    std::vector<float> in(width), out(width);
    const Numbers from(x), into(z);
    const float *weights = gain.data_ptr<float>();
    float *scale = scales.data_ptr<float>();
    for (int64_t r = 0; r < rows; r++) {
      float *place = into.place(r * width, out.data());
      scale[r] = divide_by_rms(from.read(r * width, width, in.data()), weights, place, width, epsilon);
      into.keep(r * width, width, place);
    }
    if (context) context->save_for_backward({x, gain, scales});
    return z;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &x = saved[0], &gain = saved[1];
    auto dz = gradients[0].contiguous(), dx = at::empty(x.sizes(), x.options());
    auto dgain = gain.requires_grad() ? at::zeros(gain.sizes(), gain.options()) : at::Tensor();
    const int64_t width = x.size(-1), rows = x.numel() / std::max<int64_t>(width, 1);
    std::vector<float> in(width), above(width), out(width);
    const Numbers from(x), upper(dz), into(dx);
    const float *scale = saved[2].data_ptr<float>();
    for (int64_t r = 0; r < rows; r++) {
      float *place = into.place(r * width, out.data());
      divide_by_rms_backward(from.read(r * width, width, in.data()), gain.data_ptr<float>(), scale[r],
                             upper.read(r * width, width, above.data()), place,
                             dgain.defined() ? dgain.data_ptr<float>() : nullptr, width);
      into.keep(r * width, width, place);
    }
    return {dx, dgain, Variable()};
  }
};

} // namespace

extern "C" {

gt_tensor *gt_rms_norm(const gt_tensor *input, const gt_tensor *gain, double epsilon) {
  return tensor([&] {
    together("RMS norm", {input, gain});
    auto &x = input->value, &weights = gain->value;
    TORCH_CHECK(x.dim() > 0 && weights.dim() == 1 && weights.size(0) == x.size(-1) &&
                    weights.scalar_type() == at::kFloat,
                "rows of ", x.sizes(), " scaled by ", weights.sizes(), " 32-bit floats");
    if (!x.is_cpu()) { // Elsewhere libtorch's own kernels are the fast ones.
      const auto wide = x.to(at::kFloat);
      return (wide * (wide.square().mean(-1, true) + epsilon).rsqrt() * weights).to(x.scalar_type());
    }
    check_numbers("RMS norm", {x});
    return result<RMSNorm>(x.contiguous(), weights.contiguous(), epsilon);
  });
}

} // extern "C"
