// What surrounds attention in a transformer block, as one node of the gradient graph: x, normalised or rectified, times
// a matrix, plus a bias, plus what goes round it. libtorch has six to ten nodes for that, and at Grove's sizes a node
// costs as much as its numbers.
#include "Matrix.hpp"
#include "Node.hpp"
#include "Rows.hpp"

using namespace grove;

namespace {

/// Where a parameter's gradient is added: to the sum that a leaf already has, which spares a pass over the parameters, or
/// to zeros that are returned to the graph.
struct Gradient {
  at::Tensor returned;
  float *data;

  Gradient(const at::Tensor &sum, at::IntArrayRef sizes, const at::Tensor &like) {
    if (!sum.defined()) returned = at::zeros(sizes, like.options());
    data = (sum.defined() ? sum : returned).data_ptr<float>();
  }

  /// The sum of a leaf, undefined for other tensors.
  static at::Tensor of(const at::Tensor &parameter) {
    if (!parameter.defined() || !parameter.is_leaf() || !parameter.requires_grad()) return {};
    auto sum = parameter.grad();
    return sum.defined() && sum.is_contiguous() ? sum : at::Tensor();
  }
};

struct Affine : Function<Affine> {
  struct Read {
    at::Tensor z, moments;
  };

  /// What is multiplied with the matrix.
  static Read read(const at::Tensor &x, const at::Tensor &gain, const at::Tensor &shift, bool rectified) {
    Read read{x, {}};
    const int64_t width = x.size(-1), rows = x.numel() / std::max<int64_t>(width, 1);
    if (gain.defined()) {
      read.z = at::empty(x.sizes(), x.options());
      read.moments = at::empty({rows, 2}, x.options());
      normalise(x.data_ptr<float>(), gain.data_ptr<float>(), shift.data_ptr<float>(), read.z.data_ptr<float>(),
                read.moments.data_ptr<float>(), rows, width);
    } else if (rectified) {
      read.z = at::empty(x.sizes(), x.options());
      rectify(x.data_ptr<float>(), read.z.data_ptr<float>(), x.numel());
    }
    return read;
  }

  /// z weightT + bias + around.
  static at::Tensor multiplied(const at::Tensor &z, const at::Tensor &weight, const at::Tensor &bias,
                               const at::Tensor &around) {
    auto sizes = z.sizes().vec();
    const int64_t in = sizes.back(), out = weight.size(0), rows = z.numel() / std::max<int64_t>(in, 1);
    sizes.back() = out;
    auto y = at::empty(sizes, z.options());
    const auto rest = around.defined() ? around.contiguous() : around;
    begin_rows(y.data_ptr<float>(), rest.defined() ? rest.data_ptr<float>() : nullptr, bias.data_ptr<float>(), rows,
               out);
    multiply('N', 'T', {z.data_ptr<float>(), in}, {weight.data_ptr<float>(), in}, {y.data_ptr<float>(), out}, rows, out,
             in, 1, 1);
    return y;
  }

  using Optional = c10::optional<at::Tensor>;

