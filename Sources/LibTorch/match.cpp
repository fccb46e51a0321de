// Attention scores from tokens that are the same: what two rows share, as bits, and a weight for every bit.
#include "Node.hpp"

using namespace grove;

namespace {

struct MatchScores : Function<MatchScores> {
  static Variable forward(AutogradContext *context, const Variable &matches, const Variable &weights) {
    const int64_t batch = matches.size(0), pairs = matches.size(1) * matches.size(2), heads = weights.size(0),
                  bits = weights.size(1);
    auto result = at::zeros({batch, heads, matches.size(1), matches.size(2)}, weights.options());
    const auto *words = reinterpret_cast<const uint64_t *>(matches.data_ptr<int64_t>());
    const float *w = weights.data_ptr<float>();
    float *scores = result.data_ptr<float>();
    for (int64_t b = 0; b < batch; b++, words += pairs, scores += heads * pairs)
      for (int64_t pair = 0; pair < pairs; pair++)
        for (uint64_t left = words[pair]; left; left &= left - 1) {
          const int64_t bit = __builtin_ctzll(left);
          for (int64_t h = 0; h < heads; h++) scores[h * pairs + pair] += w[h * bits + bit];
        }
    if (context) {
      context->save_for_backward({matches});
      context->saved_data["bits"] = bits;
    }
    return result;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto matches = context->get_saved_variables()[0];
    auto ds = gradients[0].contiguous();
    const int64_t batch = ds.size(0), heads = ds.size(1), pairs = ds.size(2) * ds.size(3),
                  bits = context->saved_data["bits"].toInt();
    auto result = at::zeros({heads, bits}, ds.options());
    const auto *words = reinterpret_cast<const uint64_t *>(matches.data_ptr<int64_t>());
    const float *scores = ds.data_ptr<float>();
    float *dw = result.data_ptr<float>();
    for (int64_t b = 0; b < batch; b++, words += pairs, scores += heads * pairs)
      for (int64_t pair = 0; pair < pairs; pair++)
        for (uint64_t left = words[pair]; left; left &= left - 1) {
          const int64_t bit = __builtin_ctzll(left);
          for (int64_t h = 0; h < heads; h++) dw[h * bits + bit] += scores[h * pairs + pair];
        }
    return {Variable(), result};
  }
};

} // namespace

extern "C" {

gt_tensor *gt_matches(const gt_tensor *a, const gt_tensor *b) {
  return tensor([&] {
    together("matches", {a, b});
    auto &x = a->value, &y = b->value;
    TORCH_CHECK(x.dim() == 3 && y.dim() == 3 && x.size(0) == y.size(0) && x.size(2) * y.size(2) <= 64,
                "matches of tokens ", x.sizes(), " and ", y.sizes(), ", of at most 64 pairs");
    auto words = at::zeros({x.size(0), x.size(1), y.size(1)}, x.options().dtype(at::kLong));
    for (int64_t i = 0; i < x.size(2); i++)
      for (int64_t j = 0; j < y.size(2); j++) {
        auto left = x.select(2, i).unsqueeze(2), right = y.select(2, j).unsqueeze(1);
        auto same = left.eq(right).logical_and(left.ne(0)).to(at::kLong);
        words.bitwise_or_(same.bitwise_left_shift(i * y.size(2) + j));
      }
    return words;
  });
}

gt_tensor *gt_match_scores(const gt_tensor *matches, const gt_tensor *weights) {
  return tensor([&] {
    together("match scores", {matches, weights});
    auto &words = matches->value, &w = weights->value;
    TORCH_CHECK(words.dim() == 3 && w.dim() == 2 && words.scalar_type() == at::kLong, "match scores of ", words.sizes(),
                " with weights ", w.sizes());
    if (!w.is_cpu()) {
      auto shifts = at::arange(w.size(1), words.options());
      auto bits = words.unsqueeze(-1).bitwise_right_shift(shifts).bitwise_and(1).to(w.scalar_type());
      return at::matmul(bits, w.t()).permute({0, 3, 1, 2});
    }
    return result<MatchScores>(words, w);
  });
}

} // extern "C"
