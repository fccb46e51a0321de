import Foundation
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

  private func checkpoint(_ value: Int32) -> Safetensors {
    var file = Safetensors()
    file.append("value", [value])
    return file
  }

  private func value(_ store: RunStore, _ report: (String) -> Void = { _ in }) throws -> Int32? {
    try store.latestCheckpoint(report: report)?.arrays.values("value", .int32, as: Int32.self)?.first
  }

  /// A journal for which there is no room ends with a sentence of people's, not of SQLite's.
  @Test func aFullDiskIsSaidInWords() throws {
    let store = try RunStore.open("r", in: folder.path)
    try store.journal.database.write { try $0.execute(sql: "PRAGMA max_page_count = 20") }
    let error = #expect(throws: RunStoreError.self) {
      for round in 0..<100 { try store.journal.record(trees: [String(repeating: "a", count: 100_000)], round: round) }
    }
    let said = error?.description ?? ""
    #expect(said.hasSuffix("/r/journal.sqlite can't be written: No space left on device"), "\(said)")
  }

  @Test func aJournalThatIsNoneIsSaidInWords() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/r", withIntermediateDirectories: true)
    try Data(repeating: 65, count: 5000).write(to: URL(fileURLWithPath: folder.path + "/r/journal.sqlite"))
    for open in [RunStore.open, RunStore.read] {
      let error = #expect(throws: RunStoreError.self) { _ = try open("r", folder.path) }
      #expect(error?.description.hasSuffix("it is damaged, or is no journal") == true, "\(error?.description ?? "")")
    }
  }

  @Test func theNewestCheckpointIsFound() throws {
    let store = try RunStore.open("r", in: folder.path)
    #expect(try value(store) == nil)
    for round in 1...5 { try store.save(checkpoint(Int32(round)), round: round) }
    #expect(try value(store) == 5)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/r/checkpoints")
    #expect(files.sorted() == (2...5).map { "round-000000\($0).safetensors" })
  }

  @Test func ofOldCheckpointsEverFewerAreKept() throws {
    let store = try RunStore.open("r", in: folder.path)
    for round in 1...64 { try store.save(checkpoint(Int32(round)), round: 50 * round) }
    let kept = try store.journal.checkpoints().map { $0.round / 50 }
    #expect(kept == [64, 63, 62, 60, 56, 48, 32])
  }

  @Test func aRoundIsCheckpointedAnew() throws {
    let store = try RunStore.open("r", in: folder.path)
    try store.save(checkpoint(1), round: 1)
    try store.save(checkpoint(2), round: 1)
    #expect(try value(store) == 2)
  }

  @Test(arguments: ["truncated", "flipped", "missing"]) func aDamagedCheckpointIsNamedAndTheOneBeforeIsUsed(
    _ damage: String
  ) throws {
    let store = try RunStore.open("r", in: folder.path)
    try store.save(checkpoint(1), round: 1)
    try store.save(checkpoint(2), round: 2)
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
    #expect(try value(store) { reports.append($0) } == 1)
    #expect(reports.count == 1 && reports[0].contains("round-0000002"))
  }

  @Test func aRunIsOpenInOneProcessAtATime() throws {
    let store = try RunStore.open("r", in: folder.path)
    let error = #expect(throws: RunStoreError.self) { try RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
    #expect(throws: Never.self) { try RunStore.read(store.name, in: folder.path) }
  }

  @Test func aRunIsOpenAgainOnceItWasClosed() throws {
    try RunStore.open("r", in: folder.path).save(checkpoint(1), round: 1)
    #expect(try value(RunStore.open("r", in: folder.path)) == 1)
  }

  @Test func aRunThatIsNotThereIsAnErrorThatNamesThoseThatAre() throws {
    _ = try RunStore.open("there", in: folder.path)
    let error = #expect(throws: RunStoreError.self) { try RunStore.read("nope", in: folder.path) }
    #expect(error?.description.contains("nope") == true && error?.description.contains("there") == true)
  }

  @Test func aFileInTheFoldersPlaceIsAnError() throws {
    #expect(FileManager.default.createFile(atPath: folder.path, contents: Data()))
    let error = #expect(throws: RunStoreError.self) { try RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains(folder.path) == true)
  }

  @Test func aDamagedJournalIsAnError() throws {
    _ = try RunStore.open("r", in: folder.path)
    try Data("not a database, but long enough to look at".utf8).write(
      to: URL(fileURLWithPath: folder.path + "/r/journal.sqlite"))
    let error = #expect(throws: RunStoreError.self) { try RunStore.open("r", in: folder.path) }
    #expect(error?.description.contains("journal") == true)
  }

  @Test func epochsRise() throws {
    let store = try RunStore.open("r", in: folder.path)
    let first = try store.journal.beginEpoch()
    #expect(try store.journal.beginEpoch() > first)
  }

  @Test func metricsAreLines() throws {
    let store = try RunStore.open("r", in: folder.path)
    try store.appendMetrics(Data("{}".utf8))
    try store.appendMetrics(Data("{\"a\":1}".utf8))
    #expect(store.metricsLines == [Data("{}".utf8), Data("{\"a\":1}".utf8)])
  }

  @Test func theNewestRoundsKeepTheirTrees() throws {
    let store = try RunStore.open("trees", in: folder.path)
    for round in 1...210 { try store.journal.record(trees: ["\(round) a", "\(round) b"], round: round) }
    try store.journal.record(trees: ["again"], round: 200)
    #expect(try store.journal.roundsWithTrees() == Array((11...210).reversed()))
    #expect(try store.journal.trees(of: 210) == ["210 a", "210 b"])
    #expect(try store.journal.trees(of: 200) == ["again"])
    #expect(try store.journal.trees(of: 10) == [])
  }

  @Test func whatHappenedComesBackInOrder() throws {
    let store = try RunStore.open("events", in: folder.path)
    for round in 0..<5 { try store.journal.record(.init(time: 1.5, round: round, who: "worker-1", what: "joined")) }
    #expect(try RunStore.read("events", in: folder.path).journal.events(atMost: 2).map(\.round) == [3, 4])
  }
}
