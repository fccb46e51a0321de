import Foundation
import GRDB
import Safetensors
import Testing

@testable import RunStore

/// A folder of its own for each test, removed with it.
private final class Folder {
  let path = NSTemporaryDirectory() + "grove-store-\(UUID().uuidString)"
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

struct RunStoreTests {
  private let folder = Folder()

  private func checkpoint(_ value: Int32) -> RunStore.Checkpoint {
    var file = Safetensors()
    file.append("value", [value])
    return RunStore.Checkpoint(file)
  }

  private func value(_ store: RunStore, _ report: (String) -> Void = { _ in }) async throws -> Int32? {
    try await store.latestCheckpoint(report: report)?.checkpoint.arrays.values("value", .int32, as: Int32.self)?.first
  }

  /// A journal for which there is no room ends with a sentence of people's, not of SQLite's.
  @Test func aFullDiskIsSaidInWords() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    try await store.journal.write { try $0.execute(sql: "PRAGMA max_page_count = 20") }
    let error = await #expect(throws: RunStoreError.self) {
      for round in 0..<100 {
        try await store.journal.record(trees: [String(repeating: "a", count: 100_000)], round: round)
      }
    }
    let said = error?.description ?? ""
    #expect(said.hasSuffix("/r/journal.sqlite can't be written: No space left on device"), "\(said)")
  }

  @Test func aJournalThatIsNoneIsSaidInWords() async throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/r", withIntermediateDirectories: true)
    try Data(repeating: 65, count: 5000).write(to: URL(fileURLWithPath: folder.path + "/r/journal.sqlite"))
    for open in [RunStore.open, RunStore.read] {
      let error = await #expect(throws: RunStoreError.self) { _ = try await open("r", folder.path) }
      #expect(error?.description.hasSuffix("it is damaged, or is no journal") == true, "\(error?.description ?? "")")
    }
  }

  @Test func theNewestCheckpointIsFound() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    #expect(try await value(store) == nil)
    for round in 1...5 { try await store.save(checkpoint(Int32(round)), round: round) }
    #expect(try await value(store) == 5)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/r/checkpoints")
    #expect(files.sorted() == (2...5).map { "round-000000\($0).safetensors" })
  }

  @Test func ofOldCheckpointsEverFewerAreKept() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    for round in 1...64 { try await store.save(checkpoint(Int32(round)), round: 50 * round) }
    let kept = try await store.journal.checkpoints().map { $0.round / 50 }
    #expect(kept == [64, 63, 62, 60, 56, 48, 32])
  }

  @Test func aRoundIsCheckpointedAnew() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    try await store.save(checkpoint(1), round: 1)
    try await store.save(checkpoint(2), round: 1)
    #expect(try await value(store) == 2)
  }

  @Test(arguments: ["truncated", "flipped", "missing"]) func aDamagedCheckpointIsNamedAndTheOneBeforeIsUsed(
    _ damage: String
  ) async throws {
    let store = try await RunStore.open("r", in: folder.path)
    try await store.save(checkpoint(1), round: 1)
    try await store.save(checkpoint(2), round: 2)
    let newest = store.folder.appendingPathComponent("checkpoints/round-0000002.safetensors")
    var data = try Data(contentsOf: newest)
    switch damage {
    case "truncated": try data.dropLast().write(to: newest)
    case "flipped":
      data[data.count - 1] ^= 1
      try data.write(to: newest)
    default: try FileManager.default.removeItem(at: newest)
    }
    var reports: [String] = []
    #expect(try await value(store) { reports.append($0) } == 1)
    #expect(reports.count == 1 && reports[0].contains("round-0000002"))
  }

  @Test func aRunIsOpenInOneProcessAtATime() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    let error = await #expect(throws: RunStoreError.self) { try await RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
    await #expect(throws: Never.self) { try await RunStore.read(store.name, in: folder.path) }
  }

  @Test func aRunIsOpenAgainOnceItWasClosed() async throws {
    try await RunStore.open("r", in: folder.path).save(checkpoint(1), round: 1)
    #expect(try await value(RunStore.open("r", in: folder.path)) == 1)
  }

  @Test func aRunThatIsNotThereIsAnErrorThatNamesThoseThatAre() async throws {
    _ = try await RunStore.open("there", in: folder.path)
    let error = await #expect(throws: RunStoreError.self) { try await RunStore.read("nope", in: folder.path) }
    #expect(error?.description.contains("nope") == true && error?.description.contains("there") == true)
  }

  @Test func aFileInTheFoldersPlaceIsAnError() async throws {
    #expect(FileManager.default.createFile(atPath: folder.path, contents: Data()))
    let error = await #expect(throws: RunStoreError.self) { try await RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains(folder.path) == true)
  }

  @Test func aDamagedJournalIsAnError() async throws {
    _ = try await RunStore.open("r", in: folder.path)
    try Data("not a database, but long enough to look at".utf8).write(
      to: URL(fileURLWithPath: folder.path + "/r/journal.sqlite"))
    let error = await #expect(throws: RunStoreError.self) { try await RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains("journal") == true)
  }

  @Test func epochsRise() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    let first = try await store.journal.beginEpoch()
    #expect(try await store.journal.beginEpoch() > first)
  }

  @Test func metricsAreLines() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    try await store.appendMetrics(Data("{}".utf8))
    try await store.appendMetrics(Data("{\"a\":1}".utf8))
    #expect(try await store.metrics([String: Int].self).lines == [[:], ["a": 1]])
  }

  @Test func linesThatCantBeReadAreNamedAndKeptAside() async throws {
    let store = try await RunStore.open("r", in: folder.path)
    for line in ["{\"a\":1}", "{\"a\":", "{\"a\":3}"] { try await store.appendMetrics(Data(line.utf8)) }
    // One that was cut off when the process was killed.
    let handle = try FileHandle(forWritingTo: store.folder.appendingPathComponent("metrics.jsonl"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"a\":4".utf8))
    try handle.close()
    let read = try await store.metrics([String: Int].self)
    #expect(read.lines == [["a": 1], ["a": 3]] && read.problems.count == 2)
    #expect(read.problems[0].contains("line 2") && read.problems[1].contains("line 4, has no end"), "\(read.problems)")

    let kept = try await store.keepMetrics { (line: [String: Int]) in line["a"] ?? 0 < 2 }
    #expect(kept.lines == [["a": 1]] && kept.problems.count == 2)
    #expect(kept.problems[1].contains("line 4") && kept.problems[1].contains("metrics.unreadable"))
    #expect(try await store.contents(of: "metrics.jsonl") == Data("{\"a\":1}\n".utf8))
    #expect(try await store.contents(of: "metrics.unreadable") == Data("{\"a\":\n{\"a\":4\n".utf8))
    #expect(try await store.keepMetrics { (_: [String: Int]) in true }.problems.isEmpty)
  }

  @Test func aJournalOfAnEarlierVersionLacksNothingThatIsLookedAt() async throws {
    let run = URL(fileURLWithPath: folder.path).appendingPathComponent("r")
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    try await DatabaseQueue(path: run.appendingPathComponent("journal.sqlite").path).write {
      try $0.execute(sql: "CREATE TABLE checkpoint (round INTEGER PRIMARY KEY, file TEXT, sha256 TEXT)")
    }
    let store = try await RunStore.read("r", in: folder.path)
    #expect(try await store.journal.events(atMost: 1).isEmpty)
    #expect(try await store.journal.judgments().isEmpty)
    #expect(try await store.journal.roundsWithTrees().isEmpty)
    #expect(try await store.journal.held(round: 1, place: 0) == nil)
  }

  @Test func theNewestRoundsKeepTheirTrees() async throws {
    let store = try await RunStore.open("trees", in: folder.path)
    for round in 1...210 { try await store.journal.record(trees: ["\(round) a", "\(round) b"], round: round) }
    try await store.journal.record(trees: ["again"], round: 200)
    #expect(try await store.journal.roundsWithTrees() == Array((11...210).reversed()))
    #expect(try await store.journal.trees(of: 210) == ["210 a", "210 b"])
    #expect(try await store.journal.trees(of: 200) == ["again"])
    #expect(try await store.journal.trees(of: 10) == [])
  }

  @Test func whatHappenedComesBackInOrder() async throws {
    let store = try await RunStore.open("events", in: folder.path)
    for round in 0..<5 {
      try await store.journal.record(.init(time: 1.5, round: round, who: "worker-1", what: "joined"))
    }
    #expect(try await RunStore.read("events", in: folder.path).journal.events(atMost: 2).map(\.round) == [3, 4])
  }
}
