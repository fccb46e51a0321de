import Torch

/// X of the paper: facts are encoded as a set, questions attend to them, and the answer is generated or copied from the
/// fact that the question points at.
///
/// Attention sees which tokens are the same in what attends and what is attended to: names mean nothing but that. Without
/// it, a network of this size needs many times the steps to learn that x7 in one fact is x7 in another.
public struct AnswererNetwork: Sendable {
  public let shape: TaskShape
  public private(set) var layout = ParameterLayout()
  /// Weight with which it learns that the answer is `?`, 0…1; 0: such a question teaches nothing.
  public var abstention: Float = 0
  /// Pairs of places in two facts, and in a question and a fact, whose tokens are compared; 0: they are not.
  private let factMatches, questionMatches: Int
  private let embedding: TokenVectors
  private let fact, question: Linear
  private let facts, questions: Stack
  private let norm: LayerNorm
  private let heads: [AnswerHead]

  public init(_ shape: TaskShape, _ configuration: ModelConfiguration) {
    self.shape = shape
    // A match is a word of 64 bits; what needs more goes without.
    func bits(_ pairs: Int) -> Int { configuration.matchTokens && pairs <= 64 ? pairs : 0 }
    factMatches = bits(shape.factLength * shape.factLength)
    questionMatches = bits(shape.questionLength * shape.factLength)
    let width = configuration.width
    let embedded = max(1, width / 2)
    embedding = TokenVectors(
      "embedding", tokens: shape.vocabulary, numbers: shape.numbers, width: embedded, deviation: 1, in: &layout)
    fact = Linear("fact", from: shape.factLength * embedded, to: width, in: &layout)
    question = Linear("question", from: shape.questionLength * embedded, to: width, in: &layout)
    facts = Stack(
      "facts", depth: configuration.factLayers, shared: configuration.shareLayers, width: width,
      heads: configuration.heads, matches: factMatches, in: &layout)
    questions = Stack(
      "questions", depth: configuration.questionLayers, shared: configuration.shareLayers, width: width,
      heads: configuration.heads, matches: questionMatches, in: &layout)
    norm = LayerNorm("norm", width: width, in: &layout)
    var heads: [AnswerHead] = []
    for position in 0..<shape.answerLength {
      heads.append(AnswerHead("answer.\(position)", shape, width: width, in: &layout))
    }
    self.heads = heads
  }

  public func activations(of size: MicrobatchSize) -> Int {
    size.contexts
      * (facts.activations(size.facts, over: size.facts) + questions.activations(size.questions, over: size.facts))
  }

  /// Facts [C, F, factLength] to memory [C, F, width].
  func encode(_ tokens: Tensor, _ p: Parameters) throws -> Tensor {
    let size = tokens.shape
    let x = try fact(embedding(p).embedding(of: tokens).reshaped([size[0], size[1], -1]), p)
    return try facts(x, over: nil, matching: factMatches > 0 ? tokens.matches(tokens) : nil, p)
  }

  /// log p of each answer token, one tensor [C, Q, vocabulary] for each position of the answer.
  ///
  /// - Parameters:
  ///   - tokens: questions, [C, Q, questionLength].
  ///   - memory: what ``encode(_:_:)`` made of the facts [C, F, factLength].
  func answer(_ tokens: Tensor, facts: Tensor, memory: Tensor, _ p: Parameters) throws -> [Tensor] {
    let size = tokens.shape
    let x = try question(embedding(p).embedding(of: tokens).reshaped([size[0], size[1], -1]), p)
    let matching = questionMatches > 0 ? try tokens.matches(facts) : nil
    let read = try norm(questions(x, over: memory, matching: matching, p), p)
    return try heads.map { try $0(read, facts: facts, memory: memory, p) }
  }
}

/// One token of the answer: generated, or copied from one of the places of the fact pointed at.
private struct AnswerHead: Sendable {
  let generate: TokenScores
  let mix, pointer, key: Linear

  init(_ name: String, _ shape: TaskShape, width: Int, in layout: inout ParameterLayout) {
    generate = TokenScores(
      "\(name).generate", tokens: shape.vocabulary, numbers: shape.numbers, width: width, in: &layout)
    mix = Linear("\(name).mix", from: width, to: 1 + shape.factLength, in: &layout)
    pointer = Linear("\(name).pointer", from: width, to: width, in: &layout)
    key = Linear("\(name).key", from: width, to: width, in: &layout)
  }

  func callAsFunction(_ x: Tensor, facts: Tensor, memory: Tensor, _ p: Parameters) throws -> Tensor {
    let scores = try pointer(x, p).pointerScores(to: key(memory, p))
    return try generate(x, p).mixed(pointer: scores, mix: mix(x, p), candidates: facts)
  }
}
