import Foundation

/// A file's bytes where the system keeps them, shared by all processes that map it.
///
/// Who shortens the file while it is mapped ends the processes that read behind its new end: replace it by renaming.
public final class MappedFile: @unchecked Sendable {
  // Sendable: the bytes are never written, and unmapped only when nobody has them any more.
  let bytes: UnsafeRawBufferPointer
  /// As it was given.
  public let path: String
  let identity: Identity
  /// Whether there is a file, out of which the bytes can be read again.
  private let isFile: Bool

  /// What changes when the file does.
  struct Identity: Hashable {
    let device, inode: UInt64
    let size, seconds, nanoseconds: Int
  }

  /// - Throws: ``ModelFileError`` if there is no such file, or nothing in it.
  public init(_ path: String) throws(ModelFileError) {
    self.path = path
    // A pipe is not waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelFileError(path, "it can't be opened: \(Self.reason)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ModelFileError(path, "it can't be read: \(Self.reason)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ModelFileError(path, "it is not a file") }
    guard status.st_size > 0 else { throw ModelFileError(path, "it is empty") }
    identity = Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    guard let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      throw ModelFileError(path, "its \(status.st_size) bytes can't be mapped: \(Self.reason)")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
    isFile = true
  }

  /// Bytes that are in no file, for those who try what becomes of them.
  ///
  /// - Throws: ``ModelFileError`` if there are none.
  package init(of bytes: [UInt8], as path: String) throws(ModelFileError) {
    self.path = path
    guard !bytes.isEmpty else { throw ModelFileError(path, "it is empty") }
    let start = mmap(nil, bytes.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let start, start != MAP_FAILED else {
      throw ModelFileError(path, "its bytes can't be mapped: \(Self.reason)")
    }
    start.copyMemory(from: bytes, byteCount: bytes.count)
    self.bytes = UnsafeRawBufferPointer(start: start, count: bytes.count)
    identity = Identity(
      device: 0, inode: UInt64(UInt(bitPattern: start)), size: bytes.count, seconds: 0, nanoseconds: 0)
    isFile = false
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  private static var reason: String { String(cString: strerror(errno)) }

  /// All of its bytes, while `body` runs.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  /// Takes the bytes out of this process's memory, until they are read again: for those who have read what they need.
  func forget() {
    guard isFile else { return }
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_DONTNEED)
  }
}
