/// How a tensor's numbers are stored, little-endian: plainly, or in blocks of whole numbers with scales of their own.
public enum TensorType: String, Sendable, CaseIterable {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case q80 = "Q8_0"
  case q40 = "Q4_0"
  case q41 = "Q4_1"
  case q50 = "Q5_0"
  case q51 = "Q5_1"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// Numbers in a block; 1: each by itself.
  var blockCount: Int {
    switch self {
    case .float32, .float16, .bfloat16: 1
    case .q80, .q40, .q41, .q50, .q51: 32
    case .q4K, .q5K, .q6K: 256
    }
  }

  /// Bytes of a block.
  var blockSize: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .q80: 34
    case .q40: 18
    case .q41: 20
    case .q50: 22
    case .q51: 24
    case .q4K: 144
    case .q5K: 176
    case .q6K: 210
    }
  }

  /// For sentences.
  static let list = allCases.map(\.rawValue).joined(separator: ", ")

  /// Bytes of so many numbers, whole blocks.
  func byteCount(of count: Int) -> Int { count / blockCount * blockSize }

  func byteCount(of shape: [Int]) -> Int { byteCount(of: shape.reduce(1, *)) }

  /// Nil: there can be no such tensor.
  func checkedByteCount(of shape: [Int]) -> Int? {
    guard let width = shape.last, width.isMultiple(of: blockCount) else { return nil }
    var size = blockSize
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard dimension > 0, !overflow, product <= 1 << 60 else { return nil }
      size = product
    }
    return byteCount(of: shape)
  }

  private static let ggmlNumbers: [UInt32: TensorType] = [
    0: .float32, 1: .float16, 2: .q40, 3: .q41, 6: .q50, 7: .q51, 8: .q80, 12: .q4K, 13: .q5K, 14: .q6K, 30: .bfloat16,
  ]
  private static let otherGGMLNames: [UInt32: String] = [
    9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL",
    21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
    34: "TQ1_0",
    35: "TQ2_0", 39: "MXFP4",
  ]

  /// By its number in GGUF files.
  init?(ggml number: UInt32) {
    guard let type = Self.ggmlNumbers[number] else { return nil }
    self = type
  }

  static func name(ofGGML number: UInt32) -> String { otherGGMLNames[number] ?? "type \(number), which is not known" }
}
