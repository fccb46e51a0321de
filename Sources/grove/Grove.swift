import ArgumentParser
import Benchmarks
import ClusterFile
import Commands
import Descriptors
import Foundation
import NIOCore
import Status

/// The command.
@main
struct Grove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grove",
    abstract: "Trains models by iterated amplification, on one machine or many.",
    discussion: """
      A question is taken apart by an overseer, its parts are answered by copies of the present model, and the model \
      learns the combined answer. Then again, with the better model.

      Example: grove run              # train on this machine, with two workers
               grove status --watch   # see how it goes, from another terminal
               grove ask RUN "f^5(3)" --depth 3

      \(Documents.hint)

      Exit codes:
      \(ExitStatus.allCases.map { "  \($0.rawValue)\($0.rawValue < 10 ? " " : "")  \($0.meaning)" }.joined(separator: "\n"))

      What Tab completes, in Bash (zsh and fish likewise):
        source <(grove --generate-completion-script bash)
      """,
    version: "grove 0.1.0",
    subcommands: CommandList.ofRuns + [Bench.self] + CommandList.ofMachine + [ManualCommand.self])

  /// The dashboard needs no more, on however many processors; each takes descriptors.
  private static let webThreads = min(4, System.coreCount)

  static func main() async {
    StandardStreams.begin()
    DescriptorLimit.raise()
    DescriptorLimit.closeBeyond()
    NIOSingletons.groupLoopCountSuggestion = webThreads
    var typed: (any ParsableCommand.Type)?
    do {
      if CommandLine.arguments.dropLast().last == "--generate-completion-script", CommandLine.arguments.count == 3,
        let shell = CommandLine.arguments.last.flatMap(CompletionShell.init(rawValue:))
      {
        print(CompletionScripts.script(for: shell))
        return try StandardStreams.finish()
      }
      var command = try parseAsRoot(CommandLine.arguments.dropFirst().withNegativeNumbers)
      typed = type(of: command)
      try DescriptorLimit.check()
      try Surroundings.check()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      try StandardStreams.finish()
    } catch {
      leave(after: error, of: typed)
    }
    exit(.done)
  }

  /// - Parameter command: that ran; nil: the command line could not be read.
  private static func leave(after error: any Error, of command: (any ParsableCommand.Type)?) -> Never {
    switch error {
    case let error as Ending:
      if let sentence = error.sentence { StandardStreams.complain("grove: \(sentence)\n") }
      exit(error.status)
    case is ValidationError, is NameError:
      guard let command else { break }
      let usage = usageString(for: command)
      let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
      complain("Error: \(error)\nUsage: \(usage)\n  See '\(name) --help' for more information.")
      exit(.usage)
    default: break
    }
    let code = exitCode(for: error)
    if code == .success {
      print(fullMessage(for: error).wrappingUsage(to: WindowSize.present.columns))
      exit((try? StandardStreams.finish()) == nil ? .failed : .done)
    }
    if code == .validationFailure {
      complain(fullMessage(for: error))
      exit(.usage)
    }
    StandardStreams.complain("grove: \(message(for: error))\n")
    exit(.failed)
  }

  private static func complain(_ text: String) {
    StandardStreams.complain(text.wrappingUsage(to: WindowSize.present.columns) + "\n")
  }

  /// Ends the process at once: what libraries would do at an exit, they would do beside threads that still use them.
  private static func exit(_ status: ExitStatus) -> Never {
    fflush(nil)
    _exit(status.rawValue)
  }
}
