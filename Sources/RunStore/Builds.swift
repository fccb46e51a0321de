import GRDB

/// The builds of the program that made a run: its bits are promised of one build, not of several.
extension Journal {
  /// Names a build as that of a coordinator of this run, which is to go on with it.
  ///
  /// - Parameter epoch: which coordinator of the run it is, as ``beginEpoch()`` counts.
  public func record(build: String, epoch: Int) async throws {
    try await write { db in
      try db.execute(sql: "INSERT INTO build (epoch, fingerprint) VALUES (?, ?)", arguments: [epoch, build])
    }
  }

  /// Those that made it, in order, each where it took over; none of runs from before that was written down.
  public func builds() async throws -> [String] {
    let all = try await read("build") { try String.fetchAll($0, sql: "SELECT fingerprint FROM build ORDER BY epoch") }
    return all.enumerated().filter { $0.offset == 0 || all[$0.offset - 1] != $0.element }.map(\.element)
  }
}

extension DatabaseMigrator {
  mutating func registerBuilds() {
    registerMigration("builds") { db in
      try db.create(table: "build") { table in
        table.primaryKey("epoch", .integer)
        table.column("fingerprint", .text).notNull()
      }
    }
  }
}
