import Addresses
import Distributed
import Synchronization
import Testing
import ZeroMQ

@testable import ActorCluster

/// Who comes in, and what they may do there, over real sockets with keys.
@Suite(.timeLimit(.minutes(2)))
struct KeyTests {
  /// The keys that a node admits; they may change meanwhile.
  private final class Admissions: Sendable {
    private let list = Mutex<[CurveKey: Keyring.Admitted]>([:])

    func admit(_ key: CurveKey, _ name: String, _ roles: Set<String>) {
      list.withLock { $0[key] = Keyring.Admitted(name: name, roles: roles) }
    }

    func revoke(_ key: CurveKey) { list.withLock { $0[key] = nil } }
    func keyring(_ pair: CurveKeyPair, server: CurveKey?) -> Keyring {
      Keyring(pair, server: server) { key in self.list.withLock { $0[key] } }
    }
  }

  private let admissions = Admissions()
  private let server: CurveKeyPair
  private let client: CurveKeyPair

  init() throws {
    server = try .generate()
    client = try .generate()
    admissions.admit(server.publicKey, "server", ["server"])
    admissions.admit(client.publicKey, "client", ["client"])
  }

  private func node(_ name: String, role: String, bind: String?, _ keyring: Keyring?) throws -> ClusterSystem {
    var configuration = ClusterSystem.Configuration(name: name, role: role, bind: bind)
    configuration.heartbeat = .milliseconds(50)
    configuration.failureTimeout = .seconds(20)
    configuration.types = [$EchoNode<ClusterSystem>.self, Rejected.self]
    configuration.keyring = keyring
    return try ClusterSystem(configuration)
  }

  /// A node with keys, whose echo is for clients and whose vault is for others.
  private func withServer(_ body: (ClusterSystem) async throws -> Void) async throws {
    let system = try node(
      "server", role: "server", bind: "tcp://127.0.0.1:*", admissions.keyring(server, server: nil))
    let echo = Echo(actorSystem: system)
    system.export(echo, as: "echo", answering: [(any EchoNode).self], to: ["client"])
    system.export(echo, as: "vault", answering: [(any EchoNode).self], to: ["admin"])
    do { try await body(system) } catch {
      await system.shutdown()
      throw error
    }
    await system.shutdown()
  }

  private func withClient(
    _ keyring: Keyring?, role: String = "client", _ body: (ClusterSystem) async throws -> Void
  ) async throws {
    let system = try node("client", role: role, bind: nil, keyring)
    do { try await body(system) } catch {
      await system.shutdown()
      throw error
    }
    await system.shutdown()
  }

  private func call(_ name: String, of peer: NodeID, by system: ClusterSystem) async throws -> Int {
    try await $EchoNode<ClusterSystem>.resolve(id: .init(node: peer, name: name), using: system).echo(7)
  }

  @Test func whoHasAKeyComesInAndMayDoWhatItsRoleMay() async throws {
    try await withServer { server in
      try await withClient(admissions.keyring(client, server: nil)) { client in
        // The address tells the server's key.
        let peer = try await client.connect(to: server.endpoint)
        #expect(try await call("echo", of: peer, by: client) == 7)
        let error = await #expect(throws: RemoteCallError.self) { try await call("vault", of: peer, by: client) }
        #expect(error?.reason == .refused)
        #expect(error?.explanation.contains("client may not call vault of server: that is for the roles admin") == true)
      }
    }
  }

  @Test func aKeyThatIsNotAuthorisedIsTurnedAway() async throws {
    try await withServer { server in
      try await withClient(admissions.keyring(.generate(), server: nil)) { stranger in
        let error = await #expect(throws: RemoteCallError.self) { try await stranger.connect(to: server.endpoint) }
        #expect(error?.reason == .refused && error?.explanation.contains("does not admit this one") == true)
      }
      #expect(server.turnedAway.withLock { $0.count } > 0 && server.members.isEmpty)
    }
  }

  @Test func whoHasNoKeyOrTheWrongServersComesNowhere() async throws {
    try await withServer { server in
      let address = try #require(Address(server.endpoint)).with(key: nil).description
      try await withClient(nil) { keyless in
        await #expect(throws: RemoteCallError.self) { try await keyless.connect(to: address, timeout: .seconds(1)) }
      }
      let wrong = try CurveKeyPair.generate().publicKey
      try await withClient(admissions.keyring(client, server: wrong)) { client in
        await #expect(throws: RemoteCallError.self) { try await client.connect(to: address, timeout: .seconds(1)) }
      }
      try await withClient(admissions.keyring(client, server: nil)) { client in
        let error = await #expect(throws: RemoteCallError.self) { try await client.connect(to: address) }
        #expect(error?.explanation.contains("nobody knows the key of the node at") == true)
      }
      #expect(server.members.isEmpty)
    }
  }

  @Test func nobodyIsWhatTheirKeyIsNotFor() async throws {
    try await withServer { server in
      try await withClient(admissions.keyring(client, server: nil), role: "server") { client in
        let error = await #expect(throws: RemoteCallError.self) { try await client.connect(to: server.endpoint) }
        #expect(error?.explanation.contains("refuses client as a server: the key of client is for client") == true)
      }
    }
  }

  @Test func aKeyThatIsRevokedIsExpelledAndDoesNotComeBack() async throws {
    try await withServer { server in
      try await withClient(admissions.keyring(client, server: nil)) { client in
        let peer = try await client.connect(to: server.endpoint)
        #expect(try await call("echo", of: peer, by: client) == 7)
        let events = server.events()
        admissions.revoke(self.client.publicKey)
        let error = await #expect(throws: RemoteCallError.self) { try await call("echo", of: peer, by: client) }
        #expect(error?.reason == .refused || error?.reason == .unreachable)
        for await case .down(_, let reason) in events {
          #expect(reason == "its key was revoked")
          break
        }
        await #expect(throws: RemoteCallError.self) { try await call("echo", of: peer, by: client) }
        #expect(server.members.allSatisfy { $0.status != .up })
      }
    }
  }
}
