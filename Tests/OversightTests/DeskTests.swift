import Amplification
import Foundation
import Mutation
import Randomness
import RunStore
import Synchronization
import Tasks
import Testing

@testable import Oversight

/// People at a desk over a real journal; X answers 7.
final class DeskTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-desk-\(UUID().uuidString)"
  private let task = Permutation(size: 8, bits: 3)

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func desk(
    lease: Duration = .seconds(60), twice: Double = 0, people: Set<String> = [], says: Token = 7, isThere: Bool = true
  ) async throws -> Desk {
    let store = try await RunStore.open("r\(UUID().uuidString.prefix(8))", in: folder)
    return try await desk(on: store, lease: lease, twice: twice, people: people, says: says, isThere: isThere)
  }

  private func desk(
    on store: RunStore, lease: Duration = .seconds(60), twice: Double = 0, people: Set<String> = [], says: Token = 7,
    isThere: Bool = true
  ) async throws -> Desk {
    let desk = Desk(
      .init(run: store.name, lease: lease, twice: twice, showsFacts: false, people: people), task,
      journal: store.journal
    ) { _, _ in
      struct Gone: Error {}
      guard isThere else { throw Gone() }
      return Reply(Answer([says]), by: .answerer(role: "teacher", step: 5))
    }
    try await desk.recall()
    return desk
  }

  private func items(_ places: Range<Int> = 0..<2) -> [DeskItem] {
    let batch = task.sample(.decompositions, seed: 1, round: 3, places, elements: 8, questions: 1)
    return zip(places, batch.asked).map { place, asked in
      DeskItem(
        QuestionID(.decomposition, round: 3, place: place), about: batch.contexts[asked.context], elements: 8,
        asked: asked)
    }
  }

  private func ids(_ places: Range<Int> = 0..<2) -> [QuestionID] {
    places.map { QuestionID(.decomposition, round: 3, place: $0) }
  }

  private func say(_ desk: Desk, _ text: String, _ view: DeskView, by person: String = "ada") async throws -> DeskView {
    try await desk.say(text, about: view.item?.id ?? "", step: view.item?.step ?? 0, by: person)
  }

  @Test func aQuestionIsTakenApartStepByStep() async throws {
    let desk = try await desk()
    try await desk.open(items())
    var view = try await desk.look("ada")
    #expect(view.item?.id == "d3.1" && view.waiting == 2 && view.item?.facts == nil)
    view = try await say(desk, "f^2(3)", view)
    #expect(view.item?.steps.map(\.answer) == ["7"] && view.item?.steps.first?.by == "X teacher@5")
    view = try await say(desk, "  =  5 ", view)
    #expect(view.item?.id == "d3.2" && view.own == 1 && view.waiting == 1)
    #expect(await desk.judgments(of: ids()) == nil)
    _ = try await say(desk, "= 2", view)
    let judgments = try #require(await desk.judgments(of: ids()))
    let tree = try #require(judgments[0].judgment.decomposition)
    #expect(tree.answer == Answer([5]) && tree.author == .person("ada") && tree.children.count == 1)
  }

  @Test(arguments: [
    ("f^2(12)", "there is no element 12: elements are 1 to 8"),
    ("f^9(1)", "the exponent 9 is out of range: it is 0 to 7"),
    ("g(1)", "is no question"), ("= 99", "is no answer to this question"), ("", "ask a sub-question, such as f^2(3)"),
    ("flag", "say what is wrong with the question"), (String(repeating: "x", count: 300), "more than 200 characters"),
    ("\u{0}\u{202E}", "is no question"), ("undo", "there is nothing to take back"),
  ]) func whatCantBeTakenIsExplainedInPlace(_ text: String, _ sentence: String) async throws {
    let desk = try await desk()
    try await desk.open(items())
    let view = try await say(desk, text, desk.look("ada"))
    #expect(view.problem?.contains(sentence) == true, "\(view.problem ?? "it was taken")")
    #expect(view.item?.id == "d3.1" && view.item?.step == 0)
    if text != "undo" { #expect(await desk.check(text, by: "ada").isFine == false) }
  }

  @Test func whatIsTypedIsCompletedWithWhatWasHeard() async throws {
    let desk = try await desk()
    try await desk.open(items())
    let view = try await desk.look("ada")
    let element = try #require(view.item?.question.split(separator: "(").last?.dropLast())
    _ = try await say(desk, "f^2(3)", view)
    let completions = await desk.check("f^1", by: "ada").completions
    #expect(completions == ["f^1(7)", "f^1(\(element))"])
    #expect(await desk.check("", by: "ada").completions.contains("= "))
  }

  @Test func fuzzedLinesAreTakenOrExplained() async throws {
    let desk = try await desk()
    try await desk.open(items())
    _ = try await desk.look("ada")
    var fine = 0
    for line in Mutation(of: ["f^2(3)", "= 5", "flag no", "pass", "undo"]) {
      let check = await desk.check(String(decoding: line, as: UTF8.self), by: "ada")
      #expect(!check.says.isEmpty)
      fine += check.isFine ? 1 : 0
    }
    #expect((1..<Mutation.count).contains(fine))
  }

  @Test func whatIsSaidTwiceCountsOnce() async throws {
    let desk = try await desk()
    try await desk.open(items())
    let first = try await desk.look("ada")
    let asked = try await say(desk, "f^2(3)", first)
    let again = try await say(desk, "f^2(3)", first)
    #expect(again.item?.step == 1 && again.problem == nil)
    // Another line from the same window before it was drawn anew is not taken for the next step.
    #expect(try await say(desk, "f^3(3)", first).problem?.contains("another window") == true)
    _ = try await say(desk, "= 5", asked)
    let later = try await say(desk, "= 5", asked)
    #expect(later.problem == nil && later.own == 1 && later.item?.id == "d3.2")
  }

  @Test func ofTwoWindowsThatSayTheSameAtOnceOneIsHeard() async throws {
    let desk = try await desk()
    try await desk.open(items())
    let view = try await desk.look("ada")
    await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { _ = try await self.say(desk, "f^2(3)", view) } }
    }
    #expect(try await desk.look("ada").item?.steps.count == 1)
  }

  @Test func aLeaseThatRanOutIsSomebodyElses() async throws {
    let desk = try await desk(lease: .zero)
    try await desk.open(items(0..<1))
    let mine = try await desk.look("ada")
    let theirs = try await desk.look("ben")
    #expect(mine.item?.id == "d3.1" && theirs.item?.id == "d3.1")
    _ = try await say(desk, "= 2", theirs, by: "ben")
    let late = try await say(desk, "= 3", mine)
    #expect(late.problem != nil && late.own == 0)
    #expect(await desk.judgments(of: ids(0..<1))?.first?.person == "ben")
  }

  @Test func aStepAndAJudgmentCanBeTakenBackUntilTheyAreUsed() async throws {
    let desk = try await desk()
    try await desk.open(items())
    var view = try await say(desk, "f^2(3)", desk.look("ada"))
    view = try await say(desk, "undo", view)
    #expect(view.item?.steps.isEmpty == true && view.notice?.contains("taken back") == true)
    view = try await say(desk, "= 2", view)
    view = try await say(desk, "undo", view)
    #expect(view.item?.id == "d3.1" && view.own == 0)
    view = try await say(desk, "= 4", view)
    _ = try await say(desk, "= 2", view)
    let judgments = try #require(await desk.judgments(of: ids()))
    #expect(judgments[0].judgment.decomposition?.answer == Answer([4]))
    #expect(try await say(desk, "undo", desk.look("ada")).problem?.contains("training has used") == true)
  }

  @Test func aCoordinatorThatComesBackKnowsEveryStepAndJudgment() async throws {
    let store = try await RunStore.open("r", in: folder)
    let before = try await desk(on: store)
    try await before.open(items())
    let second = try await say(before, "= 2", before.look("ada"))
    let view = try await say(before, "f^2(3)", second)
    let after = try await desk(on: store, says: 1)
    try await after.open(items())
    let again = try await after.look("ada")
    #expect(again.item == view.item && again.own == 1 && again.waiting == 1)
    // The click of which the answer was lost is sent again.
    let resent = try await say(after, "f^2(3)", second)
    #expect(resent.item == view.item && resent.problem == nil)
    _ = try await say(after, "= 6", resent)
    #expect(await after.judgments(of: ids())?.count == 2)
  }

  @Test func aShareIsJudgedByTwoWhoseAgreementIsShown() async throws {
    let desk = try await desk(twice: 1)
    try await desk.open(items())
    for (person, answers) in [("ada", ["= 2", "= 3"]), ("ben", ["= 2", "= 4"])] {
      var view = try await desk.look(person)
      for answer in answers { view = try await say(desk, answer, view, by: person) }
    }
    let view = try await desk.look("ada")
    // p = 1/2; e = 1/2 · 1/2 for “= 2” alone.
    #expect(view.compared == 2 && abs((view.agreement ?? 0) - (0.5 - 0.25) / 0.75) < 1e-12)
    #expect(await desk.judgments(of: ids())?.map(\.person) == ["ada", "ada"])
  }

  @Test func whatAllPassOnIsLeftAndWhatIsFlaggedIsNotAskedAgain() async throws {
    let desk = try await desk(people: ["ada", "ben"])
    try await desk.open(items())
    _ = try await say(desk, "pass", desk.look("ada"))
    #expect(await desk.waiting.count == 2)
    _ = try await say(desk, "pass", desk.look("ben"), by: "ben")
    #expect(await desk.waiting.count == 1)
    _ = try await say(desk, "flag it is empty", desk.look("ada"))
    let judgments = try #require(await desk.judgments(of: ids()))
    #expect(judgments[0].judgment.verdict == .passed && judgments[1].judgment.verdict == .flagged("it is empty"))
  }

  @Test func whereNobodyCanAnswerItIsSaidAndTheQuestionStays() async throws {
    let desk = try await desk(isThere: false)
    try await desk.open(items())
    let view = try await say(desk, "f^2(3)", desk.look("ada"))
    #expect(view.problem?.contains("nobody could answer that now") == true && view.item?.step == 0)
  }

  @Test func aDerivedJudgmentCountsAgainWhereTheModelsAnswerTheSame() async throws {
    let store = try await RunStore.open("r", in: folder)
    let before = try await desk(on: store)
    try await before.open(items())
    var view = try await say(before, "f^2(3)", before.look("ada"))
    view = try await say(before, "= 5", view)
    _ = try await say(before, "= 2", view)
    try await store.journal.set(.derived, of: store.journal.judgments().compactMap(\.number))
    let same = try await desk(on: store)
    try await same.open(items())
    #expect(await same.waiting.isEmpty)
    let other = try await desk(on: store, says: 1)
    try await other.open(items())
    // What rests on nothing that X said stands.
    #expect(await other.waiting == [ids()[0]])
    let asked = try await say(other, "f^2(3)", other.look("ben"), by: "ben")
    _ = try await say(other, "= 8", asked, by: "ben")
    #expect(await other.judgments(of: ids())?.map(\.person) == ["ben", "ada"])
  }

  @Test func aJudgmentOfAnotherQuestionAtTheSamePlaceIsReplacedAndTheNewOneIsKept() async throws {
    let store = try await RunStore.open("r", in: folder)
    let before = try await desk(on: store)
    try await before.open(items(0..<1))
    _ = try await say(before, "= 2", before.look("ada"))
    // In another future of the run, contexts of that round have fewer elements.
    let batch = task.sample(.decompositions, seed: 1, round: 3, 0..<1, elements: 6, questions: 1)
    let other = DeskItem(
      QuestionID(.decomposition, round: 3, place: 0), about: batch.contexts[0], elements: 6, asked: batch.asked[0])
    let after = try await desk(on: store)
    try await after.open([other])
    #expect(await after.waiting.count == 1)
    _ = try await say(after, "= 5", after.look("ada"))
    let again = try await desk(on: store)
    try await again.open([other])
    #expect(await again.judgments(of: [other.id])?.first?.judgment.decomposition?.answer == Answer([5]))
  }

  @Test func aStepThatIsTakenBackWhileXAnswersLeavesNoGap() async throws {
    let store = try await RunStore.open("r", in: folder)
    let (questions, asked) = AsyncStream.makeStream(of: Void.self)
    let (answers, answered) = AsyncStream.makeStream(of: Void.self)
    let desk = Desk(
      .init(run: "r", lease: .seconds(60), twice: 0, showsFacts: false), task, journal: store.journal
    ) { _, _ in
      asked.yield()
      for await _ in answers { break }
      return Reply(Answer([7]), by: .answerer(role: "teacher", step: 5))
    }
    try await desk.open(items())
    answered.yield()
    let first = try await say(desk, "f^2(3)", desk.look("ada"))
    var asking = questions.makeAsyncIterator()
    _ = await asking.next()
    async let late = say(desk, "f^4(3)", first)
    _ = await asking.next()
    _ = try await say(desk, "undo", first)
    answered.yield()
    #expect(try await late.problem?.contains("another window") == true)
    let view = try await desk.look("ada")
    #expect(view.item?.step == 0)
    answered.yield()
    #expect(try await say(desk, "f^2(6)", view).item?.steps.map(\.question) == ["f^2(6)"])
  }

  /// Nobody's decision and a person's, of the same questions at the same time, and what people say twice.
  @Test func ofAllThatComesAtOnceOneJudgmentOfEachQuestionCounts() async throws {
    let store = try await RunStore.open("r", in: folder)
    let desk = try await desk(on: store)
    try await desk.open(items(0..<40))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          for _ in 0..<2 {
            let view = try await desk.look("p\(number)")
            async let once = self.say(desk, "= 2", view, by: "p\(number)")
            async let twice = self.say(desk, "= 2", view, by: "p\(number)")
            _ = try await (once, twice)
          }
        }
      }
      group.addTask { try await desk.close(self.ids(0..<40).filter { $0.place.isMultiple(of: 2) }, isLearned: false) }
      try await group.waitForAll()
    }
    let judgments = try await store.journal.judgments()
    #expect(Set(judgments.map(\.place)).count == judgments.count)
    let settled = await desk.judgments(of: judgments.map { QuestionID(.decomposition, round: 3, place: $0.place) })
    #expect(settled?.map(\.number) == judgments.map(\.number))
    #expect(settled?.map(\.person) == judgments.map(\.person))
  }

  @Test func aStepThatCantBeReadIsNamedAndTakenBack() async throws {
    let store = try await RunStore.open("r", in: folder)
    let before = try await desk(on: store)
    try await before.open(items())
    _ = try await say(before, "f^2(3)", before.look("ada"))
    try await store.journal.record(
      .init(kind: "decomposition", round: 3, place: 0, person: "ada", step: 1, body: "{\"line\":"))
    let after = try await desk(on: store)
    try await after.open(items())
    let view = try await after.look("ada")
    #expect(view.problem?.contains("step 2 of ada about d3.1") == true && view.item?.step == 1)
    #expect(try await say(after, "f^2(6)", view).item?.steps.count == 2)
  }

  @Test func aJudgmentThatCantBeReadEndsWithItsName() async throws {
    let store = try await RunStore.open("r", in: folder)
    try await store.journal.record(
      .init(
        kind: "decomposition", round: 3, place: 0, person: "ada", time: 0, body: "{\"elements\":8}", standing: .valid))
    let desk = try await desk(on: store)
    let error = await #expect(throws: RunStoreError.self) { try await desk.open(self.items()) }
    #expect(error?.description.contains("judgment 1 by ada in the run's journal can't be read") == true)
  }

  /// Two judgments of which the models' answers have to be heard again.
  private func derived() async throws -> RunStore {
    let store = try await RunStore.open("r", in: folder)
    let before = try await desk(on: store)
    try await before.open(items())
    for _ in 0..<2 { _ = try await say(before, "= 5", say(before, "f^2(3)", before.look("ada"))) }
    try await store.journal.set(.derived, of: store.journal.judgments().compactMap(\.number))
    return store
  }

  @Test func whileNobodyAnswersItIsSaidWhatIsWaitedFor() async throws {
    let store = try await derived()
    let isThere = Mutex(false)
    let desk = Desk(
      .init(run: "r", lease: .seconds(60), twice: 0, showsFacts: false), task, journal: store.journal
    ) { _, _ in
      guard isThere.withLock({ $0 }) else { throw Desk.Unanswered(description: "no worker is there") }
      return Reply(Answer([7]), by: .answerer(role: "teacher", step: 5))
    }
    var said: [String] = []
    try await desk.open(items()) { what in
      said.append(what)
      isThere.withLock { $0 = true }
    }
    #expect(said == ["an answer to f^2(3), on which judgment d3.1 rests (no worker is there)"])
    #expect(await desk.waiting.isEmpty)
  }

  @Test func whatIsNoLossEndsTheWaiting() async throws {
    let store = try await derived()
    let desk = try await desk(on: store, isThere: false)
    await #expect(throws: (any Error).self) { try await desk.open(self.items()) { _ in Issue.record("it waits") } }
  }

  @Test func whatIsTakenBackIsNotComparedAnyMore() async throws {
    let desk = try await desk(twice: 1)
    try await desk.open(items())
    for person in ["ada", "ben"] { _ = try await say(desk, "= 2", desk.look(person), by: person) }
    #expect(try await desk.look("ada").compared == 1)
    _ = try await say(desk, "undo", desk.look("ben"), by: "ben")
    #expect(try await desk.look("ada").compared == 0)
  }
}
