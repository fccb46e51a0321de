/// The values of a configuration, of which every one must be read, or be known not to matter.
struct Settings {
  let file: String
  /// Led by it in the file, as in `llama.block_count`; said in sentences.
  let prefix: String
  private let values: [String: Metadata]
  private var read: Set<String> = []

  init(file: String, prefix: String = "", _ values: [String: Metadata]) {
    (self.file, self.prefix, self.values) = (file, prefix, values)
  }

  private func error(_ key: String, _ fault: String) -> ModelFileError {
    ModelFileError(file, "the key \((prefix + key).quoted) \(fault)")
  }

  /// Nil: it is not there, or says nothing.
  private mutating func value(_ key: String) -> Metadata? {
    read.insert(key)
    return values[key].flatMap { $0 == .nothing ? nil : $0 }
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int> = 1...(1 << 24), or standard: Int? = nil)
    throws(ModelFileError) -> Int
  {
    switch value(key) {
    case .integer(let value) where range.contains(value): return value
    case nil:
      guard let standard else { throw error(key, "is missing") }
      return standard
    case .integer(let value)?:
      throw error(key, "is \(value); allowed are \(range.lowerBound) to \(range.upperBound)")
    default: throw error(key, "is not a whole number")
    }
  }

  mutating func number(_ key: String, in range: ClosedRange<Double>, or standard: Double? = nil)
    throws(ModelFileError) -> Double
  {
    let number: Double
    switch value(key) {
    case .integer(let value): number = Double(value)
    case .number(let value): number = value
    case nil:
      guard let standard else { throw error(key, "is missing") }
      return standard
    default: throw error(key, "is not a number")
    }
    guard range.contains(number) else {
      throw error(key, "is \(number); allowed are \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func truth(_ key: String, or standard: Bool) throws(ModelFileError) -> Bool {
    switch value(key) {
    case .truth(let value): return value
    case nil: return standard
    default: throw error(key, "is neither true nor false")
    }
  }

  mutating func text(_ key: String) throws(ModelFileError) -> String? {
    switch value(key) {
    case .text(let value): return value
    case nil: return nil
    default: throw error(key, "is not a text")
    }
  }

  mutating func texts(_ key: String) throws(ModelFileError) -> [String]? {
    switch value(key) {
    case .texts(let values): return values
    case nil: return nil
    default: throw error(key, "is not a list of texts")
    }
  }

  /// One whole number, or several.
  mutating func integers(_ key: String) throws(ModelFileError) -> [Int] {
    switch value(key) {
    case .integer(let value): return [value]
    case .integers(let values): return values
    case nil: return []
    default: throw error(key, "is not a whole number or a list of them")
    }
  }

  mutating func object(_ key: String) throws(ModelFileError) -> Settings? {
    switch value(key) {
    case .object(let values): return Settings(file: file, prefix: "\(prefix)\(key).", values)
    case nil: return nil
    default: throw error(key, "is not an object")
    }
  }

  /// - Throws: unless it is this, or not there.
  mutating func require(_ key: String, _ allowed: String...) throws(ModelFileError) {
    guard let text = try text(key), !allowed.contains(text) else { return }
    throw error(key, "is \(text.quoted); done here is \(allowed.map(\.quoted).joined(separator: " or "))")
  }

  /// - Throws: ``ModelFileError`` if a key asks for something that nobody read; false, null and what does not matter ask for nothing.
  func finish(without harmless: Set<String> = []) throws(ModelFileError) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      guard !read.contains(key), !harmless.contains(key), value != .truth(false), value != .nothing else { continue }
      throw error(key, "is not known here, and so what it asks for would not be done")
    }
  }
}

extension Metadata {
  /// - Throws: ``ModelFileError`` if an object has a key twice.
  init(_ json: JSON, file: String) throws(ModelFileError) {
    switch json {
    case .null: self = .nothing
    case .truth(let value): self = .truth(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .text(let value): self = .text(value)
    case .array(let values):
      let texts = values.compactMap(\.text)
      let integers = values.compactMap(\.integer)
      self = texts.count == values.count ? .texts(texts) : integers.count == values.count ? .integers(integers) : .other
    case .object(let members):
      var object: [String: Metadata] = [:]
      for (key, value) in members {
        guard object[key] == nil else { throw ModelFileError(file, "the key \(key.quoted) is there twice") }
        object[key] = try Metadata(value, file: file)
      }
      self = .object(object)
    }
  }
}
