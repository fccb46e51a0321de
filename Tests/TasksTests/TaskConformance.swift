import Amplification
import Randomness
import Tasks
import Testing

/// What every task keeps.
struct TaskConformance {
  static let tasks: [any TaskDefinition] = [
    Permutation(size: 4, bits: 2), Permutation(size: 8, bits: 3), Permutation(size: 16, bits: 4),
    Permutation(size: 64, bits: 6), Assignment(size: 4), Assignment(size: 8), Assignment(size: 64), Wildcard(size: 4),
    Wildcard(size: 8), Wildcard(size: 64),
  ]

  private struct Truth: Answerer {
    let task: any TaskDefinition
    let author = Author.lookUp
    func answer(_ asked: [Asked], in contexts: [Context]) -> [Answer] {
      asked.map { task.truth(of: $0.question, in: contexts[$0.context]) }
    }
  }

  private func draw(_ task: any TaskDefinition, _ index: Int) -> (Context, Question) {
    var random = CounterGenerator(seed: 5, purpose: .contexts, index: index)
    let context = task.sampleContext(elements: task.size, using: &random)
    return (context, task.sampleQuestion(about: context, using: &random))
  }

  @Test(arguments: tasks) func decompositionsWithTrueSubAnswersGiveTheTruth(_ task: any TaskDefinition) throws {
    for index in 0..<200 {
      let (context, question) = draw(task, index)
      for depth in 1...2 {
        let tree = try Amplifier(
          overseer: task.scriptedOverseer, answerer: Truth(task: task), facts: task, mostSteps: task.mostSteps
        ).amplify([Asked(question, about: 0)], in: [context], depth: depth).first
        #expect(tree.map { task.isRight($0.answer, to: question, in: context) } == true)
      }
    }
  }

  @Test(arguments: tasks) func notationGoesBothWays(_ task: any TaskDefinition) throws {
    for index in 0..<50 {
      let (context, question) = draw(task, index)
      #expect(try task.readQuestion(task.write(question)) == question)
      let text = context.facts.map(task.write(fact:)).joined(separator: "\n")
      #expect(try task.readContext("# facts\n\n\(text)\n") == context)
    }
  }

  @Test(arguments: tasks) func sampledQuestionsAreOpen(_ task: any TaskDefinition) {
    for index in 0..<200 {
      let (context, question) = draw(task, index)
      #expect(task.lookUp(question, in: context) == .open)
      #expect(question.tokens.count == task.questionLength)
      #expect(!task.truth(of: question, in: context).isUnknown)
    }
  }

  @Test(arguments: tasks) func garbageIsMalformedAndAnsweredUnknown(_ task: any TaskDefinition) {
    let (context, _) = draw(task, 0)
    var random = CounterGenerator(seed: 9, purpose: .questions)
    for _ in 0..<2000 {
      let length = Int.random(in: 0...task.questionLength + 2, using: &random)
      let tokens = (0..<length).map { _ in Token.random(in: -2...Token(task.vocabulary + 2), using: &random) }
      let question = Question(tokens)
      if task.lookUp(question, in: context) == .malformed { #expect(task.truth(of: question, in: context).isUnknown) }
      _ = task.decide(Transcript(question))
      _ = task.write(question)
      _ = task.difficulty(of: question, in: context)
    }
  }
}
