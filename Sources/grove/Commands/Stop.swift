import ArgumentParser

/// `grove stop`
struct Stop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Ends the run with a checkpoint: after its present round, or of the one before if that takes longer than 4 s.",
    discussion: """
      Example: grove stop
               grove stop mine
      """)

  @Argument(help: "The run's name; by default the only one that is under way in the folder of runs.") var run: String?
  @OptionGroup var options: CoordinatorOptions

  func validate() throws { try options.refuseCoordinator(and: run) }

  func run() async throws {
    try await options.withAdmin(of: run) { try await $0.stop() }
    print("The run ends within seconds, with a checkpoint.")
  }
}
