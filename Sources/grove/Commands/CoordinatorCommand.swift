import ArgumentParser
import ClusterFile
import Coordinator
import RunStore
import ServiceLifecycle
import Status
import WorkUnits

/// `grove coordinator`
struct CoordinatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator",
    abstract: "Runs a coordinator; workers on this or other machines join it.",
    discussion: """
      Example: grove coordinator --config cluster.yaml --name first \\
                 --set cluster.bind=tcp://10.0.0.1:5570
      """)

  @OptionGroup var options: PlaceOptions
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @Option(
    help: "The run's name; by default task, size, seed, and the settings that are not the default.",
    completion: Completions.runs)
  var name: String?

  func run() async throws {
    logging.apply()
    let file = try options.read().settled()
    let name = name ?? file.runName
    try await checkEnds(of: name, file)
    let log = Logs.named("coordinator")
    let (coordinator, web) = try await Coordinator.open(file, name: name, taking, log: log)
    log.info("run \(name), build \(Build.fingerprint), listens at \(coordinator.endpoint)")
    let outcome = CoordinatorProcess.Outcome()
    let progress = Progress(coordinator: coordinator, title: name, isShown: true)
    try await coordinator.announced(name, in: file.run.folder) { live in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await progress.show() }
        group.addTask { await coordinator.serveDashboard(web, live, log: log) }
        try await ServiceGroup.run([CoordinatorProcess(coordinator: coordinator, outcome: outcome)])
        group.cancelAll()
      }
    }
    guard let result = outcome.result else {
      print("Stopped after round \(await coordinator.board.status.round). The same command goes on from there.")
      throw Ending.stopped
    }
    print(TextReport.text(result, history: await coordinator.board.history, colours: Terminal.colours))
  }

  /// - Throws: a sentence, if the run is finished, and is given other ends by which it has nothing more to do.
  private func checkEnds(of name: String, _ file: ClusterFile) async throws {
    guard RunStore.isThere(name, in: file.run.folder) else { return }
    let kept = try await KeptRun(name, in: file.run.folder)
    guard let result = try await kept.store.result(), result.isEnd(of: kept.file), !result.isEnd(of: file) else {
      return
    }
    try result.checkMore(in: file, than: kept.file)
  }
}
