/// A tensor of a language model, in one layout whichever file it is from.
///
/// Names and shapes are Hugging Face's (`model.layers.0.self_attn.q_proj.weight`, [out, in]); in each head of queries and
/// keys the first half of the rows turns with the second half; norms are the factors themselves.
public struct ModelTensor: Sendable {
  public let name: String
  /// Row-major: the last dimension's numbers lie side by side.
  public let shape: [Int]
  let stored: StoredTensor
  /// Of a head whose rows are stored so that pairs of neighbours turn; nil: they are stored as they are given.
  let neighboursOf: Int?
  /// Added to each number that is stored.
  let addend: Float

  /// How its numbers are stored.
  public var type: TensorType { stored.type }
  /// Of the stored numbers.
  public var byteCount: Int { stored.range.count }
  /// Its numbers.
  public var count: Int { shape.reduce(1, *) }
  /// Its name in its file, for adapters that are kept beside it.
  public var storedName: String { stored.name }

  /// Rows that can be read by themselves: of the last dimension's numbers.
  public var rows: Int { count / rowWidth }
  public var rowWidth: Int { shape.count == 1 && neighboursOf != nil ? 1 : shape.last ?? 1 }

  /// All numbers as float32, exactly as the file's blocks define them.
  public func values() -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      read(rows: 0..<rows, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = count
    }
  }

  /// The numbers of some rows as float32.
  ///
  /// - Parameter output: has exactly their size.
  public func read(rows: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows && output.count == rows.count * rowWidth)
    if neighboursOf == nil {
      stored.read(from: rows.lowerBound * rowWidth, into: output)
    } else {
      for (index, row) in rows.enumerated() {
        let place = UnsafeMutableBufferPointer(rebasing: output[index * rowWidth..<(index + 1) * rowWidth])
        stored.read(from: storedRow(row) * rowWidth, into: place)
      }
    }
    if addend != 0 { for index in output.indices { output[index] += addend } }
  }

  /// All numbers as bfloat16's bits, rounded to the nearest, ties to even.
  public func bfloat16() -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: count) { buffer, filled in
      readBFloat16(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = count
    }
  }

  /// All numbers as bfloat16's bits.
  ///
  /// - Parameter output: has exactly their size.
  public func readBFloat16(into output: UnsafeMutableBufferPointer<UInt16>) {
    precondition(output.count == count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rowWidth) { row in
      for index in 0..<rows {
        read(rows: index..<index + 1, into: row)
        for column in 0..<rowWidth { output[index * rowWidth + column] = row[column].bfloat16Bits }
      }
    }
  }

  /// All numbers, side by side.
  ///
  /// - Parameters:
  ///   - type: ``TensorType/float32``, or ``TensorType/bfloat16``.
  ///   - output: has exactly their size, and lies where such numbers can.
  public func read(as type: TensorType, into output: UnsafeMutableRawBufferPointer) {
    switch type {
    case .bfloat16: readBFloat16(into: output.bindMemory(to: UInt16.self))
    default: read(rows: 0..<rows, into: output.bindMemory(to: Float.self))
    }
  }

  /// Whether the file has its numbers in this type, and in their order.
  public func isStored(as type: TensorType) -> Bool { self.type == type && neighboursOf == nil && addend == 0 }

  /// The file's bytes, while `body` runs; nil if they are not the numbers in their order as ``type`` says: rows have to be
  /// put in order, or one added.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    guard isStored(as: type) else { return nil }
    return try stored.file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[stored.range])) }
  }

  /// Where the file has a row: for a matrix whose rows are to be stored like this one's.
  public func storedRow(_ row: Int) -> Int {
    guard let width = neighboursOf else { return row }
    let (head, place) = row.quotientAndRemainder(dividingBy: width)
    return head * width + place % (width / 2) * 2 + place / (width / 2)
  }
}

extension Float {
  var bfloat16Bits: UInt16 {
    guard !isNaN else { return UInt16(truncatingIfNeeded: bitPattern >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
  }
}
