// What the words of a vocabulary are likely to be next: logits, log-probabilities, draws.
#include "Node.hpp"

using namespace grove;

namespace {

/// Rows whose logits are there at the same time: there may be 262,144 in each.
constexpr int64_t rows_at_once = 64;

/// log softmax(x tableᵀ) at each row's target. Its gradient by x is a multiple of table[target] − Σ p table, which is
/// all that is kept.
struct LogLikelihoods : Function<LogLikelihoods> {
  static Variable forward(AutogradContext *context, const Variable &x, const Variable &table,
                          const at::Tensor &targets) {
    std::vector<at::Tensor> found, slopes;
    for (int64_t start = 0; start < x.size(0); start += rows_at_once) {
      const int64_t count = std::min(rows_at_once, x.size(0) - start);
      const auto target = targets.narrow(0, start, count);
      const auto log_p = at::log_softmax(at::mm(x.narrow(0, start, count), table.t()), -1, at::kFloat);
      found.push_back(log_p.gather(1, target.unsqueeze(1)).squeeze(1));
      if (!context) continue;
      slopes.push_back(table.index_select(0, target) - at::mm(log_p.exp().to(table.scalar_type()), table));
    }
    if (context) context->save_for_backward({at::cat(slopes)});
    return at::cat(found);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto slopes = context->get_saved_variables()[0];
    return {(slopes * gradients[0].unsqueeze(1)).to(slopes.scalar_type()), Variable(), Variable()};
  }
};

} // namespace

extern "C" {

gt_tensor *gt_log_likelihoods(const gt_tensor *input, const gt_tensor *words, const gt_tensor *targets) {
  return tensor([&] {
    together("log-likelihoods", {input, words, targets});
    auto &x = input->value, &table = words->value, &target = targets->value;
    TORCH_CHECK(x.dim() == 2 && x.size(0) > 0 && table.dim() == 2 && x.size(1) == table.size(1) && target.dim() == 1 &&
                    target.size(0) == x.size(0),
                "the likelihoods of ", target.sizes(), " of the words ", table.sizes(), " after ", x.sizes());
    if (table.requires_grad() && c10::GradMode::is_enabled())
      return at::log_softmax(at::mm(x, table.t()), -1, at::kFloat).gather(1, target.unsqueeze(1)).squeeze(1);
    return result<LogLikelihoods>(x, table, target);
  });
}

gt_tensor *gt_logits(const gt_tensor *x, const gt_tensor *words) {
  return tensor([&] {
    together("logits", {x, words});
    return at::mm(x->value, words->value.t()).to(at::kFloat);
  });
}

gt_tensor *gt_log_softmax(const gt_tensor *x) {
  return tensor([&] { return at::log_softmax(x->value, -1); });
}

gt_tensor *gt_draw(const gt_tensor *logits, double temperature, const gt_tensor *uniforms) {
  return tensor([&] {
    together("draw", {logits, uniforms});
    auto &rows = logits->value, &u = uniforms->value;
    TORCH_CHECK(rows.dim() == 2 && u.dim() == 1 && u.size(0) == rows.size(0), u.sizes(), " numbers for draws from ",
                rows.sizes());
    const auto reached = at::softmax(rows / temperature, -1, at::kFloat).cumsum(-1);
    // By the last sum and not by 1, which it is not to the bit.
    const auto wanted = u.unsqueeze(1) * reached.narrow(1, rows.size(1) - 1, 1);
    return (reached <= wanted).sum(-1).clamp_max(rows.size(1) - 1);
  });
}

} // extern "C"
