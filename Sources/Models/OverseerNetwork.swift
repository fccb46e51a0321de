import Amplification
import Torch

/// H′ of the paper: a causal transformer over transcripts, whose next token is generated or copied from those before.
///
/// A transcript is written Q, then for each step the token `ask`, the sub-question and its answer, then the token
/// `decide` and the final answer. What the overseer decides (both marks, sub-questions, final answer) carries loss.
public struct OverseerNetwork: Sendable {
  public let shape: TaskShape
  public private(set) var layout = ParameterLayout()
  /// How little it learns of what it finds unlikely, 0…1, as where H errs: between −log p and the mean absolute error (the
  /// generalized cross-entropy of Zhang and Sabuncu, NeurIPS 2018).
  public var robustness: Float = 0
  private let tokens: TokenVectors
  private let types, positions: Embedding
  private let blocks: Stack
  private let norm: LayerNorm
  private let generate: TokenScores
  private let mix, pointer, key: Linear
  private let width: Int

  public init(_ shape: TaskShape, _ configuration: ModelConfiguration) {
    self.shape = shape
    width = configuration.overseerWidth
    tokens = TokenVectors(
      "tokens", tokens: shape.vocabulary + 2, numbers: shape.numbers, width: width, deviation: 1, in: &layout)
    types = Embedding("types", tokens: TokenType.allCases.count, width: width, in: &layout)
    positions = Embedding("positions", tokens: shape.longestTranscript, width: width, in: &layout)
    blocks = Stack(
      "blocks", depth: configuration.overseerLayers, shared: false, width: width, heads: configuration.heads,
      in: &layout)
    norm = LayerNorm("norm", width: width, in: &layout)
    generate = TokenScores(
      "generate", tokens: shape.vocabulary + 2, numbers: shape.numbers, width: width, in: &layout)
    mix = Linear("mix", from: width, to: 2, in: &layout)
    pointer = Linear("pointer", from: width, to: width, in: &layout)
    key = Linear("key", from: width, to: width, in: &layout)
  }

  public func activations(of size: MicrobatchSize) -> Int {
    size.transcripts * blocks.activations(shape.longestTranscript, over: shape.longestTranscript)
  }

  /// log p of the token after each position, [B, n, vocabulary + 2], for whole transcripts side by side.
  func callAsFunction(_ row: TokenRows, _ p: Parameters) throws -> Tensor {
    let input = try row.tensors(for: p)
    var x = try embed(input, positions: 0..<row.length, p)
    for level in 0..<blocks.depth { x = try blocks[level].overItself(x, p, causal: true) }
    let read = try norm(x, p)
    return try generate(read, p).mixed(
      pointer: pointer(read, p).pointerScores(to: key(read, p)), mix: mix(read, p),
      candidates: input.tokens.reshaped([row.count, row.length, 1]), causal: true)
  }

  func embed(
    _ input: (tokens: Tensor, types: Tensor), positions run: Range<Int>, _ p: Parameters
  ) throws -> Tensor {
    let place = try p.tokens(run.map(Int32.init), shape: [1, run.count])
    return try tokens(p).embedding(of: input.tokens) + types(input.types, p) + positions(place, p)
  }

  // MARK: Decoding one token after the other

  /// Keys and values of all layers and of the copy head, for a batch of transcripts that grow in step.
  struct Cache {
    var layers: [Tensor]
    var keys: Tensor
    var tokens: [[Int32]]
    var length = 0
  }

  func cache(rows: Int, _ p: Parameters) throws -> Cache {
    let length = shape.longestTranscript
    return Cache(
      layers: try (0..<blocks.depth).map { _ in try p.zeros([rows, length, 2 * width]) },
      keys: try p.zeros([rows, length, width]), tokens: [[Int32]](repeating: [], count: rows))
  }

  /// Keeps the transcripts with those indices, in this order, as often as they are named.
  func keep(_ rows: [Int], of cache: inout Cache, _ p: Parameters) throws {
    guard rows != Array(cache.tokens.indices) else { return }
    let indices = try p.tokens(rows.map(Int32.init), shape: [rows.count])
    cache.layers = try cache.layers.map { try $0.rows(indices) }
    cache.keys = try cache.keys.rows(indices)
    cache.tokens = rows.map { cache.tokens[$0] }
  }

  /// Appends tokens to every transcript; the result is the likeliest token after each, and log p of it.
  func advance(
    _ cache: inout Cache, _ row: TokenRows, _ p: Parameters
  ) throws -> (tokens: [Int32], logP: [Float]) {
    let start = cache.length
    let end = start + row.length
    var x = try embed(row.tensors(for: p), positions: start..<end, p)
    for level in 0..<blocks.depth {
      x = try blocks[level].continued(x, cache: cache.layers[level], from: start, p)
    }
    let read = try norm(x, p)
    try cache.keys.write(key(read, p), at: start)
    for index in cache.tokens.indices {
      cache.tokens[index] += row.tokens[index * row.length..<(index + 1) * row.length]
    }
    cache.length = end
    let last = try read.narrowed(1, row.length - 1..<row.length)
    let candidates = try p.tokens(cache.tokens.flatMap(\.self), shape: [row.count, end, 1])
    let logP = try generate(last, p)
      .mixed(
        pointer: pointer(last, p).pointerScores(to: cache.keys.narrowed(1, 0..<end)), mix: mix(last, p),
        candidates: candidates)
    let likeliest = try logP.argmax()
    return (try likeliest.tokens(), try logP.chosen(likeliest).floats())
  }
}

/// What a token of a transcript is part of.
enum TokenType: Int32, CaseIterable {
  case question, mark, subQuestion, subAnswer, answer
}

/// Token sequences of one length, with the type of each token, row after row.
struct TokenRows {
  let count: Int
  let length: Int
  var tokens: [Int32]
  var types: [Int32]

  func tensors(for p: Parameters) throws -> (tokens: Tensor, types: Tensor) {
    (try p.tokens(tokens, shape: [count, length]), try p.tokens(types, shape: [count, length]))
  }

  /// Rows whose tokens are all of one type.
  init(_ rows: [[Int32]], type: TokenType) {
    count = rows.count
    length = rows.first?.count ?? 0
    tokens = rows.flatMap(\.self)
    types = [Int32](repeating: type.rawValue, count: tokens.count)
  }

  init(count: Int, length: Int, tokens: [Int32], types: [Int32]) {
    self.count = count
    self.length = length
    self.tokens = tokens
    self.types = types
  }
}

extension TaskShape {
  /// The mark before a sub-question.
  var ask: Token { Token(vocabulary) }
  /// The mark before the final answer.
  var decide: Token { Token(vocabulary + 1) }
  /// Tokens of a transcript with `mostSteps` sub-questions.
  public var longestTranscript: Int {
    questionLength + mostSteps * (1 + questionLength + answerLength) + 1 + answerLength
  }

  /// A transcript as tokens and their types, without padding.
  func sequence(of transcript: Transcript) -> [(token: Token, type: TokenType)] {
    var sequence = transcript.question.tokens.map { (token: $0, type: TokenType.question) }
    for step in transcript.steps {
      sequence.append((ask, .mark))
      sequence += step.question.tokens.map { ($0, .subQuestion) }
      sequence += step.answer.tokens.map { ($0, .subAnswer) }
    }
    sequence.append((decide, .mark))
    sequence += (transcript.answer?.tokens ?? []).map { ($0, .answer) }
    return sequence
  }
}
