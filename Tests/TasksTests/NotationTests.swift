import Amplification
import Mutation
import Randomness
import Tasks
import Testing

/// What people write of a task, right or not.
struct NotationTests {
  @Test(arguments: TaskCatalog.grove.names) func answersAreReadAsTheyAreWritten(_ name: String) throws {
    let task = try TaskCatalog.grove.task(name, size: 8)
    var random = CounterGenerator(seed: 1, purpose: .contexts)
    for _ in 0..<50 {
      let context = task.sampleContext(elements: 8, using: &random)
      // Open questions, and those that H asks on the way.
      var transcript = Transcript(task.sampleQuestion(about: context, using: &random))
      while case .ask(let question) = task.decide(transcript) {
        transcript.steps.append(.init(question, task.truth(of: question, in: context)))
      }
      for (question, answer) in [(transcript.question, task.truth(of: transcript.question, in: context))]
        + transcript.steps.map({ ($0.question, $0.answer) })
      {
        #expect(try task.readAnswer(" \(task.write(answer)) ", to: question) == answer, "\(task.write(question))")
      }
      #expect(throws: NotationError.self) { try task.readAnswer("green", to: transcript.question) }
    }
  }

  @Test(arguments: TaskCatalog.grove.names) func theFormsAreQuestionsOfTheSmallestContextsToo(_ name: String) throws {
    let task = try TaskCatalog.grove.task(name, size: 4, ["bits": 2])
    #expect(!task.forms.isEmpty)
    for form in task.forms { #expect(try task.write(task.readQuestion(form)) == form) }
  }

  @Test(arguments: TaskCatalog.grove.names) func fuzzedTextIsReadOrRefusedWithASentence(_ name: String) throws {
    let task = try TaskCatalog.grove.task(name, size: 8)
    var random = CounterGenerator(seed: 1, purpose: .contexts)
    let context = task.sampleContext(elements: 8, using: &random)
    let facts = task.write(context)
    let questions = (0..<20).map { _ in task.write(task.sampleQuestion(about: context, using: &random)) }
    var (understood, refused) = (0, 0)
    for mutated in Mutation(of: facts + questions) {
      let text = String(decoding: mutated, as: UTF8.self)
      do {
        let question = try task.readQuestion(text)
        // What was understood can be written, answered and taken apart.
        #expect(try task.readQuestion(task.write(question)) == question)
        _ = task.truth(of: question, in: context)
        _ = task.lookUp(question, in: context, using: RandomKey(seed: 1, purpose: .questions))
        _ = task.decide(Transcript(question))
        understood += 1
      } catch {
        #expect(error is NotationError, "\(error)")
        refused += 1
      }
      _ = try? task.readContext(facts.joined(separator: "\n") + "\n" + text)
    }
    #expect(understood > 0 && refused > 0)
  }
}
