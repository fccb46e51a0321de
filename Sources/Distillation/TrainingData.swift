import Amplification

/// What a model learns from.
public enum TrainingData: Sendable, Codable, Hashable {
  /// Of which there are these.
  public enum Kind: Sendable { case examples, transcripts }

  /// Questions and their answers.
  case examples(Examples)
  /// Decompositions.
  case transcripts([Transcript])

  /// Questions or decompositions: what a loss is the mean over.
  public var count: Int {
    switch self {
    case .examples(let examples): examples.questions.count
    case .transcripts(let transcripts): transcripts.count
    }
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
