import ActorCluster
import Distillation
import Models
import Torch
import WorkUnits

/// A model as it is after a round.
package enum ModelVersion {
  /// Of a network that learns here: all that training changes.
  case trained(LearnerState)
  /// Of a model that another program makes: which of its models it is, and how many of the run's came before it.
  case made(ModelReference, step: Int)

  var step: Int {
    switch self {
    case .trained(let state): state.step
    case .made(_, let step): step
    }
  }

  /// The numbers. - Throws: ``TorchError`` if there are none here.
  package var state: LearnerState {
    get throws {
      guard case .trained(let state) = self else {
        throw TorchError(operation: "model", reason: "it was made by another program, and has no numbers here")
      }
      return state
    }
  }

  /// Which of another program's models it is. - Throws: ``TorchError`` if none is.
  package var reference: ModelReference {
    get throws {
      guard case .made(let reference, _) = self else {
        throw TorchError(operation: "model", reason: "it learns here, and no other program has it")
      }
      return reference
    }
  }

  /// Adds what it answers with, student and teacher, to a hash.
  func add(to hash: inout WeightsHash) {
    switch self {
    case .trained(let state):
      for vector in [state.values, state.average] { vector.withUnsafeBytes { hash.add($0) } }
    case .made(let reference, _): hash.add(reference)
    }
  }
}

/// How it travels.
extension ModelVersion {
  /// - Parameter layout: of the network that it is of, if it is one.
  func named(_ name: ModelName, _ layout: ParameterLayout?) -> ModelState {
    switch self {
    case .trained(let state):
      ModelState(
        name: name, step: state.step,
        weights: .vectors(
          ModelVectors(
            parameters: layout?.parameters ?? [], values: Bulk(state.values), first: Bulk(state.first),
            second: Bulk(state.second), average: Bulk(state.average))))
    case .made(let reference, let step): ModelState(name: name, step: step, weights: .reference(reference))
    }
  }

  /// - Parameter layout: of the network that it is to be of; nil: of none.
  /// - Throws: ``TorchError`` if it is another's.
  init(_ model: ModelState, fitting layout: ParameterLayout?) throws {
    switch model.weights {
    case .reference(let reference): self = .made(reference, step: model.step)
    case .vectors(let vectors):
      guard let layout, vectors.parameters == layout.parameters else {
        throw TorchError(
          operation: "load",
          reason: "the snapshot's \(model.name.rawValue) has other parameters than the configuration's")
      }
      func vector(_ bulk: Bulk) throws -> [Float] {
        guard let vector = bulk.elements(Float.self), vector.count == layout.count else {
          throw TorchError(operation: "load", reason: "the snapshot's \(model.name.rawValue) has missing numbers")
        }
        return vector
      }
      self = .trained(
        LearnerState(
          step: model.step, values: try vector(vectors.values), first: try vector(vectors.first),
          second: try vector(vectors.second), average: try vector(vectors.average)))
    }
  }
}

extension ParameterLayout {
  fileprivate var parameters: [ModelVectors.Parameter] {
    entries.map { ModelVectors.Parameter(name: $0.name, shape: $0.shape) }
  }
}
