import Addresses
import ZeroMQ

/// Who may enter a cluster, and as what, by their keys.
public struct Keyring: Sendable {
  /// Whose key it is, and what that one may be and call.
  public struct Admitted: Hashable, Sendable {
    public let name: String
    public let roles: Set<String>

    public init(name: String, roles: Set<String>) {
      self.name = name
      self.roles = roles
    }
  }

  /// This node's own.
  public let pair: CurveKeyPair
  /// Of the node at an address that does not tell its key.
  public let server: CurveKey?
  /// Whose a key is; nil: nobody's who may enter, or may any longer. Asked for every call.
  public let admits: @Sendable (CurveKey) -> Admitted?

  public init(
    _ pair: CurveKeyPair, server: CurveKey?, admits: @escaping @Sendable (CurveKey) -> Admitted?
  ) {
    self.pair = pair
    self.server = server
    self.admits = admits
  }
}

extension Address {
  /// The key of the node there, if it tells one.
  var curveKey: CurveKey? { key.flatMap { CurveKey($0) } }
}
