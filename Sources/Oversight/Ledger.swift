import Amplification
import Foundation
import RunStore
import Tasks

/// What people judged in a run, for them to see: each their own, and where two disagreed.
public struct Ledger: Sendable {
  /// What became of a judgment.
  public enum State: String, Hashable, Sendable, Codable {
    /// Training has not used it.
    case waiting
    case learned
    /// It is compared with that of the person who was first, and not learned.
    case compared
    case withdrawn
    /// It rests on answers of models that learned from one that was withdrawn since: it counts if they answer so again.
    case derived
  }

  /// A judgment in words.
  public struct Line: Hashable, Sendable, Codable {
    public let number: Int64
    /// The question's name, such as `d4.2`.
    public let id: String
    public let person: String
    /// Seconds since 1970.
    public let time: Double
    public let question: String
    public let decision: String
    /// What was asked and heard on the way to it, or the nodes of the tree that was checked.
    public let steps: [String]
    public let state: State
    /// The round that learned from it.
    public let round: Int?
    /// Whether it can be taken back now.
    public var mayTakeBack = false

    enum CodingKeys: String, CodingKey {
      case number, id, person, time, question, decision, steps, state, round
      case mayTakeBack = "may_take_back"
    }
  }

  /// Two judgments of the same question that differ.
  public struct Disagreement: Hashable, Sendable, Codable {
    public let id: String
    public let question: String
    /// The first and the second.
    public let judgments: [Line]
    /// Decisions that both took after hearing the same, and those of them that were the same.
    public let decisions: Int
    public let alike: Int
    /// The first that differ.
    public let first: String
    public let second: String
    /// What the run's κ would be if neither had been asked; nil: there is none without them.
    public let kappaWithout: Double?

    enum CodingKeys: String, CodingKey {
      case id, question, judgments, decisions, alike, first, second
      case kappaWithout = "kappa_without"
    }
  }

  public let run: String
  /// In the order in which they were given.
  public let lines: [Line]
  public let disagreements: [Disagreement]
  /// Cohen's κ over all decisions that two took, and how many they are.
  public let kappa: Double?
  public let compared: Int

  public init(_ provenance: Provenance, of run: String, _ task: any TaskDefinition) {
    self.run = run
    let entries = provenance.entries.filter { Desk.isPerson($0.record.person) }
    let lines = entries.map { Line($0, task) }
    var comparison = ComparedDecisions()
    let byQuestion = Dictionary(grouping: zip(entries, lines), by: \.0.id).filter { $0.value.count > 1 }
    for (id, judged) in byQuestion {
      comparison.compare(judged.map { ($0.0.record, $0.0.judgment) }, about: id, task)
    }
    disagreements = byQuestion.sorted { $0.key < $1.key }.compactMap { id, judged in
      let pairs = comparison.pairs[id] ?? []
      guard let differing = pairs.first(where: { $0.0 != $0.1 }) else { return nil }
      return Disagreement(
        id: id.description, question: judged[0].1.question, judgments: judged.prefix(2).map(\.1),
        decisions: pairs.count,
        alike: pairs.count { $0.0 == $0.1 }, first: differing.0, second: differing.1,
        kappaWithout: comparison.kappa(without: id))
    }
    self.lines = lines
    (kappa, compared) = (comparison.agreement.kappa, comparison.agreement.cases)
  }

  /// What one person judged, the newest first.
  public func own(_ person: String) -> [Line] { lines.filter { $0.person == person }.reversed() }
}

extension Ledger.Line {
  init(_ entry: Provenance.Entry, _ task: any TaskDefinition) {
    func text(_ tree: AmplificationTree) -> String { "\(task.write(tree.question)) = \(task.write(tree.answer))" }
    let judgment = entry.judgment
    let decision: String
    var steps: [String] = []
    switch judgment.verdict {
    case .decomposed(let tree):
      decision = "= \(task.write(tree.answer))"
      steps = tree.children.map { "\(text($0)) by \($0.author)" }
    case .passed: decision = "pass"
    case .flagged(let reason): decision = "flag \(reason)"
    case .unreviewed(let isLearned): decision = isLearned ? "learned without review" : "left without review"
    case .reviewed(let verdicts):
      decision =
        verdicts.isEmpty ? "ok" : verdicts.sorted { $0.key < $1.key }.map { $1.line($0, task) }.joined(separator: ", ")
      steps = judgment.subject.nodes.enumerated().map { "\($0 + 1): \(text($1.node)) by \($1.node.author)" }
    }
    let state: Ledger.State =
      switch entry.record.standing {
      case .second: .compared
      case .withdrawn: .withdrawn
      case .derived: .derived
      case .valid: entry.record.taken == nil ? .waiting : .learned
      }
    self.init(
      number: entry.number, id: entry.id.description, person: entry.record.person, time: entry.record.time,
      question: task.write(judgment.subject.question), decision: decision, steps: steps, state: state,
      round: entry.record.taken)
  }
}

extension NodeVerdict {
  /// As a person says it.
  fileprivate func line(_ number: Int, _ task: any TaskDefinition) -> String {
    switch self {
    case .accepted: "\(number) ok"
    case .rejected: "\(number) no"
    case .corrected(let answer): "\(number) = \(task.write(answer))"
    }
  }
}

extension Ledger.Line {
  /// What became of it, in words.
  public var standing: String {
    switch state {
    case .waiting: "not used yet"
    case .learned: "learned in round \(round ?? 0)"
    case .compared: "compared, not learned"
    case .withdrawn: "withdrawn"
    case .derived: "to be heard again"
    }
  }
}
