import Amplification
import ArgumentParser
import ClusterFile
import Foundation
import Randomness
import Status
import Tasks

/// `grove tasks`
struct TasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "Lists the tasks, samples from them, and checks them.",
    discussion: """
      Example: grove tasks
               grove tasks sample permutation --size 8 --bits 3 --count 2 \\
                 --seed 1 --json
               grove tasks check permutation --count 1000
      """,
    subcommands: [List.self, Sample.self, Check.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the tasks.", discussion: "Example: grove tasks list --json")
    @Flag(help: "Print JSON Lines: an object a line, for each task.") var json = false

    func run() throws {
      for kind in TaskCatalog.grove.kinds {
        if json {
          print(
            String(
              decoding: try JSONEncoder.forPeople.encode(["task": kind.name, "summary": kind.summary]), as: UTF8.self)
          )
        } else {
          print("\(kind.name.padding(to: 16))\(kind.summary)")
        }
      }
    }
  }

  struct Sizes: ParsableArguments {
    @Argument(help: "The task's name.", completion: Completions.tasks) var task: String
    @Option(help: "Elements, 4 to 64; digits, 2 to 17 of addition and 2 to 8 of multiplication.") var size = 8
    @Option(help: "Of the exponent, 2 to 6; permutation only.") var bits: Int?
    @Flag(help: "Numbers are written from the units up; addition and multiplication only.") var reversed = false
    @Option(help: "How many, 1 to 10000000.") var count = 10
    @Option(help: "Of the random numbers, a whole number from 0.") var seed: UInt64 = 0

    func definition() throws -> any TaskDefinition {
      guard (1...10_000_000).contains(count) else {
        throw ValidationError("--count is \(count); allowed is 1 to 10000000")
      }
      guard bits == nil || task == Permutation.kind.name else {
        throw ValidationError("--bits is of the exponent of \(Permutation.kind.name): \(task) has none")
      }
      do {
        let made = try TaskCatalog.grove.task(task, size: size, ["bits": bits ?? 3, "reversed": reversed ? 1 : 0])
        guard !reversed || made.kind.settings.contains(where: { $0.name == "reversed" }) else {
          throw NotationError("--reversed is of numbers as text: \(task) has none")
        }
        return made
      } catch {
        throw ValidationError("\(error)")
      }
    }

    /// Context and question number `index`.
    func draw(_ task: any TaskDefinition, _ index: Int) -> (Context, Question) {
      var random = CounterGenerator(seed: seed, purpose: .contexts, index: index)
      let context = task.sampleContext(elements: size, using: &random)
      return (context, task.sampleQuestion(about: context, using: &random))
    }
  }

  struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints random contexts with a question and its answer each.",
      discussion: "Example: grove tasks sample permutation --size 8 --bits 3 --count 2 --json")
    @OptionGroup var sizes: Sizes
    @Flag(help: "Print JSON Lines: an object a line, for each sample.") var json = false

    private struct Line: Encodable {
      var task: String
      var facts: [String]
      var question: String
      var answer: String
      var `class`: String
    }

    func run() throws {
      let task = try sizes.definition()
      for index in 0..<sizes.count {
        let (context, question) = sizes.draw(task, index)
        let line = Line(
          task: sizes.task, facts: task.write(context), question: task.write(question),
          answer: task.write(task.truth(of: question, in: context)),
          class: task.questionClass(of: question, in: context))
        if json {
          print(try String(json: line))
        } else {
          let given = line.facts.isEmpty ? "" : "  given " + line.facts.joined(separator: "  ")
          print("\(line.question.asked) \(line.answer)  (\(line.class): \(task.meaning(of: question)))\(given)")
        }
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks that the scripted overseer, given true sub-answers, finds the truth.",
      discussion: "Example: grove tasks check permutation --size 64 --bits 6 --count 1000")
    @OptionGroup var sizes: Sizes

    func run() async throws {
      let task = try sizes.definition()
      for index in 0..<sizes.count {
        let (context, question) = sizes.draw(task, index)
        let amplifier = Amplifier(
          overseer: task.scriptedOverseer(), answerer: Truth(task: task), facts: task, mostSteps: task.mostSteps)
        let asked = Asked(question, about: 0, key: RandomKey(seed: sizes.seed, purpose: .questions, index: index))
        let answer = try await amplifier.amplify([asked], in: [context]).first?.answer
        guard let answer, task.isRight(answer, to: question, in: context) else {
          throw Failure(
            "\(task.write(question)) is \(task.write(task.truth(of: question, in: context))), and the decomposition gives "
              + "\(answer.map(task.write) ?? "nothing"), given \(task.write(context).joined(separator: " "))"
          )
        }
      }
      print("\(sizes.task): \(sizes.count.grouped) decompositions with true sub-answers give the truth")
    }
  }
}

/// Answers what is true.
struct Truth: Answerer {
  let author = Author.lookUp
  let task: any TaskDefinition

  func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
    asked.map { Reply(task.truth(of: $0.question, in: contexts[$0.context]), by: author) }
  }
}
