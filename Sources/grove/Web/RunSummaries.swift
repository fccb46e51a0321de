import ClusterFile
import Coordinator
import Dashboard
import Foundation
import RunStore
import Status

/// What a list of runs says of each. A run's files are read again only when they have changed, and of what was measured only
/// the end: a list of a thousand runs costs a look at their dates.
actor RunSummaries {
  /// Runs that are remembered.
  private static let most = 10_000
  private static let atOnce = 50
  /// Bytes in which the last line of what was measured is, with the one before it.
  private static let tail: UInt64 = 1 << 16

  private let folder: String
  private var known: [String: Known] = [:]
  /// That goes on now.
  private var look: Task<[RunSummary], Never>?

  private struct Known: Sendable {
    let stamps: [Stamp?]
    let summary: RunSummary
  }

  /// By which a file that was replaced or written to is told from what it was.
  private struct Stamp: Hashable {
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int

    var time: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9) }

    init?(_ path: String) {
      var facts = stat()
      guard stat(path, &facts) == 0 else { return nil }
      inode = UInt64(facts.st_ino)
      size = Int64(facts.st_size)
      (seconds, nanoseconds) = (facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec)
    }
  }

  init(folder: String) { self.folder = folder }

  /// The runs that were changed last, the newest first. Who asks while it is looked already gets what that comes to.
  func all() async -> [RunSummary] {
    if let look { return await look.value }
    let task = Task { await read() }
    look = task
    defer { look = nil }
    return await task.value
  }

  /// A few at a time, so that nobody who reads something else waits for all of them.
  private func read() async -> [RunSummary] {
    let (folder, before) = (folder, known)
    let names = await RunStore.looking { Self.newest(in: folder) }
    var now: [(String, Known)] = []
    for start in stride(from: 0, to: names.count, by: Self.atOnce) {
      let some = names[start..<min(start + Self.atOnce, names.count)]
      now += await RunStore.looking { some.map { ($0, Self.look($0, in: folder, before[$0])) } }
    }
    known = Dictionary(now, uniquingKeysWith: { first, _ in first })
    return now.map(\.1.summary)
  }

  private static func newest(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let dated = names.filter(ClusterFile.isName).compactMap { name in
      Stamp("\(folder)/\(name)/journal.sqlite").map { (name: name, stamp: $0) }
    }
    return dated.sorted {
      ($0.stamp.seconds, $0.stamp.nanoseconds, $0.name) > ($1.stamp.seconds, $1.stamp.nanoseconds, $1.name)
    }.prefix(most).map(\.name)
  }

  private static func look(_ name: String, in folder: String, _ known: Known?) -> Known {
    let paths = ["config.yaml", "metrics.jsonl", "result.json"].map { "\(folder)/\(name)/\($0)" }
    // Before they are read: what changes meanwhile is read again the next time.
    let stamps = paths.map { Stamp($0) }
    if let known, known.stamps == stamps { return known }
    let files = paths.map { URL(fileURLWithPath: $0) }
    var file = ClusterFile()
    let text = (try? Data(contentsOf: files[0])).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let isRead = (try? file.take(yaml: text, named: "config.yaml")) != nil
    let result = (try? Data(contentsOf: files[2])).flatMap { try? JSONDecoder().decode(RunResult.self, from: $0) }
      .flatMap { $0.isPossible ? $0 : nil }
    let newest = lastLine(of: files[1])
    let isFinished = result.map { !isRead || $0.isEnd(of: file) } ?? false
    var run = RunSummary(
      name: name, task: isRead ? file.task.name : "?", state: isFinished ? .finished : .unfinished)
    run.started = begin(stamps, after: newest?.wallSeconds ?? 0)
    run.seconds = result?.wallSeconds ?? newest?.wallSeconds ?? 0
    run.rounds = result?.rounds ?? newest?.round ?? 0
    run.steps = result?.steps ?? newest?.steps ?? 0
    run.accuracy = result?.accuracy.row ?? newest?.accuracy.row
    run.settings = isRead ? file.settings : [:]
    if !isRead { run.problem = "its config.yaml can't be read" }
    if isRead { run.problem = lost(after: newest?.round, result, every: file.run.evaluateEvery) }
    return Known(stamps: stamps, summary: run)
  }

  /// What is missing at the end of what a run measured, which is every so many rounds; nil: nothing that is known of.
  private static func lost(after newest: Int?, _ result: RunResult?, every: Int) -> String? {
    guard let result, result.steps > 0, result.rounds >= every else { return nil }
    guard let newest else {
      return "metrics.jsonl is not there, or nothing in it can be read: there are no curves"
    }
    guard newest < result.rounds / every * every else { return nil }
    return "metrics.jsonl ends at round \(newest), but the run measured until round \(result.rounds / every * every)"
  }

  /// When it was begun at the latest: the configuration is written at each start, and what was measured last took so long.
  private static func begin(_ stamps: [Stamp?], after seconds: Double) -> Date? {
    guard let configuration = stamps[0]?.time else { return nil }
    return min(configuration, stamps[1]?.time.addingTimeInterval(-seconds) ?? configuration)
  }

  /// What was measured last; nil if nothing was, or it can't be read.
  private static func lastLine(of url: URL) -> MetricsLine? {
    guard let handle = try? FileHandle(forReadingFrom: url), let end = try? handle.seekToEnd(),
      (try? handle.seek(toOffset: end - min(end, tail))) != nil, let bytes = try? handle.readToEnd()
    else { return nil }
    let whole = bytes.prefix(upTo: bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex)
    return whole.split(separator: UInt8(ascii: "\n")).last
      .flatMap { try? JSONDecoder().decode(MetricsLine.self, from: $0) }.flatMap { $0.isPossible ? $0 : nil }
  }
}
