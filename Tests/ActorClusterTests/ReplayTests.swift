import Addresses
import Distributed
import Forwarder
import Testing
import ZeroMQ

@testable import ActorCluster

/// What somebody on the network can do with traffic that is not theirs, at a port with keys.
@Suite(.timeLimit(.minutes(2)))
struct ReplayTests {
  private func node(_ name: String, bind: String?, _ keyring: Keyring) throws -> ClusterSystem {
    var configuration = ClusterSystem.Configuration(name: name, role: "node", bind: bind)
    configuration.heartbeat = .milliseconds(50)
    configuration.types = [$EchoNode<ClusterSystem>.self, Rejected.self]
    configuration.keyring = keyring
    return try ClusterSystem(configuration)
  }

  @Test func recordedTrafficAndRandomBytesDoNothing() async throws {
    let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
    let known = [server.publicKey, client.publicKey]
    func keyring(_ pair: CurveKeyPair) -> Keyring {
      Keyring(pair, server: server.publicKey) { known.contains($0) ? .init(name: "node", roles: ["node"]) : nil }
    }
    let listening = try node("server", bind: "tcp://127.0.0.1:*", keyring(server))
    let (calls, called) = AsyncStream.makeStream(of: Void.self)
    listening.export(Echo(actorSystem: listening, waiting: called), as: "echo", answering: [(any EchoNode).self])
    let port = try #require(Address(listening.endpoint)?.port)

    // A call, through somebody who writes everything down.
    let recorder = try Forwarder(to: port)
    let caller = try node("client", bind: nil, keyring(client))
    let peer = try await caller.connect(to: "tcp://127.0.0.1:\(recorder.port)")
    let echo = try $EchoNode<ClusterSystem>.resolve(id: .init(node: peer, name: "echo"), using: caller)
    let waiting = Task { try await echo.waitForever() }
    var begunAndEnded = calls.makeAsyncIterator()
    await begunAndEnded.next()
    waiting.cancel()
    await begunAndEnded.next()
    await caller.shutdown()
    while !listening.members.isEmpty { await Task.yield() }
    recorder.stop()
    let recorded = recorder.carried
    #expect(recorded.count > 300)

    // The same bytes again, and others.
    for bytes in [recorded, (0..<4096).map { _ in UInt8.random(in: 0 ... .max) }, Array("GET / HTTP/1.1\r\n\r\n".utf8)]
    {
      for _ in 0..<20 { Forwarder.say(bytes, to: port) }
    }
    // It still serves those it knows; whatever was said before has been dealt with by then.
    let second = try node("second", bind: nil, keyring(client))
    let again = try await second.connect(to: listening.endpoint)
    #expect(
      try await $EchoNode<ClusterSystem>.resolve(id: .init(node: again, name: "echo"), using: second).echo(7) == 7)
    #expect(listening.members.map(\.node.name) == ["second"])
    called.finish()
    #expect(await begunAndEnded.next() == nil)
    await second.shutdown()
    await listening.shutdown()
  }
}
