import ActorCluster
import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Logging
import RunStore
import ServiceLifecycle
import Status
import Tasks
import WorkUnits
import ZeroMQ

/// `grove run`
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains on this machine: a coordinator in this process, and workers as its children.",
    discussion: """
      A run that was interrupted goes on where it was when it is started again under its name.

      Example: grove run
               grove run --name bigger --workers 2 --seed 7 --set task.size=16 --set task.bits=4
      """)

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @Option(help: "The run's name; by default task, size and seed.") var name: String?
  @Option(help: "Worker processes: a number, or auto for as many as this machine has room for.") var workers: String?
  @Option(help: "Of every random number.") var seed: UInt64?
  @Flag(help: "Print the result as JSON, and progress nowhere.") var json = false

  func run() async throws {
    logging.apply()
    var overrides = options.overrides
    if let workers { overrides.append("cluster.workers=\(workers)") }
    if let seed { overrides.append("run.seed=\(seed)") }
    var withOverrides = options
    withOverrides.overrides = overrides
    let file = try withOverrides.read()
    let task = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
    let name = name ?? "\(file.task.name)-\(file.task.size)-seed-\(file.run.seed)"
    if let finished = try await finishedResult(name, file) {
      return try show(finished, history: finished.history, already: true)
    }

    let training = try await Training(
      file, name: name, title: title(name, task, file), isShown: !json, taking: taking, logging: logging)
    let (result, history) = try await training.run()
    if let result {
      try show((result, []), history: history, already: false)
    } else if !json {
      print("Stopped after round \(await training.round). The same command goes on from there.")
    }
  }

  private func title(_ name: String, _ task: any TaskDefinition, _ file: ClusterFile) -> String {
    "\(name) · \(type(of: task).summary) · \(file.task.size) elements · \(file.cluster.workers) workers · seed \(file.run.seed)"
  }

  private typealias Finished = (result: RunResult, history: [MetricsLine])

  private func finishedResult(_ name: String, _ file: ClusterFile) async throws -> Finished? {
    guard let store = try? await RunStore.read(name, in: file.run.folder), let result = try await store.result() else {
      return nil
    }
    return (result, try await store.history(report: { Terminal.warn($0) }))
  }

  private func show(_ finished: Finished, history: [MetricsLine], already: Bool) throws {
    if json {
      print(String(decoding: try JSONEncoder.forPeople.encode(finished.result), as: UTF8.self))
      return
    }
    if already { print("The run \(finished.result.name) is finished; --name begins another.\n") }
    print(TextReport.text(finished.result, history: history, colours: Terminal.isInteractive))
  }
}
