import ActorCluster
import ArgumentParser
import Coordinator
import Foundation
import Status
import ZeroMQ

/// `grove bench actors`
struct BenchActors: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "actors",
    abstract: "Calls between two processes, beside a raw libzmq ping-pong in C over the same transport.",
    discussion: """
      Both are measured in turn, several times; medians are printed.

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
      : "ipc://\(NSTemporaryDirectory())/grove-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
  }

  /// Figures of one kind, a value for each repeat.
  private struct Figures: Encodable {
    var rawCalls: [Double] = []
    var rawMegabytes: [Double] = []
    var calls: [Double] = []
    var calls16: [Double] = []
    var calls256: [Double] = []
    var items: [Double] = []
    var megabytes: [Double] = []
  }

  func run() async throws {
    let raw = try BenchChild(["bench", "echo", "--raw", "--bind", address("raw")])
    let actors = try BenchChild(["bench", "echo", "--bind", address("actors")])
    defer {
      for child in [raw, actors] {
        child.process.terminate()
        child.process.waitUntilExit()
      }
    }
    var configuration = ClusterSystem.Configuration(name: "bench", role: "client")
    configuration.types = [$EchoNode<ClusterSystem>.self]
    let system = try ClusterSystem(configuration, log: Logs.quiet)
    let node = try await system.connect(to: actors.firstLine)
    let echo = try $EchoNode<ClusterSystem>.resolve(id: .init(node: node, name: "echo"), using: system)

    _ = try await calls(echo, count: 2000, outstanding: 16)
    var figures = Figures()
    let large = Bulk([UInt8](repeating: 1, count: Self.largeBytes))
    let list = Array(0..<Self.items)
    for _ in 0..<repeats {
      figures.rawCalls.append(
        1
          / Bench.median(
            try RawPingPong.ping(raw.firstLine, size: 64, rounds: 5000, outstanding: 1).each.map { $0 / .seconds(1) }))
      figures.calls.append(1 / Bench.median(try await each(echo, count: 5000)))
      figures.calls16.append(try await calls(echo, count: 20_000, outstanding: 16))
      figures.calls256.append(try await calls(echo, count: 100_000, outstanding: 256))
      figures.items.append(
        Double(Self.items) * (try await rate(count: 40_000, outstanding: 16) { _ = try await echo.echo(items: list) }))
      let bytes = Double(Self.largeBytes) / 1e6
      let took = try RawPingPong.ping(raw.firstLine, size: Self.largeBytes, rounds: 200, outstanding: 4).total
      figures.rawMegabytes.append(bytes * 200 / (took / .seconds(1)))
      figures.megabytes.append(
        bytes * (try await rate(count: 200, outstanding: 4) { _ = try await echo.echo(bulk: large) }))
    }
    await system.shutdown()
    try show(figures)
  }

  private func show(_ figures: Figures) throws {
    if json {
      print(String(decoding: try JSONEncoder.forPeople.encode(figures), as: UTF8.self))
      return
    }
    let colours = Terminal.isInteractive
    var table = Table(
      ["medians of \(repeats), \(transport)", "raw libzmq in C", "distributed actors"], rightAligned: [1, 2])
    func number(_ values: [Double], _ unit: String) -> String { "\(Int(Bench.median(values)).grouped) \(unit)" }
    table.add(["one call at a time", number(figures.rawCalls, "calls/s"), number(figures.calls, "calls/s")])
    table.add(["16 outstanding", "", number(figures.calls16, "calls/s")])
    table.add(["256 outstanding", "", number(figures.calls256, "calls/s")])
    table.add(["64 items a call, 16 outstanding", "", number(figures.items, "items/s")])
    table.add(["4 MiB there and back", number(figures.rawMegabytes, "MB/s"), number(figures.megabytes, "MB/s")])
    let pairs = { (a: [Double], b: [Double]) in Bench.median(zip(a, b).map { $0 / $1 }) }
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    for promise in [
      Promise(name: "one at a time, of raw", value: pairs(figures.calls, figures.rawCalls), least: 0.45),
      Promise(name: "4 MiB, of raw", value: pairs(figures.megabytes, figures.rawMegabytes), least: 0.8),
      Promise(name: "256 outstanding, times one at a time", value: pairs(figures.calls256, figures.calls), least: 6),
      Promise(name: "million items a second", value: Bench.median(figures.items) / 1e6, least: 2),
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
