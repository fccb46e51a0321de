import Status

/// What a curve is drawn against.
public enum Against: String, CaseIterable, Sendable {
  case steps, minutes, decompositions

  public var label: String {
    switch self {
    case .steps: "distillation steps"
    case .minutes: "minutes"
    case .decompositions: "human decompositions"
    }
  }

  /// Whether a number counts until it changes: people decide now and then, and between that nothing is known.
  var isStepped: Bool { self == .decompositions }

  func value(_ line: MetricsLine) -> Double {
    switch self {
    case .steps: Double(line.steps)
    case .minutes: line.wallSeconds / 60
    case .decompositions: Double(line.humanDecompositions)
    }
  }
}
