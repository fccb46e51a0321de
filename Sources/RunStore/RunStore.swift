import ClusterFile
import Crypto
import Descriptors
import Foundation
import GRDB
import Safetensors

/// The folder of a run: everything of it that outlives a process.
///
/// One process at a time may write; ``open(_:in:)`` takes a lock that the system releases when the process ends, however
/// it ends.
public final class RunStore: Sendable {
  public let name: String
  public let folder: URL
  public let journal: Journal
  private let lock: Int32?

  private init(name: String, folder: URL, journal: Journal, lock: Int32?) {
    self.name = name
    self.folder = folder
    self.journal = journal
    self.lock = lock
  }

  deinit { if let lock { close(lock) } }

  /// Opens a run for writing, and makes it if there is none.
  ///
  /// - Throws: ``RunStoreError`` if another process has it open or the folder can't be written.
  public static func open(_ name: String, in parent: String) throws -> RunStore {
    let folder = try place(of: name, in: parent)
    do {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("checkpoints"), withIntermediateDirectories: true)
    } catch {
      throw RunStoreError("the run's folder \(folder.path) can't be made: \(error.reason)")
    }
    let path = folder.appendingPathComponent("lock").path
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw RunStoreError("the run's folder \(folder.path) can't be written: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      close(descriptor)
      throw RunStoreError("the run \(name) is open in another process (\(holder)): stop that one first, or use --name")
    }
    let holder = Array(
      "process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName)".utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, holder, holder.count) == holder.count else {
      close(descriptor)
      throw RunStoreError("the run's folder \(folder.path) can't be written: \(String(cString: strerror(errno)))")
    }
    do {
      let journal = try Journal(path: folder.appendingPathComponent("journal.sqlite").path)
      return RunStore(name: name, folder: folder, journal: journal, lock: descriptor)
    } catch {
      close(descriptor)
      throw RunStoreError("the journal of the run \(name) can't be opened: \(error.reason)")
    }
  }

  /// Opens a run for reading, also while another process writes it.
  public static func read(_ name: String, in parent: String) throws -> RunStore {
    let folder = try place(of: name, in: parent)
    let path = folder.appendingPathComponent("journal.sqlite").path
    guard FileManager.default.fileExists(atPath: path) else {
      let runs = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).sorted()
      throw RunStoreError(
        "there is no run \(name) in \(parent)" + (runs.isEmpty ? "" : "; there is \(runs.joined(separator: ", "))"))
    }
    do {
      return RunStore(name: name, folder: folder, journal: try Journal(reading: path), lock: nil)
    } catch {
      throw RunStoreError("the journal of the run \(name) can't be read: \(error.reason)")
    }
  }

  /// The one place where a name becomes a path: none leads out of the folder.
  private static func place(of name: String, in parent: String) throws -> URL {
    guard ClusterFile.isName(name) else {
      throw RunStoreError("“\(name.prefix(80))” can't name a run; allowed are \(ClusterFile.nameRule)")
    }
    return URL(fileURLWithPath: parent).appendingPathComponent(name)
  }

  // MARK: Checkpoints

  /// Checkpoints that are kept.
  private static let kept = 3

  /// Writes a checkpoint: aside, to the disk, renamed, and then named in the journal.
  public func save(_ checkpoint: Safetensors, round: Int) throws {
    let data = checkpoint.file
    let file = "checkpoints/round-\(String(repeating: "0", count: max(0, 7 - "\(round)".count)))\(round).safetensors"
    try writeAtomically(data, to: file)
    let hash = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
    let dropped = try journal.record(
      checkpoint: Journal.Checkpoint(round: round, file: file, sha256: hash), keeping: Self.kept)
    for file in dropped { try? FileManager.default.removeItem(at: folder.appendingPathComponent(file)) }
  }

  /// The newest checkpoint that is whole. - Parameter report: is told of each that is not.
  public func latestCheckpoint(report: (String) -> Void) throws -> (round: Int, arrays: Safetensors)? {
    for entry in try journal.checkpoints() {
      let url = folder.appendingPathComponent(entry.file)
      guard let data = try? Data(contentsOf: url) else {
        report("the checkpoint \(entry.file) can't be read; the one before it is used")
        continue
      }
      guard SHA256.hash(data: data).map({ String(format: "%02x", $0) }).joined() == entry.sha256 else {
        report("the checkpoint \(entry.file) is damaged: its SHA-256 is not the journal's; the one before it is used")
        continue
      }
      do {
        return (entry.round, try Safetensors(file: data))
      } catch {
        report("the checkpoint \(entry.file) can't be used, because \(error); the one before it is used")
      }
    }
    return nil
  }

  /// Withdraws a judgment: the run goes on from before the first round that learned from it, and is not finished any more.
  ///
  /// - Parameter derived: judgments that were given while hearing models of that round or later.
  public func withdraw(_ number: Int64, from first: Int?, derived: [Int64]) throws {
    let forgotten = try journal.withdraw(number, from: first, derived: derived)
    for file in forgotten { try? FileManager.default.removeItem(at: folder.appendingPathComponent(file)) }
    if first != nil { try? FileManager.default.removeItem(at: folder.appendingPathComponent("result.json")) }
  }

  // MARK: Files

  /// Space that is left for people on the run's disk; nil if that can't be told.
  public var freeBytes: Int? {
    var space = statvfs()
    guard statvfs(folder.path, &space) == 0 else { return nil }
    return Int(space.f_bavail) * Int(space.f_frsize)
  }

  /// Replaces a file of the run; whoever reads it sees the old one or the new one.
  public func writeAtomically(_ data: Data, to file: String) throws {
    let url = folder.appendingPathComponent(file)
    let aside = url.appendingPathExtension("new")
    do {
      try withDescriptors { try data.write(to: aside) }
      let handle = try withDescriptors { try FileHandle(forUpdating: aside) }
      try handle.synchronize()
      try handle.close()
      guard rename(aside.path, url.path) == 0 else {
        throw RunStoreError(String(cString: strerror(errno)))
      }
    } catch {
      try? FileManager.default.removeItem(at: aside)
      throw RunStoreError("\(url.path) can't be written: \(error.reason)")
    }
  }

  /// The bytes of a file of the run; nil if there is none.
  public func contents(of file: String) -> Data? { try? Data(contentsOf: folder.appendingPathComponent(file)) }

  /// The lines of `metrics.jsonl`.
  public var metricsLines: [Data] {
    (contents(of: "metrics.jsonl") ?? Data()).split(separator: UInt8(ascii: "\n")).map { Data($0) }
  }

  /// Adds a line to `metrics.jsonl`.
  public func appendMetrics(_ line: Data) throws {
    let path = folder.appendingPathComponent("metrics.jsonl").path
    let descriptor: Int32
    do {
      descriptor = try withDescriptors {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return descriptor
      }
    } catch {
      throw RunStoreError("\(path) can't be written: \(error.reason)")
    }
    defer { close(descriptor) }
    let bytes = Array(line) + [UInt8(ascii: "\n")]
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw RunStoreError("\(path) can't be written: \(String(cString: strerror(errno)))")
    }
  }
}

/// What could not be kept or found, and why.
public struct RunStoreError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Error {
  /// What a person is told of an error of Foundation's or the database's.
  var reason: String {
    switch self {
    case let error as RunStoreError: error.description
    case let error as DatabaseError: error.sentence
    case let error as POSIXError: String(cString: strerror(error.code.rawValue))
    case let error as CocoaError:
      (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        ?? "\(error.localizedDescription)"
    default: "\(self)"
    }
  }
}
