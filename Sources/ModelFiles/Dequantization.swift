// The forms of blocks are ggml's (ggml-common.h, ggml-quants.c): products and sums in its order, so that the bits are its, too.

extension TensorType {
  /// Writes the numbers of whole blocks as float32.
  func dequantize(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>) {
    precondition(bytes.count == byteCount(of: output.count), "the bytes account for all numbers")
    guard let source = bytes.baseAddress, let target = output.baseAddress else { return }
    let step: (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void
    switch self {
    case .float32: return UnsafeMutableRawBufferPointer(output).copyMemory(from: bytes)
    case .float16: return Self.expand(source, output) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: return Self.expand(source, output) { Float(bitPattern: UInt32($0) << 16) }
    case .q80: step = Self.q80
    case .q40: step = Self.q40
    case .q41: step = Self.q41
    case .q50: step = Self.q50
    case .q51: step = Self.q51
    case .q4K: step = Self.q4K
    case .q5K: step = Self.q5K
    case .q6K: step = Self.q6K
    }
    for block in 0..<output.count / blockCount { step(source + block * blockSize, target + block * blockCount) }
  }

  private static func expand(
    _ source: UnsafeRawPointer, _ output: UnsafeMutableBufferPointer<Float>, _ value: (UInt16) -> Float
  ) {
    for index in output.indices { output[index] = value(short(source, 2 * index)) }
  }

  private static func short(_ block: UnsafeRawPointer, _ offset: Int) -> UInt16 {
    UInt16(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  private static func half(_ block: UnsafeRawPointer, _ offset: Int) -> Float {
    Float(Float16(bitPattern: short(block, offset)))
  }

  private static func byte(_ block: UnsafeRawPointer, _ offset: Int) -> Int {
    Int(block.load(fromByteOffset: offset, as: UInt8.self))
  }

  private static func q80(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let scale = half(block, 0)
    for index in 0..<32 { output[index] = scale * Float(block.load(fromByteOffset: 2 + index, as: Int8.self)) }
  }

  private static func q40(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let scale = half(block, 0)
    for index in 0..<16 {
      let pair = byte(block, 2 + index)
      output[index] = scale * Float(pair & 15 - 8)
      output[index + 16] = scale * Float(pair >> 4 - 8)
    }
  }

  private static func q41(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let (scale, least) = (half(block, 0), half(block, 2))
    for index in 0..<16 {
      let pair = byte(block, 4 + index)
      output[index] = scale * Float(pair & 15) + least
      output[index + 16] = scale * Float(pair >> 4) + least
    }
  }

  /// Fifth bits stand together, one for each number of a block.
  private static func fifthBits(_ block: UnsafeRawPointer, _ offset: Int) -> Int {
    Int(short(block, offset)) | Int(short(block, offset + 2)) << 16
  }

  private static func q50(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let (scale, high) = (half(block, 0), fifthBits(block, 2))
    for index in 0..<16 {
      let pair = byte(block, 6 + index)
      output[index] = scale * Float((pair & 15 | (high >> index & 1) << 4) - 16)
      output[index + 16] = scale * Float((pair >> 4 | (high >> (index + 16) & 1) << 4) - 16)
    }
  }

  private static func q51(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let (scale, least, high) = (half(block, 0), half(block, 2), fifthBits(block, 4))
    for index in 0..<16 {
      let pair = byte(block, 8 + index)
      output[index] = scale * Float(pair & 15 | (high >> index & 1) << 4) + least
      output[index + 16] = scale * Float(pair >> 4 | (high >> (index + 16) & 1) << 4) + least
    }
  }

  /// Eight scales and eight minima of six bits in twelve bytes.
  private static func scales(_ bytes: UnsafeRawPointer, _ index: Int) -> (scale: Float, least: Float) {
    if index < 4 { return (Float(byte(bytes, index) & 63), Float(byte(bytes, index + 4) & 63)) }
    let low = byte(bytes, index + 4)
    return (
      Float(low & 15 | (byte(bytes, index - 4) >> 6) << 4), Float(low >> 4 | (byte(bytes, index) >> 6) << 4)
    )
  }

  private static func q4K(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let (scale, least) = (half(block, 0), half(block, 2))
    for part in 0..<8 {
      let own = scales(block + 4, part)
      let (factor, offset) = (scale * own.scale, least * own.least)
      for index in 0..<32 {
        let pair = byte(block, 16 + part / 2 * 32 + index)
        output[part * 32 + index] = factor * Float(part % 2 == 0 ? pair & 15 : pair >> 4) - offset
      }
    }
  }

  private static func q5K(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let (scale, least) = (half(block, 0), half(block, 2))
    for part in 0..<8 {
      let own = scales(block + 4, part)
      let (factor, offset) = (scale * own.scale, least * own.least)
      for index in 0..<32 {
        let pair = byte(block, 48 + part / 2 * 32 + index)
        let high = (byte(block, 16 + index) >> part & 1) << 4
        output[part * 32 + index] = factor * Float((part % 2 == 0 ? pair & 15 : pair >> 4) | high) - offset
      }
    }
  }

  private static func q6K(_ block: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>) {
    let scale = half(block, 208)
    for part in 0..<8 {
      let (group, quarter) = (part / 4, part % 4)
      for index in 0..<32 {
        let pair = byte(block, group * 64 + quarter % 2 * 32 + index)
        let high = (byte(block, 128 + group * 32 + index) >> (2 * quarter) & 3) << 4
        let own = block.load(fromByteOffset: 192 + part * 2 + index / 16, as: Int8.self)
        let value = (quarter < 2 ? pair & 15 : pair >> 4) | high
        output[part * 32 + index] = scale * Float(own) * Float(value - 32)
      }
    }
  }
}
