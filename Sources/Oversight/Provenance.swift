import Amplification
import RunStore
import Tasks

/// Which judgments a run rests on: who gave them, in which rounds they were learned from, and what follows from them.
public struct Provenance: Sendable {
  /// A judgment with the record that the journal has of it.
  public struct Entry: Sendable {
    public let number: Int64
    public let record: Journal.Judgment
    public let judgment: Judgment

    public var id: QuestionID { QuestionID(of: record) }
  }

  /// What one person, or the script, gave.
  public struct Share: Sendable {
    public let person: String
    public var decompositions = 0
    public var reviews = 0
    /// Those from which something was learned.
    public var learned = 0
    public var withdrawn = 0
    /// Rounds in which something of theirs was learned from.
    public var first: Int?
    public var last: Int?
  }

  /// What would have to be learned anew.
  public struct Consequences: Sendable {
    public var judgments: [Entry]
    /// The first round that learned from any of them; nil: none has.
    public var first: Int?
    /// Judgments that were given after hearing models of that round or later.
    public var derived: [Entry]
    /// The round of the checkpoint from which it would go on; 0: from the beginning.
    public var from: Int
    /// Checkpoints that rest on them, by round.
    public var checkpoints: [Int]
  }

  /// In the order in which they were given.
  public let entries: [Entry]
  /// Rounds of the checkpoints there are, ascending.
  private let checkpoints: [Int]

  /// What is wrong with those that can't be read; they are in nothing else that is said here.
  public let problems: [String]

  public init(_ journal: Journal) async throws {
    var (entries, problems): ([Entry], [String]) = ([], [])
    for record in try await journal.judgments() {
      guard let number = record.number else { continue }
      do {
        entries.append(Entry(number: number, record: record, judgment: try record.decoded()))
      } catch {
        problems.append("\(error)")
      }
    }
    (self.entries, self.problems) = (entries, problems)
    checkpoints = try await journal.checkpoints().map(\.round).sorted()
  }

  /// By person, in the order of their names.
  public var shares: [Share] {
    Dictionary(grouping: entries, by: \.record.person).sorted { $0.key < $1.key }.map { person, entries in
      var share = Share(person: person)
      for entry in entries {
        if entry.id.kind == .review { share.reviews += 1 } else { share.decompositions += 1 }
        if entry.record.standing == .withdrawn { share.withdrawn += 1 }
        guard let taken = entry.record.taken else { continue }
        share.learned += 1
        share.first = min(share.first ?? taken, taken)
        share.last = max(share.last ?? taken, taken)
      }
      return share
    }
  }

  /// Each checkpoint, with the number of judgments that it rests on.
  public var supports: [(round: Int, judgments: Int)] {
    checkpoints.map { round in (round, entries.count { $0.record.taken.map { $0 <= round } ?? false }) }
  }

  /// What would have to be learned anew without some judgments.
  public func consequences(of judgments: [Entry]) -> Consequences {
    let first = judgments.compactMap(\.record.taken).min()
    let numbers = Set(judgments.map(\.number))
    let derived = entries.filter { entry in
      guard let first, !numbers.contains(entry.number), entry.record.standing == .valid else { return false }
      return (entry.record.taken ?? .max) > first && (entry.judgment.heardX || entry.id.kind == .review)
    }
    let touched = checkpoints.filter { round in first.map { round >= $0 } ?? false }
    return Consequences(
      judgments: judgments, first: first, derived: derived,
      from: checkpoints.last { round in first.map { round < $0 } ?? true } ?? 0, checkpoints: touched)
  }

  /// The decompositions that are most like a decision: those from which H′ learned it.
  ///
  /// - Parameter count: at most so many, the likest first; of those that are equally alike, the older.
  public func nearest(to transcript: Transcript, count: Int) -> [Entry] {
    let decision = Candidate(attempt: transcript, uncertainty: 0)
    return entries.compactMap { entry -> (Double, Entry)? in
      guard entry.record.taken != nil, let tree = entry.judgment.decomposition else { return nil }
      return (decision.distance(to: Candidate(attempt: tree.transcript, uncertainty: 0)), entry)
    }.sorted { ($0.0, $0.1.number) < ($1.0, $1.1.number) }.prefix(count).map(\.1)
  }
}
