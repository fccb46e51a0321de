import Amplification
import Tasks

/// What is asked about once more before it is taken: it can be said, but hardly be meant.
extension Desk {
  /// A line that was asked about.
  struct Doubted: Equatable {
    let id: QuestionID?
    let step: Int
    let text: String
  }

  /// Why a line is not taken before it is said again.
  struct Doubt: Error {
    let sentence: String
  }

  /// - Parameter isAgain: whether it is said in answer to the doubt, and not only sent twice.
  /// - Throws: ``Doubt`` the first time that something doubtful is said.
  func checkMeant(
    _ line: DeskLine, _ text: String, _ item: DeskItem, _ draft: [DraftEntry], by person: String, isAgain: Bool
  ) throws {
    let said = Doubted(id: item.id, step: draft.count, text: text)
    guard !(isAgain && doubted[person] == said),
      let sentence = doubt(about: line, item, after: draft.compactMap(\.asked))
    else {
      return
    }
    doubted[person] = said
    throw Doubt(sentence: sentence)
  }

  /// What speaks against a line; nil: nothing that can be known here.
  func doubt(about line: DeskLine, _ item: DeskItem, after heard: [AmplificationTree]) -> String? {
    switch line {
    case .ask(let question): doubt(aboutAsking: question, item, after: heard)
    case .answer(let answer): doubt(about: answer, to: item.asked.question, item)
    case .mark(let number, let verdict): doubt(about: verdict, of: number, item)
    case .pass, .flag, .undo, .sure, .accept: nil
    }
  }

  private func doubt(aboutAsking question: Question, _ item: DeskItem, after heard: [AmplificationTree]) -> String? {
    // Some tasks have X propose an answer to the very question, and compare it with others.
    guard task.decide(transcript(of: item, after: heard)) != .ask(question) else { return nil }
    let text = task.write(question)
    if question == item.asked.question {
      return "\(text) is the question itself: what X answers to it is what you are to find out in easier steps"
    }
    return heard.first { $0.question == question }
      .map { "you have asked \(text) before: the answer is \(task.write($0.answer)), and will be again" }
  }

  private func transcript(of item: DeskItem, after heard: [AmplificationTree]) -> Transcript {
    var transcript = Transcript(item.asked.question)
    for step in heard { transcript.steps.append(.init(step.question, step.answer)) }
    return transcript
  }

  private func doubt(about answer: Answer, to question: Question, _ item: DeskItem) -> String? {
    let (text, asked) = (task.write(answer), task.write(question))
    if let fact = fact(question, item), !task.isRight(answer, to: question, in: item.context) {
      return "\(asked) = \(task.write(fact)) is a fact: it stands in the facts, and needs nobody's judgment"
    }
    guard !task.isOfKind(answer, askedBy: question) else { return nil }
    return "\(text) is no answer of the kind that \(asked) asks for, which is \(task.meaning(of: question))"
  }

  private func doubt(about verdict: NodeVerdict, of number: Int, _ item: DeskItem) -> String? {
    guard let nodes = item.tree?.nodes, nodes.indices.contains(number - 1) else { return nil }
    let node = nodes[number - 1].node
    let isFact = fact(node.question, item) != nil && task.isRight(node.answer, to: node.question, in: item.context)
    switch verdict {
    case .rejected:
      guard isFact else { return nil }
      return "\(task.write(node.question)) = \(task.write(node.answer)) is a fact: it was looked up, and is right"
    case .corrected(let answer) where answer == node.answer:
      return "\(task.write(answer)) is the answer of node \(number) as it is: “\(number) ok” says that it stands"
    case .corrected(let answer): return doubt(about: answer, to: node.question, item)
    case .accepted:
      guard let fact = fact(node.question, item), !isFact else { return nil }
      return "\(task.write(node.question)) = \(task.write(fact)) is a fact, and node \(number) says otherwise"
    }
  }

  /// What the facts say of a question; nil if they do not answer it.
  private func fact(_ question: Question, _ item: DeskItem) -> Answer? {
    guard case .primitive(let answer) = task.lookUp(question, in: item.context, using: item.asked.key) else {
      return nil
    }
    return answer
  }
}
