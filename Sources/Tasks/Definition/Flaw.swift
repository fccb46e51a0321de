import Amplification

/// What a scripted overseer does wrong in the same way each time, so that no chance averages it out.
public enum Flaw: String, Sendable, CaseIterable {
  case none
  /// Does not ask what it would ask last, and takes the answer before it for that one's.
  case lazy
  /// Does not ask what it would ask second, and takes the first answer for that one's: nothing is checked.
  case negligent
  /// Answers with the greatest that it has heard.
  case biased
}

extension TaskDefinition {
  /// The decision of the scripted overseer with a flaw.
  ///
  /// What it would have asked, had it no flaw, it goes on from as if it had heard what it takes for the answer.
  func decide(_ transcript: Transcript, with flaw: Flaw) -> Decision {
    guard flaw != .none else { return decide(transcript) }
    var (believed, heard) = (Transcript(transcript.question), transcript.steps[...])
    while true {
      let decision = decide(believed)
      switch decision {
      case .answer(let answer):
        guard flaw == .biased else { return decision }
        let all = transcript.steps.map(\.answer).filter { isOfKind($0, askedBy: transcript.question) } + [answer]
        return .answer(all.max { $0.isLess(than: $1) } ?? answer)
      case .ask(let question):
        if let assumed = assumption(about: question, in: believed, flaw) {
          believed.steps.append(Transcript.Step(question, assumed))
        } else if let step = heard.popFirst() {
          believed.steps.append(step)
        } else {
          return decision
        }
      }
    }
  }

  /// What the overseer takes for the answer of a question that it does not ask; nil: it asks.
  private func assumption(about question: Question, in transcript: Transcript, _ flaw: Flaw) -> Answer? {
    guard let last = transcript.steps.last?.answer, isOfKind(last, askedBy: question) else { return nil }
    switch flaw {
    case .none, .biased: return nil
    case .negligent: return transcript.steps.count == 1 ? last : nil
    case .lazy:
      var assumed = transcript
      assumed.steps.append(Transcript.Step(question, last))
      if case .answer = decide(assumed) { return last }
      return nil
    }
  }
}

extension Answer {
  /// Of two of one alphabet; a longer text is more.
  fileprivate func isLess(than other: Answer) -> Bool {
    guard let text = content.text, let otherText = other.content.text else {
      return tokens.lexicographicallyPrecedes(other.tokens)
    }
    return (text.utf8.count, text) < (otherText.utf8.count, otherText)
  }
}
