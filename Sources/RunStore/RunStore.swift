import ClusterFile
import Foundation
import GRDB

/// The folder of a run: everything of it that outlives a process.
///
/// One process at a time may write; ``open(_:in:)`` takes a lock that the system releases when the process ends, however
/// it ends.
public final class RunStore: Sendable {
  public let name: String
  public let folder: URL
  public let journal: Journal
  private let lock: Int32?
  /// Folders that this made for a run that was not there, the innermost first.
  let made: [URL]
  let disk: DiskQueue
  let files: CheckpointFiles

  private init(name: String, folder: URL, journal: Journal, lock: Int32?, made: [URL] = [], disk: DiskQueue) {
    (self.name, self.folder, self.journal, self.lock, self.disk) = (name, folder, journal, lock, disk)
    self.made = made
    files = CheckpointFiles(in: folder)
  }

  deinit { if let lock { close(lock) } }

  /// Opens a run for writing, and makes it if there is none.
  ///
  /// - Throws: ``RunStoreError`` if another process has it open or the folder can't be written.
  public static func open(_ name: String, in parent: String) async throws -> RunStore {
    let disk = DiskQueue()
    return try await disk.run {
      let folder = try place(of: name, in: parent)
      try checkJournal(of: name, in: folder)
      let made = missing(folder)
      do {
        try DurableFile.makeFolder(folder.appendingPathComponent(CheckpointFiles.checkpoints))
      } catch {
        throw RunStoreError("the run's folder \(folder.path) can't be made: \(error.reason)")
      }
      let lock = try lock(folder, of: name)
      do {
        let journal = try Journal(path: folder.appendingPathComponent("journal.sqlite").path)
        try DurableFile.sync(folder: folder)
        return RunStore(name: name, folder: folder, journal: journal, lock: lock, made: made, disk: disk)
      } catch {
        close(lock)
        if let new = made.first { try? FileManager.default.removeItem(at: new) }
        throw RunStoreError("the journal of the run \(name) can't be opened: \(error.reason)")
      }
    }
  }

  /// Keeps other processes from writing in a run's folder.
  private static func lock(_ folder: URL, of name: String) throws -> Int32 {
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
    return descriptor
  }

  /// The one place where a name becomes a path: none leads out of the folder.
  private static func place(of name: String, in parent: String) throws -> URL {
    try ClusterFile.checkName(name, of: "a run")
    return URL(fileURLWithPath: parent).appendingPathComponent(name)
  }

  /// Where runs are read: not where one is written, that neither waits for the other.
  private static let reading = DiskQueue()

  /// Looks at files on a thread that may wait for a disk.
  public static func looking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await reading.run(body)
  }

  /// Opens a run for reading, also while another process writes it, and where nothing can be written.
  public static func read(_ name: String, in parent: String) async throws -> RunStore {
    try await reading.run {
      let folder = try place(of: name, in: parent)
      let path = folder.appendingPathComponent("journal.sqlite").path
      try checkJournal(of: name, in: folder)
      guard FileManager.default.fileExists(atPath: path) else {
        let runs = names(in: parent)
        throw RunStoreError(
          "there is no run \(name) in \(parent)" + (runs.isEmpty ? "" : "; there is \(runs.joined(separator: ", "))"))
      }
      do {
        return RunStore(name: name, folder: folder, journal: try Journal(reading: path), lock: nil, disk: reading)
      } catch {
        throw RunStoreError("the journal of the run \(name) can't be read: \(error.reason)")
      }
    }
  }

  // MARK: Files

  /// Space that is left for people on the run's disk; nil if that can't be told.
  public var freeBytes: Int? {
    get async {
      let path = folder.path
      // Not where it is written: who asks does not wait for a checkpoint.
      return await Self.looking { () -> Int? in
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { return nil }
        return Int(clamping: space.f_bavail) * Int(clamping: space.f_frsize)
      }
    }
  }

  /// Replaces a file of the run; whoever reads it sees the old one or the new one.
  public func writeAtomically(_ data: Data, to file: String) async throws {
    let url = folder.appendingPathComponent(file)
    try await disk.run { _ = try DurableFile.replace(url) { add in try data.withUnsafeBytes(add) } }
  }

  /// The bytes of a file of the run; nil if there is none. - Throws: ``RunStoreError`` if there is one that can't be read.
  public func contents(of file: String) async throws -> Data? {
    let url = folder.appendingPathComponent(file)
    return try await disk.run { try DurableFile.contents(of: url) }
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
    case let error as DecodingError: error.sentence
    case let error as CocoaError:
      (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        ?? "\(error.localizedDescription)"
    default: "\(self)"
    }
  }
}

extension DecodingError {
  /// What is wrong, and where in the JSON.
  fileprivate var sentence: String {
    let context: Context? =
      switch self {
      case .dataCorrupted(let context), .keyNotFound(_, let context), .valueNotFound(_, let context),
        .typeMismatch(_, let context):
        context
      @unknown default: nil
      }
    let place = (context?.codingPath ?? []).map(\.stringValue).joined(separator: ".")
    let what = context?.debugDescription ?? "\(self)"
    return (what.hasSuffix(".") ? String(what.dropLast()) : what) + (place.isEmpty ? "" : " (at \(place))")
  }
}

/// What a run's journal keeps as JSON.
public enum JournalRecord {
  /// - Parameter name: by which errors call it, such as “judgment 12”.
  /// - Throws: ``RunStoreError`` that says which record can't be read, and why.
  public static func decode<Value: Decodable>(_: Value.Type = Value.self, from json: String, named name: String) throws
    -> Value
  {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    } catch {
      throw RunStoreError(
        "\(name) in the run's journal can't be read: \(error.reason). The journal is damaged, or another version of Grove "
          + "wrote it")
    }
  }

  public static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
