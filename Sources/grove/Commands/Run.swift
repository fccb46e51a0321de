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

      Of one that is finished it shows what it came to. A run is never gone on with, or shown, under other settings.

      Example: grove run
               grove run --name bigger --workers 2 --seed 7 \\
                 --set task.size=16 --set task.bits=4
               grove run --continue bigger --set run.rounds=9000
      """)

  @OptionGroup var options: PlaceOptions
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @Option(
    help: "The run's name; by default task, size, seed, and the settings that are not the default.",
    completion: Completions.runs)
  var name: String?
  @Option(
    name: .customLong("continue"),
    help: ArgumentHelp(
      "Goes on with a run, as it was begun, finished or not. More rounds, as with --set run.rounds=N, or other "
        + "run.steps and run.stop_at have a finished one go on.", valueName: "run"), completion: Completions.runs)
  var continued: String?
  @Option(help: "Worker processes: a number, or auto for as many as this machine has room for.") var workers: String?
  @Option(help: "Of every random number; a whole number from 0.") var seed: UInt64?
  @Flag(help: "Print the result as one JSON object, and progress nowhere.") var json = false

  func run() async throws {
    logging.apply()
    let file = try await configuration()
    let task = try file.makeTask()
    let name = continued ?? name ?? file.runName
    if let finished = try await finished(name, file) {
      return try show(finished, history: finished.history, already: true)
    }

    let training = try await Training(
      file, name: name, title: title(name, task, file), isShown: !json, taking: taking, logging: logging,
      orAnywhere: !options.configuration.sets("cluster.bind"))
    let (result, history) = try await training.run()
    if let result {
      try show((result, []), history: history, already: false)
    } else {
      try show(StoppedRun(await training.status))
      throw Ending.stopped
    }
  }

  private func title(_ name: String, _ task: any TaskDefinition, _ file: ClusterFile) -> String {
    "\(name) · \(task.kind.summary) · \(file.task.size) elements · \(file.cluster.workers) workers · seed \(file.run.seed)"
  }

  func validate() throws {
    for (option, isGiven) in [("--name", name != nil), ("--config", options.configuration.config != nil)]
    where isGiven && continued != nil {
      throw ValidationError("--continue goes on with a run as it was begun: \(option) can't be given, too")
    }
    if workers != nil { try options.configuration.refuse("--workers", and: "cluster.workers") }
    if seed != nil { try options.configuration.refuse("--seed", and: "run.seed") }
  }

  private func configuration() async throws -> ClusterFile {
    var others: [ConfigurationOptions.Other] = []
    if let workers { others.append(("--workers \(workers)", "cluster.workers=\(workers)")) }
    if let seed { others.append(("--seed \(seed)", "run.seed=\(seed)")) }
    guard let continued else { return try options.read(and: others).settled() }
    let folder = try options.path()
    let kept = try await KeptRun(continued, in: folder)
    var file = try options.configuration.set(over: kept.file, and: others).settled()
    file.run.folder = folder
    try await ConfigurationChange.check(file, goesOnWith: kept.store)
    if let result = try await kept.store.result(), result.isEnd(of: kept.file) {
      try result.checkMore(in: file, than: kept.file)
      if !json { print("The run \(continued) goes on after round \(result.rounds).") }
    }
    return file
  }

  private typealias Finished = (result: RunResult, history: [MetricsLine])

  /// What a run came to that is finished, and is the one that is asked for.
  private func finished(_ name: String, _ file: ClusterFile) async throws -> Finished? {
    guard continued == nil, RunStore.isThere(name, in: file.run.folder) else { return nil }
    let kept = try await KeptRun(name, in: file.run.folder)
    guard let result = try await kept.store.result(), result.isEnd(of: kept.file) else { return nil }
    try await ConfigurationChange.check(file, goesOnWith: kept.store, isFinished: true)
    if !taking.acceptBuild { try await BuildChange.check(Build.fingerprint, goesOnWith: kept.store) }
    return (result, try await kept.store.history(report: { Terminal.warn($0) }))
  }

  private func show(_ stopped: StoppedRun) throws {
    if json {
      print(try String(json: stopped))
    } else {
      print("Stopped after round \(stopped.round). The same command goes on from there.")
    }
  }

  private func show(_ finished: Finished, history: [MetricsLine], already: Bool) throws {
    if json {
      print(try String(json: finished.result))
      return
    }
    if already {
      let name = finished.result.name
      print("The run \(name) is finished; --name begins another, --continue \(name) goes on with it.\n")
    }
    print(TextReport.text(finished.result, history: history, colours: Terminal.colours))
  }
}
