// A linear map with a low-rank one beside it (Hu et al. 2021), as one node of the gradient graph, by libtorch's
// products, which are oneDNN's for bfloat16.
#include "Node.hpp"

using namespace grove;

namespace {

using Optional = c10::optional<at::Tensor>;

struct LowRankLinear : Function<LowRankLinear> {
  static Variable forward(AutogradContext *context, const Variable &x, const Variable &weight, const Optional &constant,
                          const Optional &narrowing, const Optional &widening, double scale, const Optional &rest) {
    const auto bias = constant.value_or(at::Tensor()), around = rest.value_or(at::Tensor());
    auto y = around.defined()  ? at::addmm(around, x, weight.t())
             : bias.defined() ? at::addmm(bias, x, weight.t())
                              : at::mm(x, weight.t());
    if (around.defined() && bias.defined()) y.add_(bias);
    at::Tensor down, up, low;
    if (narrowing) {
      down = narrowing->to(x.scalar_type());
      up = widening->to(x.scalar_type());
      low = at::mm(x, down.t());
      y.addmm_(low, up.t(), 1, scale);
    }
    if (context) {
      // The parameters themselves tell what has to be known of them; their copies are what is computed with.
      context->save_for_backward({x, weight, bias, down, up, low});
      context->saved_data["scale"] = scale;
      context->saved_data["around"] = around.defined();
      context->saved_data["trained"] = narrowing && narrowing->requires_grad();
      context->saved_data["into x"] = x.requires_grad();
    }
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &x = saved[0], &weight = saved[1], &bias = saved[2], &down = saved[3], &up = saved[4], &low = saved[5];
    const double scale = context->saved_data["scale"].toDouble();
    auto dy = gradients[0].contiguous();
    Variable dx, dweight, dbias, ddown, dup, dlow;
    if (down.defined()) dlow = at::mm(dy, up).mul_(scale);
    if (context->saved_data["into x"].toBool()) {
      dx = at::mm(dy, weight);
      if (down.defined()) dx.addmm_(dlow, down);
    }
    if (context->saved_data["trained"].toBool()) {
      ddown = at::mm(dlow.t(), x).to(at::kFloat);
      dup = at::mm(dy.t(), low).to(at::kFloat).mul_(scale);
    }
    if (weight.requires_grad()) dweight = at::mm(dy.t(), x);
    if (bias.defined() && bias.requires_grad()) dbias = dy.sum(0);
    return {dx,         dweight, dbias, ddown, dup, Variable(),
            context->saved_data["around"].toBool() ? dy : Variable()};
  }
};

Optional optional(const gt_tensor *t) { return t ? Optional(t->value) : c10::nullopt; }

} // namespace

extern "C" {

gt_tensor *gt_low_rank_linear(const gt_tensor *input, const gt_tensor *matrix, const gt_tensor *bias,
                              const gt_tensor *down, const gt_tensor *up, double scale, const gt_tensor *around) {
  return tensor([&] {
    together("linear map", {input, matrix, bias, down, up, around});
    auto &x = input->value, &weight = matrix->value;
    TORCH_CHECK(x.dim() == 2 && weight.dim() == 2 && x.size(1) == weight.size(1), "x ", x.sizes(), " times a matrix ",
                weight.sizes());
    TORCH_CHECK(!bias || (bias->value.dim() == 1 && bias->value.size(0) == weight.size(0)), "a bias ",
                bias->value.sizes(), " for a matrix ", weight.sizes());
    TORCH_CHECK(!down == !up, "a low-rank map needs both of its matrices");
    TORCH_CHECK(!down || (down->value.dim() == 2 && up->value.dim() == 2 && down->value.size(1) == weight.size(1) &&
                          up->value.size(0) == weight.size(0) && down->value.size(0) == up->value.size(1)),
                "the low-rank map ", up->value.sizes(), " times ", down->value.sizes(), " beside a matrix ",
                weight.sizes());
    TORCH_CHECK(!around || around->value.sizes() == at::IntArrayRef({x.size(0), weight.size(0)}), "a sum of ",
                weight.size(0), " numbers a row and ", around->value.sizes());
    return result<LowRankLinear>(x, weight, optional(bias), optional(down), optional(up), scale, optional(around));
  });
}

gt_tensor *gt_merged(const gt_tensor *matrix, const gt_tensor *down, const gt_tensor *up, double scale) {
  return tensor([&] {
    together("merged map", {matrix, down, up});
    auto &weight = matrix->value;
    return at::addmm(weight.to(at::kFloat), up->value.detach(), down->value.detach(), 1, scale)
        .to(weight.scalar_type());
  });
}

} // extern "C"
