import Descriptors
import Foundation
import Hashing

/// Files that are on the disk when the call returns, with their names: a name is its folder's, which is synced, too.
enum DurableFile {
  /// Replaces a file; whoever reads it sees the old one or the new one.
  ///
  /// - Parameter body: gives the bytes, piece by piece. - Returns: their SHA-256, hexadecimal.
  @discardableResult
  static func replace(_ url: URL, _ body: (_ add: (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws
    -> String
  {
    let aside = url.appendingPathExtension("new")
    var hash = SHA256()
    do {
      try open(aside, O_WRONLY | O_CREAT | O_TRUNC) { descriptor in
        try body { bytes in
          hash.update(bytes)
          try write(bytes, to: descriptor)
        }
        try check(fsync(descriptor))
      }
      try check(rename(aside.path, url.path))
      try sync(folder: url.deletingLastPathComponent())
    } catch {
      try? FileManager.default.removeItem(at: aside)
      throw RunStoreError("\(url.path) can't be written: \(error.reason)")
    }
    return hash.digest.hexadecimal
  }

  /// Adds bytes at a file's end, and makes it if there is none.
  static func append(_ bytes: Data, to url: URL) throws {
    let isNew = !FileManager.default.fileExists(atPath: url.path)
    do {
      try open(url, O_WRONLY | O_CREAT | O_APPEND) { descriptor in
        try bytes.withUnsafeBytes { try write($0, to: descriptor) }
        try check(fsync(descriptor))
      }
      if isNew { try sync(folder: url.deletingLastPathComponent()) }
    } catch {
      throw RunStoreError("\(url.path) can't be written: \(error.reason)")
    }
  }

  /// The bytes of a file; nil if there is none. - Throws: ``RunStoreError`` if there is one that can't be read.
  static func contents(of url: URL) throws -> Data? {
    do {
      return try Data(contentsOf: url)
    } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
      return nil
    } catch {
      throw RunStoreError("\(url.path) can't be read: \(error.reason)")
    }
  }

  /// Makes a folder, and those above it.
  static func makeFolder(_ url: URL) throws {
    guard !FileManager.default.fileExists(atPath: url.path) else { return }
    let parent = url.deletingLastPathComponent()
    if parent.path != url.path { try makeFolder(parent) }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try sync(folder: parent)
  }

  /// Has the names in a folder on the disk.
  static func sync(folder: URL) throws { try open(folder, O_RDONLY | O_DIRECTORY) { try check(fsync($0)) } }

  private static func open(_ url: URL, _ flags: Int32, _ body: (Int32) throws -> Void) throws {
    let descriptor = try withDescriptors {
      let descriptor = Glibc.open(url.path, flags | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      return descriptor
    }
    defer { close(descriptor) }
    try body(descriptor)
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      try check(Int32(clamping: count))
      rest = rest.dropFirst(count)
    }
  }

  /// - Throws: the system's sentence, if a call failed.
  private static func check(_ result: Int32) throws {
    guard result >= 0 else { throw RunStoreError(String(cString: strerror(errno))) }
  }
}
