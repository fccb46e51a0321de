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
  private let reading: Reading?
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
    reading =
      configuration.readingLayers > 0
      ? Reading(shape, configuration, from: embedded, matches: factMatches, in: &layout) : nil
    norm = LayerNorm("norm", width: width, in: &layout)
    var heads: [AnswerHead] = []
    for position in 0..<shape.answerLength {
      heads.append(AnswerHead("answer.\(position)", shape, width: width, in: &layout))
    }
    self.heads = heads
  }

  /// Whether a question costs as much as all facts.
  var readsFacts: Bool { reading != nil }

  public func activations(of size: MicrobatchSize) -> Int {
    size.contexts
      * (facts.activations(size.facts, over: size.facts) + questions.activations(size.questions, over: size.facts)
        + size.questions * (reading?.activations(of: size.facts) ?? 0))
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
    guard let reading else {
      let x = try question(embedding(p).embedding(of: tokens).reshaped([tokens.shape[0], tokens.shape[1], -1]), p)
      return try answer(x, tokens, facts: facts, memory: memory, p)
    }
    // Every question becomes a row of its own, with its own copy of the facts.
    let (contexts, columns) = (tokens.shape[0], tokens.shape[1])
    let rows = contexts * columns
    let alone = try tokens.reshaped([rows, 1, shape.questionLength])
    let copies = try facts.rows(p.tokens((0..<rows).map { Int32($0 / columns) }, shape: [rows]))
    let apart = try (memory.reshaped([contexts, 1, -1]) + p.zeros([1, columns, 1]))
      .reshaped([rows, memory.shape[1], memory.shape[2]])
    let embedded = try embedding(p).embedding(of: alone).reshaped([rows, 1, -1])
    let read = try reading(apart, facts: copies, asked: alone, embedded, p)
    return try answer(question(embedded, p), alone, facts: copies, memory: read, p)
      .map { try $0.reshaped([contexts, columns, shape.vocabulary]) }
  }

  /// - Parameter x: what the questions `tokens` begin with, [B, n, width].
  private func answer(
    _ x: Tensor, _ tokens: Tensor, facts: Tensor, memory: Tensor, _ p: Parameters
  ) throws -> [Tensor] {
    let matching = questionMatches > 0 ? try tokens.matches(facts) : nil
    let read = try norm(questions(x, over: memory, matching: matching, p), p)
    return try heads.map { try $0(read, facts: facts, memory: memory, p) }
  }
}

/// What facts are with one question in mind: each sees the question's tokens, and then all see each other, again and again.
///
/// How far a vertex is from the one that is asked about is then one number of an edge, where it would be as many as there are
/// vertices; one layer that is learned once finds it step by step, as Bellman and Ford do.
private struct Reading: Sendable {
  private let tokens: Linear
  private let ask, facts: Stack
  private let places, width: Int
  private let matches: Bool

  init(
    _ shape: TaskShape, _ configuration: ModelConfiguration, from embedded: Int, matches: Int,
    in layout: inout ParameterLayout
  ) {
    (places, width, self.matches) = (shape.questionLength, configuration.width, matches > 0)
    tokens = Linear("reading.tokens", from: places * embedded, to: places * width, in: &layout)
    ask = Stack(
      "reading.ask", depth: 1, shared: true, width: width, heads: configuration.heads,
      matches: matches > 0 ? shape.factLength : 0, in: &layout)
    facts = Stack(
      "reading.facts", depth: configuration.readingLayers, shared: true, width: width, heads: configuration.heads,
      matches: matches, in: &layout)
  }

  func activations(of count: Int) -> Int {
    ask.activations(count, over: places) + facts.activations(count, over: count)
  }

  /// Memory [B, F, width] of the facts [B, F, factLength] to what it is with the question [B, 1, questionLength] in mind.
  func callAsFunction(
    _ memory: Tensor, facts: Tensor, asked: Tensor, _ embedded: Tensor, _ p: Parameters
  ) throws -> Tensor {
    let rows = memory.shape[0]
    let question = try tokens(embedded, p).reshaped([rows, places, width])
    let x = try ask(
      memory, over: question, matching: matches ? facts.matches(asked.reshaped([rows, places, 1])) : nil, p)
    return try self.facts(x, over: nil, matching: matches ? facts.matches(facts) : nil, p)
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
