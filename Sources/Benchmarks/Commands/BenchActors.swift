import ActorCluster
import ArgumentParser
import Commands
import Echoing
import Foundation
import Status
import ZeroMQ

/// `grove bench actors`
struct BenchActors: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "actors",
    abstract: "Calls between two processes, beside a raw libzmq ping-pong in C over the same transport.",
    discussion: """
      Raw libzmq, actors without keys, and actors with keys, whose messages are encrypted, are measured in turn, \
      several times; medians are printed.

      Example: grove bench actors --repeats 5
      """)

  @Option(help: "tcp or ipc.") var transport = "tcp"
  @Option(help: "How often each is measured, 1 to 100.") var repeats = 5
  @Flag(help: "Print facts as JSON.") var json = false

  private static let largeBytes = 4 << 20
  private static let items = 64

  func validate() throws {
    guard ["tcp", "ipc"].contains(transport) else { throw ValidationError("--transport is tcp or ipc") }
    guard (1...100).contains(repeats) else { throw ValidationError("--repeats is \(repeats); allowed is 1 to 100") }
  }

  private func address(_ name: String) -> String {
    transport == "tcp"
      ? "tcp://127.0.0.1:*"
      : "ipc://\(NSTemporaryDirectory())/\(UniqueName.of("grove-\(name)"))"
  }

  /// A value for each repeat.
  private struct Figures: Encodable {
    var calls: [Double] = []
    var calls16: [Double] = []
    var calls256: [Double] = []
    var items: [Double] = []
    var megabytes: [Double] = []
  }

  /// An echo in another process.
  private struct Peer {
    let child: BenchChild
    let system: ClusterSystem
    let echo: $EchoNode<ClusterSystem>
  }

  private func peer(_ name: String, keys: Bool) async throws -> Peer {
    let child = try await BenchChild(["bench", "echo", "--bind", address(name)] + (keys ? ["--keys"] : []))
    var configuration = ClusterSystem.Configuration(name: "bench", role: "client")
    configuration.types = [$EchoNode<ClusterSystem>.self]
    if keys { configuration.keyring = try BenchEcho.keyring() }
    let system = try ClusterSystem(configuration, log: Logs.quiet)
    let node = try await system.connect(to: child.firstLine)
    return Peer(child: child, system: system, echo: try .resolve(id: .init(node: node, name: "echo"), using: system))
  }

  func run() async throws {
    let libzmq = try await BenchChild(["bench", "echo", "--raw", "--bind", address("raw")])
    let peers = [try await peer("plain", keys: false), try await peer("keys", keys: true)]
    var raw = Figures()
    var actors = [Figures](repeating: Figures(), count: peers.count)
    for peer in peers { _ = try await calls(peer.echo, count: 2000, outstanding: 16) }
    for _ in 0..<repeats {
      try measure(libzmq, &raw)
      for (place, peer) in peers.enumerated() { try await measure(peer.echo, &actors[place]) }
    }
    for peer in peers {
      await peer.system.shutdown()
      try await peer.child.end()
    }
    // The one in C looks at nothing but its socket.
    libzmq.kill()
    try show(raw, actors[0], keyed: actors[1])
  }

  private func measure(_ raw: BenchChild, _ figures: inout Figures) throws {
    let times = try RawPingPong.ping(raw.firstLine, size: 64, rounds: 5000, outstanding: 1).each
    figures.calls.append(1 / times.map { $0 / .seconds(1) }.median)
    let took = try RawPingPong.ping(raw.firstLine, size: Self.largeBytes, rounds: 200, outstanding: 4).total
    figures.megabytes.append(Double(Self.largeBytes) / 1e6 * 200 / (took / .seconds(1)))
  }

  private func measure(_ echo: $EchoNode<ClusterSystem>, _ figures: inout Figures) async throws {
    let large = Bulk([UInt8](repeating: 1, count: Self.largeBytes))
    let list = Array(0..<Self.items)
    figures.calls.append(1 / (try await each(echo, count: 5000)).median)
    figures.calls16.append(try await calls(echo, count: 20_000, outstanding: 16))
    figures.calls256.append(try await calls(echo, count: 100_000, outstanding: 256))
    figures.items.append(
      Double(Self.items) * (try await rate(count: 40_000, outstanding: 16) { _ = try await echo.echo(items: list) }))
    figures.megabytes.append(
      Double(Self.largeBytes) / 1e6
        * (try await rate(count: 200, outstanding: 4) { _ = try await echo.echo(bulk: large) }))
  }

  private func show(_ raw: Figures, _ actors: Figures, keyed: Figures) throws {
    if json {
      let figures = ["raw": raw, "actors": actors, "with_keys": keyed]
      print(try String(json: figures))
      return
    }
    let colours = Terminal.colours
    var table = Table(
      ["medians of \(repeats), \(transport)", "raw libzmq in C", "distributed actors", "with keys"],
      rightAligned: [1, 2, 3])
    for (what, values, unit) in [
      ("one call at a time", \Figures.calls, "calls/s"), ("16 outstanding", \.calls16, "calls/s"),
      ("256 outstanding", \.calls256, "calls/s"), ("64 items a call, 16 outstanding", \.items, "items/s"),
      ("4 MiB there and back", \.megabytes, "MB/s"),
    ] {
      table.add(
        [what]
          + [raw, actors, keyed].map { figures in
            let values = figures[keyPath: values]
            return values.isEmpty ? "" : "\(Int(values.median).grouped) \(unit)"
          })
    }
    let pairs = { (a: [Double], b: [Double]) in zip(a, b).map { $0 / $1 }.median }
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    for promise in [
      Promise(name: "one at a time, of raw", value: pairs(actors.calls, raw.calls), least: 0.45),
      Promise(name: "4 MiB, of raw", value: pairs(actors.megabytes, raw.megabytes), least: 0.8),
      Promise(name: "256 outstanding, times one at a time", value: pairs(actors.calls256, actors.calls), least: 6),
      Promise(name: "million items a second", value: actors.items.median / 1e6, least: 2),
    ] { print(promise.line(colours: colours)) }
  }

  private func each(_ echo: $EchoNode<ClusterSystem>, count: Int) async throws -> [Double] {
    var times: [Double] = []
    for value in 0..<count {
      let start = ContinuousClock.now
      _ = try await echo.echo(value)
      times.append(start.duration(to: .now) / .seconds(1))
    }
    return times
  }

  private func calls(_ echo: $EchoNode<ClusterSystem>, count: Int, outstanding: Int) async throws -> Double {
    try await rate(count: count, outstanding: outstanding) { _ = try await echo.echo(1) }
  }

  /// Calls a second.
  private func rate(
    count: Int, outstanding: Int, _ call: @escaping @Sendable () async throws -> Void
  ) async throws -> Double {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<outstanding {
        group.addTask { for _ in 0..<count / outstanding { try await call() } }
      }
      try await group.waitForAll()
    }
    return Double(count / outstanding * outstanding) / (start.duration(to: .now) / .seconds(1))
  }
}
