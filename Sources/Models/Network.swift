import Amplification
import Distillation
import Torch

/// A network that learns: what a model of a run is made of.
public protocol Network {
  /// What is trained of it.
  var layout: ParameterLayout { get }

  /// The values that training begins with, a pure function of the model's name, the seed and what the network was made from.
  ///
  /// - Throws: if files that it was made from can't be read any more.
  func startingValues(of name: ModelName, seed: UInt64) throws -> [Float]

  /// The gradient of a microbatch's share of the batch's mean loss.
  ///
  /// - Parameter total: questions or decompositions in the whole batch, by which the sum of their losses is divided.
  /// - Throws: ``TorchError`` if it does not learn from such data, or they are of another task.
  func gradient(of data: TrainingData, total: Int, _ p: Parameters) throws -> (loss: Float, gradient: Gradient)

  /// Numbers that a microbatch leaves in memory until its gradient is there, near enough to see what can't work.
  func activations(of size: MicrobatchSize) -> Int
}

extension Network {
  public func startingValues(of name: ModelName, seed: UInt64) -> [Float] {
    layout.startingValues(of: name, seed: seed)
  }
}

/// How much there is to learn from in one microbatch.
public struct MicrobatchSize: Hashable, Sendable {
  public var contexts, transcripts: Int
  /// Facts of a context, and questions about it.
  public var facts, questions: Int

  public init(contexts: Int, facts: Int, questions: Int, transcripts: Int) {
    self.contexts = contexts
    self.facts = facts
    self.questions = questions
    self.transcripts = transcripts
  }
}

extension AnswererNetwork: Network {
  public func gradient(
    of data: TrainingData, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    try gradient(of: data.examples, total: total, p)
  }
}

extension TrainingData {
  /// What X learns from. - Throws: ``TorchError`` if it is something else.
  var examples: Examples {
    get throws {
      guard case .examples(let examples) = self else {
        throw TorchError(
          operation: "gradient", reason: "X learns from questions with their answers, and from nothing else")
      }
      return examples
    }
  }
}

extension TrainingData {
  /// What H′ learns from. - Throws: ``TorchError`` if it is something else.
  var transcripts: [Transcript] {
    get throws {
      guard case .transcripts(let transcripts) = self else {
        throw TorchError(operation: "gradient", reason: "H′ learns from decompositions, and from nothing else")
      }
      return transcripts
    }
  }
}

extension OverseerNetwork: Network {
  public func gradient(
    of data: TrainingData, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    try gradient(of: data.transcripts, total: total, p)
  }
}
