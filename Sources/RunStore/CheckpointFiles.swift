import Descriptors
import Foundation
import Hashing
import Safetensors
import Synchronization

/// The files of a run's checkpoints. They are written and read on a thread that may wait for a disk.
final class CheckpointFiles: Sendable {
  private let folder: URL
  /// Names of parts that are known to be on the disk.
  private let kept = Mutex<Set<String>>([])

  static let checkpoints = "checkpoints"
  /// Parts, by name.
  private static let parts = "\(checkpoints)/parts"
  /// Where a checkpoint's metadata name its parts, with spaces between them.
  private static let partsKey = "parts"

  /// - Parameter folder: the run's.
  init(in folder: URL) {
    self.folder = folder
  }

  /// Writes those of the parts that are new, and then the rest. - Returns: the SHA-256 of that.
  func write(_ checkpoint: RunStore.Checkpoint, to file: String) throws -> String {
    for part in checkpoint.parts where !kept.withLock({ $0.contains(part.name) }) {
      let url = folder.appendingPathComponent("\(Self.parts)/\(part.name).safetensors")
      try DurableFile.makeFolder(url.deletingLastPathComponent())
      try DurableFile.replace(url, part.arrays().write)
      _ = kept.withLock { $0.insert(part.name) }
    }
    var arrays = checkpoint.arrays
    if !checkpoint.parts.isEmpty {
      arrays.metadata[Self.partsKey] = checkpoint.parts.map(\.name).joined(separator: " ")
    }
    return try DurableFile.replace(folder.appendingPathComponent(file), arrays.write)
  }

  /// Drops files, and parts that are of another future.
  func drop(_ files: [String], keeping parts: [CheckpointPart]) {
    for file in files { try? FileManager.default.removeItem(at: folder.appendingPathComponent(file)) }
    let names = Set(parts.map(\.name))
    let place = folder.appendingPathComponent(Self.parts)
    for file in (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    where !names.contains(String(file.prefix { $0 != "." })) {
      try? FileManager.default.removeItem(at: place.appendingPathComponent(file))
    }
    kept.withLock { $0.formIntersection(names) }
  }

  /// - Throws: ``RunStoreError`` if it is not whole.
  func read(_ entry: Journal.Checkpoint) throws -> RunStore.Checkpoint {
    let arrays = try read(entry.file, hash: entry.sha256)
    let names = (arrays.metadata[Self.partsKey] ?? "").split(separator: " ").map(String.init)
    let parts = try names.map { name in
      guard name.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
        throw RunStoreError("“\(name.prefix(80))” names no part of it")
      }
      let arrays = try read("\(Self.parts)/\(name).safetensors", hash: name)
      return CheckpointPart(name) { arrays }
    }
    kept.withLock { $0.formUnion(names) }
    return RunStore.Checkpoint(arrays, parts: parts)
  }

  private func read(_ file: String, hash: String) throws -> Safetensors {
    let url = folder.appendingPathComponent(file)
    guard let data = try? withDescriptors({ try Data(contentsOf: url) }) else {
      throw RunStoreError("\(file) can't be read")
    }
    guard SHA256.hash(data).hexadecimal == hash else {
      throw RunStoreError("\(file) is damaged: its SHA-256 is not what was noted when it was written")
    }
    do {
      return try Safetensors(file: data)
    } catch {
      throw RunStoreError("\(file) can't be used, because \(error)")
    }
  }
}
