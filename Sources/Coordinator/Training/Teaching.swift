import Amplification
import ClusterFile
import Distillation
import Foundation
import Randomness
import Tasks

/// What people teach X before it is asked anything.
enum Teaching {
  private static let largest = 16 << 20

  /// What a configuration says that they teach; of a task that is not of texts, nothing.
  ///
  /// - Throws: ``TeachingError`` that names the file and the line.
  static func examples(_ configuration: ClusterFile, _ task: any TaskDefinition) throws -> Examples {
    let (source, seed) = (configuration.task.taught, configuration.run.seed)
    guard let task = task as? any TextTask else {
      guard ["all", "none"].contains(source) else {
        throw TeachingError(
          description:
            "task.taught is \(source), and the questions of \(task.kind.name) are about facts, which can't be "
            + "taught so: it can only be all or none, and means nothing here")
      }
      return Examples()
    }
    let nothing = Context(passages: [])
    var taught =
      switch source {
      case "none": [Lesson]()
      case "all": task.leaves.map { (question: $0, answer: task.truth(of: $0, in: nothing)) }
      default: try read(source, task)
      }
    let count = configuration.task.taughtCount
    guard count <= taught.count || source == "none" else {
      throw TeachingError(
        description:
          "task.taught_count is \(count), and there are \(taught.count) answers to teach (task.taught is \(source))")
    }
    taught = some(count > 0 ? count : taught.count, of: taught.indices, seed, 0).map { taught[$0] }
    let wrong = Int((configuration.task.taughtWrong * Double(taught.count)).rounded())
    var random = CounterGenerator(seed: seed, purpose: .teaching, round: 2)
    for place in some(wrong, of: taught.indices, seed, 1) {
      let (question, right) = taught[place]
      while taught[place].answer == right {
        taught[place].answer = task.sampleAnswer(to: question, in: nothing, using: &random)
      }
    }
    return taught.reduce(into: Examples()) { $0.append($1.question, $1.answer, about: nothing) }
  }

  private typealias Lesson = (question: Question, answer: Answer)

  /// Some places, drawn at random, in order.
  private static func some(_ count: Int, of places: Range<Int>, _ seed: UInt64, _ draw: Int) -> [Int] {
    var random = CounterGenerator(seed: seed, purpose: .teaching, round: 1, index: draw)
    return places.shuffled(using: &random).prefix(count).sorted()
  }

  private static func read(_ path: String, _ task: any TextTask) throws -> [Lesson] {
    guard let data = FileManager.default.contents(atPath: path), data.count <= largest,
      let text = String(data: data, encoding: .utf8)
    else {
      throw TeachingError(
        description: "task.taught is \(path), which can't be read: it is all, none, or a file of UTF-8 text of at most "
          + "\(largest >> 20) MiB")
    }
    var lessons: [Lesson] = []
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      do {
        guard let end = line.lastIndex(of: "=") else {
          throw NotationError(
            "“\(line.prefix(80))” is no question with its answer, which are written \(example(of: task))")
        }
        let question = try task.readQuestion(String(line[...end]))
        let answer = try task.readAnswer(String(line[line.index(after: end)...]), to: question)
        guard !answer.isUnknown else { throw NotationError("nobody can be taught ? as an answer") }
        lessons.append((question, answer))
      } catch {
        throw TeachingError(description: "\(path), line \(number + 1): \(error)")
      }
    }
    guard !lessons.isEmpty else {
      throw TeachingError(description: "\(path) teaches nothing: an answer a line, such as \(example(of: task))")
    }
    return lessons
  }

  private static func example(of task: any TextTask) -> String {
    guard let question = task.leaves.last else { return "question=answer" }
    return task.write(question) + task.write(task.truth(of: question, in: Context(passages: [])))
  }
}

/// What people want to teach can't be taught.
struct TeachingError: Error, Hashable, CustomStringConvertible {
  let description: String
}
