import Amplification
import Foundation
import RunStore
import Tasks
import Testing

@testable import Oversight

/// What can be taken back, for how long, and what is asked about once more.
final class GraceTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-grace-\(UUID().uuidString)"
  private let task = Permutation(size: 8, bits: 3)

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func desk(
    on store: RunStore? = nil, twice: Double = 0, people: Set<String> = [], grace: Duration = .seconds(3600)
  ) async throws -> Desk {
    let store = if let store { store } else { try await RunStore.open("r", in: folder) }
    let desk = Desk(
      .init(run: store.name, lease: .seconds(60), twice: twice, showsFacts: true, people: people, grace: grace), task,
      journal: store.journal
    ) { _, _ in Reply(Answer([7]), by: .answerer(role: "teacher", step: 5)) }
    try await desk.recall()
    return desk
  }

  /// Questions of a batch of two.
  private var items: [DeskItem] {
    let batch = task.sample(.decompositions, seed: 1, round: 3, 0..<2, elements: 8, questions: 1)
    return batch.asked.enumerated().map { place, asked in
      DeskItem(ids[place], about: batch.contexts[asked.context], elements: 8, asked: asked)
    }
  }

  private let ids = (0..<2).map { QuestionID(.decomposition, round: 3, place: $0) }

  @discardableResult private func say(
    _ desk: Desk, _ text: String, by person: String = "ada", isAgain: Bool = false, isFinal: Bool = false
  ) async throws -> DeskView {
    let item = try await desk.look(person).item
    return try await desk.say(
      text, about: item?.id ?? "", step: item?.step ?? 0, by: person, isAgain: isAgain,
      isFinal: isFinal)
  }

  // MARK: Taking back

  @Test func theLastJudgmentOfABatchCanBeTakenBackBeforeTrainingUsesIt() async throws {
    let desk = try await desk()
    try await desk.open(items)
    try await say(desk, "= 2")
    let idle = try await say(desk, "= 3")
    #expect(idle.item == nil && idle.undo == "your last judgment" && (3500...3600).contains(idle.undoSeconds ?? 0))
    // All is decided, and yet the round does not begin to train.
    #expect(await desk.judgments(of: ids) == nil)
    #expect(await desk.waiting.isEmpty)
    #expect(await desk.reconsidering(Set(ids)) == ["ada"])
    let again = try await say(desk, "undo")
    #expect(again.item?.id == "d3.2" && again.notice == "Your judgment of d3.2 is taken back." && again.own == 1)
    try await say(desk, "= 4")
    #expect(await desk.judgments(of: ids) == nil)
    #expect(try await say(desk, "sure").notice == "What you decided stands.")
    let used = await desk.judgments(of: ids)
    #expect(used?.map { $0.judgment.decomposition?.answer } == [Answer([2]), Answer([4])])
    #expect(try await desk.look("ada").undo == nil)
  }

  @Test func whoGoesOnLetsGoOfWhatWasBefore() async throws {
    let desk = try await desk()
    try await desk.open(items)
    try await say(desk, "= 2")
    #expect(await desk.judgments(of: [ids[0]]) == nil)
    try await say(desk, "= 3")
    #expect(await desk.judgments(of: [ids[0]])?.count == 1)
  }

  @Test func aScriptIsSureAtOnceAndSoIsWhoIsKnownFromTheJournal() async throws {
    let store = try await RunStore.open("r", in: folder)
    let scripted = try await desk(on: store)
    try await scripted.open(items)
    try await say(scripted, "= 2", isFinal: true)
    try await say(scripted, "= 3", isFinal: true)
    #expect(await scripted.judgments(of: ids)?.count == 2)
    let after = try await desk(on: store)
    try await after.open(items)
    // Until the round uses it, it can still be taken back.
    #expect(try await say(after, "undo").item?.id == "d3.2")
    try await say(after, "= 3", isFinal: true)
    #expect(await after.judgments(of: ids)?.count == 2)
  }

  @Test func anyJudgmentThatIsNotUsedIsTakenBackByItsName() async throws {
    let desk = try await desk()
    try await desk.open(items)
    for line in ["= 2", "= 3"] { try await say(desk, line) }
    #expect(try await say(desk, "undo d3.1").item?.id == "d3.1")
    #expect(try await say(desk, "undo d3.1").problem?.contains("no judgment of yours about d3.1 stands") == true)
    #expect(try await say(desk, "undo d3.2", by: "ben").problem?.contains("no judgment of yours") == true)
  }

  @Test func whyNothingCanBeTakenBackIsSaid() async throws {
    let desk = try await desk(people: ["ada", "ben"], grace: .zero)
    try await desk.open(items)
    #expect(try await say(desk, "undo").problem?.hasSuffix("you have decided nothing yet") == true)
    try await say(desk, "pass")
    #expect(try await say(desk, "undo").problem?.contains("you left d3.1 to somebody else") == true)
    try await say(desk, "= 3")
    try await say(desk, "= 3", by: "ben")
    #expect(await desk.judgments(of: ids)?.count == 2)
    #expect(try await say(desk, "undo").problem?.contains("training has used what you decided about d3.2") == true)
    #expect(try await say(desk, "undo").problem?.contains("grove retract r:1") == true)
  }

  // MARK: What can hardly be meant

  @Test func theQuestionItselfAndWhatWasAskedBeforeAreAskedAboutOnceMore() async throws {
    let desk = try await desk()
    try await desk.open(items)
    let question = try #require(try await desk.look("ada").item?.question)
    #expect(await desk.check(question, by: "ada").state == .doubtful)
    let doubted = try await say(desk, question)
    #expect(doubted.doubt?.contains("\(question) is the question itself") == true && doubted.item?.step == 0)
    // Another line is another thought; the same again is meant.
    #expect(try await say(desk, "f^3(1)").item?.step == 1)
    #expect(try await say(desk, "f^3(1)").doubt?.contains("you have asked f^3(1) before: the answer is 7") == true)
    // What is only sent twice is not meant.
    #expect(try await say(desk, "f^3(1)").doubt != nil)
    #expect(try await say(desk, "f^3(1)", isAgain: true).item?.step == 2)
  }

  @Test func whatTheTaskItselfWouldAskIsNeverDoubted() async throws {
    let store = try await RunStore.open("forest", in: folder)
    let forest = Forest(size: 8)
    let desk = Desk(
      .init(run: "forest", lease: .seconds(60), twice: 0, showsFacts: false), forest, journal: store.journal
    ) { question, context in Reply(forest.truth(of: question, in: context), by: .answerer(role: "teacher", step: 5)) }
    let batch = forest.sample(.decompositions, seed: 1, round: 3, 0..<12, elements: 8, questions: 1)
    try await desk.open(
      batch.asked.enumerated().map { place, asked in
        DeskItem(
          QuestionID(.decomposition, round: 3, place: place), about: batch.contexts[asked.context], elements: 8,
          asked: asked)
      })
    let script = ScriptedPerson(forest)
    while let item = try await desk.look("ada").item {
      let view = try await say(desk, script.line(about: item))
      try #require(view.doubt == nil && view.problem == nil, "\(view.doubt ?? view.problem ?? "")")
    }
  }

  @Test func anAnswerOfAnotherKindIsAskedAboutOnceMore() async throws {
    let store = try await RunStore.open("path", in: folder)
    let path = Path(size: 8)
    let desk = Desk(
      .init(run: "path", lease: .seconds(60), twice: 0, showsFacts: false), path, journal: store.journal
    ) { _, _ in Reply(Answer([0]), by: .answerer(role: "teacher", step: 5)) }
    let batch = path.sample(.decompositions, seed: 1, round: 3, 0..<1, elements: 8, questions: 1)
    try await desk.open([
      DeskItem(ids[0], about: batch.contexts[0], elements: 8, asked: batch.asked[0])
    ])
    let view = try await say(desk, "= yes")
    #expect(view.doubt?.contains("yes is no answer of the kind that") == true && view.own == 0)
    #expect(try await say(desk, "= yes", isAgain: true).own == 1)
  }

  /// Node 2 of its tree is a look-up, and right.
  @Test(arguments: ["2 no", "2 = WRONG", "2 = RIGHT"])
  func whatContradictsAFactIsAskedAboutOnceMore(_ line: String) async throws {
    let desk = try await desk()
    let item = items[0]
    let fact = item.context.facts[0]
    let leaf = AmplificationTree(
      try task.readQuestion("f^1(\(fact[0]))"), answer: Answer([fact[1]]), by: .lookUp)
    let tree = AmplificationTree(
      item.asked.question, answer: Answer([1]), by: .learnedOverseer(step: 9), children: [leaf])
    try await desk.open([
      DeskItem(
        QuestionID(.review, round: 3, place: 0), about: item.context, elements: 8, asked: item.asked, tree: tree)
    ])
    let line = line.replacing("WRONG", with: "\(fact[1] % 8 + 1)").replacing("RIGHT", with: "\(fact[1])")
    let doubted = try await say(desk, line)
    #expect(doubted.doubt?.contains(line.hasSuffix("\(fact[1])") ? "“2 ok” says" : "is a fact") == true)
    #expect(
      doubted.item?.nodes[1].verdict == nil && doubted.item?.nodes[1].meaning.contains("follow the arrow once") == true)
    #expect(try await say(desk, line, isAgain: true).item?.nodes[1].verdict != nil)
    #expect(try await say(desk, "1 no").doubt == nil)
  }

  // MARK: While it is typed

  @Test(arguments: [
    ("f^", DeskCheck.State.unfinished), ("f^2(", .unfinished), ("f^2(1", .unfinished), ("=", .unfinished),
    ("fla", .unfinished), ("flag", .unfinished), ("und", .unfinished), ("f^2(1)", .fine), ("= 3", .fine), ("g", .bad),
    ("f^9(1)", .bad), ("= 99", .bad), ("undo", .fine), ("undo d3.1", .fine),
  ]) func aBeginningIsNoError(_ text: String, _ state: DeskCheck.State) async throws {
    let desk = try await desk()
    try await desk.open(items)
    _ = try await desk.look("ada")
    let check = await desk.check(text, by: "ada")
    #expect(check.state == state && check.isFine == (state == .fine), "\(check)")
    if state == .unfinished { #expect(check.says.hasPrefix("goes on as in “")) }
  }

  // MARK: What was decided

  @Test func whereTwoDisagreeIsShownWithWhatItCosts() async throws {
    let store = try await RunStore.open("r", in: folder)
    let desk = try await desk(on: store, twice: 1)
    try await desk.open(items)
    for (person, lines) in [("ada", ["f^1(1)", "= 2", "= 3"]), ("ben", ["f^1(1)", "= 5", "= 3"])] {
      for line in lines { try await say(desk, line, by: person) }
    }
    let ledger = Ledger(try await Provenance(store.journal), of: "r", task)
    let disagreement = try #require(ledger.disagreements.first)
    #expect(ledger.disagreements.count == 1 && disagreement.judgments.map(\.person) == ["ada", "ben"])
    #expect(disagreement.decisions == 2 && disagreement.alike == 1)
    #expect(disagreement.first == "= 2" && disagreement.second == "= 5")
    #expect(disagreement.judgments[0].steps[0].hasSuffix(" by look-up"))
    let kappa = try await desk.look("ada").agreement
    #expect(ledger.kappa == kappa && ledger.compared == 3)
    let own = await desk.own(ledger, "ben")
    #expect(own.map(\.decision) == ["= 3", "= 5"] && own.map(\.state) == [.compared, .compared])
    #expect(await desk.own(ledger, "ada").allSatisfy { $0.state == .waiting && $0.mayTakeBack })
  }
}
