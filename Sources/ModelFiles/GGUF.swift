/// What a GGUF file says and where its tensors are
/// (versions 2 and 3 of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
public struct GGUF: Sendable {
  public let file: MappedFile
  public private(set) var metadata: [String: Metadata] = [:]
  private(set) var tensors: [StoredTensor] = []

  static let magic: [UInt8] = Array("GGUF".utf8)
  private static let mostKeys = 1 << 16
  private static let mostTensors = 1 << 20
  private static let mostElements = 1 << 24

  /// - Throws: ``ModelFileError``; no file can make it crash, read outside of the file or take much more memory than the
  ///   file's keys.
  public init(_ file: MappedFile) throws(ModelFileError) {
    self.file = file
    var reader = ByteReader(file)
    guard file.bytes.count >= 4, file.bytes.prefix(4).elementsEqual(Self.magic) else {
      throw reader.error("it does not begin with GGUF")
    }
    _ = try reader.number("the beginning", as: UInt32.self)
    let version = try reader.number("the version", as: UInt32.self)
    guard version == 2 || version == 3 else {
      let turned = version.byteSwapped == 2 || version.byteSwapped == 3 ? ", big-endian" : ""
      throw reader.error(
        "its version is \(turned.isEmpty ? version : version.byteSwapped)\(turned); read are 2 and 3", at: 4)
    }
    let tensorCount = try reader.count("the count of tensors", size: 24, most: Self.mostTensors)
    let keyCount = try reader.count("the count of keys", size: 13, most: Self.mostKeys)
    for index in 0..<keyCount {
      let start = reader.offset
      let key = try reader.text("key \(index + 1) of \(keyCount)")
      guard metadata[key] == nil else { throw reader.error("the key \(key.quoted) is there twice", at: start) }
      metadata[key] = try Self.value(of: key, &reader)
    }
    let alignment = try alignment()
    var stored: [(name: String, type: TensorType, shape: [Int], offset: Int, entry: Int)] = []
    var names: Set<String> = []
    for index in 0..<tensorCount {
      let start = reader.offset
      let name = try reader.text("the name of tensor \(index + 1) of \(tensorCount)")
      guard names.insert(name).inserted else {
        throw reader.error("the tensor \(name.quoted) is there twice", at: start)
      }
      let (type, shape, offset) = try Self.tensor(name, &reader)
      guard offset.isMultiple(of: alignment) else {
        throw reader.error("the tensor \(name.quoted) begins at \(offset), no multiple of \(alignment)", at: start)
      }
      stored.append((name, type, shape, offset, start))
    }
    let data = (reader.offset + alignment - 1) / alignment * alignment
    for tensor in stored {
      let start = data + tensor.offset
      let size = tensor.type.byteCount(of: tensor.shape)
      guard start <= file.bytes.count, size <= file.bytes.count - start else {
        throw reader.error(
          "the tensor \(tensor.name.quoted) has \(size) bytes from \(start) on, and the file ends at \(file.bytes.count)",
          at: tensor.entry)
      }
      tensors.append(
        StoredTensor(
          name: tensor.name, type: tensor.type, shape: tensor.shape, file: file, range: start..<start + size))
    }
    try StoredTensor.checkApart(tensors)
  }

  private func alignment() throws(ModelFileError) -> Int {
    switch metadata["general.alignment"] {
    case nil: return 32
    case .integer(let value) where value > 0 && value <= 1 << 20 && value & (value - 1) == 0: return value
    default:
      throw ModelFileError(file.path, "the key “general.alignment” is not a power of two, 1 to \(1 << 20)")
    }
  }

