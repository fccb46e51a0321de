/// Where tensors are, and are computed with.
public struct Device: Hashable, Sendable {
  public static let cpu = Device(name: "cpu")
  /// As libtorch writes it: `cpu`, `cuda`, `cuda:1`.
  public let name: String

  public init(name: String) {
    self.name = name
  }
}
