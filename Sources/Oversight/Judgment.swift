import Amplification
import RunStore

/// A question for people: what kind of judgment it asks for, the round in which it was asked, and its place there.
public struct QuestionID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, Codable {
    /// To take it apart, for H′ to learn.
    case decomposition
    /// To check how it was taken apart and answered, before X learns the answer.
    case review
  }

  public let kind: Kind
  public let round: Int
  public let place: Int

  public init(_ kind: Kind, round: Int, place: Int) {
    self.kind = kind
    self.round = round
    self.place = place
  }

  /// `d12.3` or `r12.3`, places from 1.
  public var description: String { "\(kind == .review ? "r" : "d")\(round).\(place + 1)" }

  /// - Returns: nil if the text is no ``description``.
  public init?(_ text: String) {
    guard let match = text.wholeMatch(of: /([dr])(\d{1,15})\.(\d{1,15})/), let round = Int(match.2),
      let place = Int(match.3), place > 0
    else { return nil }
    self.init(match.1 == "r" ? .review : .decomposition, round: round, place: place - 1)
  }

  /// The question that a record of the journal is about.
  init(of record: Journal.Judgment) {
    self.init(Kind(rawValue: record.kind) ?? .decomposition, round: record.round, place: record.place)
  }

  public static func < (one: QuestionID, other: QuestionID) -> Bool {
    (one.round, one.kind.rawValue, one.place) < (other.round, other.kind.rawValue, other.place)
  }
}

/// What was decided of a question.
public enum Verdict: Hashable, Sendable, Codable {
  case decomposed(AmplificationTree)
  /// Everybody would rather leave it to somebody else.
  case passed
  /// It is a bad question, and why.
  case flagged(String)
  /// By the number of the node, see ``AmplificationTree/nodes``; the others are accepted.
  case reviewed([Int: NodeVerdict])
  /// Nobody checked it in time: X learns it nonetheless, or not.
  case unreviewed(isLearned: Bool)
}

/// What a person says of one node of a tree.
public enum NodeVerdict: Hashable, Sendable, Codable {
  case accepted
  /// This is its answer.
  case corrected(Answer)
  case rejected
}

/// A judgment as the journal keeps it: what was judged, and the verdict.
public struct Judgment: Hashable, Sendable, Codable {
  /// Elements in the context, without which it is another question.
  public var elements: Int
  /// What was there before the person: the tree that was reviewed, or the bare question.
  public var subject: AmplificationTree
  public var verdict: Verdict

  public init(elements: Int, subject: AmplificationTree, verdict: Verdict) {
    self.elements = elements
    self.subject = subject
    self.verdict = verdict
  }

  /// The tree that H′ is to learn from; nil if there is none.
  public var decomposition: AmplificationTree? {
    if case .decomposed(let tree) = verdict { tree } else { nil }
  }

  /// Whether X answered any of the sub-questions: other models might have answered otherwise.
  public var heardX: Bool {
    decomposition?.children.contains { if case .answerer = $0.author { true } else { false } } ?? false
  }
}

/// An amplified answer that waits for a person to check it, as the journal keeps it.
public struct HeldQuestion: Hashable, Sendable, Codable {
  public var context: Context
  public var tree: AmplificationTree

  public init(context: Context, tree: AmplificationTree) {
    self.context = context
    self.tree = tree
  }
}
