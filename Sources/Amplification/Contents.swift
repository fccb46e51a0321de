/// Contents in a row, as columns of numbers: tokens, or the Unicode scalars of texts.
///
/// Thousands of them travel and are kept as two arrays. Those of an algorithmic task are all equally long, and so cost nothing
/// but their tokens.
public struct Contents: Hashable, Sendable, Codable {
  public private(set) var count = 0
  /// Whether they are texts.
  public private(set) var areTexts = false
  /// Numbers of each, or nothing as long as all have as many, and not none.
  public private(set) var lengths: [Int32] = []
  /// Of all, one behind the other.
  public private(set) var numbers: [Int32] = []

  public init() {}

  public init(_ contents: some Sequence<Content>) {
    for content in contents { append(content) }
  }

  /// Columns as a file or another process has them; ``isWhole`` tells whether they fit together.
  public init(count: Int, areTexts: Bool = false, lengths: [Int32] = [], numbers: [Int32]) {
    let areAlike = lengths.count == count && lengths.allSatisfy { $0 > 0 && $0 == lengths[0] }
    (self.count, self.lengths, self.numbers) = (count, areAlike ? [] : lengths, numbers)
    // Nothing is the same of whatever it is nothing.
    self.areTexts = areTexts && count > 0
  }

  /// Whether the columns fit together: only then may anything else be asked of them.
  public var isWhole: Bool {
    // Without lengths, each takes some bytes: few of them are no endless row of nothing.
    guard !lengths.isEmpty else {
      return count == 0 ? numbers.isEmpty : count > 0 && !numbers.isEmpty && numbers.count.isMultiple(of: count)
    }
    return lengths.count == count && lengths.allSatisfy { $0 >= 0 }
      && lengths.reduce(0) { $0 + Int($1) } == numbers.count
  }

  /// Numbers of each; nil if they differ.
  private var length: Int? { lengths.isEmpty ? numbers.count / max(1, count) : nil }

  /// Where the numbers of some contents are.
  private func range(of places: Range<Int>) -> Range<Int> {
    if let length { return places.lowerBound * length..<places.upperBound * length }
    let start = lengths[..<places.lowerBound].reduce(0) { $0 + Int($1) }
    return start..<lengths[places].reduce(start) { $0 + Int($1) }
  }

  public subscript(place: Int) -> Content { content(numbers[range(of: place..<place + 1)]) }

  /// Some of them, as such columns.
  public subscript(places: Range<Int>) -> Contents {
    Contents(
      count: places.count, areTexts: areTexts, lengths: lengths.isEmpty ? [] : Array(lengths[places]),
      numbers: Array(numbers[range(of: places)]))
  }

  /// All of them, in order.
  public var all: [Content] {
    var start = 0
    return (0..<count).map { place in
      let end = start + (length ?? Int(lengths[place]))
      defer { start = end }
      return content(numbers[start..<end])
    }
  }

  private func content(_ numbers: ArraySlice<Int32>) -> Content {
    guard areTexts else { return .tokens(Array(numbers)) }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: numbers.lazy.map { Unicode.Scalar(UInt32(bitPattern: $0)) ?? "\u{FFFD}" })
    return .text(String(text))
  }

  public mutating func append(_ content: Content) {
    switch content {
    case .tokens(let tokens): append(Contents(one: tokens, isText: false))
    case .text(let text):
      append(Contents(one: text.unicodeScalars.map { Int32(bitPattern: $0.value) }, isText: true))
    }
  }

  private init(one numbers: [Int32], isText: Bool) {
    self.init(count: 1, areTexts: isText, lengths: numbers.isEmpty ? [0] : [], numbers: numbers)
  }

  public mutating func append(_ others: Contents) {
    guard others.count > 0 else { return }
    guard count > 0 else {
      self = others
      return
    }
    if length == nil || length != others.length {
      if lengths.isEmpty { lengths = eachLength }
      lengths += others.eachLength
    }
    count += others.count
    areTexts = areTexts || others.areTexts
    numbers += others.numbers
  }

  /// Without those at some places.
  public func without(_ places: Set<Int>) -> Contents {
    guard !places.isEmpty else { return self }
    var rest = Contents()
    for place in 0..<count where !places.contains(place) { rest.append(self[place..<place + 1]) }
    return rest
  }

  /// Numbers of each, one by one.
  public var eachLength: [Int32] { length.map { [Int32](repeating: Int32($0), count: count) } ?? lengths }
}
