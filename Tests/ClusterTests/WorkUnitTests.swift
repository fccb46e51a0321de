import Amplification
import ClusterFile
import Distillation
import Foundation
import Tasks
import Testing
import WorkUnits
import ZeroMQ

@testable import ActorCluster

/// Units of work and results, as they cross between processes.
struct WorkUnitTests {
  private func sent<Value: Codable>(_ value: Value) throws -> Value {
    var writer = WireWriter()
    let attachments = WireEncoder.Attachments()
    try WireEncoder.encode(value, into: &writer, attachments)
    let frame = Frame(writer.bytes)
    var reader = WireReader(frame)
    return try WireDecoder.decode(Value.self, from: &reader, frame, attachments.frames[...])
  }

  @Test func everyKindArrivesAsItself() throws {
    let questions = DecompositionQuestions(round: 3, contexts: [0, 4], elements: 5)
    var taught = Examples()
    taught.append(Question(text: "7+9="), Answer(text: "16"), about: Context(passages: []))
    let units: [any WorkUnit & Hashable] = [
      Grow(round: 3, contexts: 1..<4, elements: 8), Decompose(questions), Attempt(questions, .any),
      Measure(round: 2, transcripts: [Transcript(Question(text: "Who?"))]),
      Evaluate(round: 7, contexts: 0..<9, trees: 2), TakeSnapshot(after: 8),
      Respond(round: 1, context: Context(passages: ["It is so."]), question: Question(text: "Is it?")),
      Recite(round: 1, taught: taught),
    ]
    #expect(units.count == WorkKinds.all.count && Set(WorkKinds.all.map { $0.name }).count == units.count)
    for unit in units {
      let arrived = try #require(try sent(Work(unit)).unit as? any WorkUnit & Hashable)
      #expect(AnyHashable(arrived) == AnyHashable(unit))
    }
  }

  @Test func resultsArriveAndAreTakenForNoOthers() throws {
    let reply = Reply(Answer(text: "yes"), by: .person("ada"), cost: Cost(calls: 2, micros: 30))
    #expect(try sent(Finding(reply, of: Respond.self)).result(of: Respond.self) == reply)
    #expect(try sent(Finding(0.25, of: Measure.self)).result(of: Measure.self) == 0.25)
    #expect(throws: RemoteCallError.self) { try sent(Finding(0.25, of: Measure.self)).result(of: Respond.self) }
  }

  @Test func aKindThatNobodyKnowsIsRefused() throws {
    struct Unheard: WorkUnit {
      static let name = "unheard"
      func objection(to result: Int, by rules: ResultRules) -> String? { nil }
    }
    let error = #expect(throws: RemoteCallError.self) { try sent(Work(Unheard())) }
    #expect(error?.reason == .refused && error?.explanation.contains("unheard") == true)
  }

  // MARK: What can't be a result

  private func rules() -> ResultRules {
    var file = ClusterFile()
    file.amplification.questions = 2
    return ResultRules(Permutation(size: 5, bits: 3), file, weights: nil)
  }

  private func grown() -> Grow.Result {
    let task = Permutation(size: 5, bits: 3)
    let batch = task.sample(.contexts, seed: 1, round: 1, 0..<2, elements: 5, questions: 2)
    let answers = batch.asked.map { task.truth(of: $0.question, in: batch.contexts[$0.context]) }
    return Grow.Result(
      examples: Examples(batch.asked, answers, in: batch.contexts), doubts: [Doubt](repeating: .none, count: 4),
      agreed: 3, questions: 4, subQuestions: 8, memoHits: 1)
  }

  @Test func whatCantBeGrownIsObjectedTo() {
    let unit = Grow(round: 1, contexts: 0..<2, elements: 5)
    #expect(unit.objection(to: grown(), by: rules()) == nil)
    for spoil in [
      { $0.agreed = 5 }, { $0.questions = 3 }, { $0.subQuestions = -1 }, { $0.memoHits = 9 },
      { $0.doubts = [] }, { $0.areRight = [true] }, { $0.examples.questionCounts = [1, 3] },
      { $0.examples.factCounts = [-1, 11] },
      { $0.examples.answers = Contents($0.examples.questions.all) },
      { $0.examples.answers = Contents([Content](repeating: .tokens([99]), count: 4)) },
      { $0.examples.answers = Contents([Content](repeating: .text("3"), count: 4)) },
      { $0.examples.facts = Contents(count: 10, numbers: []) },
      { $0.held = [HeldAnswer(place: 4, context: Context(facts: []), tree: leaf(1))] },
      { $0.held = [HeldAnswer(place: 0, context: Context(facts: [[1, 2, 3]]), tree: leaf(1))] },
      { $0.held = [HeldAnswer(place: 0, context: Context(facts: [[1, 2]]), tree: leaf(77))] },
    ] as [(inout Grow.Result) -> Void] {
      var result = grown()
      spoil(&result)
      #expect(unit.objection(to: result, by: rules()) != nil, "\(result)")
    }
  }

  private func leaf(_ token: Token) -> AmplificationTree {
    AmplificationTree(Question([1, 6, 7, 6]), answer: Answer([token]), by: .lookUp)
  }

  @Test func lossesThatAreNoNumbersAreObjectedTo() {
    let unit = Measure(round: 1, transcripts: [])
    #expect(unit.objection(to: 1, by: rules()) == nil && unit.objection(to: .nan, by: rules()) != nil)
    let attempt = Attempt(DecompositionQuestions(round: 1, contexts: [0], elements: 5), .mostDoubted)
    #expect(attempt.objection(to: [], by: rules()) != nil)
  }
}
