import Amplification
import Distillation
import Foundation
import Torch

extension AnswererNetwork {
  /// The gradient of the microbatch's share of the batch's mean loss −log p(A | context, Q).
  ///
  /// - Parameter total: questions in the whole batch, by which the sum is divided.
  public func gradient(
    of examples: Examples, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    let rows = try examples.rows(fitting: shape)
    var loss: Float = 0
    let gradient = try p.gradient {
      guard rows.contains(where: { !$0.questions.isEmpty }) else { return }
      let (positions, answers) = try answers(to: rows, p)
      for (position, logP) in positions.enumerated() {
        let targets = answers.map { $0.isUnknown ? 0 : $0.tokens[position] }
        let weights = answers.map { answer in
          answer.tokens.isEmpty ? 0 : (answer.isUnknown ? abstention : 1) / Float(total * positions.count)
        }
        let part = try logP.negativeLogLikelihood(
          of: p.tokens(targets, shape: [targets.count]), weights: p.numbers(weights, shape: [weights.count]))
        try part.backward()
        loss += try part.floats()[0]
      }
    }
    return (loss, gradient)
  }

  /// −log p(A | context, Q) of each answer, row behind row; 0 where the answer is `?`.
  public func negativeLogLikelihood(of examples: Examples, _ p: Parameters) throws -> [Float] {
    let rows = try examples.rows(fitting: shape)
    guard rows.contains(where: { !$0.questions.isEmpty }) else { return [] }
    return try withoutGradients {
      let (positions, answers) = try answers(to: rows, p)
      var total = [Float](repeating: 0, count: answers.count)
      for (position, logP) in positions.enumerated() {
        let targets = answers.map { $0.isUnknown ? 0 : $0.tokens[position] }
        for (row, value) in try logP.chosen(p.tokens(targets, shape: [targets.count])).floats().enumerated()
        where !answers[row].isUnknown {
          total[row] -= value
        }
      }
      let columns = answers.count / rows.count
      return rows.enumerated().flatMap { index, row in
        total[index * columns..<index * columns + row.questions.count]
      }
    }
  }

  /// log p of each token of the answers as a rectangle, a row a context, with the answers in the same order; filler is
  /// answered with nothing.
  private func answers(to rows: [Examples.Row], _ p: Parameters) throws -> (logP: [Tensor], answers: [Answer]) {
    let columns = rows.map(\.questions.count).max() ?? 0
    let questionPadding = [Token](repeating: 0, count: shape.questionLength)
    let facts = try p.facts(of: rows.map(\.context), length: shape.factLength)
    let questions = try p.tokens(
      rows.flatMap { row in
        (0..<columns).flatMap { $0 < row.questions.count ? row.questions[$0].tokens : questionPadding }
      }, shape: [rows.count, columns, shape.questionLength])
    let answers = rows.flatMap { row in
      (0..<columns).map { $0 < row.answers.count ? row.answers[$0] : Answer([]) }
    }
    return (try answer(questions, facts: facts, memory: encode(facts, p), p), answers)
  }
}

extension OverseerNetwork {
  /// The gradient of the microbatch's share of the batch's mean loss: −log p of all that the overseer decided in a
  /// transcript.
  ///
  /// With ``robustness`` q it is that of (1 − pᑫ) / q instead, which each token's weight of pᑫ makes of −log p.
  ///
  /// - Parameter total: transcripts in the whole batch, by which the sum of their losses is divided.
  /// - Returns: with it that share of the mean loss −log p, in any case.
  public func gradient(
    of transcripts: [Transcript], total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    var loss: Float = 0
    let gradient = try p.gradient {
      let (rows, targets, isDecided) = try columns(of: transcripts)
      let (logP, tokens) = (try self(rows, p), try p.tokens(targets, shape: [targets.count]))
      var weights = isDecided.map { $0 ? 1 / Float(total) : 0 }
      var known: [Float]?
      if robustness > 0 {
        let likelihoods = try withoutGradients { try logP.chosen(tokens).floats() }
        known = likelihoods
        for (place, logP) in likelihoods.enumerated() where isDecided[place] {
          weights[place] *= exp(robustness * logP)
        }
      }
      let part = try logP.negativeLogLikelihood(of: tokens, weights: p.numbers(weights, shape: [weights.count]))
      try part.backward()
      loss =
        if let known {
          zip(known, isDecided).reduce(0) { $1.1 ? $0 - $1.0 / Float(total) : $0 }
        } else {
          try part.floats()[0]
        }
    }
    return (loss, gradient)
  }

  /// The mean loss of transcripts, without learning from them.
  public func loss(of transcripts: [Transcript], _ p: Parameters) throws -> Float {
    guard !transcripts.isEmpty else { return 0 }
    return try withoutGradients { try loss(of: transcripts, total: transcripts.count, p).floats()[0] }
  }

  private func loss(of transcripts: [Transcript], total: Int, _ p: Parameters) throws -> Tensor {
    let (rows, targets, isDecided) = try columns(of: transcripts)
    let weights = isDecided.map { $0 ? 1 / Float(total) : 0 }
    return try self(rows, p).negativeLogLikelihood(
      of: p.tokens(targets, shape: [targets.count]), weights: p.numbers(weights, shape: [weights.count]))
  }

  /// −log p of all that was decided in each transcript.
  public func negativeLogLikelihood(of transcripts: [Transcript], _ p: Parameters) throws -> [Float] {
    guard !transcripts.isEmpty else { return [] }
    return try withoutGradients {
      let (rows, targets, isDecided) = try columns(of: transcripts)
      let logP = try self(rows, p).chosen(p.tokens(targets, shape: [targets.count])).floats()
      return (0..<rows.count).map { row in
        (row * rows.length..<(row + 1) * rows.length).reduce(0) { isDecided[$1] ? $0 - logP[$1] : $0 }
      }
    }
  }

  /// Transcripts side by side, filled up to equal length, with the token that follows each and whether the overseer
  /// decided on it.
  private func columns(of transcripts: [Transcript]) throws -> (rows: TokenRows, targets: [Token], isDecided: [Bool]) {
    let sequences = transcripts.map(shape.sequence)
    let length = (sequences.map(\.count).max() ?? 1) - 1
    guard length < shape.longestTranscript else {
      throw TorchError(
        operation: "transcript", reason: "it has \(length + 1) tokens, at most \(shape.longestTranscript) are allowed")
    }
    var tokens: [Token] = []
    var types: [Int32] = []
    var targets: [Token] = []
    var isDecided: [Bool] = []
    for sequence in sequences {
      for position in 0..<length {
        let here = position < sequence.count - 1
        tokens.append(here ? sequence[position].token : 0)
        types.append(here ? sequence[position].type.rawValue : 0)
        targets.append(here ? sequence[position + 1].token : 0)
        isDecided.append(here && sequence[position + 1].type.isDecided)
      }
    }
    return (TokenRows(count: sequences.count, length: length, tokens: tokens, types: types), targets, isDecided)
  }
}

extension TokenType {
  /// Whether the overseer wrote it, so that H′ is to learn it.
  var isDecided: Bool { self == .mark || self == .subQuestion || self == .answer }
}
