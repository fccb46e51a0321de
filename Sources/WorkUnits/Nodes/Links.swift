import ActorCluster
import Addresses

/// Two workers between which no connection comes about, as one of them found.
public struct LinkFault: Sendable, Codable, Hashable, CustomStringConvertible {
  public var from: NodeID
  public var to: NodeID
  /// Where `to` says that it can be reached.
  public var address: String
  /// What came of trying.
  public var cause: String

  public init(from: NodeID, to: TeamMember, cause: String) {
    self.from = from
    self.to = to.node
    address = to.address
    self.cause = cause
  }

  public var description: String { "\(from.name) can't reach \(to.name) at \(address): \(cause)" }
}

extension TeamMember {
  /// Where it can be reached, without the key that its endpoint may have behind it.
  public var address: String { Address(endpoint)?.with(key: nil).description ?? endpoint }
}

/// A worker can't reach others with which it is to train.
public struct UnreachableError: Error, Hashable, Codable, CustomStringConvertible {
  public var faults: [LinkFault]

  public init(_ faults: [LinkFault]) { self.faults = faults }

  public var description: String { faults.map(\.description).joined(separator: "; ") }
}

/// A worker can't do what the run asks of it, now or later, as with a device that it does not have.
public struct UnfitError: Error, Hashable, Codable, CustomStringConvertible {
  public var cause: String

  public init(cause: String) { self.cause = cause }

  public var description: String { cause }
}
