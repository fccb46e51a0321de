import Amplification
import Torch

/// A context with questions and the answers that X is to learn.
public struct Lesson: Hashable, Sendable {
  public var context: Context
  public var questions: [Question]
  public var answers: [Answer]

  public init(context: Context, questions: [Question], answers: [Answer]) {
    self.context = context
    self.questions = questions
    self.answers = answers
  }
}

extension AnswererNetwork {
  /// The gradient of the microbatch's share of the batch's mean loss −log p(A | context, Q).
  ///
  /// Questions whose answer is `?` teach nothing and are left out.
  /// - Parameter total: questions in the whole batch, by which the sum is divided.
  public func gradient(of lessons: [Lesson], total: Int, _ p: Parameters) throws -> (loss: Float, gradient: [Float]) {
    let columns = lessons.map(\.questions.count).max() ?? 0
    let questionPadding = [Token](repeating: 0, count: shape.questionLength)
    let facts = try Tensor(contexts: lessons.map(\.context), factLength: shape.factLength)
    let questions = try Tensor(
      tokens: lessons.flatMap { lesson in
        (0..<columns).flatMap { $0 < lesson.questions.count ? lesson.questions[$0].tokens : questionPadding }
      }, shape: [lessons.count, columns, shape.questionLength])
    var loss: Float = 0
    let gradient = try p.gradient {
      let positions = try answer(questions, facts: facts, memory: encode(facts, p), p)
      for (position, logP) in positions.enumerated() {
        let answers = lessons.flatMap { lesson in
          (0..<columns).map { $0 < lesson.answers.count ? lesson.answers[$0] : Answer([]) }
        }
        let targets = answers.map { $0.isUnknown ? 0 : $0.tokens[position] }
        let weights = answers.map { $0.isUnknown ? 0 : 1 / Float(total * positions.count) }
        let part = try logP.negativeLogLikelihood(
          of: Tensor(tokens: targets, shape: [targets.count]), weights: Tensor(weights, shape: [weights.count]))
        try part.backward()
        loss += try part.floats()[0]
      }
    }
    return (loss, gradient)
  }
}

extension OverseerNetwork {
  /// The gradient of the microbatch's share of the batch's mean loss: −log p of all that the overseer decided in a
  /// transcript.
  ///
  /// - Parameter total: transcripts in the whole batch, by which the sum of their losses is divided.
  public func gradient(
    of transcripts: [Transcript], total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: [Float]) {
    var loss: Float = 0
    let gradient = try p.gradient {
      let part = try self.loss(of: transcripts, total: total, p)
      try part.backward()
      loss = try part.floats()[0]
    }
    return (loss, gradient)
  }

  /// The mean loss of transcripts, without learning from them.
  public func loss(of transcripts: [Transcript], _ p: Parameters) throws -> Float {
    guard !transcripts.isEmpty else { return 0 }
    return try withoutGradients { try loss(of: transcripts, total: transcripts.count, p).floats()[0] }
  }

  private func loss(of transcripts: [Transcript], total: Int, _ p: Parameters) throws -> Tensor {
    let sequences = transcripts.map(shape.sequence)
    let length = (sequences.map(\.count).max() ?? 1) - 1
    guard length < shape.longestTranscript else {
      throw TorchError(
        operation: "transcript", reason: "it has \(length + 1) tokens, at most \(shape.longestTranscript) are allowed")
    }
    var tokens: [Token] = []
    var types: [Int32] = []
    var targets: [Token] = []
    var weights: [Float] = []
    for sequence in sequences {
      for position in 0..<length {
        let here = position < sequence.count - 1
        tokens.append(here ? sequence[position].token : 0)
        types.append(here ? sequence[position].type.rawValue : 0)
        targets.append(here ? sequence[position + 1].token : 0)
        weights.append(here && sequence[position + 1].type.isDecided ? 1 / Float(total) : 0)
      }
    }
    let rows = TokenRows(count: sequences.count, length: length, tokens: tokens, types: types)
    return try self(rows, p).negativeLogLikelihood(
      of: Tensor(tokens: targets, shape: [targets.count]), weights: Tensor(weights, shape: [weights.count]))
  }
}

extension TokenType {
  /// Whether the overseer wrote it, so that H′ is to learn it.
  var isDecided: Bool { self == .mark || self == .subQuestion || self == .answer }
}
