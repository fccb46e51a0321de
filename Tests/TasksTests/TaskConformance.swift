import Amplification
import Randomness
import Tasks
import Testing

/// What every task keeps.
struct TaskConformance {
  private let key = RandomKey(seed: 0, purpose: .lookUps)
  static let tasks: [any TaskDefinition] =
    [4, 8, 16, 32, 64].flatMap { size in
      TaskCatalog.grove.kinds.compactMap {
        try? $0.task(size: size, ["bits": size < 16 ? 3 : 6, "reversed": size < 16 ? 0 : 1])
      }
    } + [Maximum(size: 8)]
  static let tokenTasks = tasks.compactMap { $0 as? any TokenTask }

  private struct Truth: Answerer {
    let author = Author.lookUp
    let task: any TaskDefinition
    func reply(to asked: [Asked], in contexts: [Context]) -> [Reply] {
      asked.map { Reply(task.truth(of: $0.question, in: contexts[$0.context]), by: author) }
    }
  }

  private func draw(_ task: any TaskDefinition, _ index: Int) -> (Context, Question) {
    var random = CounterGenerator(seed: 5, purpose: .contexts, index: index)
    let context = task.sampleContext(elements: task.size, using: &random)
    return (context, task.sampleQuestion(about: context, using: &random))
  }

  @Test(arguments: tasks) func decompositionsWithTrueSubAnswersGiveTheTruth(_ task: any TaskDefinition) async throws {
    for index in 0..<60 {
      let (context, question) = draw(task, index)
      for depth in 1...2 {
        let tree = try await Amplifier(
          overseer: task.scriptedOverseer(), answerer: Truth(task: task), facts: task, mostSteps: task.mostSteps
        ).amplify([Asked(question, about: 0, key: key)], in: [context], depth: depth).first
        #expect(tree.map { task.isRight($0.answer, to: question, in: context) } == true)
      }
    }
  }

  @Test(arguments: tasks) func anErringOverseerErrsAsOftenAsItShouldAndInForm(_ task: any TaskDefinition) async throws {
    let overseer = task.scriptedOverseer(errorRate: 0.2)
    var errors = 0
    var decisions = 0
    for index in 0..<400 {
      let (context, question) = draw(task, index)
      let transcript = Transcript(question)
      let key = RandomKey(seed: 3, purpose: .questions, index: index)
      func decide() async throws -> Decision? {
        var deliberation = overseer.deliberate(on: [question], keys: [key])
        return try await deliberation.decide(hearing: []).first
      }
      let decision = try #require(try await decide())
      #expect(try await decide() == decision)
      decisions += 1
      if decision != task.decide(transcript) { errors += 1 }
      // A well-formed question is answered or open; where it names what the context lacks, there is no answer to it.
      guard case .ask(let asked) = decision else { continue }
      #expect(try task.readQuestion(task.write(asked)) == asked)
      _ = task.lookUp(asked, in: context, using: key)
    }
    // Some of the random decisions are the right one.
    #expect(errors > decisions / 20 && errors < decisions * 3 / 10, "\(errors) of \(decisions)")
  }

