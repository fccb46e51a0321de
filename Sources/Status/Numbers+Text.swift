import Foundation

extension Int {
  /// The whole number next to one that came from elsewhere, which may be too large for any, or none at all: then 0.
  public init(nearest value: Double) {
    let rounded = value.rounded()
    self = value.isNaN ? 0 : Int(exactly: rounded) ?? (value < 0 ? .min : .max)
  }

  /// `12,345`
  public var grouped: String {
    var digits = String(magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}

extension Double {
  /// `0.987`
  public var threeDigits: String { String(format: "%.3f", self) }

  /// `1 h 12 min`, `3 min 5 s`, `12 s`, of seconds.
  public var asTime: String {
    let seconds = Int(nearest: self)
    if seconds >= 3600 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
  }
}
