import Dashboard
import Foundation
import Oversight
import Status

/// A cluster that is nowhere, and that is another at every look.
struct MadeUpCluster: DashboardSource {
  private static let name = "made-up"
  let workers: Int

  func status() async -> ClusterStatus? {
    var run = RunStatus(name: Self.name, task: "permutation", rounds: 1000)
    run.phase = .training
    run.round = Int.random(in: 1...1000)
    run.accuracy = accuracy(1)
    return ClusterStatus(
      cluster: .init(name: "bench", version: "0", uptime: 1),
      workers: (1...workers).map { number in
        var worker = WorkerStatus(id: "worker-\(number)", host: "host-\(number)", pid: number, state: "up")
        worker.modelVersion = run.round
        worker.questionsPerSecond = .random(in: 1000...9000)
        worker.gradientsPerSecond = .random(in: 10...90)
        worker.residentBytes = .random(in: 1...(1 << 30))
        return worker
      }, run: run)
  }

  private func accuracy(_ value: Double) -> Accuracy {
    let row = Accuracy.Row(student: value, teacher: value, amplified: value)
    return Accuracy(row, byClass: Dictionary(uniqueKeysWithValues: (1...6).map { ("k=\($0)", row) }))
  }

  func runs() async -> [RunSummary] { [] }

  func run(_ name: String) async -> RunRecord? {
    RunRecord(
      name: Self.name, task: "permutation", configuration: "",
      history: (0..<400).map { round in
        MetricsLine(
          round: 10 * round, steps: 100 * round, wallSeconds: Double(round), elements: 8, agreement: 0.9, loss: 0.1,
          overseerLoss: 0.1, humanDecompositions: round, amplifiedQuestions: round, subQuestions: round, memoHits: 0,
          accuracy: accuracy(Double(round) / 400))
      }, result: nil, events: [], roundsWithTrees: [])
  }

  func trees(of run: String, round: Int) async -> [KeptTree] { [] }
  func file(_ file: RunFile, of run: String) async throws -> Data? { nil }
  var desk: Desk? { nil }

  func metrics() async -> String? { nil }
}
