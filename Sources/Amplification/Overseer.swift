import Randomness

/// One step of a decomposition.
public enum Decision: Hashable, Sendable {
  /// Ask this sub-question next.
  case ask(Question)
  /// The sub-answers suffice: this is the answer.
  case answer(Answer)
}

/// H of the paper: decides how a question is taken apart and how the sub-answers become its answer.
///
/// An overseer sees the question and the sub-answers so far, never the context.
public protocol Overseer {
  /// Who decides, for the record in the tree.
  var author: Author { get }

  /// Starts to oversee a batch of questions, in lockstep.
  ///
  /// - Parameter keys: one a question, of whatever the overseer leaves to chance.
  func deliberate(on questions: [Question], keys: [RandomKey]) async throws -> any Deliberation
}

/// An overseer at work on a batch of questions.
public protocol Deliberation {
  /// One decision for each question still open, in order. A question is open until its decision is an answer.
  ///
  /// - Parameter heard: the answers to the sub-questions that were asked by the call before, in order; empty in the
  ///   first call.
  mutating func decide(hearing heard: [Answer]) async throws -> [Decision]

  /// How much the overseer doubts each of the decisions of the last call; empty: none.
  var doubts: [Doubt] { get }
}

extension Deliberation {
  public var doubts: [Doubt] { [] }
}

/// An overseer that is a pure function of the transcript so far, and of a key where it is left to chance.
public struct ScriptedOverseer: Overseer, Sendable {
  public let author = Author.scripted
  private let step: @Sendable (Transcript, RandomKey) -> Decision

  public init(step: @escaping @Sendable (Transcript, RandomKey) -> Decision) {
    self.step = step
  }

  public func deliberate(on questions: [Question], keys: [RandomKey]) -> any Deliberation {
    Script(step: step, open: questions.map(Transcript.init), keys: keys, asked: [])
  }

  private struct Script: Deliberation {
    let step: @Sendable (Transcript, RandomKey) -> Decision
    var open: [Transcript]
    var keys: [RandomKey]
    var asked: [Question]

    mutating func decide(hearing heard: [Answer]) -> [Decision] {
      for (row, answer) in heard.enumerated() {
        open[row].steps.append(Transcript.Step(asked[row], answer))
      }
      let decisions = zip(open, keys).map { step($0, $1.child($0.steps.count)) }
      var stillOpen: [Int] = []
      asked = []
      for (row, decision) in decisions.enumerated() {
        guard case .ask(let question) = decision else { continue }
        stillOpen.append(row)
        asked.append(question)
      }
      open = stillOpen.map { open[$0] }
      keys = stillOpen.map { keys[$0] }
      return decisions
    }
  }
}

extension ScriptedOverseer: Speaker {
  public func speak(in conversation: Conversation) -> Utterance {
    let tree = AmplificationTree(conversation.question, turns: conversation.turns, answer: Answer([]), by: author)
    var transcript = tree.transcript
    transcript.answer = nil
    return switch step(transcript, conversation.key) {
    case .ask(let question): Utterance(.asks(question))
    case .answer(let answer): Utterance(.answers(answer))
    }
  }
}
