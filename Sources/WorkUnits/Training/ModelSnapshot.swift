import ActorCluster
import Distillation

/// All models after a round.
public struct ModelSnapshot: Sendable, Codable {
  public var round: Int
  /// Of those that the run has, in the order of ``ModelName/all``.
  public var models: [ModelState]

  public init(round: Int, models: [ModelState]) {
    self.round = round
    self.models = models
  }

  public subscript(name: ModelName) -> ModelState? { models.first { $0.name == name } }

  /// Whether it has models after a round, X among them, each vector with as many numbers as its parameters say.
  public func isWhole(after round: Int) -> Bool {
    let names = models.map(\.name)
    return self.round == round && names == ModelName.all.filter(names.contains) && names.contains(.answerer)
      && models.allSatisfy(\.weights.isWhole)
  }
}

/// A model with all that training changes.
public struct ModelState: Sendable, Codable {
  public var name: ModelName
  /// Training steps that it has seen.
  public var step: Int
  public var weights: Weights

  public init(name: ModelName, step: Int, weights: Weights) {
    self.name = name
    self.step = step
    self.weights = weights
  }
}

/// What a model is made of.
public enum Weights: Sendable, Codable {
  /// Numbers that Grove itself trains.
  case vectors(ModelVectors)
  /// What another program trained, by its name there and what it hashes to.
  case reference(ModelReference)

  /// The numbers, if they are known here.
  public var vectors: ModelVectors? {
    if case .vectors(let vectors) = self { vectors } else { nil }
  }

  var isWhole: Bool { vectors?.isWhole ?? true }

  /// Where another program has it; nil: it is numbers.
  public var reference: ModelReference? {
    if case .reference(let reference) = self { reference } else { nil }
  }
}

/// A model that lives elsewhere.
public struct ModelReference: Sendable, Codable, Hashable {
  /// Where it is, as whoever loads it understands.
  public var model: String
  /// What tells it from any other.
  public var digest: String

  public init(model: String, digest: String) {
    self.model = model
    self.digest = digest
  }
}

/// A model's parameters with its optimiser: four vectors of 32-bit floats, a parameter behind the other.
public struct ModelVectors: Sendable, Codable {
  /// A named parameter.
  public struct Parameter: Sendable, Codable, Hashable {
    public var name: String
    public var shape: [Int]

    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }
  }

  public var parameters: [Parameter]
  /// The student's values, the optimiser's two moving averages, and the Polyak average: the teacher's values.
  public var values, first, second, average: Bulk

  public init(parameters: [Parameter], values: Bulk, first: Bulk, second: Bulk, average: Bulk) {
    self.parameters = parameters
    self.values = values
    self.first = first
    self.second = second
    self.average = average
  }

  var isWhole: Bool {
    let count = parameters.reduce(into: 0) { count, parameter in
      let size = parameter.shape.reduce(1) { $0 >= 0 && $1 >= 0 && $1 < 1 << 31 && $0 < 1 << 31 ? $0 * $1 : -1 }
      count = count < 0 || size < 0 || count > 1 << 40 ? -1 : count + size
    }
    return count >= 0
      && [values, first, second, average].allSatisfy { $0.byteCount.isMultiple(of: 4) && $0.byteCount / 4 == count }
  }
}
