/// How whole numbers from 0 are written: from the highest digit down, as everybody does, or from the units up.
struct Numerals: Hashable, Sendable {
  let areReversed: Bool

  /// Digits of the largest number.
  private static let most = 18

  func write(_ number: Int) -> String { areReversed ? String("\(number)".reversed()) : "\(number)" }

  /// - Returns: nil if it is no number: digits alone, 18 at most, of which the highest is not 0.
  func read(_ text: some StringProtocol) -> Int? {
    let digits = areReversed ? Array(text.utf8.reversed()) : Array(text.utf8)
    guard (1...Self.most).contains(digits.count), digits == [zero] || digits[0] != zero,
      digits.allSatisfy({ (zero...zero + 9).contains($0) })
    else { return nil }
    return digits.reduce(0) { 10 * $0 + Int($1 - zero) }
  }

  private var zero: UInt8 { UInt8(ascii: "0") }
}

extension Int {
  /// Digits of a number from 0.
  var digits: Int { "\(self)".utf8.count }
}
