import GRDB

extension Journal {
  /// What H decided of one question: a person, or the script in H's place.
  public struct Judgment: Codable, Hashable, Sendable, FetchableRecord, MutablePersistableRecord {
    public static let databaseTableName = "judgment"

    /// Whether it counts.
    public enum Standing: String, Codable, Hashable, Sendable, CaseIterable {
      case valid
      /// Of a second person, to see whether people agree.
      case second
      /// It was retracted.
      case withdrawn
      /// It was given while hearing models that had learned from one that was retracted since.
      case derived
    }

    /// In the order in which they were given, from 1.
    public internal(set) var number: Int64?
    /// `decomposition` or `review`.
    public let kind: String
    /// The round in which the question was asked, and its place in it.
    public let round: Int
    public let place: Int
    public let person: String
    /// Seconds since 1970.
    public let time: Double
    /// What was decided, as JSON.
    public let body: String
    public var standing: Standing
    /// The round in which it was learned from; nil: in none yet.
    public var taken: Int?

    public init(kind: String, round: Int, place: Int, person: String, time: Double, body: String, standing: Standing) {
      self.kind = kind
      self.round = round
      self.place = place
      self.person = person
      self.time = time
      self.body = body
      self.standing = standing
    }

    public mutating func didInsert(_ inserted: InsertionSuccess) { number = inserted.rowID }
  }

  /// In the order in which they were given.
  public func judgments() async throws -> [Judgment] {
    try await read("judgment") { try Judgment.order(Column("number")).fetchAll($0) }
  }

  /// Those about one question.
  public func judgments(kind: String, round: Int, place: Int) async throws -> [Judgment] {
    try await read("judgment") { db in
      try Judgment.filter(Column("kind") == kind && Column("round") == round && Column("place") == place)
        .order(Column("number")).fetchAll(db)
    }
  }

  /// Those about questions that several people judged; for each question in the order in which they were given.
  public func judgmentsOfSeveral() async throws -> [Judgment] {
    try await read("judgment") { db in
      try Judgment.fetchAll(
        db,
        sql: """
          SELECT * FROM judgment WHERE (kind, round, place) IN (
            SELECT kind, round, place FROM judgment WHERE person NOT IN ('nobody', 'script')
            GROUP BY kind, round, place HAVING COUNT(*) > 1
          ) ORDER BY number
          """)
    }
  }

  /// How many each gave.
  public func judgmentCounts() async throws -> [String: Int] {
    let rows = try await read("judgment") { db in
      try Row.fetchAll(db, sql: "SELECT person, COUNT(*) FROM judgment GROUP BY person").map { row in
        (person: row[0] as String, count: row[1] as Int)
      }
    }
    return Dictionary(rows.map { ($0.person, $0.count) }, uniquingKeysWith: +)
  }

  /// The places of a round's questions of which the judgment was withdrawn.
  public func withdrawn(kind: String, round: Int) async throws -> [Int] {
    try await read("judgment") { db in
      try Int.fetchAll(
        db, sql: "SELECT DISTINCT place FROM judgment WHERE kind = ? AND round = ? AND standing = 'withdrawn'",
        arguments: [kind, round])
    }
  }

  /// Records a judgment, once: a person's second one of the same question changes nothing.
  ///
  /// - Parameter outdated: earlier ones that don't stand for it, because they are about another question.
  /// - Returns: the one that is kept.
  @discardableResult
  public func record(_ judgment: Judgment, insteadOf outdated: [Int64] = []) async throws -> Judgment {
    try await write { db in
      try Self.set(.derived, of: outdated, in: db)
      let earlier = try Judgment.filter(
        Column("kind") == judgment.kind && Column("round") == judgment.round && Column("place") == judgment.place
          && Column("person") == judgment.person
      ).fetchOne(db)
      if let earlier, earlier.standing != .derived { return earlier }
      // What a derived one said was asked anew: it is replaced by what was said now.
      _ = try earlier?.delete(db)
      var judgment = judgment
      try judgment.insert(db)
      return judgment
    }
  }

  /// Records what the script decided.
  public func record(script judgments: [Judgment]) async throws {
    guard !judgments.isEmpty else { return }
    try await write { db in
      for var judgment in judgments { try judgment.insert(db) }
    }
  }

