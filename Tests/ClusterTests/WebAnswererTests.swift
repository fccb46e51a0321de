import Amplification
import ClusterFile
import Fetching
import Foundation
import Hummingbird
import Logging
import Synchronization
import Tasks
import Testing
import WorkUnits

@testable import Coordinator
@testable import Worker

/// A run whose X is a server on the web.
struct WebAnswererTests {
  private let models = try? OtherModels()

  @Test func aRunAsksAServerAndItsHLearnsBesideIt() async throws {
    let models = try #require(models)
    var file = models.configuration
    file.overseer.kind = .learned
    file.overseer.steps = 2
    let server = TruthfulServer(try file.makeTask())
    let result = try await server.run { [file] address in
      try await models.run(
        "web", file,
        draft: { file, task in
          var models = try Blueprint(file, task)
          let x = WebAnswerer(address, task)
          models.networks[.answerer] = nil
          models.made[.answerer] = ModelReference(model: address, digest: "truth")
          models.answerers = { _ in (student: x, teacher: x) }
          return models
        }, trainer: GradientTrainer(configuration: file, models: [.overseer]))
    }
    // Of the student nothing is asked but what the server answers; H′ has hardly learned to amplify yet.
    let accuracy = try #require(result).accuracy
    #expect(accuracy.student == 1 && accuracy.teacher == 1 && result?.steps == 0 && result?.humanDecompositions == 20)
    // Every decomposition asks for something, and of each class of question there is one.
    #expect(server.asked > 400)
  }

  @Test func aServerThatFailsEndsTheRunWithASentence() async throws {
    let models = try #require(models)
    let file = models.configuration
    let error = await #expect(throws: WorkerFailure.self) {
      _ = try await models.run(
        "nobody", file,
        draft: { _, task in
          let x = WebAnswerer("http://127.0.0.1:1/", task)
          return Blueprint(
            made: [.answerer: ModelReference(model: "nobody", digest: "")], answerers: { _ in (x, x) }, imitator: nil)
        }, trainer: GradientTrainer(configuration: file, models: []))
    }
    #expect(error?.description.contains("asking http://127.0.0.1:1/ failed") == true, "\(String(describing: error))")
  }

  @Test func withoutNetworksHCanOnlyBeAScript() throws {
    var file = ClusterFile()
    file.overseer.kind = .learned
    #expect(throws: NoImitatorError.self) {
      try Replica(file) { _, _ in
        Blueprint(answerers: { _ in throw CancellationError() }, imitator: nil)
      }
    }
  }
}

/// What is posted to the server.
private struct Posted: Codable {
  var facts: String
  var question: String
}

/// Asks a server for each answer.
private struct WebAnswerer: WaitingAnswerer {
  let author = Author.answerer(role: "server", step: 0)
  private let address: String
  private let task: any TaskDefinition
  private let fetcher = Fetcher()

  init(_ address: String, _ task: any TaskDefinition) {
    self.address = address
    self.task = task
  }

  func reply(to asked: Asked, in context: Context) async throws -> Reply {
    var fetch = Fetch(address)
    fetch.method = "POST"
    fetch.body = try JSONEncoder().encode(
      Posted(facts: task.write(context).joined(separator: "\n"), question: task.write(asked.question)))
    let reply = try await fetcher.reply(to: fetch)
    let answer = reply.status == 200 ? try? task.readAnswer(reply.text, to: asked.question) : nil
    return Reply(answer ?? task.unknown, by: author, cost: Cost(calls: 1))
  }
}

/// Answers what is true.
private final class TruthfulServer: Sendable {
  private let task: any TaskDefinition
  private let count = Atomic(0)

  init(_ task: any TaskDefinition) { self.task = task }

  var asked: Int { count.load(ordering: .relaxed) }

  /// Serves while something is done that is told its address.
  func run<Result: Sendable>(_ body: @escaping @Sendable (String) async throws -> Result) async throws -> Result {
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let router = Router()
    router.post("/") { [self] request, _ in
      count.add(1, ordering: .relaxed)
      let asked = try await JSONDecoder().decode(
        Posted.self, from: Data(request.body.collect(upTo: 1 << 20).readableBytesView))
      let context = try task.readContext(asked.facts)
      return task.write(task.truth(of: try task.readQuestion(asked.question), in: context))
    }
    let server = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { found.yield($0.localAddress?.port ?? 0) },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      defer { group.cancelAll() }
      let port = await ports.first { _ in true } ?? 0
      return try await body("http://127.0.0.1:\(port)/")
    }
  }
}
