import Amplification
import ArgumentParser
import Coordinator
import Foundation
import Randomness
import Status
import Tasks

/// `grove ask`
struct Ask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks a run's model a question, directly and amplified, and shows the tree of sub-questions.",
    discussion: """
      Without --context the question is about a random context, which is printed. A context is read as it is printed: facts \
      one a line or side by side, or as JSON, as by --json, grove tasks sample --json and grove export.

      Example: grove ask first "f^5(3)" --depth 3
               grove ask first "f^5(3)" --context facts.txt --json
      """)

  @OptionGroup var options: RunOptions
  @Argument(help: "In the task's notation, such as f^5(3).") var question: String
  @Option(help: ArgumentHelp("A file with the facts, such as f(1)=4.", valueName: "file")) var context: String?
  @Option(help: "Levels of amplification, 0 to 16; 0 is the student alone.") var depth = 1
  @Option(help: "Of the random context, and of answers where several are right; a whole number from 0.") var seed:
    UInt64 = 0
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (0...16).contains(depth) else { throw ValidationError("--depth is \(depth); allowed is 0 to 16") }
  }

  func run() async throws {
    let models = try await options.models()
    let task = models.task
    let question = try task.typed(question)
    let facts = try readContext(task)
    let (student, tree) = try await models.ask(question, about: facts, depth: depth, seed: seed)
    var answer = AskedAnswer(tree, student: student, context: facts, task)
    if json {
      if task is any TokenTask {
        answer.tokens = .init(facts: facts.facts, question: question.tokens, student: student.tokens)
      }
      answer.logProbabilities = try models.logProbabilities(of: student, to: question, about: facts)
      print(try String(json: answer))
    } else {
      print(answer.lines(colours: Terminal.colours).joined(separator: "\n"))
    }
  }

  private func readContext(_ task: any TaskDefinition) throws -> Context {
    guard let context else {
      var random = CounterGenerator(seed: seed, purpose: .contexts)
      return task.sampleContext(elements: task.size, using: &random)
    }
    return try ContextFile(context).context(of: task)
  }
}

extension TaskDefinition {
  /// The question on a command line. - Throws: a usage error.
  func typed(_ question: String) throws -> Question {
    do {
      return try readQuestion(question)
    } catch {
      throw ValidationError("\(error)")
    }
  }
}

/// An answer with its tree, in the task's notation.
private struct AskedAnswer: Encodable {
  var task: String
  var facts: [String]
  var question: String
  var student: String
  var amplified: String
  var truth: String
  var tree: AmplifiedQuestion.Node
  /// What the networks read and write.
  var tokens: Tokens?
  /// log p of each token of the student's answer, by its network.
  var logProbabilities: [Float]?
  /// Whether they are, where more than one answer is right.
  var isStudentRight: Bool
  var isAmplifiedRight: Bool

  struct Tokens: Encodable {
    var facts: [[Token]]
    var question, student: [Token]
  }

  private enum CodingKeys: String, CodingKey {
    case task, facts, question, student, amplified, truth, tree, tokens
    case isStudentRight = "student_right"
    case isAmplifiedRight = "amplified_right"
    case logProbabilities = "log_probabilities"
  }

  init(_ tree: AmplificationTree, student: Answer, context: Context, _ task: any TaskDefinition) {
    self.task = task.kind.name
    facts = task.write(context)
    self.student = task.write(student)
    self.tree = AmplifiedQuestion.Node(tree, about: context, task)
    (question, amplified, truth) = (self.tree.question, self.tree.answer, self.tree.truth)
    isStudentRight = task.isShownRight(student, to: tree.question, in: context)
    isAmplifiedRight = self.tree.isRight
  }

  func lines(colours: Bool) -> [String] {
    func mark(_ answer: String, _ isRight: Bool) -> String {
      if answer == "?" { return Terminal.dim("no answer", colours) }
      return isRight ? Terminal.coloured("right", 32, colours) : Terminal.coloured("wrong", 31, colours)
    }
    return (facts.isEmpty ? [] : [Terminal.dim(facts.joined(separator: "  "), colours), ""])
      + branch(tree, first: "", rest: "", colours: colours) + [
        "", "student    \(student)  \(mark(student, isStudentRight))",
        "amplified  \(amplified)  \(mark(amplified, isAmplifiedRight))",
        "truth      \(truth)",
      ]
  }

  private func branch(_ node: AmplifiedQuestion.Node, first: String, rest: String, colours: Bool) -> [String] {
    let line =
      "\(first)\(node.question.asked) \(Terminal.bold(node.answer, colours))  \(Terminal.dim("by " + node.source, colours))"
    return [line]
      + node.children.enumerated().flatMap { index, child in
        let isLast = index == node.children.count - 1
        return branch(
          child, first: rest + (isLast ? "└─ " : "├─ "), rest: rest + (isLast ? "   " : "│  "), colours: colours)
      }
  }
}
