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

  /// `tcp://10.0.0.1:5571#KEY`
  static func address(_ endpoint: String, of key: CurveKey?) -> String { key.map { "\(endpoint)#\($0)" } ?? endpoint }

  static func parts(of endpoint: String) -> (address: String, key: CurveKey?) {
    guard let mark = endpoint.lastIndex(of: "#"), let key = CurveKey(endpoint[endpoint.index(after: mark)...]) else {
      return (endpoint, nil)
    }
    return (String(endpoint[..<mark]), key)
  }
}
