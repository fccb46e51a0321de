/// What a model is called in a run: on the wire, in checkpoints and among gradients.
public struct ModelName: RawRepresentable, Hashable, Sendable, Codable, CodingKeyRepresentable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// X of the paper: answers questions.
  public static let answerer = ModelName(rawValue: "answerer")
  /// H′ of the paper: takes them apart as H does.
  public static let overseer = ModelName(rawValue: "overseer")

  /// All that there are, in the order in which they are hashed, handed on and kept.
  public static let all = [answerer, overseer]

  /// What it learns from.
  public var learnsFrom: TrainingData.Kind { self == .overseer ? .transcripts : .examples }

  public var codingKey: any CodingKey { Key(stringValue: rawValue) }
  public init?(codingKey: some CodingKey) { rawValue = codingKey.stringValue }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
