// The output distribution of X and H′ as one node of the gradient graph: a generated distribution mixed with copies of
// what the model points at.
#include "Node.hpp"
#include "Softmax.hpp"

using namespace grove;

namespace {

// Keeps the logarithm finite. So small that the gradient of what a model holds for nearly impossible does not vanish
// beside it: with 1e-9 a token that was ruled out at the start was never learned.
constexpr float floor_probability = 1e-30f;

struct Shape {
  int64_t batch, rows, vocabulary, facts, copies;
  bool causal;
  int64_t visible(int64_t row) const { return causal ? row + 1 + facts - rows : facts; }
};

struct Mixture : Function<Mixture> {
  static Variable forward(AutogradContext *context, const Variable &generate, const Variable &pointer,
                          const Variable &mix, const Variable &candidates, bool causal) {
    const Shape s{generate.size(0), generate.size(1),    generate.size(2),
                  pointer.size(2),  candidates.size(2), causal};
    auto g = generate.contiguous(), f = pointer.contiguous(), m = mix.contiguous(), tokens = candidates.contiguous();
    auto pg = at::empty_like(g), pf = at::empty_like(f), pm = at::empty_like(m), p = at::empty_like(g);
    auto *gl = g.data_ptr<float>(), *fl = f.data_ptr<float>(), *ml = m.data_ptr<float>();
    auto *gp = pg.data_ptr<float>(), *fp = pf.data_ptr<float>(), *mp = pm.data_ptr<float>(), *out = p.data_ptr<float>();
    auto *token = tokens.data_ptr<int64_t>();
    for (int64_t b = 0; b < s.batch; b++)
      for (int64_t r = 0; r < s.rows; r++) {
        const int64_t row = b * s.rows + r;
        float *pr = out + row * s.vocabulary, *gr = gp + row * s.vocabulary, *fr = fp + row * s.facts,
              *mr = mp + row * (1 + s.copies);
        softmax(gl + row * s.vocabulary, gr, s.vocabulary, s.vocabulary);
        softmax(fl + row * s.facts, fr, s.visible(r), s.facts);
        softmax(ml + row * (1 + s.copies), mr, 1 + s.copies, 1 + s.copies);
        for (int64_t v = 0; v < s.vocabulary; v++) pr[v] = floor_probability + mr[0] * gr[v];
        const int64_t *t = token + b * s.facts * s.copies;
        for (int64_t j = 0; j < s.facts; j++)
          for (int64_t c = 0; c < s.copies; c++) pr[t[j * s.copies + c]] += mr[1 + c] * fr[j];
      }
    if (context) {
      context->save_for_backward({pg, pf, pm, p, tokens});
      context->saved_data["causal"] = causal;
    }
    return p.log();
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &pg = saved[0], &pf = saved[1], &pm = saved[2], &p = saved[3], &tokens = saved[4];
    const Shape s{pg.size(0), pg.size(1),     pg.size(2),
                  pf.size(2), tokens.size(2), context->saved_data["causal"].toBool()};
    auto dlog = gradients[0].contiguous();
    auto dg = at::empty_like(pg), df = at::empty_like(pf), dm = at::empty_like(pm);
    std::vector<float> dp(s.vocabulary), scratch(std::max(s.vocabulary, s.facts)), dmix(1 + s.copies);
    auto *token = tokens.data_ptr<int64_t>();
    for (int64_t b = 0; b < s.batch; b++)
      for (int64_t r = 0; r < s.rows; r++) {
        const int64_t row = b * s.rows + r;
        const float *pr = p.data_ptr<float>() + row * s.vocabulary, *dl = dlog.data_ptr<float>() + row * s.vocabulary,
                    *gr = pg.data_ptr<float>() + row * s.vocabulary, *fr = pf.data_ptr<float>() + row * s.facts,
                    *mr = pm.data_ptr<float>() + row * (1 + s.copies);
        for (int64_t v = 0; v < s.vocabulary; v++) dp[v] = dl[v] / pr[v];
        // Generated: p += m0 g
        dmix[0] = 0;
        for (int64_t v = 0; v < s.vocabulary; v++) {
          dmix[0] += dp[v] * gr[v];
          scratch[v] = dp[v] * mr[0];
        }
        softmax_backward(gr, scratch.data(), dg.data_ptr<float>() + row * s.vocabulary, s.vocabulary);
        // Copied: p[token] += m_c f
        const int64_t *t = token + b * s.facts * s.copies;
        std::fill(dmix.begin() + 1, dmix.end(), 0.f);
        for (int64_t j = 0; j < s.facts; j++) {
          float sum = 0;
          for (int64_t c = 0; c < s.copies; c++) {
            const float d = dp[t[j * s.copies + c]];
            dmix[1 + c] += d * fr[j];
            sum += d * mr[1 + c];
          }
          scratch[j] = sum;
        }
        softmax_backward(fr, scratch.data(), df.data_ptr<float>() + row * s.facts, s.facts);
        softmax_backward(mr, dmix.data(), dm.data_ptr<float>() + row * (1 + s.copies), 1 + s.copies);
      }
    return {dg, df, dm, Variable(), Variable()};
  }
};

} // namespace

extern "C" gt_tensor *gt_copy_mixture(const gt_tensor *generate, const gt_tensor *pointer, const gt_tensor *mix,
                                      const gt_tensor *candidates, bool causal) {
  return tensor([&] {
    together("copy mixture", {generate, pointer, mix, candidates});
    auto &g = generate->value, &f = pointer->value, &m = mix->value, &c = candidates->value;
    TORCH_CHECK(g.dim() == 3 && f.dim() == 3 && m.dim() == 3 && c.dim() == 3 && c.size(0) == g.size(0) &&
                    c.size(1) == f.size(2) && m.size(2) == 1 + c.size(2) && f.size(0) == g.size(0) &&
                    f.size(1) == g.size(1) && m.size(0) == g.size(0) && m.size(1) == g.size(1),
                "copy mixture of generated ", g.sizes(), ", pointer ", f.sizes(), ", mix ", m.sizes(), ", candidates ",
                c.sizes());
    TORCH_CHECK(!causal || f.size(2) >= g.size(1), "causal copies with fewer candidates than positions");
    TORCH_CHECK(c.numel() == 0 || (c.min().item<int64_t>() >= 0 && c.max().item<int64_t>() < g.size(2)),
                "a candidate is outside the vocabulary of ", g.size(2));
    if (!g.is_cpu()) { // The same by libtorch's own operations.
      auto weights = at::softmax(m, -1), shares = at::softmax(causal ? hiding_what_follows(f) : f, -1);
      auto p = weights.narrow(2, 0, 1) * at::softmax(g, -1);
      for (int64_t i = 0; i < c.size(2); i++)
        p = p + weights.narrow(2, 1 + i, 1) * at::matmul(shares, at::one_hot(c.select(2, i), g.size(2)).to(f.dtype()));
      return (p + floor_probability).log();
    }
    return result<Mixture>(g, f, m, c, causal);
  });
}
