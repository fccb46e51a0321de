import ActorCluster
import Distillation
import Models
import Torch
import WorkUnits

extension ModelState {
  init(_ name: ModelName, _ state: LearnerState, _ layout: ParameterLayout) {
    self.init(
      name: name, step: state.step,
      weights: .vectors(
        ModelVectors(
          parameters: layout.entries.map { ModelVectors.Parameter(name: $0.name, shape: $0.shape) },
          values: Bulk(state.values), first: Bulk(state.first), second: Bulk(state.second),
          average: Bulk(state.average))))
  }

  /// - Throws: ``TorchError`` if this is another model's.
  func numbers(fitting layout: ParameterLayout) throws -> LearnerState {
    guard let vectors = weights.vectors,
      vectors.parameters == layout.entries.map({ ModelVectors.Parameter(name: $0.name, shape: $0.shape) })
    else {
      throw TorchError(
        operation: "load", reason: "the snapshot's \(name.rawValue) has other parameters than the configuration's")
    }
    func vector(_ bulk: Bulk) throws -> [Float] {
      guard let vector = bulk.elements(Float.self), vector.count == layout.count else {
        throw TorchError(operation: "load", reason: "the snapshot's \(name.rawValue) has missing numbers")
      }
      return vector
    }
    return LearnerState(
      step: step, values: try vector(vectors.values), first: try vector(vectors.first),
      second: try vector(vectors.second), average: try vector(vectors.average))
  }
}
