import Foundation
import GRDB

/// What a run remembers, in SQLite: what is written is on the disk when the call returns.
public final class Journal: Sendable {
  /// A checkpoint that was written whole.
  public struct Checkpoint: Codable, Hashable, Sendable, FetchableRecord, PersistableRecord {
    public static let databaseTableName = "checkpoint"
    public let round: Int
    /// Path within the run's folder.
    public let file: String
    public let sha256: String
  }

  private let database: any DatabaseWriter & Sendable
  private let commits: Commits
  /// A copy of the journal that is looked at in its place, for as long.
  private let copy: TemporaryFolder?

  /// Seconds that another connection may take, such as one that is being closed and puts all into one file.
  static let patience = 5.0

  init(path: String) throws {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(Self.patience)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    let pool = try DatabasePool(path: path, configuration: configuration)
    (database, commits, copy) = (pool, Commits(pool), nil)
    guard try !pool.read(Self.migrator.hasBeenSuperseded) else {
      throw RunStoreError("a later version of grove has written it: go on with that one")
    }
    try Self.migrator.migrate(pool)
  }

  /// Opens a journal to look at, also where nothing can be written.
  init(reading path: String) throws {
    let reading = try ReadOnlyJournal(path: path)
    (database, copy) = (reading.database, reading.copy)
    commits = Commits(database)
  }