  static Variable forward(AutogradContext *context, const Variable &x, const Optional &scale, const Optional &offset,
                          bool rectified, const Variable &weight, const Variable &bias, const Optional &rest) {
    auto gain = scale.value_or(at::Tensor()), shift = offset.value_or(at::Tensor()),
         around = rest.value_or(at::Tensor());
    auto input = read(x, gain, shift, rectified);
    if (context) {
      context->save_for_backward({x, gain, weight, input.z, input.moments});
      context->saved_data["rectified"] = rectified;
      context->saved_data["around"] = around.defined();
      context->saved_data["gradients"] = std::vector<at::Tensor>{
          Gradient::of(weight), Gradient::of(bias), Gradient::of(gain), Gradient::of(shift)};
    }
    return multiplied(input.z, weight, bias, around);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &x = saved[0], &gain = saved[1], &weight = saved[2], &z = saved[3], &moments = saved[4];
    auto dy = gradients[0].contiguous();
    const int64_t in = weight.size(1), out = weight.size(0), rows = x.numel() / std::max<int64_t>(in, 1);
    auto dx = at::empty(x.sizes(), x.options());
    auto sums = context->saved_data["gradients"].toTensorVector();
    Gradient dweight(sums[0], weight.sizes(), x), dbias(sums[1], {out}, x);
    const Matrix y{dy.data_ptr<float>(), out};
    multiply('T', 'N', y, {z.data_ptr<float>(), in}, {dweight.data, in}, out, in, rows, 1, 1);
    multiply('N', 'N', y, {weight.data_ptr<float>(), in}, {dx.data_ptr<float>(), in}, rows, in, out, 1, 0);
    add_rows(y.data, dbias.data, rows, out);
    Variable dgain, dshift;
    if (gain.defined()) {
      Gradient dscale(sums[2], {in}, x), doffset(sums[3], {in}, x);
      normalise_backward(x.data_ptr<float>(), gain.data_ptr<float>(), moments.data_ptr<float>(), dx.data_ptr<float>(),
                         dscale.data, doffset.data, rows, in);
      dgain = dscale.returned;
      dshift = doffset.returned;
    } else if (context->saved_data["rectified"].toBool()) {
      rectify_backward(x.data_ptr<float>(), dx.data_ptr<float>(), x.numel());
    }
    return {dx,
            dgain,
            dshift,
            Variable(),
            dweight.returned,
            dbias.returned,
            context->saved_data["around"].toBool() ? dy : Variable()};
  }
};

at::Tensor value(const gt_tensor *optional) { return optional ? optional->value : at::Tensor(); }

} // namespace

extern "C" {

gt_tensor *gt_affine(const gt_tensor *input, const gt_tensor *scale, const gt_tensor *shift, bool rectified,
                     const gt_tensor *matrix, const gt_tensor *bias, const gt_tensor *around) {
  return tensor([&] {
    together("affine map", {input, scale, shift, matrix, bias, around});
    auto x = input->value.contiguous(), gain = value(scale), offset = value(shift), weight = matrix->value,
         constant = bias->value, rest = value(around);
    TORCH_CHECK(x.dim() > 0 && weight.dim() == 2 && x.size(-1) == weight.size(1) && constant.dim() == 1 &&
                    constant.size(0) == weight.size(0),
                "x ", x.sizes(), " times a matrix ", weight.sizes(), " plus a bias ", constant.sizes());
    TORCH_CHECK(gain.defined() == offset.defined(), "a scale without a shift");
    TORCH_CHECK(!gain.defined() || (gain.dim() == 1 && gain.size(0) == x.size(-1) && offset.sizes() == gain.sizes()),
                "x ", x.sizes(), " scaled by ", gain.sizes());
    if (rest.defined()) {
      auto sizes = x.sizes().vec();
      sizes.back() = weight.size(0);
      TORCH_CHECK(rest.sizes() == at::IntArrayRef(sizes), "a sum of ", at::IntArrayRef(sizes), " and ", rest.sizes());
    }
    if (!x.is_cpu()) { // Elsewhere libtorch's own kernels are the fast ones.
      if (gain.defined()) x = at::layer_norm(x, {x.size(-1)}, gain, offset, epsilon);
      else if (rectified) x = at::relu(x);
      auto y = at::linear(x, weight, constant);
      return rest.defined() ? y + rest : y;
    }
    for (auto *t : {&x, &gain, &weight, &constant, &rest})
      TORCH_CHECK(!t->defined() || (t->scalar_type() == at::kFloat), "numbers must be 32-bit floats");
    auto optional = [](const at::Tensor &t) { return t.defined() ? Affine::Optional(t) : c10::nullopt; };
    return result<Affine>(x, optional(gain), optional(offset), rectified, weight, constant, optional(rest));
  });
}

} // extern "C"
