import ZeroMQ

/// The rules by which a node works with another: both are of one build, and each is what its key is for.
struct Handshake: Sendable {
  /// What this node says of itself.
  let hello: Hello
  /// nil: anybody may come, as anything.
  var keyring: Keyring?

  /// Why a node may not be what it says it is; nil: it may.
  ///
  /// - Parameter key: of the connection over which it says so.
  func objection(toKeyOf other: Hello, _ key: CurveKey?) -> String? {
    guard let keyring else { return nil }
    guard let admitted = key.flatMap(keyring.admits) else {
      return "\(hello.node.name) refuses \(other.node.name): its key is not authorised, or was revoked"
    }
    guard admitted.roles.contains(other.role) else {
      return "\(hello.node.name) refuses \(other.node.name) as a \(other.role): the key of \(admitted.name) is for "
        + admitted.roles.sorted().joined(separator: ", ")
    }
    return nil
  }

  /// Why a node is not taken for one of this cluster; nil: it is.
  func objection(toBuildOf other: Hello) -> String? {
    guard other.fingerprint != hello.fingerprint else { return nil }
    return "\(hello.node.name) is of the build \(hello.fingerprint) and refuses \(other.node.name), "
      + "which is of the build \(other.fingerprint): start both from the same build"
  }
}
