import Foundation
import Hashing
import Testing
import ZeroMQ

@testable import ActorCluster

/// More connections than there are descriptors, at every port, while a run goes on.
@Suite(.serialized) struct FloodTests {
  private static let connections = 2000

  struct Case: Sendable, CustomTestStringConvertible {
    let openFiles: Int
    let hasKeys: Bool
    var testDescription: String { "\(openFiles) open files, \(hasKeys ? "with" : "without") keys" }
  }

  @Test(arguments: [
    Case(openFiles: 1024, hasKeys: true), Case(openFiles: 256, hasKeys: true), Case(openFiles: 256, hasKeys: false),
  ]) func theRunGoesOnAndThoseWhoBelongComeIn(_ limits: Case) async throws {
    let program = try Program()
    let (address, pages) = (try Program.freeAddress(), try Program.freeAddress().replacing("tcp", with: "http"))
    let keys = limits.hasKeys ? try await keys(in: program) : { _ in [] }
    func settings(_ name: String) -> [String] {
      SmallRun.settings(
        ["run.rounds=100000", "cluster.bind=\(address)", "dashboard.bind=\(pages)"] + keys(name))
    }
    func start(_ name: String) throws -> Running {
      try program.start(["worker", "--name", name] + settings(name), openFiles: limits.openFiles)
    }
    let coordinator = try program.start(
      ["coordinator", "--name", "flooded"] + settings("coordinator"), openFiles: limits.openFiles)
    let worker = try start("worker")
    let look = { () async throws -> [String: Any] in
      try #require(coordinator.isRunning)
      return await Self.status(pages)
    }
    try await round(atLeast: 3, look)

    let own = try #require(listeningPorts(of: worker.processID).first)
    let doors = try [(address, ""), (pages, "GET / HT")].map { address, greeting in
      (try #require(address.split(separator: ":").last.flatMap { Int($0) }), greeting)
    }
    let floods = try (doors + [(own, "")]).map {
      try Flood(Self.connections, at: $0.0, greeting: $0.1, in: program.folder)
    }
    let silent = try (0..<100).map { _ in try Silent(at: address) }
    #expect(await coordinator.line(containing: "are closed", ofErrors: true) != nil)
    #expect(await worker.line(containing: "are closed", ofErrors: true) != nil)
    for flood in floods { try await flood.stands() }

    let late = try start("late")
    #expect(await late.line(containing: "joined", ofErrors: true) != nil)
    try await up("late", look)
    let before = try await round(atLeast: 0, look)
    try await round(atLeast: before + 2, look)
    // Those that run.checkpoint_every has written meanwhile, and one at the end.
    coordinator.signal(SIGTERM)
    for (process, status) in [(coordinator, 4), (worker, 0), (late, 0)] as [(Running, Int32)] {
      let ended = await process.ended()
      #expect(ended.status == status, "\(ended.errors)")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: program.folder + "/runs/flooded/checkpoints").isEmpty == false
    )
    withExtendedLifetime((floods, silent)) {}
  }

  /// Those who may come in, too: a program that asks for the status in a loop, or whoever has a key and means harm.
  @Test func theRunGoesOnHoweverManySayWhoTheyAre() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let settings = SmallRun.settings(["run.rounds=100000", "cluster.bind=\(address)", "dashboard.bind=off"])
    let coordinator = try program.start(["coordinator", "--name", "flooded"] + settings, openFiles: 256)
    let worker = try program.start(["worker", "--name", "worker"] + settings)
    let round = { () async throws -> Int in
      try #require(coordinator.isRunning)
      let run = try await program.status(address)?["run"] as? [String: Any]
      return run?["round"] as? Int ?? 0
    }
    while try await round() < 3 {}
    let fingerprint = try Self.fingerprint
    let context = try ZeroMQContext()
    // Of one name each takes the place of the one before, whose connection stays.
    let crowd = try (0..<300).map { number in
      try Talkative(
        number.isMultiple(of: 2) ? "one" : "many-\(number)", fingerprint, at: address, in: context)
    }
    _ = try #require(await coordinator.line(containing: "open files for no more", ofErrors: true))
    #expect(await coordinator.line(containing: "are closed", ofErrors: true) != nil)
    let late = try program.start(["worker", "--name", "late"] + settings)
    #expect(await late.line(containing: "joined", ofErrors: true) != nil)
    coordinator.signal(SIGTERM)
    for (process, status) in [(coordinator, 4), (worker, 0), (late, 0)] as [(Running, Int32)] {
      let ended = await process.ended()
      #expect(ended.status == status, "\(ended.errors)")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: program.folder + "/runs/flooded/checkpoints").isEmpty == false
    )
    withExtendedLifetime(crowd) {}
  }

