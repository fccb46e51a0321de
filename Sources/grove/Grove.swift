import ArgumentParser
import Descriptors
import Foundation
import NIOCore

/// The command.
@main
struct Grove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grove",
    abstract: "Trains models by iterated amplification, on one machine or many.",
    discussion: """
      A question is taken apart by an overseer, its parts are answered by copies of the present model, and the model
      learns the combined answer. Then again, with the better model.

      Example: grove run                    train on this machine, with two worker processes
               grove status --watch         see how it goes, from another terminal
               grove ask RUN "f^5(3)" --depth 3

      \(Documents.hint)
      """,
    version: "grove 0.1.0",
    subcommands: [
      Run.self, CoordinatorCommand.self, WorkerCommand.self, StatusCommand.self, PsCommand.self, Drain.self, Stop.self,
      Ask.self,
      Eval.self, Review.self, ProvenanceCommand.self, Retract.self, Export.self,
      DashboardCommand.self, ReportCommand.self, KeysCommand.self, TasksCommand.self, StudyCommand.self, Plot.self,
      Bench.self,
      ChaosCommand.self, Doctor.self, ManualCommand.self,
    ])

  /// The dashboard needs no more, on however many processors; each takes descriptors.
  private static let webThreads = min(4, System.coreCount)

  /// Exit codes: 0 done, 1 failed, 2 not understood.
  static func main() async {
    StandardStreams.begin()
    DescriptorLimit.raise()
    DescriptorLimit.closeBeyond()
    NIOSingletons.groupLoopCountSuggestion = webThreads
    do {
      var command = try parseAsRoot()
      try DescriptorLimit.check()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      try StandardStreams.finish()
    } catch {
      leave(after: error)
    }
  }

  private static func leave(after error: any Error) -> Never {
    // A command that has said all there is to say.
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    let code = exitCode(for: error)
    if code == .success { exit(withError: error) }
    if code == .validationFailure {
      StandardStreams.complain(fullMessage(for: error) + "\n")
      Foundation.exit(2)
    }
    StandardStreams.complain("grove: \(message(for: error))\n")
    Foundation.exit(1)
  }
}

/// A sentence for the person, and the end of the command.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
