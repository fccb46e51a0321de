/// What a metric is: its name by Prometheus' conventions, with its unit at the end, and what it tells.
public struct Metric: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Only grows, from 0 at the start of the process.
    case counter
    case gauge
    /// Counts observations up to each of the bounds, ascending.
    case histogram([Double])
  }

  public let name: String
  public let kind: Kind
  /// A sentence, for the `HELP` line.
  public let help: String

  public init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  var type: String {
    switch kind {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
