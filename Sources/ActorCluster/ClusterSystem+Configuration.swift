import Addresses
import Foundation
import ZeroMQ

extension ClusterSystem {
  /// How a node behaves. All of a cluster's nodes should agree on the two times.
  public struct Configuration: Sendable {
    /// Name of the node, such as `worker-1`.
    public var name: String
    /// What the node is in the cluster: told to others, without effect here.
    public var role: String
    /// Where to listen, such as `tcp://127.0.0.1:*`; nil: nowhere.
    public var bind: String?
    /// Where others reach it, if that is not where it listens, as behind a container's network; * as the port is that of
    /// ``bind``.
    public var advertised: String?
    public var capabilities = Capabilities()
    /// Nodes whose build differs are refused.
    public var fingerprint = ""
    /// Time between signs of life.
    public var heartbeat = Duration.milliseconds(500)
    /// A silent peer is down after this time.
    public var failureTimeout = Duration.seconds(5)
    /// A call without a deadline of its own ends after this time.
    public var callTimeout = Duration.seconds(60)
    /// Bytes of a frame; a larger one is refused before it is allocated.
    public var largestFrame = 1 << 30
    /// Calls under way at most, made and served; of those that are served, each caller may have a quarter.
    public var mostCalls = 4096
    /// Calls that one caller may make in a second.
    public var mostCallsPerSecond = Int.max
    /// Types that a generic call may name, and errors that cross as themselves.
    public var types: [any Any.Type] = []
    /// Who may connect, and as what; nil: anybody, as anything.
    public var keyring: Keyring?
    /// Whether calls and messages are counted through swift-metrics.
    public var isMetered = false

    public init(name: String, role: String, bind: String? = nil) {
      self.name = name
      self.role = role
      self.bind = bind
    }
  }
}

extension ClusterSystem.Configuration {
  /// What the node says of itself, if it listens there.
  func hello(of node: NodeID, boundTo bound: String) -> Hello {
    Hello(
      node: node, endpoint: Self.told(bound, advertised: advertised, key: keyring?.pair.publicKey),
      fingerprint: fingerprint, role: role, host: ProcessInfo.processInfo.hostName,
      processID: ProcessInfo.processInfo.processIdentifier, capabilities: capabilities)
  }

  /// What others are told: where they reach this node, with the port that was bound in place of a `*`, and its key, without
  /// which nobody could connect.
  static func told(_ bound: String, advertised: String?, key: CurveKey?) -> String {
    guard let bound = Address(bound) else { return "" }
    let reachable = advertised.flatMap { Address($0) } ?? bound
    return reachable.with(port: bound.port).with(key: key?.description).description
  }
}