  /// Goes back to how it was after a round: what was learned later has not happened yet.
  public func rewind(to round: Int) async throws {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM judgment WHERE person = 'script' AND round > ? AND standing <> 'withdrawn'",
        arguments: [round])
      try db.execute(sql: "UPDATE judgment SET taken = NULL WHERE taken > ?", arguments: [round])
    }
  }

  /// Notes in which round judgments were learned from.
  public func take(_ numbers: [Int64], round: Int) async throws {
    guard !numbers.isEmpty else { return }
    try await write { db in
      for number in numbers {
        try db.execute(
          sql: "UPDATE judgment SET taken = ?, standing = 'valid' WHERE number = ?", arguments: [round, number])
      }
    }
  }

  /// Has judgments count again, or no more.
  public func set(_ standing: Judgment.Standing, of numbers: [Int64]) async throws {
    try await write { try Self.set(standing, of: numbers, in: $0) }
  }

  private static func set(_ standing: Judgment.Standing, of numbers: [Int64], in db: Database) throws {
    for number in numbers {
      try db.execute(
        sql: "UPDATE judgment SET standing = ?, taken = NULL WHERE number = ?", arguments: [standing.rawValue, number])
    }
  }

  /// Takes a judgment back, as long as nothing was learned from it. - Returns: whether it was taken back.
  public func undo(_ number: Int64) async throws -> Bool {
    try await write { db in
      try db.execute(sql: "DELETE FROM judgment WHERE number = ? AND taken IS NULL", arguments: [number])
      return db.changesCount > 0
    }
  }

  /// Withdraws a judgment, and forgets the checkpoints of rounds that learned from it: the run goes on from before.
  ///
  /// - Parameters:
  ///   - first: the first round that learned from it; nil: none has.
  ///   - derived: judgments that were given while hearing models of those rounds.
  /// - Returns: files of the checkpoints that are forgotten.
  public func withdraw(_ number: Int64, from first: Int?, derived: [Int64]) async throws -> [String] {
    try await write { db in
      try Self.set(.withdrawn, of: [number], in: db)
      try Self.set(.derived, of: derived, in: db)
      guard let first else { return [] }
      try db.execute(sql: "UPDATE judgment SET taken = NULL WHERE taken >= ?", arguments: [first])
      let checkpoints = try Checkpoint.filter(Column("round") >= first).fetchAll(db)
      for checkpoint in checkpoints { try checkpoint.delete(db) }
      return checkpoints.map(\.file)
    }
  }

  // MARK: Steps on the way to a judgment

  /// A step that a person took on the way to a judgment.
  public struct DraftStep: Codable, Hashable, Sendable, FetchableRecord, PersistableRecord {
    public static let databaseTableName = "draft"
    public let kind: String
    public let round: Int
    public let place: Int
    public let person: String
    /// From 0.
    public let step: Int
    /// What was done, as JSON.
    public let body: String

    public init(kind: String, round: Int, place: Int, person: String, step: Int, body: String) {
      self.kind = kind
      self.round = round
      self.place = place
      self.person = person
      self.step = step
      self.body = body
    }
  }

  /// Keeps a step, unless there is one at its place.
  public func record(_ step: DraftStep) async throws {
    try await write { try step.insert($0, onConflict: .ignore) }
  }

  /// The steps of a person about a question so far.
  public func draft(kind: String, round: Int, place: Int, person: String) async throws -> [DraftStep] {
    try await read("draft") { db in
      try DraftStep.filter(
        Column("kind") == kind && Column("round") == round && Column("place") == place && Column("person") == person
      ).order(Column("step")).fetchAll(db)
    }
  }

  /// Drops a person's steps about a question from one on.
  public func dropDraft(kind: String, round: Int, place: Int, person: String, from step: Int) async throws {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM draft WHERE kind = ? AND round = ? AND place = ? AND person = ? AND step >= ?",
        arguments: [kind, round, place, person, step])
    }
  }

  // MARK: Answers that people are to check

  /// Keeps a round's amplified answers that are held back, as JSON, by place.
  public func record(held bodies: [Int: String], round: Int) async throws {
    guard !bodies.isEmpty else { return }
    try await write { db in
      for (place, body) in bodies {
        try db.execute(sql: "INSERT OR REPLACE INTO held VALUES (?, ?, ?)", arguments: [round, place, body])
      }
    }
  }

  /// The one that was held back at a place of a round.
  public func held(round: Int, place: Int) async throws -> String? {
    try await read("held") { db in
      try String.fetchAll(db, sql: "SELECT body FROM held WHERE round = ? AND place = ?", arguments: [round, place])
    }.first
  }
}
