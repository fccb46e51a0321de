import Foundation

extension JSONEncoder {
  /// One line, keys in a fixed order.
  public static var forPeople: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}

extension String {
  /// A value as one line of JSON, whose bytes are the same for the same value.
  public init(json value: some Encodable) throws {
    self.init(decoding: try JSONEncoder.forPeople.encode(value), as: UTF8.self)
  }
}
