/// The run that a worker is to build its models for.
public struct RunPlan: Sendable, Codable, Hashable {
  /// The effective `cluster.yaml`.
  public var configuration: String
  /// Whether the models are those that training begins with; else the worker gets them next.
  public var begins = true

  public init(configuration: String) {
    self.configuration = configuration
  }
}
