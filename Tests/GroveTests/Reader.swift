import Foundation

/// Somebody who knows nothing of Grove or its tasks but what stands on the desk's page, and does as it says.
///
/// What they read is the page's text: the question, what it means, what was answered so far, the examples of questions with
/// their meanings, and the guide. A guide that they can't follow, they say so.
struct Reader {
  struct Lost: Error, CustomStringConvertible { let description: String }

  let question: String
  /// Answers so far.
  let answers: [String]
  /// What the form sends along, as a browser does.
  let fields: [String: String]
  private let meaning: String
  private let guide: String
  /// Examples of questions, by what they mean.
  private let grammar: [(form: String, meaning: String)]

  /// - Returns: nil if the page asks nothing.
  init?(_ page: String) {
    guard let question = page.firstMatch(of: /<code id="question">([^<]*)<\/code>/),
      let meaning = page.firstMatch(of: /<p id="meaning"><code>[^<]*<\/code>: ([^<]*)\.<\/p>/),
      let guide = page.firstMatch(of: /<p id="guide">([^<]*)<\/p>/),
      let form = page.firstMatch(
        of: /name="item" value="([^"]*)"><input type="hidden" name="step" value="(\d+)"><label/)
    else { return nil }
    self.question = String(question.1)
    self.meaning = String(meaning.1)
    self.guide = String(guide.1).replacing(/\s+/, with: " ")
    fields = ["item": String(form.1), "step": String(form.2)]
    answers = page.matches(of: /<li><code>[^<]*<\/code> = <b>([^<]*)<\/b>/).map { String($0.1) }
    grammar = page.matches(of: /<dt><code>([^<]*)<\/code><\/dt><dd>([^<]*)<\/dd>/).map {
      (String($0.1), String($0.2))
    }
  }

  /// What they say next.
  func line() throws -> String {
    if answers.contains("?") { return "= ?" }
    if guide.contains("Halve the way: of f^6(4), ask f^3(4), then f^3 of the answer") { return try halving() }
    if guide.contains("ask the same with 0 in its place, then the same with 1. The sum of the two answers") {
      return try splitting()
    }
    throw Lost(description: "the guide “\(guide)” does not tell what to do")
  }

  // MARK: Arrows

  private static let words = ["once", "twice", "three times", "four times", "five times", "six times", "seven times"]

  /// Of a meaning: where to start, and how many arrows to follow.
  private static func way(_ meaning: String) -> (start: String, arrows: Int)? {
    guard let match = meaning.wholeMatch(of: /start at (\d+) and follow the arrows? (.+)/) else { return nil }
    return words.firstIndex(of: String(match.2)).map { (String(match.1), $0 + 1) }
  }

  private func halving() throws -> String {
    guard let (start, arrows) = Self.way(meaning) else { throw Lost(description: "“\(meaning)” says no way") }
    let here = answers.last ?? start
    switch answers.count {
    case 0, 1: return try asked(here, arrows / 2)
    case 2 where !arrows.isMultiple(of: 2): return try asked(here, 1)
    default: return "= \(here)"
    }
  }

  /// A question, written as the example of such a one is.
  private func asked(_ start: String, _ arrows: Int) throws -> String {
    for (form, meaning) in grammar {
      guard let example = Self.way(meaning), example.arrows != Int(example.start),
        form.contains("\(example.arrows)"), form.contains("(\(example.start))")
      else { continue }
      return form.replacing("\(example.arrows)", with: "\(arrows)", maxReplacements: 1)
        .replacing("(\(example.start))", with: "(\(start))")
    }
    throw Lost(description: "no example tells how to write a way of \(arrows) arrows from \(start)")
  }

  // MARK: Patterns

  private func splitting() throws -> String {
    guard let star = question.firstIndex(of: "*") else { throw Lost(description: "there is no * in \(question)") }
    if answers.count < 2 { return question.replacingCharacters(in: star...star, with: "\(answers.count)") }
    let numbers = answers.compactMap { Int($0) }
    guard numbers.count == 2 else { throw Lost(description: "\(answers) are no two numbers") }
    guard let most = guide.firstMatch(of: /but \? if it is below -\d+ or above (\d+)/).flatMap({ Int($0.1) }) else {
      throw Lost(description: "the guide does not tell how large a sum may be")
    }
    let sum = numbers[0] + numbers[1]
    return abs(sum) > most ? "= ?" : "= \(sum)"
  }
}