  /// As the program tells it to others: of its file and its library.
  private static var fingerprint: String {
    get throws {
      var hash = SHA256()
      for path in [Program.path, Program.library] {
        try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped).withUnsafeBytes { hash.update($0) }
      }
      return String(hash.digest.hexadecimal.prefix(12))
    }
  }

  @Test(arguments: [20, 32, 64]) func whatIsNotEnoughIsSaidAtOnce(_ openFiles: Int) async throws {
    let program = try Program()
    let ended = try await program.start(SmallRun.arguments("small", workers: 2), openFiles: openFiles).ended()
    #expect(ended.status == 1, "\(ended.errors)")
    #expect(ended.errors.contains("ulimit -n") && ended.errors.contains("may have \(openFiles)"), "\(ended.errors)")
    #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
  }

  @Test func whatIsSaidToBeEnoughIs() async throws {
    let program = try Program()
    let ended = try await program.start(
      SmallRun.arguments("small", workers: 2, "run.rounds=8"), openFiles: 72
    ).ended()
    #expect(ended.status == 0, "\(ended.errors)")
  }

  /// Speaks libzmq's protocol, and then says nothing.
  private final class Silent {
    private let context: ZeroMQContext
    private let socket: Socket

    init(at address: String) throws {
      context = try ZeroMQContext()
      socket = try Socket(.dealer, in: context)
      try socket.connect(address)
    }
  }

  /// Says who it is, and then nothing.
  private final class Talkative {
    private let socket: Socket

    init(_ name: String, _ fingerprint: String, at address: String, in context: ZeroMQContext) throws {
      let node = NodeID(name: name)
      socket = try Socket(.dealer, in: context)
      try socket.setRoutingID(node.description)
      try socket.connect(address)
      let hello = Hello(
        node: node, endpoint: "", fingerprint: fingerprint, role: "client", host: "here", processID: 7)
      _ = try socket.send(Envelope.plain(.hello(hello)))
    }
  }

  private func keys(in program: Program) async throws -> (String) -> [String] {
    var authorized = ""
    for (name, role) in [("coordinator", "coordinator"), ("worker", "worker"), ("late", "worker")] {
      let made = try await program("keys", "generate", name, "--role", role, "--out", "\(name).key")
      #expect(made.status == 0, "\(made.errors)")
      authorized += made.output + "\n"
    }
    try program.write(authorized, to: "authorized")
    return { ["security.key_file=\($0).key", "security.authorized_file=authorized"] }
  }

  private typealias Look = () async throws -> [String: Any]

  /// A person looks until the run has done a round. - Returns: which it has done last.
  @discardableResult private func round(atLeast round: Int, _ look: Look) async throws -> Int {
    while true {
      let run = try await look()["run"] as? [String: Any]
      if let done = run?["round"] as? Int, done >= round { return done }
    }
  }

  private func up(_ worker: String, _ look: Look) async throws {
    while true {
      let workers = try await look()["workers"] as? [[String: Any]]
      if workers?.contains(where: { $0["id"] as? String == worker && Cluster.isUp($0) }) == true { return }
    }
  }

  private static func status(_ pages: String) async -> [String: Any] {
    guard let answer = try? await Web.get("\(pages)/status.json"), answer.status == 200 else { return [:] }
    return (try? JSONSerialization.jsonObject(with: answer.body) as? [String: Any]) ?? [:]
  }
}
