import Amplification
import ClusterFile
import Randomness
import Status
import Tasks
import Testing
import WorkUnits

/// What a run learns does not depend on the truth, with all rules about doubt on.
struct WithheldTruthTests {
  private let models = try? OtherModels()

  @Test func whereTheTruthIsWithheldTheBitsAreTheSame() async throws {
    let models = try #require(models)
    var file = models.configuration
    file.task.name = "wildcard"
    file.run.rounds = 16
    file.run.evaluateEvery = 8
    (file.overseer.kind, file.overseer.choice) = (.learned, .uncertain)
    (file.overseer.decompositions, file.overseer.candidates, file.overseer.steps) = (40, 3, 1)
    (file.amplification.depth, file.amplification.doubt) = (3, 0.1)
    (file.distillation.accept.doubt, file.distillation.accept.surest) = (3, 0.9)
    (file.distillation.abstain, file.distillation.inner) = (0.2, 1)
    file.oversight.review = 0
    let told = try #require(await models.run("told", file, draft: Knowing.blueprint))
    let withheld = try #require(
      await models.run(
        "withheld", file, workers: 2,
        catalog: TaskCatalog([TaskKind("wildcard", "sums") { size, _ in Withheld(task: Wildcard(size: size)) }]),
        draft: Knowing.blueprint))
    #expect(told.weightsSHA256 == withheld.weightsSHA256 && told.steps == withheld.steps && told.steps > 0)
    // Nobody could tell what is right.
    #expect(told.accuracy.amplified > 0 && withheld.accuracy.amplified == 0)
  }
}

/// Sums over patterns of which nobody knows what is right. Facts are looked up as ever.
private struct Withheld: TokenTask {
  let task: Wildcard

  func truth(of question: Question, in context: Context) -> Answer { Answer([-1]) }
  func isRight(_ answer: Answer, to question: Question, in context: Context) -> Bool { false }
  func questionClass(of question: Question, in context: Context) -> String { "any" }

  var kind: TaskKind { task.kind }
  var size: Int { task.size }
  var mostSteps: Int { task.mostSteps }
  var vocabulary: Int { task.vocabulary }
  var alphabets: [Alphabet] { task.alphabets }
  var factLength: Int { task.factLength }
  var questionLength: Int { task.questionLength }
  var answerLength: Int { task.answerLength }
  var guide: String { task.guide }
  var forms: [String] { task.forms }

  func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    task.sampleContext(elements: elements, using: &random)
  }
  func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    task.sampleQuestion(about: context, using: &random)
  }
  func sampleAnswer(
    to question: Question, in context: Context, using random: inout CounterGenerator
  ) -> Answer { task.sampleAnswer(to: question, in: context, using: &random) }
  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    task.lookUp(question, in: context, using: key)
  }
  func isQuestion(_ question: Question) -> Bool { task.isQuestion(question) }
  func decide(_ transcript: Transcript) -> Decision { task.decide(transcript) }
  func meaning(of question: Question) -> String { task.meaning(of: question) }
  func write(fact: [Token]) -> String { task.write(fact: fact) }
  func write(_ question: Question) -> String { task.write(question) }
  func write(_ answer: Answer) -> String { task.write(answer) }
  func readFact(_ text: String) throws -> [Token] { try task.readFact(text) }
  func readQuestion(_ text: String) throws -> Question { try task.readQuestion(text) }
  func readAnswer(_ text: String, to question: Question) throws -> Answer { try task.readAnswer(text, to: question) }
  func checked(_ context: Context) throws -> Context { try task.checked(context) }
}
