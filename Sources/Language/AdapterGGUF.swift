import Foundation
import ModelFiles
import Torch

extension AdapterFolder {
  /// The same adapter as a GGUF file, as llama.cpp reads it beside a GGUF file of the model
  /// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
  ///
  /// - Parameter decoder: of the model that the adapter is for.
  public func gguf(for decoder: DecoderConfiguration) -> Data {
    var file = GGUFWriter()
    file.add("general.type", "adapter")
    file.add("general.architecture", decoder.family.rawValue)
    file.add("adapter.type", "lora")
    file.add("adapter.lora.alpha", Float(adapter.configuration.alpha))
    let matrices = Dictionary(uniqueKeysWithValues: decoder.tensors.map { ($0.name, $0) })
    for entry in adapter.layout.entries {
      let isDown = entry.name.hasSuffix(".lora_A.weight")
      guard let matrix = matrices[String(entry.name.dropLast(".lora_A.weight".count)) + ".weight"] else { continue }
      var numbers = Array(values[entry.range])
      if matrix.turnsNeighbours, !isDown { numbers = Self.neighboured(numbers, entry.shape, decoder.headWidth) }
      file.add("\(matrix.ggufName).lora_\(isDown ? "a" : "b")", entry.shape, numbers)
    }
    return file.data
  }

  /// Rows in the order that GGUF files of the Llama family have those of queries and keys in: pairs that turn together are
  /// neighbours.
  private static func neighboured(_ numbers: [Float], _ shape: [Int], _ headWidth: Int) -> [Float] {
    let (rows, width) = (shape[0], shape[1])
    return (0..<rows).flatMap { row in
      let (head, place) = row.quotientAndRemainder(dividingBy: headWidth)
      let own = head * headWidth + place % 2 * (headWidth / 2) + place / 2
      return numbers[own * width..<(own + 1) * width]
    }
  }
}

/// A GGUF file in the making, of texts, numbers and matrices of 32-bit floats.
private struct GGUFWriter {
  private static let alignment = 32
  private var keys = Data()
  private var keyCount = 0
  private var tensors = Data()
  private var tensorCount = 0
  private var numbers = Data()

  mutating func add(_ key: String, _ value: String) {
    begin(key, type: 8)
    Self.append(value, to: &keys)
  }

  mutating func add(_ key: String, _ value: Float) {
    begin(key, type: 6)
    Self.append(value.bitPattern, to: &keys)
  }

  private mutating func begin(_ key: String, type: UInt32) {
    keyCount += 1
    Self.append(key, to: &keys)
    Self.append(type, to: &keys)
  }

  /// - Parameter shape: row-major.
  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    tensorCount += 1
    Self.append(name, to: &tensors)
    Self.append(UInt32(shape.count), to: &tensors)
    for dimension in shape.reversed() { Self.append(UInt64(dimension), to: &tensors) }
    Self.append(UInt32(0), to: &tensors)
    Self.append(UInt64(numbers.count), to: &tensors)
    for value in values { Self.append(value.bitPattern, to: &numbers) }
    Self.align(&numbers)
  }

  var data: Data {
    var file = Data("GGUF".utf8)
    Self.append(UInt32(3), to: &file)
    Self.append(UInt64(tensorCount), to: &file)
    Self.append(UInt64(keyCount), to: &file)
    file += keys + tensors
    Self.align(&file)
    return file + numbers
  }

  private static func append(_ number: some FixedWidthInteger, to data: inout Data) {
    withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
  }

  private static func append(_ text: String, to data: inout Data) {
    append(UInt64(text.utf8.count), to: &data)
    data += Data(text.utf8)
  }

  private static func align(_ data: inout Data) {
    data += Data(count: (alignment - data.count % alignment) % alignment)
  }
}
