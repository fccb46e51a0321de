import Amplification
import Randomness

/// Tokens that stand for things of one kind: names, or numbers, which follow each other.
public struct Alphabet: Hashable, Sendable {
  public let tokens: ClosedRange<Token>
  /// What the first token stands for, if they are numbers.
  public let firstNumber: Int?

  public static func names(_ tokens: ClosedRange<Token>) -> Alphabet { Alphabet(tokens: tokens, firstNumber: nil) }

  public static func numbers(_ tokens: ClosedRange<Token>, from first: Int) -> Alphabet {
    Alphabet(tokens: tokens, firstNumber: first)
  }

  /// Any name as likely as another; of numbers, small ones are likelier.
  func sample(using random: inout CounterGenerator) -> Token {
    guard let firstNumber else { return Token.random(in: tokens, using: &random) }
    let zero = tokens.lowerBound - Token(min(firstNumber, 0))
    let isBelow = zero > tokens.lowerBound && Bool.random(using: &random)
    let most = isBelow ? zero - tokens.lowerBound : tokens.upperBound - zero
    // A number of n or more is as likely as 1 to √(n + 1), but for those that there are none of.
    var size: Token
    repeat {
      let share = Double.random(in: 0.01...1, using: &random)
      size = Token(1 / (share * share)) - 1
    } while size > most
    return isBelow ? zero - size : zero + size
  }
}

/// A family of questions that can be asked of contexts, with everything that is known about it without a model: how to
/// sample, what is true, what a look-up answers, how the scripted overseer decomposes, and how it is written for people.
///
/// Tokens run from 0 (`?`) to `vocabulary - 1`. All methods are pure functions of their arguments.
public protocol TaskDefinition: Facts, Sendable {
  /// The name by which `cluster.yaml` and the command line know the task.
  static var name: String { get }
  /// One line for the list of tasks.
  static var summary: String { get }

  /// Most elements in a context (N of the paper), 4…64.
  var size: Int { get }
  var vocabulary: Int { get }
  /// The runs of tokens that stand for things of one kind; no two overlap.
  var alphabets: [Alphabet] { get }
  /// Tokens in a fact.
  var factLength: Int { get }
  /// Tokens in a question.
  var questionLength: Int { get }
  /// Most sub-questions that the scripted overseer asks of one question.
  var mostSteps: Int { get }

  /// Whether it is a question of this task, if not of any context.
  func isQuestion(_ question: Question) -> Bool
  /// A random context of `elements` elements, up to `size`.
  func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context
  /// A random question that is not primitive.
  func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question
  /// The right answer; `?` if there is none.
  func truth(of question: Question, in context: Context) -> Answer
  /// Whether the answer is (one of) the right one(s); by default, whether it is the truth.
  func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool
  /// A random answer of the kind that the question asks for, right or wrong; by default, of the truth's alphabets.
  func sampleAnswer(to question: Question, in context: Context, using random: inout CounterGenerator) -> Answer
  /// The scripted overseer's next decision.
  func decide(_ transcript: Transcript) -> Decision
  /// The class by which accuracy is broken down, easier classes first when numbers in them are read as numbers.
  func difficulty(of question: Question, in context: Context) -> String

  /// The alphabet of the answers to a question, by which those that are written alike are told apart; nil: it is no question.
  /// By default, that of the answer where there are no facts.
  func answers(to question: Question) -> Alphabet?

  /// For people who have never seen the task: what its facts say, and how its questions are taken apart.
  var guide: String { get }
  /// What a question asks for, in words that need no others: “start at 4 and follow the arrows three times”.
  func meaning(of question: Question) -> String

  /// The forms in which people write questions, an example each, which is one of contexts of any size.
  var forms: [String] { get }
  /// The notation of people, and back. Reading throws ``NotationError``.
  func write(fact: [Token]) -> String
  func write(_ question: Question) -> String
  func write(_ answer: Answer) -> String
  func readFact(_ text: String) throws -> [Token]
  func readQuestion(_ text: String) throws -> Question
  /// The context that people wrote, if its facts belong together; throws ``NotationError`` otherwise.
  func checked(_ context: Context) throws -> Context
}

