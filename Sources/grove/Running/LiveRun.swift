import Addresses
import Foundation
import RunStore
import Status

/// A run that is under way, as it says itself in `live.json` of its folder: where its coordinator and its pages are.
struct LiveRun: Codable, Hashable {
  var name: String
  /// Where its coordinator listens.
  var coordinator: String
  /// Where a browser finds it; nil: nowhere.
  var dashboard: String?
  var host: String
  var process: ProcessStamp
  /// Seconds since 1970.
  var since: Double

  private static let file = "live.json"

  init(name: String, coordinator: String) {
    (self.name, self.coordinator) = (name, coordinator)
    (host, process) = (ProcessInfo.processInfo.hostName, .this)
    since = Date().timeIntervalSince1970
  }

  /// Where commands of this machine reach the coordinator.
  var endpoint: String { Address(coordinator)?.fromHere.description ?? coordinator }

  // MARK: Written by the run

  /// Says in a run's folder where it is found, for as long as `body` takes.
  ///
  /// - Parameter folder: that runs are in.
  static func announced<Result>(
    _ name: String, at coordinator: String, in folder: String, _ body: (Announcement) async throws -> Result
  ) async throws -> Result {
    let announcement = Announcement(LiveRun(name: name, coordinator: coordinator), in: folder)
    await announcement.found(dashboard: nil)
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(announcement))
    } catch {
      result = .failure(error)
    }
    await announcement.end()
    return try result.get()
  }

  /// What a run says of itself.
  actor Announcement {
    private var run: LiveRun
    private let path: String
    private var isOver = false

    fileprivate init(_ run: LiveRun, in folder: String) {
      self.run = run
      path = "\(folder)/\(run.name)/\(LiveRun.file)"
    }

    /// A run goes on also if it can't be found by its name.
    func found(dashboard: String?) {
      guard !isOver else { return }
      run.dashboard = dashboard
      guard let data = try? JSONEncoder.forPeople.encode(run) else { return }
      let aside = "\(path).new"
      unlink(aside)
      let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      guard (try? handle.write(contentsOf: data + [UInt8(ascii: "\n")])) != nil else { return }
      rename(aside, path)
    }

    fileprivate func end() {
      isOver = true
      unlink(path)
    }
  }

  // MARK: Read by commands

  /// Those that are under way in a folder, by name. What killed ones left is not.
  static func all(in folder: String) -> [LiveRun] { RunStore.names(in: folder).compactMap { at($0, in: folder) } }

  static func at(_ name: String, in folder: String) -> LiveRun? {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)/\(file)"),
      let run = try? JSONDecoder().decode(LiveRun.self, from: data), run.name == name, run.process.isRunning
    else { return nil }
    return run
  }

  /// - Throws: a sentence, if it is not under way here.
  static func named(_ name: String, in folder: String) throws -> LiveRun {
    if let run = at(name, in: folder) { return run }
    let others = all(in: folder).map(\.name)
    throw Failure(
      "no run \(name.prefix(80)) is under way in \(folder)"
        + (others.isEmpty ? "" : "; there is \(others.joined(separator: ", "))")
        + "; one on another machine is found with --coordinator")
  }

  /// The one that is under way; nil: none is. - Throws: a sentence, if there are several.
  static func only(in folder: String) throws -> LiveRun? {
    let all = all(in: folder)
    guard all.count > 1 else { return all.first }
    throw Failure(
      "several runs are under way in \(folder): \(all.map(\.name).joined(separator: ", ")). Name one of them")
  }
}

/// A process of this machine, such that another which gets its number later is not taken for it.
struct ProcessStamp: Codable, Hashable {
  var pid: Int32
  /// Ticks of the clock from the machine's start to its own.
  var start: UInt64
  /// Of the machine's start.
  var boot: String

  static let this = ProcessStamp(ProcessInfo.processInfo.processIdentifier)

  /// As the process is now.
  private init(_ pid: Int32) {
    self.pid = pid
    boot =
      (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    let facts = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    // Behind the name, which may have anything in it.
    let fields = facts[(facts.lastIndex(of: ")") ?? facts.startIndex)...].split(separator: " ")
    start = fields.count > 20 ? UInt64(fields[20]) ?? 0 : 0
  }

  /// Whether it runs yet.
  var isRunning: Bool { start > 0 && ProcessStamp(pid) == self }
}
