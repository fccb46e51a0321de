import Commands
import Foundation

/// A figure that Grove promises.
struct Promise {
  let name: String
  let value: Double
  private let bound: Double
  private let isLeast: Bool

  init(name: String, value: Double, least: Double) {
    (self.name, self.value, bound, isLeast) = (name, value, least, true)
  }

  init(name: String, value: Double, most: Double) {
    (self.name, self.value, bound, isLeast) = (name, value, most, false)
  }

  func line(colours: Bool) -> String {
    let isMet = isLeast ? value >= bound : value <= bound
    let verdict = isMet ? Terminal.coloured("met", 32, colours) : Terminal.coloured("missed", 31, colours)
    return "  \(name.padding(to: 56))\(String(format: "%7.2f", value))   at \(isLeast ? "least" : "most ") "
      + "\(String(format: "%.2f", bound))  \(verdict)"
  }
}
