import Foundation

/// A model's matrices with their numbers as they are multiplied, where its files have them otherwise: computed once on a
/// machine, into a file beside the model's that all processes map and share.
///
/// Nothing that the file says is believed: who maps it has compared all of it with what the model's own files give.
public struct UnpackedMatrices: Sendable {
  private let file: MappedFile
  private let matrices: [String: Range<Int>]

  /// - Parameter type: ``TensorType/float32`` or ``TensorType/bfloat16``.
  /// - Returns: nil if the model's files have all of them so, or if there is no place for a file beside them.
  public init?(_ files: ModelFiles, as type: TensorType) {
    let plan = Plan(files, type)
    guard !plan.matrices.isEmpty else { return nil }
    // One process at a time, so that they end up with one file, where the file system has such locks.
    let lock = open(files.path, O_RDONLY | O_CLOEXEC)
    defer { if lock >= 0 { close(lock) } }
    while lock >= 0, flock(lock, LOCK_EX) != 0, errno == EINTR {}

    let path = Self.path(files, type)
    var file = plan.file(at: path)
    if file == nil, plan.write(to: path) { file = plan.file(at: path) }
    guard let file else { return nil }
    self.file = file
    matrices = Dictionary(uniqueKeysWithValues: plan.matrices.map { ($0.tensor.name, $0.place) })
    files.forget()
  }

  /// Where the file is: beside a GGUF file, in a folder. A name that nobody else gives, since what is wrong is replaced.
  private static func path(_ files: ModelFiles, _ type: TensorType) -> String {
    files.path + (files.kind == .folder ? "/" : ".") + "grove-\(type.rawValue.lowercased())"
  }

  /// Of the matrix of this name, while `body` runs; nil if the model's own files have it as it is multiplied.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result? {
    guard let place = matrices[name] else { return nil }
    return try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[place])) }
  }
}

/// What is where in the file.
private struct Plan {
  let type: TensorType
  private(set) var matrices: [(tensor: ModelTensor, place: Range<Int>)] = []
  private(set) var end = 0

  /// Of a cache line, and more than vector instructions ask for.
  private static let alignment = 64

  init(_ files: ModelFiles, _ type: TensorType) {
    self.type = type
    for tensor in files.tensors where tensor.shape.count == 2 && !tensor.isStored(as: type) {
      let place = end..<end + tensor.count * type.blockSize
      matrices.append((tensor, place))
      end = (place.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
    }
  }

  /// The file, if there is one and its numbers are those of the model.
  func file(at path: String) -> MappedFile? {
    guard let file = try? MappedFile(path) else { return nil }
    let isSame = file.withBytes { bytes in
      bytes.count == end
        && matrices.allSatisfy { matrix in
          matrix.tensor.withNumbers(as: type) { $0.isSame(as: UnsafeRawBufferPointer(rebasing: bytes[matrix.place])) }
        }
    }
    return isSame ? file : nil
  }

  /// Puts a file there, whole or not at all. - Returns: whether that could be done.
  func write(to path: String) -> Bool {
    // A file without a name: it is gone by itself if this process ends before it has one. The flag is a macro that Swift
    // doesn't see.
    let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = open(folder, unnamed | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    for (tensor, place) in matrices {
      let isWritten = tensor.withNumbers(as: type) { descriptor.write(all: $0, at: place.lowerBound) }
      guard isWritten else { return false }
    }
    guard ftruncate(descriptor, off_t(end)) == 0 else { return false }
    // Another one, of another model.
    unlink(path)
    return linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }
}

extension ModelTensor {
  /// All numbers as this type's, in memory that is there while `body` runs.
  fileprivate func withNumbers<Result>(
    as type: TensorType, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * type.blockSize, alignment: 64)
    defer { bytes.deallocate() }
    read(as: type, into: bytes)
    return try body(UnsafeRawBufferPointer(bytes))
  }
}

extension UnsafeRawBufferPointer {
  /// In its bytes; both are equally many.
  fileprivate func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let otherStart = other.baseAddress else { return count == 0 }
    return memcmp(start, otherStart, count) == 0
  }
}

extension Int32 {
  /// To the descriptor that this is.
  fileprivate func write(all bytes: UnsafeRawBufferPointer, at place: Int) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = pwrite(self, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(place + written))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}
