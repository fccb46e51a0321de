import Amplification
import Distillation
import Foundation
import Language
import Randomness
import Tasks
import Torch

/// A language model as H′ of a task of texts: it goes on writing transcripts, a line for whatever is said.
///
///     347+289=
///     ?7+9=
///     16
///     ?34+28+1=
///     63
///     !636
///
/// The question is the first line. Each decision is one that begins with `?` if it asks, and with `!` if it answers; what was heard
/// follows. All decisions carry loss.
public struct LanguageOverseerNetwork: TunedNetwork {
  public let tuning: LanguageTuning
  let task: any TextTask

  public init(_ tuning: LanguageTuning, _ task: any TextTask) {
    (self.tuning, self.task) = (tuning, task)
  }

  /// - Parameter total: decompositions in the whole batch.
  public func gradient(
    of data: TrainingData, total: Int, _ p: Parameters
  ) throws -> (loss: Float, gradient: Gradient) {
    try tuning.decoder(p).gradient(of: data.transcripts.flatMap(decisions), total: total, p)
  }

  /// Each decision of a transcript, as it is written behind what was heard before it; those for which the model's window has no
  /// room are left out, for nobody could decide there.
  func decisions(in transcript: Transcript) -> [Exchange] {
    var read = Transcript(transcript.question)
    var decisions: [Exchange] = []
    for step in transcript.steps {
      decisions.append(Exchange(prompt: prompt(read), answer: tokens(of: .ask(step.question))))
      read.steps.append(step)
    }
    if let answer = transcript.answer {
      decisions.append(Exchange(prompt: prompt(read), answer: tokens(of: .answer(answer))))
    }
    return decisions.filter { $0.prompt.count + $0.answer.count - 1 <= tuning.base.positions }
  }

  /// All that was heard so far, up to where the next decision stands.
  func prompt(_ transcript: Transcript) -> [Int32] {
    let tokens = tuning.base.tokens
    return transcript.steps.reduce(into: tokens.prompt(transcript.question) + [tokens.end]) { read, step in
      read += self.tokens(of: .ask(step.question)) + tokens.tokens(of: step.answer)
    }
  }

  /// A decision with its end.
  private func tokens(of decision: Decision) -> [Int32] {
    let text =
      switch decision {
      case .ask(let question): "\(Self.ask)\(question.content.text ?? "")"
      case .answer(let answer): "\(Self.decide)\(answer.content.text ?? "")"
      }
    return tuning.base.tokens.line(text)
  }

  private static let (ask, decide): (Character, Character) = ("?", "!")

  /// What was written as a decision; anything else, and a question that nobody can ask, decides on `?`.
  func decision(written text: String, on question: Question) -> Decision {
    let rest = text.dropFirst().trimmingCharacters(in: .whitespaces)
    switch text.first {
    case Self.ask where task.objection(to: Question(text: rest)) == nil: return .ask(Question(text: rest))
    case Self.decide: return .answer(task.answer(written: rest, to: question))
    default: return .answer(task.unknown)
    }
  }

  public func activations(of size: MicrobatchSize) -> Int {
    let decisions = size.transcripts * (task.mostSteps + 1)
    return tuning.activations(tokens: decisions * Self.usualTokens, said: decisions * Self.usualDecision)
  }

  /// Of a transcript up to a decision, and of the decision, near enough to see what can't work.
  private static let (usualTokens, usualDecision) = (32, 8)
}

/// A language model as an overseer: decides as it finds likeliest, token by token.
public struct LanguageOverseer: ScoringOverseer {
  let network: LanguageOverseerNetwork
  let learned: Parameters
  public let author: Author

  /// - Parameters:
  ///   - values: of what learns.
  ///   - step: training steps that they have seen.
  public init(_ network: LanguageOverseerNetwork, _ values: [Float], step: Int) throws {
    (self.network, learned) = (network, try network.tuning.frozen(values))
    author = .learnedOverseer(step: step)
  }

  public func deliberate(on questions: [Question], keys: [RandomKey]) throws -> any Deliberation {
    LanguageDeliberation(overseer: self, open: questions.map(Transcript.init))
  }

  public func loss(of transcripts: [Transcript]) throws -> Float {
    try negativeLogLikelihood(of: transcripts).reduce(0, +) / Float(max(1, transcripts.count))
  }

  public func negativeLogLikelihood(of transcripts: [Transcript]) throws -> [Float] {
    let decisions = transcripts.map(network.decisions)
    var logP = try network.tuning.decoder(learned).logProbabilities(of: decisions.flatMap(\.self), learned)[...]
    return decisions.map { own in
      defer { logP = logP.dropFirst(own.count) }
      return -logP.prefix(own.count).joined().reduce(0, +)
    }
  }
}

/// A batch of transcripts that a language model writes.
private struct LanguageDeliberation: Deliberation {
  let overseer: LanguageOverseer
  /// Those whose last decision was no answer, and what was asked in each.
  var open: [Transcript]
  var asked: [Question] = []
  var doubts: [Doubt] = []

  mutating func decide(hearing heard: [Answer]) throws -> [Decision] {
    for (row, answer) in heard.enumerated() { open[row].steps.append(Transcript.Step(asked[row], answer)) }
    let written = try write()
    doubts = written.map(\.doubt)
    var stillOpen: [Transcript] = []
    asked = []
    for (transcript, decision) in zip(open, written.map(\.decision)) {
      guard case .ask(let question) = decision else { continue }
      stillOpen.append(transcript)
      asked.append(question)
    }
    open = stillOpen
    return written.map(\.decision)
  }

  /// The next decision in each transcript; the same, where they are.
  private func write() throws -> [(decision: Decision, doubt: Doubt)] {
    let (network, tokens) = (overseer.network, overseer.network.tuning.base.tokens)
    let decoder = try network.tuning.decoder(overseer.learned)
    var known: [Transcript: (decision: Decision, doubt: Doubt)] = [:]
    var distinct: [(transcript: Transcript, prompt: [Int32])] = []
    for transcript in open where known[transcript] == nil {
      known[transcript] = (.answer(network.task.unknown), .none)
      distinct.append((transcript, network.prompt(transcript)))
    }
    // One that has become too long is not gone on with.
    distinct.removeAll { $0.prompt.count >= decoder.weights.positions }
    for unit in LanguageAnswerer.units(of: distinct.map(\.prompt.count)) {
      try Task.checkCancellation()
      let prompts = unit.map { distinct[$0].prompt }
      let room = decoder.weights.positions - (prompts.first?.count ?? 0)
      let generations = try decoder.generate(
        prompts, most: min(network.task.longestQuestion + 2, room), stops: tokens.stops, overseer.learned)
      for (row, said) in zip(unit, generations) {
        let transcript = distinct[row].transcript
        let text = said.end == .stopped ? tokens.text(of: said.tokens) : ""
        known[transcript] = (
          network.decision(written: text, on: transcript.question), Doubt(-Double(said.logProbability))
        )
      }
    }
    return open.map { known[$0] ?? (.answer(network.task.unknown), .none) }
  }
}
