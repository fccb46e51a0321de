/// Sizes of X and H′, as `cluster.yaml` gives them.
public struct ModelConfiguration: Hashable, Sendable, Codable {
  /// Numbers in a hidden vector of X, 8…4096, a multiple of `heads`.
  public var width = 64
  public var heads = 4
  /// Times that facts attend to each other, 1…64.
  public var factLayers = 4
  /// Times that questions attend to facts, 1…64.
  public var questionLayers = 4
  /// Times that facts attend to each other again for each question by itself, 0…64.
  public var readingLayers = 0
  /// Whether all fact layers share one set of weights, and all question layers another.
  public var shareLayers = true
  /// Whether attention sees which tokens are the same.
  public var matchTokens = true
  /// Numbers in a hidden vector of H′, and its layers.
  public var overseerWidth = 64
  public var overseerLayers = 2
  /// As libtorch writes it: `cpu`, `cuda`, `cuda:1`.
  public var device = "cpu"

  public init() {}
}

/// The vocabulary and lengths of a task, which fix the outer shapes of X and H′.
public struct TaskShape: Hashable, Sendable {
  public var vocabulary: Int
  public var factLength: Int
  public var questionLength: Int
  public var answerLength: Int
  public var mostSteps: Int
  /// Of every token the number that it stands for, if it does.
  public var numbers: [Int?]
}
