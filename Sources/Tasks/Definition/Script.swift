import Amplification
import Randomness

/// How questions are taken apart by a program: the scripted overseer, in whose place people and models can be.
public protocol Script: Sendable {
  /// Most sub-questions that the scripted overseer asks of one question.
  var mostSteps: Int { get }

  /// The scripted overseer's next decision.
  func decide(_ transcript: Transcript) -> Decision
  /// A random well-formed decision in the place of another, perhaps the same: what one does who errs.
  func mistake(for decision: Decision, using random: inout CounterGenerator) -> Decision
}

extension TaskDefinition {
  /// The overseer that follows ``Script/decide(_:)``, but errs.
  ///
  /// - Parameters:
  ///   - errorRate: share of its decisions that are replaced by a random well-formed one, 0…1.
  ///   - flaw: what it always does wrong.
  public func scriptedOverseer(errorRate: Double = 0, flaw: Flaw = .none) -> ScriptedOverseer {
    ScriptedOverseer { transcript, key in
      let decision = decide(transcript, with: flaw)
      guard errorRate > 0 else { return decision }
      var random = key.generator(.overseerErrors)
      guard Double.random(in: 0..<1, using: &random) < errorRate else { return decision }
      return mistake(for: decision, using: &random)
    }
  }
}