extension TaskDefinition {
  /// The overseer that follows ``decide(_:)``, but errs now and then.
  ///
  /// - Parameter errorRate: share of its decisions that are replaced by a random well-formed one, 0…1.
  public func scriptedOverseer(errorRate: Double = 0) -> ScriptedOverseer {
    ScriptedOverseer { transcript, key in
      let decision = decide(transcript)
      guard errorRate > 0 else { return decision }
      var random = key.generator(.overseerErrors)
      guard Double.random(in: 0..<1, using: &random) < errorRate else { return decision }
      switch decision {
      case .ask(let question):
        guard isQuestion(question) else { return decision }
        var other = question
        repeat { other.tokens = question.tokens.map { another($0, using: &random) } } while !isQuestion(other)
        return .ask(other)
      case .answer(let answer): return .answer(Answer(answer.tokens.map { another($0, using: &random) }))
      }
    }
  }

  public func sampleAnswer(
    to question: Question, in context: Context, using random: inout CounterGenerator
  ) -> Answer {
    Answer(truth(of: question, in: context).tokens.map { another($0, using: &random) })
  }

  /// The answer that people wrote to a question.
  ///
  /// - Throws: ``NotationError`` if nothing that can be an answer is written so.
  public func readAnswer(_ text: String, to question: Question) throws -> Answer {
    let text = String(text.trimmed)
    if text == "?" { return .unknown(length: answerLength) }
    let kind = answers(to: question) ?? alphabets.first
    let tokens = Array(kind?.tokens ?? 1...1) + (1..<Token(vocabulary))
    for token in tokens where write(Answer([token])) == text { return Answer([token]) }
    let known = kind.map { kind in
      let written = [kind.tokens.lowerBound, kind.tokens.upperBound].map { write(Answer([$0])) }
      return ", such as \(written[0]) or \(written[1])"
    }
    throw NotationError("“\(text.prefix(80))” is no answer to this question: write a value\(known ?? ""), or ?")
  }

  public func answers(to question: Question) -> Alphabet? {
    let none = truth(of: question, in: Context(facts: [])).tokens.first ?? 0
    return alphabets.first { $0.tokens.contains(none) }
  }

  /// What each token is called, by token: as it is written as an answer, and #7 if it never is one.
  public var words: [String] {
    (0..<Token(vocabulary)).map { token in
      let written = write(Answer([token]))
      return written == "?" && token != 0 ? "#\(token)" : written
    }
  }

  /// A random token of the same alphabet, perhaps the same.
  private func another(_ token: Token, using random: inout CounterGenerator) -> Token {
    alphabets.first { $0.tokens.contains(token) }?.sample(using: &random) ?? token
  }

  /// How a question that is none is shown: its tokens as they are.
  static func malformed(_ question: Question) -> String {
    "malformed[" + question.tokens.map(String.init).joined(separator: " ") + "]"
  }

  public func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    answer == truth(of: question, in: context)
  }

  /// The context that people wrote down, one fact a line, or several with two spaces or more between them; blank lines and
  /// lines that begin with `#` are skipped.
  public func readContext(_ text: String) throws -> Context {
    var facts: [[Token]] = []
    // Whatever editor it was written with: some put a mark at the beginning.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? Substring(text.unicodeScalars.dropFirst()) : text[...]
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let trimmed = line.trimmed
      if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
      do {
        facts += try readFacts(trimmed)
      } catch let error as NotationError {
        throw NotationError("line \(number + 1): \(error.description)")
      }
    }
    return try checked(Context(facts: facts))
  }

  /// The facts of a line.
  private func readFacts(_ line: String) throws -> [[Token]] {
    // As Grove prints them; what stands alone may have any spaces in it.
    let parts = line.split(separator: /\s{2,}|\t/)
    if parts.count > 1, let facts = try? parts.map({ try readFact(String($0)) }) { return facts }
    do {
      return [try readFact(line)]
    } catch let error as NotationError {
      // Of many side by side, the one that is wrong.
      for part in parts where parts.count > 1 { _ = try readFact(String(part)) }
      throw error
    }
  }
}

/// A text that is no fact or question of the task: what was read, and what is allowed.
public struct NotationError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

extension Int {
  /// `twice`, `three times`, `63 times`.
  var asTimes: String {
    let words =
      ["never", "once", "twice"]
      + ["three", "four", "five", "six", "seven", "eight", "nine", "ten"].map { "\($0) times" }
    return words.indices.contains(self) ? words[self] : "\(self) times"
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
