import Amplification
import Tasks

/// The task's script at the desk, in a person's place: to try a run without people, and to measure what they would do.
public struct ScriptedPerson: Sendable {
  private let task: any TaskDefinition

  public init(_ task: any TaskDefinition) { self.task = task }

  /// What it says next about what it sees.
  ///
  /// A review takes the facts, without which it can't tell what is true.
  /// - Throws: ``NotationError`` if what it sees is of another task.
  public func line(about item: DeskView.Item) throws -> String {
    item.kind == .review ? try review(item) : try decompose(item)
  }

  private func decompose(_ item: DeskView.Item) throws -> String {
    var transcript = Transcript(try task.readQuestion(item.question))
    for step in item.steps {
      let question = try task.readQuestion(step.question)
      transcript.steps.append(.init(question, try task.readAnswer(step.answer, to: question)))
    }
    return switch task.decide(transcript) {
    case .ask(let question): task.write(question)
    case .answer(let answer): "= \(task.write(answer))"
    }
  }

  /// Marks the next wrong answer with the right one, and accepts what is left.
  private func review(_ item: DeskView.Item) throws -> String {
    guard let facts = item.facts else {
      throw NotationError("the script can't check answers without the facts: set oversight.view to facts")
    }
    let context = try task.readContext(facts.joined(separator: "\n"))
    for node in item.nodes where node.verdict == nil {
      guard let question = try? task.readQuestion(node.question) else { continue }
      let answer = try task.readAnswer(node.answer, to: question)
      guard !task.isRight(answer, to: question, in: context) else { continue }
      return "\(node.number) = \(task.write(task.truth(of: question, in: context)))"
    }
    return "ok"
  }
}
