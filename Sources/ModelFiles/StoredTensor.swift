/// A tensor as it lies in a file.
struct StoredTensor: Sendable {
  let name: String
  let type: TensorType
  /// Row-major: the last dimension's numbers lie side by side.
  let shape: [Int]
  let file: MappedFile
  /// Of the file's bytes.
  let range: Range<Int>

  /// - Throws: ``ModelFileError`` if two share bytes; all are of one file.
  static func checkApart(_ tensors: [StoredTensor]) throws(ModelFileError) {
    let sorted = tensors.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (one, next) in zip(sorted, sorted.dropFirst()) where one.range.upperBound > next.range.lowerBound {
      throw ModelFileError(
        one.file.path,
        "the tensors \(one.name.quoted) and \(next.name.quoted) overlap at byte \(next.range.lowerBound)")
    }
  }

  /// Writes as many numbers as `output` has, from `start` on: both whole blocks.
  func read(from start: Int, into output: UnsafeMutableBufferPointer<Float>) {
    file.withBytes { bytes in
      let first = range.lowerBound + type.byteCount(of: start)
      let bytes = UnsafeRawBufferPointer(rebasing: bytes[first..<first + type.byteCount(of: output.count)])
      type.dequantize(bytes, into: output)
    }
  }
}
