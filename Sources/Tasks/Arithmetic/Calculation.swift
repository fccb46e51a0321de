import Randomness

/// What is to be calculated, and how it is taken apart.
enum Calculation: Hashable, Sendable {
  /// Two numbers, and one more that was carried.
  case sum(Int, Int, isCarried: Bool)
  case product(Int, Int)

  /// Digits of numbers that are added and multiplied, so that what comes of them is a number that can be written.
  static let (longestTerm, longestFactor) = (17, 8)

  var isPossible: Bool { digits <= (isSum ? Self.longestTerm : Self.longestFactor) }
  var isSum: Bool { if case .sum = self { true } else { false } }
  /// Whether it is not taken apart.
  var isLeaf: Bool { digits == 1 }

  private var operands: (Int, Int) {
    switch self {
    case .sum(let a, let b, _), .product(let a, let b): (a, b)
    }
  }

  /// Of the longer number.
  var digits: Int { max(operands.0.digits, operands.1.digits) }

  /// What it comes to, if it is possible.
  var value: Int {
    switch self {
    case .sum(let a, let b, let isCarried): a + b + (isCarried ? 1 : 0)
    case .product(let a, let b): a * b
    }
  }

  /// Whether nobody learns what it comes to: one in twenty pairs of numbers, in whichever order, of two digits or more.
  var isHeldOut: Bool {
    let (a, b) = operands
    var random = RandomKey(seed: 0, purpose: .heldOut).child(min(a, b)).child(max(a, b)).generator(.heldOut)
    return !isLeaf && Int.random(in: 0..<20, using: &random) == 0
  }

  /// All that are not taken apart.
  static let sums = pairs.flatMap { [sum($0, $1, isCarried: false), sum($0, $1, isCarried: true)] }
  static let products = pairs.map { product($0, $1) }
  private static let pairs: [(Int, Int)] = (0...9).flatMap { a in (0...9).map { (a, $0) } }

  // MARK: Taking apart

  enum Step: Hashable {
    case ask(Calculation)
    case value(Int)
  }

  /// What comes next once these are known; nil: with them it can't go on.
  func step(after heard: [Int]) -> Step? {
    guard !isLeaf else { return heard.first.map(Step.value) ?? .ask(self) }
    switch self {
    case .sum(let a, let b, let isCarried):
      // The last column, then what stands before it with what is carried.
      guard let column = heard.first else { return .ask(.sum(a % 10, b % 10, isCarried: isCarried)) }
      guard column < 20 else { return nil }
      guard heard.count > 1 else { return .ask(.sum(a / 10, b / 10, isCarried: column > 9)) }
      return Self.tenfold(heard[1]).map { .value($0 + column % 10) }
    case .product(let a, let b):
      // By the last digit of a number of several, then by what stands before it; then both are added.
      let parts = b > 9 ? [Self.product(a, b % 10), .product(a, b / 10)] : [.product(a % 10, b), .product(a / 10, b)]
      guard heard.count > 1 else { return .ask(parts[heard.count]) }
      guard heard.count < 3 else { return .value(heard[2]) }
      let sum = Self.tenfold(heard[1]).map { Self.sum($0, heard[0], isCarried: false) }
      return sum.flatMap { $0.isPossible ? .ask($0) : nil }
    }
  }

  private static func tenfold(_ number: Int) -> Int? { number.digits <= longestTerm ? 10 * number : nil }

  // MARK: Chance

  /// Another one with numbers as long.
  func another(using random: inout CounterGenerator) -> Calculation {
    let a = Self.number(digits: operands.0.digits, using: &random)
    let b = Self.number(digits: operands.1.digits, using: &random)
    return isSum ? .sum(a, b, isCarried: Bool.random(using: &random)) : .product(a, b)
  }

  static func number(digits: Int, using random: inout CounterGenerator) -> Int {
    let end = (0..<digits).reduce(1) { power, _ in 10 * power }
    return Int.random(in: (digits == 1 ? 0 : end / 10)..<end, using: &random)
  }
}

// MARK: - As text

extension Calculation {
  /// `34+28=`, `34+28+1=`, `34*28=`
  func write(_ numerals: Numerals) -> String {
    switch self {
    case .sum(let a, let b, let isCarried):
      "\(numerals.write(a))+\(numerals.write(b))\(isCarried ? "+1" : "")="
    case .product(let a, let b): "\(numerals.write(a))*\(numerals.write(b))="
    }
  }

  /// - Returns: nil if it is written otherwise, or has longer numbers than it can have.
  init?(_ text: String, _ numerals: Numerals) {
    guard text.utf8.last == UInt8(ascii: "="), text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    let isProduct = text.utf8.contains(UInt8(ascii: "*"))
    let parts = text.dropLast().split(separator: isProduct ? "*" : "+", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 && !isProduct && parts[2] == "1", let a = numerals.read(parts[0]),
      let b = numerals.read(parts[1])
    else { return nil }
    self = isProduct ? .product(a, b) : .sum(a, b, isCarried: parts.count == 3)
    guard isPossible else { return nil }
  }
}
