// What a gate lets through, act(gate) · up (Shazeer 2020), as one node of the gradient graph.
#include "Exponential.hpp"
#include "Node.hpp"
#include "Numbers.hpp"

using namespace grove;

namespace {

/// Numbers at a time.
constexpr int64_t run = 1024;

/// The activation at g, and its slope.
struct Activated {
  float value, slope;
};
__attribute__((always_inline)) inline Activated silu(float g) {
  const float s = 1 / (1 + exponential(-g));
  return {g * s, s * (1 + g * (1 - s))};
}
/// GELU in its approximation by tanh (Hendrycks & Gimpel 2016).
__attribute__((always_inline)) inline Activated gelu(float g) {
  constexpr float c = 0.7978845608f, a = 0.044715f;
  const float t = 1 - 2 / (1 + exponential(2 * c * (g + a * g * g * g)));
  return {0.5f * g * (1 + t), 0.5f * (1 + t) + 0.5f * g * (1 - t * t) * c * (1 + 3 * a * g * g)};
}

GROVE_VECTORISED void silu_gate(const float *g, const float *u, float *z, int64_t count) {
  for (int64_t i = 0; i < count; i++) z[i] = silu(g[i]).value * u[i];
}
GROVE_VECTORISED void gelu_gate(const float *g, const float *u, float *z, int64_t count) {
  for (int64_t i = 0; i < count; i++) z[i] = gelu(g[i]).value * u[i];
}
GROVE_VECTORISED void silu_gate_backward(const float *__restrict g, const float *__restrict u,
                                         const float *__restrict dz, float *__restrict dg, float *__restrict du,
                                         int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const auto a = silu(g[i]);
    dg[i] = dz[i] * u[i] * a.slope;
    du[i] = dz[i] * a.value;
  }
}
GROVE_VECTORISED void gelu_gate_backward(const float *__restrict g, const float *__restrict u,
                                         const float *__restrict dz, float *__restrict dg, float *__restrict du,
                                         int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const auto a = gelu(g[i]);
    dg[i] = dz[i] * u[i] * a.slope;
    du[i] = dz[i] * a.value;
  }
}

struct Gated : Function<Gated> {
  static Variable forward(AutogradContext *context, const Variable &gate, const Variable &up, bool is_gelu) {
    auto z = at::empty(gate.sizes(), gate.options());
    const Numbers gates(gate), ups(up), into(z);
    float a[run], b[run], c[run];
    for (int64_t at = 0; at < gate.numel(); at += run) {
      const int64_t count = std::min(run, gate.numel() - at);
      float *place = into.place(at, c);
      (is_gelu ? gelu_gate : silu_gate)(gates.read(at, count, a), ups.read(at, count, b), place, count);
      into.keep(at, count, place);
    }
    if (context) {
      context->save_for_backward({gate, up});
      context->saved_data["gelu"] = is_gelu;
    }
    return z;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto dz = gradients[0].contiguous(), dgate = at::empty(dz.sizes(), dz.options()),
         dup = at::empty(dz.sizes(), dz.options());
    const Numbers gates(saved[0]), ups(saved[1]), above(dz), into_gate(dgate), into_up(dup);
    const auto backward = context->saved_data["gelu"].toBool() ? gelu_gate_backward : silu_gate_backward;
    float a[run], b[run], c[run], d[run], e[run];
    for (int64_t at = 0; at < dz.numel(); at += run) {
      const int64_t count = std::min(run, dz.numel() - at);
      float *dg = into_gate.place(at, d), *du = into_up.place(at, e);
      backward(gates.read(at, count, a), ups.read(at, count, b), above.read(at, count, c), dg, du, count);
      into_gate.keep(at, count, dg);
      into_up.keep(at, count, du);
    }
    return {dgate, dup, Variable()};
  }
};

} // namespace

extern "C" {

gt_tensor *gt_gated(const gt_tensor *gate, const gt_tensor *up, bool is_gelu) {
  return tensor([&] {
    together("gate", {gate, up});
    auto &g = gate->value, &u = up->value;
    TORCH_CHECK(g.sizes() == u.sizes(), "a gate of ", g.sizes(), " for ", u.sizes());
    if (!g.is_cpu()) return (is_gelu ? at::gelu(g, "tanh") : at::silu(g)) * u;
    check_numbers("gate", {g, u});
    return result<Gated>(g.contiguous(), u.contiguous(), is_gelu);
  });
}

} // extern "C"
