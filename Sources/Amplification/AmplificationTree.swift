/// The record of one question: the conversation about it, its answer and whose that is.
///
/// In amplification the overseer alone speaks: its turns are sub-questions, each with its own tree. In other procedures there
/// are other roles, and turns that state something.
public struct AmplificationTree: Hashable, Sendable {
  public let question: Question
  /// What was said on the way to the answer, in order.
  public internal(set) var turns: [Turn] = []
  public internal(set) var answer: Answer
  /// Who gave the answer: the overseer or judge of an inner node; of a leaf, who answered it.
  public let author: Author
  /// What the answer cost, without what lies below.
  public var cost = Cost.nothing
  /// Of the author's own decisions, or answer, without what lies below.
  public var doubt = Doubt.none

  /// - Parameter children: sub-questions that the author asked.
  public init(_ question: Question, answer: Answer, by author: Author, children: [AmplificationTree] = []) {
    self.question = question
    self.answer = answer
    self.author = author
    turns = children.map { Turn(.overseer, by: author, .asked($0)) }
  }

  /// - Parameter turns: of any roles.
  public init(_ question: Question, turns: [Turn], answer: Answer, by author: Author) {
    self.question = question
    self.turns = turns
    self.answer = answer
    self.author = author
  }

  /// The sub-questions that were asked, in order.
  public var children: [AmplificationTree] {
    turns.compactMap { if case .asked(let tree) = $0.said { tree } else { nil } }
  }

  /// The node without what lies below its sub-answers.
  public var transcript: Transcript {
    var transcript = Transcript(question)
    transcript.steps = children.map { Transcript.Step($0.question, $0.answer) }
    transcript.answer = answer
    return transcript
  }

  /// Those of all nodes that an overseer decided, this one first.
  public var transcripts: [Transcript] {
    (author.isOverseer ? [transcript] : []) + children.flatMap(\.transcripts)
  }

  /// The nodes below this one that an overseer decided, each before what lies below it.
  public var amplified: [AmplificationTree] {
    children.flatMap { ($0.author.isOverseer ? [$0] : []) + $0.amplified }
  }

  /// Sub-questions in the whole tree.
  public var subQuestions: Int {
    let children = children
    return children.reduce(children.count) { $0 + $1.subQuestions }
  }

  /// Sub-questions in the whole tree that had been answered before.
  public var memoHits: Int {
    children.reduce(author == .memo ? 1 : 0) { $0 + $1.memoHits }
  }

  /// That anything in the tree is wrong: the sum over all of it.
  ///
  /// Where an overseer asks again what it was asked, it wants to hear a proposal, and what it asks next is how good that is. So
  /// it is not wrong because the proposal may be: of several right ones, whoever proposes one is in doubt which.
  public var jointDoubt: Doubt {
    children.reduce(doubt) { $1.question == question ? $0 : $0 + $1.jointDoubt }
  }

  /// What the whole tree cost.
  public var totalCost: Cost {
    children.reduce(turns.reduce(cost) { $0 + $1.cost }) { $0 + $1.totalCost }
  }
}

extension AmplificationTree: Codable {
  /// `children` are the turns of an overseer who only asks: trees of amplification are written so, with nothing else.
  private enum CodingKeys: CodingKey { case question, answer, author, children, turns, cost, doubt }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(Question.self, forKey: .question),
      answer: try container.decode(Answer.self, forKey: .answer),
      by: try container.decode(Author.self, forKey: .author),
      children: try container.decodeIfPresent([AmplificationTree].self, forKey: .children) ?? [])
    if let turns = try container.decodeIfPresent([Turn].self, forKey: .turns) { self.turns = turns }
    cost = try container.decodeIfPresent(Cost.self, forKey: .cost) ?? .nothing
    doubt = try container.decodeIfPresent(Doubt.self, forKey: .doubt) ?? .none
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(question, forKey: .question)
    try container.encode(answer, forKey: .answer)
    try container.encode(author, forKey: .author)
    let children = children
    if children.count == turns.count, turns.allSatisfy({ $0.role == .overseer && $0.author == author }) {
      try container.encode(children, forKey: .children)
    } else {
      try container.encode(turns, forKey: .turns)
    }
    if cost != .nothing { try container.encode(cost, forKey: .cost) }
    if doubt != .none { try container.encode(doubt, forKey: .doubt) }
  }
}
