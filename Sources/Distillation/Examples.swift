import Amplification

/// What X learns: contexts with questions and answers, as columns.
public struct Examples: Sendable, Codable, Hashable {
  /// Facts or passages of each context, and the questions asked of each.
  public var factCounts: [Int32]
  public var questionCounts: [Int32]
  /// Those of all contexts, one behind the other.
  public var facts: Contents
  public var questions: Contents
  public var answers: Contents

  public init(
    factCounts: [Int32] = [], questionCounts: [Int32] = [], facts: Contents = Contents(),
    questions: Contents = Contents(), answers: Contents = Contents()
  ) {
    self.factCounts = factCounts
    self.questionCounts = questionCounts
    self.facts = facts
    self.questions = questions
    self.answers = answers
  }

  /// Questions about contexts, in the order of the contexts, with their answers.
  public init(_ asked: [Asked], _ answers: [Answer], in contexts: [Context]) {
    self.init(
      factCounts: contexts.map { Int32($0.contents.count) },
      questionCounts: asked.reduce(into: [Int32](repeating: 0, count: contexts.count)) { $0[$1.context] += 1 },
      facts: Contents(contexts.lazy.flatMap(\.contents)), questions: Contents(asked.lazy.map(\.question.content)),
      answers: Contents(answers.lazy.map(\.content)))
  }

  public var contexts: Int { factCounts.count }
  /// Whether it is of a task of texts.
  public var isText: Bool { questions.areTexts || facts.areTexts || answers.areTexts }

  /// Whether the columns fit together: only then may anything else be asked of them.
  public var isWhole: Bool {
    func sum(_ counts: [Int32]) -> Int? {
      counts.allSatisfy { $0 >= 0 } ? counts.reduce(0) { $0 + Int($1) } : nil
    }
    return factCounts.count == questionCounts.count && facts.isWhole && questions.isWhole && answers.isWhole
      && sum(factCounts) == facts.count && sum(questionCounts) == questions.count && answers.count == questions.count
  }

  public mutating func append(_ other: Examples) {
    factCounts += other.factCounts
    questionCounts += other.questionCounts
    facts.append(other.facts)
    questions.append(other.questions)
    answers.append(other.answers)
  }

  /// Adds one question about a context.
  public mutating func append(_ question: Question, _ answer: Answer, about context: Context) {
    append(
      Examples(
        factCounts: [Int32(context.contents.count)], questionCounts: [1], facts: Contents(context.contents),
        questions: Contents([question.content]), answers: Contents([answer.content])))
  }

  /// Without the questions at some places, counted over all contexts.
  public func without(_ places: Set<Int>) -> Examples {
    guard !places.isEmpty else { return self }
    var rest = self
    var place = 0
    for (context, count) in questionCounts.enumerated() {
      for _ in 0..<count {
        if places.contains(place) { rest.questionCounts[context] -= 1 }
        place += 1
      }
    }
    rest.questions = questions.without(places)
    rest.answers = answers.without(places)
    return rest
  }

  /// With other answers at some places, counted over all contexts.
  public func answering(_ answer: Answer, at places: Set<Int>) -> Examples {
    guard !places.isEmpty else { return self }
    var examples = self
    examples.answers = Contents(
      answers.all.enumerated().lazy.map { places.contains($0.offset) ? answer.content : $0.element })
    return examples
  }

  /// The rows of some contexts.
  public func contexts(_ run: Range<Int>) -> Examples {
    func rows(_ counts: [Int32]) -> Range<Int> {
      let start = counts[..<run.lowerBound].reduce(0) { $0 + Int($1) }
      return start..<counts[run].reduce(start) { $0 + Int($1) }
    }
    let (facts, questions) = (rows(factCounts), rows(questionCounts))
    return Examples(
      factCounts: Array(factCounts[run]), questionCounts: Array(questionCounts[run]), facts: self.facts[facts],
      questions: self.questions[questions], answers: answers[questions])
  }

  /// A context with the questions about it and their answers.
  public typealias Row = (context: Context, questions: [Question], answers: [Answer])

  /// What it says, context by context.
  public var rows: [Row] {
    var (facts, questions, answers) = (facts.all[...], questions.all[...], answers.all[...])
    return zip(factCounts, questionCounts).map { factCount, questionCount in
      defer {
        facts = facts.dropFirst(Int(factCount))
        questions = questions.dropFirst(Int(questionCount))
        answers = answers.dropFirst(Int(questionCount))
      }
      let own = facts.prefix(Int(factCount))
      return (
        self.facts.areTexts ? Context(passages: own.compactMap(\.text)) : Context(facts: own.map(\.tokens)),
        questions.prefix(Int(questionCount)).map { Question($0) }, answers.prefix(Int(questionCount)).map { Answer($0) }
      )
    }
  }
}
