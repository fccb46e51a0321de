// What every node of the gradient graph needs.
#pragma once
#include "Tensor.hpp"
#include <cmath>
#include <torch/csrc/autograd/custom_function.h>

namespace grove {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// What a node comes to. It is recorded if gradients are; if not, its forward() gets NULL as the context, and keeps nothing.
template <typename Node, typename... Inputs> at::Tensor result(const Inputs &...inputs) {
  if (!c10::GradMode::is_enabled()) return Node::forward(nullptr, inputs...);
  return Node::apply(inputs...);
}

/// Scores [..., n, m] of which row i keeps the first i + 1 + m - n; the rest count for nothing in a softmax.
inline at::Tensor hiding_what_follows(const at::Tensor &scores) {
  const int64_t n = scores.size(-2), m = scores.size(-1);
  return scores.masked_fill(at::ones({n, m}, scores.options()).triu(1 + m - n).to(at::kBool), -INFINITY);
}

} // namespace grove
