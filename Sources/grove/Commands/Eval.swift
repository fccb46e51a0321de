import ArgumentParser
import Foundation
import Status
import Tasks

/// `grove eval`
struct Eval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures a run's accuracy on questions about contexts that it has never seen.",
    discussion: """
      Example: grove eval first
               grove eval first --size 6 --count 500 --seed 9 --json
      """)

  @OptionGroup var options: RunOptions
  @Option(help: "Elements in a context; by default the run's task.size.") var size: Int?
  @Option(help: "Contexts, 1 to 100000, each with amplification.questions questions.") var count = 200
  @Option(help: "Of the contexts and questions; a whole number from 0.") var seed: UInt64 = 1_000_003
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count is \(count); allowed is 1 to 100000") }
  }

  func run() async throws {
    let models = try await options.models()
    let elements = size ?? models.task.size
    // A text may be longer than any that was learned.
    let most = models.task is any TextTask ? models.task.kind.sizes.upperBound : models.task.size
    guard (2...most).contains(elements) else {
      throw ValidationError("--size is \(elements); the run's models know contexts of 2 to \(most) elements")
    }
    let accuracy = Accuracy(try await models.evaluate(contexts: count, elements: elements, seed: seed))
    if json {
      print(try String(json: accuracy))
    } else {
      print(TextReport.accuracyTable(accuracy, colours: Terminal.colours).joined(separator: "\n"))
    }
  }
}