  @Test(arguments: tasks) func aFlawedOverseerIsWrongInTheSameWayAndInForm(_ task: any TaskDefinition) async throws {
    func amplified(_ flaw: Flaw) async throws -> (trees: [AmplificationTree], right: Int) {
      var (trees, right): ([AmplificationTree], Int) = ([], 0)
      for index in 0..<60 {
        let (context, question) = draw(task, index)
        let amplifier = Amplifier(
          overseer: task.scriptedOverseer(flaw: flaw), answerer: Truth(task: task), facts: task,
          mostSteps: task.mostSteps)
        let tree = try #require(
          try await amplifier.amplify([Asked(question, about: 0, key: key)], in: [context], depth: 1).first)
        trees.append(tree)
        right += task.isRight(tree.answer, to: question, in: context) ? 1 : 0
      }
      return (trees, right)
    }
    let without = try await amplified(.none)
    for flaw in Flaw.allCases where flaw != .none {
      let with = try await amplified(flaw)
      #expect(with.right <= without.right)
      for (tree, whole) in zip(with.trees, without.trees) {
        // Biased ones ask the same; the others leave out, and what they ask they would have asked.
        #expect(
          flaw == .biased ? tree.children.count == whole.children.count : tree.children.count <= whole.children.count)
        #expect(task.isOfKind(tree.answer, askedBy: tree.question))
        #expect(!task.write(tree.answer).isEmpty)
      }
      #expect(try await amplified(flaw).trees == with.trees)
    }
  }

  @Test(arguments: tokenTasks) func alphabetsDoNotOverlap(_ task: any TokenTask) {
    for (index, alphabet) in task.alphabets.enumerated() {
      #expect(alphabet.tokens.lowerBound > 0 && alphabet.tokens.upperBound < Token(task.vocabulary))
      #expect(task.alphabets[..<index].allSatisfy { !$0.tokens.overlaps(alphabet.tokens) })
    }
  }

  @Test(arguments: tasks) func notationGoesBothWays(_ task: any TaskDefinition) throws {
    for index in 0..<50 {
      let (context, question) = draw(task, index)
      #expect(try task.readQuestion(task.write(question)) == question)
      let text = task.write(context).joined(separator: "\n")
      #expect(try task.readContext("# facts\n\n\(text)\n") == context)
    }
  }

  @Test(arguments: tasks) func peopleAreToldWhatItsQuestionsMean(_ task: any TaskDefinition) throws {
    #expect(task.guide.count > 80 && task.guide.hasSuffix(".") && !task.guide.contains("  "))
    let meanings = try task.forms.map { task.meaning(of: try task.readQuestion($0)) }
    #expect(Set(meanings).count == meanings.count && meanings.allSatisfy { $0.count > 10 && !$0.hasSuffix(".") })
    for index in 0..<20 {
      let question = draw(task, index).1
      // Every number in it is in its meaning, too, or is spelled out there.
      let meaning = task.meaning(of: question)
      let last = task.write(question).matches(of: /\d+/).last.map { String($0.output) }
      #expect(last.map { meaning.contains($0) } ?? true, "\(task.write(question)): \(meaning)")
    }
    #expect(task.meaning(of: Question([])) == "no question")
  }

  @Test(arguments: tasks) func sampledQuestionsAreOpen(_ task: any TaskDefinition) {
    for index in 0..<200 {
      let (context, question) = draw(task, index)
      #expect(task.lookUp(question, in: context, using: key) == .open)
      #expect(task.isQuestion(question) && task.objection(to: question) == nil && task.objection(to: context) == nil)
      #expect(((task as? any TokenTask)?.questionLength ?? 0) == question.tokens.count)
      #expect(!task.truth(of: question, in: context).isUnknown)
    }
  }

  @Test(arguments: tokenTasks) func garbageIsMalformedAndAnsweredUnknown(_ task: any TokenTask) {
    let (context, _) = draw(task, 0)
    let nothing = Question([Token](repeating: 0, count: task.questionLength))
    #expect(task.lookUp(nothing, in: context, using: key) == .malformed)
    var random = CounterGenerator(seed: 9, purpose: .questions)
    for _ in 0..<2000 {
      let length = Int.random(in: 0...task.questionLength + 2, using: &random)
      let tokens = (0..<length).map { _ in Token.random(in: -2...Token(task.vocabulary + 2), using: &random) }
      let question = Question(tokens)
      if task.lookUp(question, in: context, using: key) == .malformed {
        #expect(task.truth(of: question, in: context).isUnknown)
      }
      _ = task.decide(Transcript(question))
      _ = task.write(question)
      _ = task.questionClass(of: question, in: context)
    }
  }
}
