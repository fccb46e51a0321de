import Amplification
import Randomness
import Torch

/// H′ as an overseer: decides as the network finds likeliest.
public struct LearnedOverseer: Overseer {
  private let network: OverseerNetwork
  private let parameters: Parameters
  public let author: Author

  /// - Parameter step: training steps that the parameters have seen.
  public init(_ network: OverseerNetwork, _ parameters: Parameters, step: Int) {
    self.network = network
    self.parameters = parameters
    author = .learnedOverseer(step: step)
  }

  public func deliberate(on questions: [Question], keys: [RandomKey]) throws -> any Deliberation {
    let (places, distinct) = questions.map(\.tokens).placesAmongDistinct()
    let cache = try withoutGradients { try network.cache(rows: distinct.count, parameters) }
    return LearnedDeliberation(
      network: network, parameters: parameters, cache: cache, places: places,
      unheard: TokenRows(distinct, type: .question))
  }

  public func loss(of transcripts: [Transcript]) throws -> Float { try network.loss(of: transcripts, parameters) }

  public func negativeLogLikelihood(of transcripts: [Transcript]) throws -> [Float] {
    try network.negativeLogLikelihood(of: transcripts, parameters)
  }
}

/// A batch of transcripts that H′ writes, all of them equally long at every moment.
///
/// H′ sees the transcript alone: questions of which the same was heard so far have one transcript, and are decided together.
private struct LearnedDeliberation: Deliberation {
  let network: OverseerNetwork
  let parameters: Parameters
  var cache: OverseerNetwork.Cache
  /// The transcript of each open question.
  var places: [Int]
  /// What the network has yet to read of each transcript before its next decision.
  var unheard: TokenRows
  /// −log p of what was written since the last answers were heard, mark and all.
  var doubts: [Doubt] = []

  mutating func decide(hearing heard: [Answer]) throws -> [Decision] {
    try withoutGradients {
      if !heard.isEmpty { try hear(heard) }
      let written = try write()
      doubts = places.map { written[$0].doubt }
      let decisions = places.map { written[$0].decision }
      // Transcripts that go on are all that is left in the cache.
      let asking = written.indices.filter { if case .ask = written[$0].decision { true } else { false } }
      let left = Dictionary(uniqueKeysWithValues: zip(asking, asking.indices))
      places = places.compactMap { left[$0] }
      return decisions
    }
  }

  /// Reads the answers to what was asked: where they differ, transcripts part.
  private mutating func hear(_ heard: [Answer]) throws {
    let (parted, distinct) = zip(places, heard).map { [Int32($0)] + $1.tokens }.placesAmongDistinct()
    try network.keep(distinct.map { Int($0[0]) }, of: &cache, parameters)
    unheard = TokenRows(distinct.map { Array($0.dropFirst()) }, type: .subAnswer)
    places = parted
  }

  /// The decision in each transcript.
  private mutating func write() throws -> [(decision: Decision, doubt: Doubt)] {
    let shape = network.shape
    let (marks, certainty) = try network.advance(&cache, unheard, parameters)
    var written = certainty.map {
      (decision: Decision.answer(.unknown(length: shape.answerLength)), doubt: Doubt(-Double($0)))
    }
    // Rows that decide on an answer are written to the end first, on a copy of the cache, then leave.
    let asking = marks.indices.filter { marks[$0] == shape.ask }
    let deciding = marks.indices.filter { marks[$0] != shape.ask }
    var ending = cache
    let answers = try write(
      .answer, shape.answerLength, rows: deciding, after: deciding.map { _ in shape.decide }, in: &ending)
    for (row, (tokens, doubt)) in zip(deciding, answers) {
      // Anything but a well-formed decision is answered `?`.
      if marks[row] == shape.decide { written[row].decision = .answer(Answer(tokens.map(plain))) }
      written[row].doubt += doubt
    }
    guard cache.length + 1 + shape.questionLength + shape.answerLength <= shape.longestTranscript else {
      return written
    }
    let questions = try write(
      .subQuestion, shape.questionLength, rows: asking, after: asking.map { _ in shape.ask }, in: &cache)
    for (row, (tokens, doubt)) in zip(asking, questions) {
      written[row].decision = .ask(question(tokens))
      written[row].doubt += doubt
    }
    return written
  }

  /// Writes `length` tokens after a mark, in the rows given, which are all that is kept; with −log p of them.
  private func write(
    _ type: TokenType, _ length: Int, rows: [Int], after marks: [Token], in cache: inout OverseerNetwork.Cache
  ) throws -> [(tokens: [Token], doubt: Doubt)] {
    guard !rows.isEmpty else { return [] }
    try network.keep(rows, of: &cache, parameters)
    var written = [(tokens: [Token], doubt: Doubt)](repeating: ([], .none), count: rows.count)
    var next = try network.advance(&cache, TokenRows(marks.map { [$0] }, type: .mark), parameters)
    for position in 0..<length {
      for row in rows.indices {
        written[row].tokens.append(next.tokens[row])
        written[row].doubt += Doubt(-Double(next.logP[row]))
      }
      // The last token of an answer ends the transcript: nothing comes after it.
      if type == .answer, position == length - 1 { break }
      next = try network.advance(&cache, TokenRows(next.tokens.map { [$0] }, type: type), parameters)
    }
    return written
  }

  /// With a mark in it, it is none: of no task is a question of nothing but `?` one.
  private func question(_ tokens: [Token]) -> Question {
    let isPlain = tokens.allSatisfy { $0 < network.shape.vocabulary }
    return Question(isPlain ? tokens : [Token](repeating: 0, count: tokens.count))
  }

  /// Marks are no part of an answer.
  private func plain(_ token: Token) -> Token { token < network.shape.vocabulary ? token : 0 }
}

extension [[Int32]] {
  /// Those that differ, in the order in which they first come; and of each, which of them it is.
  fileprivate func placesAmongDistinct() -> (places: [Int], distinct: [[Int32]]) {
    var (known, distinct): ([[Int32]: Int], [[Int32]]) = ([:], [])
    let places = map { row in
      if let place = known[row] { return place }
      known[row] = distinct.count
      distinct.append(row)
      return distinct.count - 1
    }
    return (places, distinct)
  }
}
