import Distillation
import Randomness
import Torch

/// All numbers of a model in training.
public struct LearnerState: Hashable, Sendable {
  /// Steps taken.
  public var step: Int
  /// Parameters, the optimiser's two moving averages and the Polyak average: flat vectors of one length.
  public var values, first, second, average: [Float]

  public init(step: Int, values: [Float], first: [Float], second: [Float], average: [Float]) {
    self.step = step
    self.values = values
    self.first = first
    self.second = second
    self.average = average
  }
}

/// A model in training: parameters, the optimiser, and the Polyak average of the parameters.
public final class Learner {
  /// Gradients are clipped to this norm.
  static let clip: Float = 1

  public let parameters: Parameters
  private let rate: LearningRate
  private let horizon: Float
  private let method: Optimiser.Method
  private var optimiser: Optimiser

  /// - Parameters:
  ///   - start: the values that training begins with; nil: there is nothing to train until ``restore(_:)``.
  ///   - horizon: steps that the Polyak average looks back over.
  ///   - method: by which the matrices of hidden layers are moved.
  public init(
    _ layout: ParameterLayout, start: [Float]?, rate: LearningRate, horizon: Float,
    by method: Optimiser.Method = .muon, device: Device
  ) throws {
    self.rate = rate
    self.method = method
    self.horizon = horizon
    // Until it has a state there is no memory for one: large models would be cleared to be written over at once.
    optimiser = try Optimiser(Optimiser.Averages(of: start ?? []), by: method, device: device)
    parameters = try Parameters(layout, start: start, device: device)
  }

  public var step: Int { optimiser.step }
  public var layout: ParameterLayout { parameters.layout }

  /// One step along the gradient of the whole batch.
  public func apply(_ gradient: [Float]) throws {
    let next = step + 1
    // Until the horizon, the plain mean of all iterates.
    let weight = 1 / min(horizon, Float(next))
    try optimiser.apply(
      gradient, to: parameters, rate: Float(rate.peak) * rate.share(ofStep: next), clip: Self.clip, averaging: weight)
  }

  /// A copy of everything that training changes; setting it goes back there.
  public func state() throws -> LearnerState {
    let averages = try optimiser.averages()
    return LearnerState(
      step: step, values: try parameters.readValues { Array($0) }, first: averages.first, second: averages.second,
      average: averages.polyak)
  }

  /// - Throws: ``TorchError`` if the lengths are another model's.
  public func restore(_ state: LearnerState) throws {
    let lengths = [state.values.count, state.first.count, state.second.count, state.average.count]
    guard lengths.allSatisfy({ $0 == parameters.count }) else {
      throw TorchError(
        operation: "restore", reason: "a state of \(lengths) numbers for a model of \(parameters.count) parameters")
    }
    let averages = Optimiser.Averages(first: state.first, second: state.second, polyak: state.average)
    optimiser = try Optimiser(step: state.step, averages, by: method, device: parameters.device)
    try parameters.setValues(state.values)
  }
}

extension ParameterLayout {
  /// The values that training begins with, a pure function of the model's name and the seed.
  public func startingValues(of name: ModelName, seed: UInt64) -> [Float] {
    entries.enumerated().flatMap { index, entry in
      var random = name.initialValues(seed: seed, parameter: index)
      return entry.range.map { _ in
        switch entry.start {
        case .constant(let value): value
        case .normal(let deviation): deviation * random.nextNormal()
        case .uniform(let bound): Float.random(in: -bound...bound, using: &random)
        }
      }
    }
  }
}

extension ModelName {
  /// What the values come from that a parameter of it begins with.
  fileprivate func initialValues(seed: UInt64, parameter: Int) -> CounterGenerator {
    switch self {
    case .answerer: CounterGenerator(seed: seed, purpose: .initialAnswerer, index: parameter)
    case .overseer: CounterGenerator(seed: seed, purpose: .initialOverseer, index: parameter)
    default:
      rawValue.utf8.reduce(RandomKey(seed: seed, purpose: .initialValues)) { $0.child(Int($1)) }
        .child(parameter).generator(.initialValues)
    }
  }
}
