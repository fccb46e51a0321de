import Torch

/// What was asked and what was said to it, in tokens.
public struct Exchange: Hashable, Sendable {
  /// At least one token.
  public var prompt: [Int32]
  /// With the token that ends it.
  public var answer: [Int32]

  public init(prompt: [Int32], answer: [Int32]) {
    (self.prompt, self.answer) = (prompt, answer)
  }

  /// Tokens that go in: the last is only said.
  fileprivate var tokens: [Int32] { prompt + answer.dropLast() }
}

extension Decoder {
  /// log p of every token of every answer, given what comes before it.
  ///
  /// - Parameter p: of the adapter; nil if there is none.
  /// - Throws: ``PromptError`` if a question is empty or too long, ``TorchError`` if a token is not in the vocabulary.
  public func logProbabilities(of exchanges: [Exchange], _ p: Parameters?) throws -> [[Float]] {
    let flat = try withoutGradients {
      try groups(of: exchanges).flatMap { try likelihoods(of: Array(exchanges[$0]), p)?.floats() ?? [] }
    }
    var rest = flat[...]
    return exchanges.map { exchange in
      defer { rest = rest.dropFirst(exchange.answer.count) }
      return Array(rest.prefix(exchange.answer.count))
    }
  }

  /// The gradient of a microbatch's share of the batch's mean loss, −log p of a token of an answer; of `p`, which are those
  /// of the adapter or, without one, the weights.
  ///
  /// - Parameter total: tokens of answers in the whole batch, by which the sum of their losses is divided: a microbatch of
  ///   longer answers does not weigh more for each.
  public func gradient(
    of exchanges: [Exchange], total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    var loss: Float = 0
    let gradient = try p.gradient {
      guard let likelihoods = try likelihoods(of: exchanges, adapter == nil ? nil : p) else { return }
      let count = likelihoods.shape[0]
      let part = try likelihoods.reshaped([count, 1]).negativeLogLikelihood(
        of: p.tokens([Int32](repeating: 0, count: count), shape: [count]),
        weights: p.numbers([Float](repeating: 1 / Float(total), count: count), shape: [count]))
      try part.backward()
      loss = try part.floats()[0]
    }
    return (loss, gradient)
  }

  /// log p of the tokens of all answers, one behind the other; nil: there are none.
  private func likelihoods(of exchanges: [Exchange], _ p: Parameters?) throws -> Tensor? {
    for exchange in exchanges { try check(exchange.prompt, with: max(0, exchange.answer.count - 1)) }
    let said = exchanges.filter { !$0.answer.isEmpty }
    guard !said.isEmpty else { return nil }
    let inputs = said.map(\.tokens)
    let packing = try Packing(inputs.map { Packing.Run(count: $0.count) }, device: weights.device)
    let hidden = try self(inputs.flatMap(\.self), packing, p)
    // Only what is said is looked for among all words: that is a large part of a short answer's cost.
    let rows = zip(packing.lastRows, said).flatMap { last, exchange in
      (last - Int32(exchange.answer.count) + 1)...last
    }
    let targets = said.flatMap(\.answer)
    func there(_ tokens: [Int32]) throws -> Tensor {
      try Tensor(tokens: tokens, shape: [tokens.count], device: weights.device)
    }
    return try hidden.rows(there(rows)).logLikelihoods(of: there(targets), among: weights.words)
  }

  /// Runs of exchanges of about as many tokens as are computed with at once.
  private func groups(of exchanges: [Exchange]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var (start, tokens) = (0, 0)
    for (index, exchange) in exchanges.enumerated() {
      if tokens > 0, tokens + exchange.tokens.count > Self.tokensAtOnce {
        groups.append(start..<index)
        (start, tokens) = (index, 0)
      }
      tokens += exchange.tokens.count
    }
    return groups + [start..<exchanges.count]
  }

  /// Tokens that are computed with at the same time where nothing is learned: enough for large products.
  static let tokensAtOnce = 2048

  /// - Throws: ``PromptError`` if there is no room for so many more tokens.
  func check(_ prompt: [Int32], with more: Int) throws(PromptError) {
    guard !prompt.isEmpty else {
      throw PromptError(description: "a question has no tokens, and at least one is needed")
    }
    guard prompt.count + more <= weights.positions else {
      throw PromptError(
        description: "a question of \(prompt.count) tokens"
          + (more > 0 ? " with an answer of \(more + 1)" : "") + " is longer than the window of \(weights.positions)")
    }
  }
}

/// What can't be asked of a language model.
public struct PromptError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
