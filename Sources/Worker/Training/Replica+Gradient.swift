import Distillation
import Torch
import WorkUnits

extension Replica {
  /// What a member makes of its part of a step: the losses of its microbatches, and the sums of their gradients over the
  /// largest runs that the canonical order sums first.
  package typealias Part = (losses: [Int: Float], sums: [ReductionTree.Node: [Float]])

  package func gradient(_ step: TrainingStep) throws -> Part {
    let model = try model(step.model)
    var losses: [Int: Float] = [:]
    var parts: [ReductionTree.Node: Gradient] = [:]
    for (index, data) in step.microbatches {
      let (loss, gradient) = try model.network.gradient(of: data, total: step.total, model.learner.parameters)
      losses[index] = loss
      parts[index..<index + 1] = gradient
    }
    guard let first = step.microbatches.keys.min(), let last = step.microbatches.keys.max() else {
      return (losses, [:])
    }
    let tree = ReductionTree(leaves: configuration.distillation.microbatches)
    var sums: [ReductionTree.Node: [Float]] = [:]
    for node in tree.nodes(covering: first..<last + 1) {
      sums[node] = try tree.sum(of: node, from: &parts) { try $0.add($1) }?.numbers()
    }
    return (losses, sums)
  }
}
