import ArgumentParser
import Coordinator
import ServiceLifecycle
import Tasks

/// `grove coordinator`
struct CoordinatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator",
    abstract: "Runs a coordinator; workers on this or other machines join it.",
    discussion: """
      Example: grove coordinator --config cluster.yaml --name first --set cluster.bind=tcp://10.0.0.1:5570
      """)

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @Option(help: "The run's name; by default task, size and seed.") var name: String?

  func run() async throws {
    logging.apply()
    let file = try options.read()
    _ = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
    let name = name ?? "\(file.task.name)-\(file.task.size)-seed-\(file.run.seed)"
    let log = Logs.named("coordinator")
    let coordinator = try await Coordinator.open(file, name: name, taking, log: log)
    let web = try Web(file, source: RunFolder(folder: file.run.folder, coordinator: coordinator), log: log)
    log.info("run \(name), build \(Build.fingerprint), listens at \(coordinator.endpoint)")
    let outcome = CoordinatorProcess.Outcome()
    let progress = Progress(coordinator: coordinator, title: name, isShown: true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await progress.show() }
      group.addTask { await coordinator.serveDashboard(web, log: log) }
      try await ServiceGroup.run([CoordinatorProcess(coordinator: coordinator, outcome: outcome)])
      group.cancelAll()
    }
    if let result = outcome.result {
      print(TextReport.text(result, history: await coordinator.board.history, colours: Terminal.isInteractive))
    }
  }
}