  private static func tensor(_ name: String, _ reader: inout ByteReader) throws(ModelFileError)
    -> (TensorType, shape: [Int], offset: Int)
  {
    let start = reader.offset
    let dimensions = try reader.number("the dimensions of \(name.quoted)", as: UInt32.self)
    guard (1...4).contains(dimensions) else {
      throw reader.error("the tensor \(name.quoted) has \(dimensions) dimensions; allowed are 1 to 4", at: start)
    }
    var shape: [Int] = []
    for _ in 0..<dimensions {
      shape.insert(Int(clamping: try reader.number("the shape of \(name.quoted)", as: UInt64.self)), at: 0)
    }
    let place = reader.offset
    let number = try reader.number("the type of \(name.quoted)", as: UInt32.self)
    guard let type = TensorType(ggml: number) else {
      throw reader.error(
        "the tensor \(name.quoted) is stored as \(TensorType.name(ofGGML: number)); read are \(TensorType.list)",
        at: place)
    }
    let offset = try reader.number("the place of \(name.quoted)", as: UInt64.self)
    guard type.checkedByteCount(of: shape) != nil, offset <= 1 << 60 else {
      throw reader.error(
        "the tensor \(name.quoted) has the impossible shape \(shape) of type \(type.rawValue), or place \(offset)",
        at: start)
    }
    return (type, shape, Int(offset))
  }

  /// One value, led by its type.
  private static func value(of key: String, _ reader: inout ByteReader) throws(ModelFileError) -> Metadata {
    let type = try reader.number("the type of \(key.quoted)", as: UInt32.self)
    return type == 9 ? try list(of: key, &reader) : try scalar(type, of: key, &reader)
  }

  private static func what(_ key: String) -> String { "the value of \(key.quoted)" }

  private static func scalar(_ type: UInt32, of key: String, _ reader: inout ByteReader) throws(ModelFileError)
    -> Metadata
  {
    let start = reader.offset
    switch type {
    case 0: return .integer(Int(try reader.number(what(key), as: UInt8.self)))
    case 1: return .integer(Int(try reader.number(what(key), as: Int8.self)))
    case 2: return .integer(Int(try reader.number(what(key), as: UInt16.self)))
    case 3: return .integer(Int(try reader.number(what(key), as: Int16.self)))
    case 4: return .integer(Int(try reader.number(what(key), as: UInt32.self)))
    case 5: return .integer(Int(try reader.number(what(key), as: Int32.self)))
    case 6: return .number(Double(Float(bitPattern: try reader.number(what(key)))))
    case 7:
      let byte = try reader.number(what(key), as: UInt8.self)
      guard byte <= 1 else { throw reader.error("\(what(key)) is \(byte), neither true (1) nor false (0)", at: start) }
      return .truth(byte == 1)
    case 8: return .text(try reader.text(what(key)))
    case 10:
      guard let value = Int(exactly: try reader.number(what(key), as: UInt64.self)) else {
        throw reader.error("\(what(key)) is too large", at: start)
      }
      return .integer(value)
    case 11: return .integer(Int(try reader.number(what(key), as: Int64.self)))
    case 12: return .number(Double(bitPattern: try reader.number(what(key))))
    default: throw reader.error("the key \(key.quoted) has the type \(type); there are 0 to 12", at: start - 4)
    }
  }

  private static let leastSizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 0, 8, 8, 8]

  private static func list(of key: String, _ reader: inout ByteReader) throws(ModelFileError) -> Metadata {
    let start = reader.offset
    let type = try reader.number("the type of the elements of \(key.quoted)", as: UInt32.self)
    guard type < leastSizes.count, type != 9 else {
      throw reader.error(
        "the elements of \(key.quoted) have the type \(type); allowed are 0 to 8 and 10 to 12", at: start)
    }
    let count = try reader.count(
      "the count of elements of \(key.quoted)", size: leastSizes[Int(type)], most: mostElements)
    var (integers, numbers, truths, texts): ([Int], [Double], [Bool], [String]) = ([], [], [], [])
    for _ in 0..<count {
      switch try scalar(type, of: key, &reader) {
      case .integer(let value): integers.append(value)
      case .number(let value): numbers.append(value)
      case .truth(let value): truths.append(value)
      case .text(let value): texts.append(value)
      default: break
      }
    }
    switch type {
    case 6, 12: return .numbers(numbers)
    case 7: return .truths(truths)
    case 8: return .texts(texts)
    default: return .integers(integers)
    }
  }
}
