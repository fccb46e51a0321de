import CTorch

/// What libtorch refused: the operation and libtorch's reason.
public struct TorchError: Error, CustomStringConvertible {
  public let operation: String
  public let reason: String

  public init(operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  public var description: String { "the tensor operation \(operation) failed: \(reason)" }

  /// The error that the last call on this thread left.
  static func last(_ operation: String) -> TorchError {
    TorchError(operation: operation, reason: torch.error().map { String(cString: $0) } ?? "no reason is known")
  }
}
