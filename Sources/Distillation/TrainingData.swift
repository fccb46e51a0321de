import Amplification

/// What a model learns from.
public enum TrainingData: Sendable, Codable, Hashable {
  /// Of which there are these.
  public enum Kind: Sendable { case examples, transcripts }

  /// Questions and their answers.
  case examples(Examples)
  /// Decompositions.
  case transcripts([Transcript])

  /// Questions or decompositions.
  public var count: Int {
    switch self {
    case .examples(let examples): examples.questions.count
    case .transcripts(let transcripts): transcripts.count
    }
  }

  /// What a loss is the mean over: questions or decompositions; of texts, the characters of the answers, with an end of each.
  /// Unlike a model's tokens, whoever hands out the parts of a batch can count them.
  public var terms: Int {
    guard case .examples(let examples) = self, examples.answers.areTexts else { return count }
    return examples.answers.numbers.count + examples.answers.count
  }

  /// The parts that are microbatches, as equal as can be, by their places; empty ones are none.
  public func microbatches(_ count: Int) -> [Int: TrainingData] {
    func parts<Part>(of all: Int, _ part: (Range<Int>) -> Part) -> [Int: Part] {
      Dictionary(
        uniqueKeysWithValues: shares(of: all, among: count).enumerated().filter { !$0.element.isEmpty }
          .map { ($0.offset, part($0.element)) })
    }
    return switch self {
    case .examples(let examples): parts(of: examples.contexts) { .examples(examples.contexts($0)) }
    case .transcripts(let transcripts): parts(of: transcripts.count) { .transcripts(Array(transcripts[$0])) }
    }
  }
}
