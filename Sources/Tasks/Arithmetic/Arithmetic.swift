import Amplification
import Randomness

/// Whole numbers as text: `347+289=` is answered with `636`, and so is `347+289+1=`, where one was carried.
///
/// A sum is taken apart into its last column, `7+9=`, and the sum of what stands before it with what is carried, `34+28+1=`:
/// both are questions of the same family, so that a model that answers sums of n − 1 digits is amplified to one of n. What has
/// one digit is not taken apart, and not looked up either: people teach it. Products fall into products by single digits, and
/// sums.
///
/// Written from the units up, `743+982=636`, each digit of a sum follows from the two above it and what was carried last; from
/// the highest down, the first one depends on all that come after it.
public struct Arithmetic: TextTask {
  private static let order = TaskKind.Setting(
    "reversed", 0...1, standard: 0, "1: numbers are written from the units up, 743 for 347")
  public static let addition = TaskKind(
    "addition", "sums of numbers as text: 347+289=, and 34+28+1= with a carry", sizes: 2...Calculation.longestTerm,
    settings: [order]
  ) { Arithmetic(multiplies: false, size: $0, isReversed: $1[order] == 1) }
  public static let multiplication = TaskKind(
    "multiplication", "products of numbers as text, and the sums that they need: 347*289=",
    sizes: 2...Calculation.longestFactor, settings: [order]
  ) { Arithmetic(multiplies: true, size: $0, isReversed: $1[order] == 1) }

  public var kind: TaskKind { multiplies ? Self.multiplication : Self.addition }
  let multiplies: Bool
  let numerals: Numerals
  public let size: Int
  public var mostSteps: Int { multiplies ? 3 : 2 }
  public let longestQuestion = 64

  /// - Parameters:
  ///   - multiplies: whether there are products beside sums.
  ///   - size: digits of the numbers, at most.
  ///   - isReversed: whether numbers are written from the units up.
  init(multiplies: Bool, size: Int, isReversed: Bool) {
    self.multiplies = multiplies
    self.size = size
    numerals = Numerals(areReversed: isReversed)
  }

  public var leaves: [Question] {
    (multiplies ? Calculation.sums + Calculation.products : Calculation.sums).map(question)
  }

  func question(_ calculation: Calculation) -> Question { Question(text: calculation.write(numerals)) }

  func calculation(_ question: Question) -> Calculation? {
    guard let calculation = question.content.text.flatMap({ Calculation($0, numerals) }),
      multiplies || calculation.isSum
    else { return nil }
    return calculation
  }

  // MARK: What is asked

  /// Numbers of `elements` digits; of what is held out, also of fewer, each length as likely. Only what has one digit is never
  /// held out.
  public func sampleQuestion(
    about context: Context, elements: Int, isHeldOut: Bool, using random: inout CounterGenerator
  ) -> Question {
    let digits = isHeldOut ? Int.random(in: 1...elements, using: &random) : elements
    var drawn: Calculation
    repeat { drawn = sample(digits: digits, using: &random) } while !drawn.isLeaf && drawn.isHeldOut != isHeldOut
    return question(drawn)
  }

  private func sample(digits: Int, using random: inout CounterGenerator) -> Calculation {
    let isCarried = Bool.random(using: &random)
    func number(_ digits: Int) -> Int { Calculation.number(digits: digits, using: &random) }
    guard multiplies else { return .sum(number(digits), number(digits), isCarried: isCarried) }
    if Bool.random(using: &random) {
      return .product(number(digits), number(Int.random(in: 1...digits, using: &random)))
    }
    // The sums that such products need are up to twice as long.
    let longer = 2 * digits - (Bool.random(using: &random) ? 1 : 0)
    return .sum(number(longer), number(Int.random(in: (longer + 1) / 2...longer, using: &random)), isCarried: isCarried)
  }

  public func isQuestion(_ question: Question) -> Bool { calculation(question) != nil }

  public func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    isQuestion(question) ? .open : .malformed
  }

  public func truth(of question: Question, in context: Context) -> Answer {
    calculation(question).map { Answer(text: numerals.write($0.value)) } ?? unknown
  }

  public func questionClass(of question: Question, in context: Context) -> String {
    guard let calculation = calculation(question) else { return "other" }
    let digits = "\(calculation.digits) digit\(calculation.digits == 1 ? "" : "s")"
    return multiplies && calculation.isSum ? "sum of \(digits)" : digits
  }

  // MARK: What is answered

  public func answer(written text: String, to question: Question) -> Answer {
    numerals.read(text).map { Answer(text: numerals.write($0)) } ?? unknown
  }

  public func objection(to answer: Answer) -> String? {
    guard let text = answer.content.text, text.isEmpty || numerals.read(text) != nil else {
      return "an answer that is none"
    }
    return nil
  }

  /// One as long as the right one.
  public func sampleAnswer(
    to question: Question, in context: Context, using random: inout CounterGenerator
  ) -> Answer { another(truth(of: question, in: context), using: &random) }

  private func another(_ answer: Answer, using random: inout CounterGenerator) -> Answer {
    guard let number = answer.content.text.flatMap({ numerals.read($0) }) else { return answer }
    return Answer(text: numerals.write(Calculation.number(digits: number.digits, using: &random)))
  }

  // MARK: How it is taken apart

  public func decide(_ transcript: Transcript) -> Decision {
    let heard = transcript.steps.map { $0.answer.content.text.flatMap { numerals.read($0) } }
    guard let calculation = calculation(transcript.question), !heard.contains(nil) else { return .answer(unknown) }
    return switch calculation.step(after: heard.compactMap(\.self)) {
    case .ask(let next): .ask(question(next))
    case .value(let value): .answer(Answer(text: numerals.write(value)))
    case nil: .answer(unknown)
    }
  }

  public func mistake(for decision: Decision, using random: inout CounterGenerator) -> Decision {
    switch decision {
    case .ask(let question): .ask(calculation(question).map { self.question($0.another(using: &random)) } ?? question)
    case .answer(let answer): .answer(another(answer, using: &random))
    }
  }
}