  /// What is written is on the disk when the call returns, together with what others write at the same time.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do {
      return try await commits.write(body)
    } catch let error as DatabaseError {
      throw RunStoreError("\(database.path) can't be written: \(error.reason)")
    }
  }

  /// Rows of a table; none if there is no such table, as in the journal of an earlier version.
  func read<Row: Sendable>(
    _ table: String, _ body: @escaping @Sendable (Database) throws -> [Row]
  ) async throws -> [Row] {
    do {
      return try await database.read { try $0.tableExists(table) ? body($0) : [] }
    } catch let error as DatabaseError {
      throw RunStoreError("\(database.path) can't be read: \(error.reason)")
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("checkpoints and decompositions") { db in
      try db.create(table: "checkpoint") { table in
        table.primaryKey("round", .integer)
        table.column("file", .text).notNull()
        table.column("sha256", .text).notNull()
      }
      try db.create(table: "decomposition") { table in
        table.column("round", .integer).notNull()
        table.column("place", .integer).notNull()
        table.column("author", .text).notNull()
        table.column("transcript", .text).notNull()
        table.primaryKey(["round", "place"])
      }
      try db.create(table: "coordinator") { table in
        table.autoIncrementedPrimaryKey("epoch")
        table.column("started", .datetime).notNull()
      }
    }
    migrator.registerMigration("trees and events") { db in
      try db.create(table: "tree") { table in
        table.column("round", .integer).notNull()
        table.column("place", .integer).notNull()
        table.column("json", .text).notNull()
        table.primaryKey(["round", "place"])
      }
      try db.create(table: "event") { table in
        table.autoIncrementedPrimaryKey("number")
        table.column("time", .double).notNull()
        table.column("round", .integer).notNull()
        table.column("who", .text).notNull()
        table.column("what", .text).notNull()
      }
    }
    migrator.registerMigration("judgments") { db in
      try db.create(table: "judgment") { table in
        table.autoIncrementedPrimaryKey("number")
        table.column("kind", .text).notNull()
        table.column("round", .integer).notNull()
        table.column("place", .integer).notNull()
        table.column("person", .text).notNull()
        table.column("time", .double).notNull()
        table.column("body", .text).notNull()
        table.column("standing", .text).notNull()
        table.column("taken", .integer)
        table.uniqueKey(["kind", "round", "place", "person"])
      }
      try db.create(table: "draft") { table in
        table.column("kind", .text).notNull()
        table.column("round", .integer).notNull()
        table.column("place", .integer).notNull()
        table.column("person", .text).notNull()
        table.column("step", .integer).notNull()
        table.column("body", .text).notNull()
        table.primaryKey(["kind", "round", "place", "person", "step"])
      }
      try db.create(table: "held") { table in
        table.column("round", .integer).notNull()
        table.column("place", .integer).notNull()
        table.column("body", .text).notNull()
        table.primaryKey(["round", "place"])
      }
      // What H decided before there were judgments of people.
      try db.execute(
        sql: """
          INSERT INTO judgment (kind, round, place, person, time, body, standing, taken)
          SELECT 'transcript', round, place, 'script', 0, transcript, 'valid', round FROM decomposition
          """)
      try db.drop(table: "decomposition")
    }
    migrator.registerBuilds()
    return migrator
  }

  /// Counts the coordinators that this run has had. - Returns: how many, with this one.
  public func beginEpoch() async throws -> Int {
    try await write { db in
      try db.execute(sql: "INSERT INTO coordinator (started) VALUES (?)", arguments: [Date()])
      return Int(db.lastInsertedRowID)
    }
  }

  /// Records a checkpoint. - Returns: files of checkpoints that are no longer kept: all but the newest, and of those before
  /// ever fewer, so that from where a withdrawn judgment was learned it is never far to the one before.
  func record(checkpoint: Checkpoint, keeping kept: Int) async throws -> [String] {
    try await write { db in
      // Rounds after it were another future: they have not happened yet.
      try Checkpoint.filter(Column("round") > checkpoint.round).deleteAll(db)
      try checkpoint.save(db)
      let old = try Checkpoint.order(Column("round").desc).limit(-1, offset: kept).fetchAll(db)
      let unit = old.reduce(0) { Self.greatestCommonDivisor($0, $1.round) }
      let dropped = old.filter { old in
        // The rounder its number, the longer one is kept.
        let number = old.round / max(1, unit)
        return (checkpoint.round - old.round) / max(1, unit) >= 2 << number.trailingZeroBitCount
      }
      for old in dropped { try old.delete(db) }
      return dropped.map(\.file)
    }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// Newest first.
  public func checkpoints() async throws -> [Checkpoint] {
    try await read("checkpoint") { try Checkpoint.order(Column("round").desc).fetchAll($0) }
  }

  // MARK: What people look at

  /// Rounds of which the trees are kept.
  private static let roundsWithTrees = 200

  /// Keeps the trees of a round, as JSON, in place of those that it had; the oldest rounds' are dropped.
  public func record(trees: [String], round: Int) async throws {
    try await write { db in
      try db.execute(sql: "DELETE FROM tree WHERE round = ?", arguments: [round])
      for (place, json) in trees.enumerated() {
        try db.execute(sql: "INSERT INTO tree VALUES (?, ?, ?)", arguments: [round, place, json])
      }
      let rounds = try Int.fetchAll(db, sql: "SELECT DISTINCT round FROM tree ORDER BY round DESC")
      guard let oldest = rounds.prefix(Self.roundsWithTrees).last else { return }
      try db.execute(sql: "DELETE FROM tree WHERE round < ?", arguments: [oldest])
    }
  }

  /// The rounds that have trees, newest first.
  public func roundsWithTrees() async throws -> [Int] {
    try await read("tree") { try Int.fetchAll($0, sql: "SELECT DISTINCT round FROM tree ORDER BY round DESC") }
  }

  /// The trees of a round, as JSON.
  public func trees(of round: Int) async throws -> [String] {
    try await read("tree") {
      try String.fetchAll($0, sql: "SELECT json FROM tree WHERE round = ? ORDER BY place", arguments: [round])
    }
  }

  /// Something that happened to the cluster.
  public struct Event: Codable, Hashable, Sendable, FetchableRecord, PersistableRecord {
    public static let databaseTableName = "event"
    /// Seconds since 1970.
    public let time: Double
    public let round: Int
    public let who: String
    public let what: String

    public init(time: Double, round: Int, who: String, what: String) {
      self.time = time
      self.round = round
      self.who = who
      self.what = what
    }
  }

  public func record(_ event: Event) async throws { try await write { try event.insert($0) } }

  /// The newest, oldest first.
  public func events(atMost most: Int) async throws -> [Event] {
    try await read("event") {
      try Event.fetchAll($0, sql: "SELECT * FROM event ORDER BY number DESC LIMIT ?", arguments: [most])
    }.reversed()
  }
}
