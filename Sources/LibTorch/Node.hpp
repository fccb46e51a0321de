// What every node of the gradient graph needs.
#pragma once
#include "Tensor.hpp"
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

} // namespace grove
