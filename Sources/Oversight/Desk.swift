import Amplification
import Foundation
import Randomness
import RunStore
import Tasks

/// Where people decide: the questions that wait for them, who has which, and what was decided.
///
/// Every step is in the journal before the person is told of it, and again there when the coordinator comes back. A
/// decision counts once, whoever says it how often.
public actor Desk {
  /// What is set about people.
  public struct Settings: Sendable {
    public var run: String
    /// A question is a person's for so long after their last step.
    public var lease: Duration
    /// Share of questions that two people get.
    public var twice: Double
    /// Whether people see the facts.
    public var showsFacts: Bool
    /// All who may decide, if that is known.
    public var people: Set<String>

    public init(run: String, lease: Duration, twice: Double, showsFacts: Bool, people: Set<String> = []) {
      self.run = run
      self.lease = lease
      self.twice = twice
      self.showsFacts = showsFacts
      self.people = people
    }
  }

  /// Asks the present teacher.
  public typealias Ask = @Sendable (Question, Context) async throws -> (answer: Answer, author: Author)

  private let settings: Settings
  private let task: any TaskDefinition
  private let journal: Journal
  private let ask: Ask
  private var queue: DeskQueue
  private var items: [QuestionID: DeskItem] = [:]
  private var settled: [QuestionID: Settled] = [:]
  /// What training has used: it can't be taken back.
  private var used: Set<QuestionID> = []
  /// Whose sub-question is being answered.
  private var asking: Set<String> = []
  private var people: Set<String>
  private var counts: [String: Int] = [:]
  private var last: [String: (id: QuestionID, number: Int64)] = [:]
  private var pairs: [(String, String)] = []
  private var waiters: [CheckedContinuation<Void, Never>] = []

  /// A judgment that counts.
  public struct Settled: Sendable {
    public let number: Int64
    public let person: String
    public let judgment: Judgment
  }

  /// Who decides when nobody does.
  public static let nobody = "nobody"

  public init(_ settings: Settings, _ task: any TaskDefinition, journal: Journal, ask: @escaping Ask) throws {
    self.settings = settings
    self.task = task
    self.journal = journal
    self.ask = ask
    queue = DeskQueue(lease: settings.lease)
    people = settings.people
    let judgments = try journal.judgments()
    for judgment in judgments where Self.isPerson(judgment.person) {
      counts[judgment.person, default: 0] += 1
      if settings.people.isEmpty { people.insert(judgment.person) }
    }
    pairs = comparedDecisions(of: judgments, task)
  }

  static func isPerson(_ name: String) -> Bool { name != nobody && name != "script" }

  // MARK: For the run

  /// Questions on which nobody has decided.
  public var waiting: [QuestionID] { queue.open }

  /// Who has which of these questions now.
  public func holders(of ids: Set<QuestionID>) -> [String] {
    ids.compactMap { queue.holder(of: $0, now: .now) }.sorted()
  }

  /// Puts questions on the desk, unless they are there; one that was judged before is not asked again.
  public func open(_ new: [DeskItem]) async throws {
    for item in new where items[item.id] == nil {
      items[item.id] = item
      if let known = try await recorded(item) {
        settled[item.id] = known
      } else {
        queue.add(item.id, isForTwo: item.isForTwo(share: settings.twice), now: .now)
      }
    }
    changed()
  }

  /// What was judged of all of them; nil as long as some wait. From then on, these judgments can't be taken back.
  public func judgments(of ids: [QuestionID]) -> [Settled]? {
    let judgments = ids.compactMap { settled[$0] }
    guard judgments.count == ids.count else { return nil }
    used.formUnion(ids)
    return judgments
  }

  /// The run went on without those that were judged.
  public func forget(_ ids: [QuestionID]) {
    for id in ids { settled[id] = nil }
    tidy()
  }

  /// Takes everything off the desk: the run goes on from an earlier round.
  public func clear() {
    queue = DeskQueue(lease: settings.lease)
    items = [:]
    settled = [:]
    used = []
    changed()
  }

  /// Nobody judged them in time. - Parameter isLearned: whether X learns them nonetheless.
  public func close(_ ids: [QuestionID], isLearned: Bool) throws {
    for id in ids where settled[id] == nil {
      guard let item = items[id] else { continue }
      try settle(item, by: Self.nobody, .unreviewed(isLearned: isLearned), isSecond: false)
    }
  }

  /// Waits until something was decided, or for that time.
  public func change(within time: Duration) async {
    let timer = Task {
      guard (try? await Task.sleep(for: time)) != nil else { return }
      changed()
    }
    await withCheckedContinuation { waiters.append($0) }
    timer.cancel()
  }

  private func changed() {
    for waiter in waiters { waiter.resume() }
    waiters = []
  }

  /// The judgment of it that the journal has, if it is of the same question.
  private func recorded(_ item: DeskItem) async throws -> Settled? {
    for record in try records(of: item.id) {
      guard record.standing == .valid || record.standing == .derived, let number = record.number,
        let judgment = judgment(in: record), judgment.elements == item.elements, judgment.subject == item.subject,
        judgment.verdict != .passed
          || record.person == Self.nobody
      else { continue }
      if record.standing == .derived, try await !isHeardAgain(judgment, item) { continue }
      return Settled(number: number, person: record.person, judgment: judgment)
    }
    return nil
  }

  private func records(of id: QuestionID) throws -> [Journal.Judgment] {
    try journal.judgments(kind: id.kind.rawValue, round: id.round, place: id.place)
  }

  private func judgment(in record: Journal.Judgment) -> Judgment? {
    try? JSONDecoder().decode(Judgment.self, from: Data(record.body.utf8))
  }

  /// Whether the models answer now what they answered when the judgment was given: then the person would decide the same.
  private func isHeardAgain(_ judgment: Judgment, _ item: DeskItem) async throws -> Bool {
    guard let tree = judgment.decomposition else { return true }
    var heard: [AmplificationTree] = []
    for step in tree.children {
      let now = try await insistently { try await self.resolve(step.question, item, after: heard) }
      guard now.answer == step.answer else { return false }
      heard.append(now)
    }
    return true
  }

  /// Tries it again until it succeeds: a worker that is lost is followed by another.
  private func insistently<Result>(_ body: () async throws -> Result) async throws -> Result {
    while true {
      do { return try await body() } catch {
        try Task.checkCancellation()
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  // MARK: For people

  /// What a person sees; they are given a question if there is one for them.
  public func look(_ person: String) throws -> DeskView {
    if settings.people.isEmpty { people.insert(person) }
    return try view(of: person, queue.take(person, now: .now))
  }

  /// Takes what a person says about a question.
  ///
  /// - Parameters:
  ///   - item: the question that they saw, as in ``DeskView/Item/id``; empty if there was none.
  ///   - step: ``DeskView/Item/step`` as they saw it. The same said again changes nothing.
  /// - Throws: only if the journal can't be written. What is wrong with the line is in the view.
  public func say(_ text: String, about item: String, step: Int, by person: String) async throws -> DeskView {
    do {
      let notice = try await take(DeskLine.plain(text), about: QuestionID(item), step: step, by: person)
      var view = try look(person)
      view.notice = notice
      return view
    } catch let error as NotationError {
      var view = try look(person)
      view.problem = error.description
      return view
    }
  }

  /// What would come of a line, without saying it.
  public func check(_ text: String, by person: String) -> DeskCheck {
    let item = queue.held(by: person, now: .now).flatMap { items[$0] }
    let heard = item.flatMap { try? draft(of: $0, by: person) }?.compactMap(\.asked) ?? []
    let completions = DeskLine.completions(of: DeskLine.plain(text), about: item, after: heard, task)
    do {
      return DeskCheck(
        isFine: true, says: try DeskLine(text, about: item, task).meaning(task), completions: completions)
    } catch {
      return DeskCheck(isFine: false, says: "\(error)", completions: completions)
    }
  }

  private func take(_ text: String, about id: QuestionID?, step: Int, by person: String) async throws -> String? {
    let item = id.flatMap { items[$0] }
    if text == "undo" { return try undo(item, by: person) }
    // Said twice: it counts once.
    if let id, last[person]?.id == id { return nil }
    guard let id, let item else {
      throw NotationError("that question is no longer on the desk: it was decided, or the run went on without it")
    }
    let line = try DeskLine(text, about: item, task)
    guard queue.claim(id, by: person, now: .now) else {
      let holder = queue.holder(of: id, now: .now)
      throw NotationError(
        holder.map { "your time for that question was over, and \($0) has it now" }
          ?? "that question was decided by somebody else meanwhile")
    }
    guard !asking.contains(person) else { throw NotationError("your sub-question is being answered: a moment") }
    let draft = try draft(of: item, by: person)
    guard step == draft.count else {
      guard step < draft.count, draft[step].line == text else {
        throw NotationError("you have gone on with this question in another window: this is how it stands")
      }
      return nil
    }
    switch line {
    case .ask(let question): return try await hear(question, text, item, draft, by: person)
    case .answer(let answer):
      let children = draft.compactMap(\.asked)
      let tree = AmplificationTree(item.asked.question, answer: answer, by: .person(person), children: children)
      try settle(item, by: person, .decomposed(tree), isSecond: queue.isSecond(id, person))
    case .flag(let reason): try settle(item, by: person, .flagged(reason), isSecond: queue.isSecond(id, person))
    case .pass:
      if queue.passed(id, by: person, of: people, now: .now) {
        try settle(item, by: Self.nobody, .passed, isSecond: false)
      }
    case .mark(let number, let verdict):
      try record(DraftEntry(line: text, asked: nil, number: number, verdict: verdict), draft.count, item, by: person)
    case .accept:
      var verdicts: [Int: NodeVerdict] = [:]
      for entry in draft { if let number = entry.number { verdicts[number] = entry.verdict } }
      try settle(item, by: person, .reviewed(verdicts), isSecond: queue.isSecond(id, person))
    case .undo: break
    }
    return nil
  }

  /// Answers a person's sub-question at once.
  private func hear(
    _ question: Question, _ text: String, _ item: DeskItem, _ draft: [DraftEntry], by person: String
  ) async throws -> String? {
    guard draft.count < task.mostSteps else {
      throw NotationError(
        "you have asked \(draft.count) sub-questions, as many as there may be: give the answer, as in “= 3”")
    }
    asking.insert(person)
    defer { asking.remove(person) }
    let heard: AmplificationTree
    do {
      heard = try await resolve(question, item, after: draft.compactMap(\.asked))
    } catch {
      throw NotationError("nobody could answer that now (\(error)): ask it again in a moment")
    }
    // Meanwhile it may have become somebody else's.
    guard items[item.id] != nil, queue.claim(item.id, by: person, now: .now) else {
      throw NotationError("that question was decided by somebody else meanwhile")
    }
    try record(DraftEntry(line: text, asked: heard), draft.count, item, by: person)
    return heard.author == .malformed
      ? "There is nothing in this context that \(task.write(question)) is about, so its answer is ?." : nil
  }

  /// The answer to a sub-question: from the facts, from what was heard before, made up, or X's.
  private func resolve(
    _ question: Question, _ item: DeskItem, after heard: [AmplificationTree]
  ) async throws -> AmplificationTree {
    let asked = Asked(question, about: 0, key: item.asked.key.child(heard.count))
    switch task.lookUp(question, in: item.context, using: asked.key) {
    case .primitive(let answer): return AmplificationTree(question, answer: answer, by: .lookUp)
    case .malformed:
      return AmplificationTree(question, answer: .unknown(length: task.answerLength), by: .malformed)
    case .open: break
    }
    if let before = heard.first(where: { $0.question == question }) {
      return AmplificationTree(question, answer: before.answer, by: .memo)
    }
    if asked.isMadeUp(share: item.doubt) {
      return AmplificationTree(question, answer: task.madeUpAnswer(to: asked, in: item.context), by: .madeUp)
    }
    let (answer, author) = try await ask(question, item.context)
    return AmplificationTree(question, answer: answer, by: author)
  }

  private func undo(_ item: DeskItem?, by person: String) throws -> String? {
    if let item, queue.claim(item.id, by: person, now: .now) {
      let steps = try draft(of: item, by: person).count
      if steps > 0 {
        try drop(item, from: steps - 1, by: person)
        return "Your last step is taken back."
      }
    }
    guard let (id, number) = last[person], items[id] != nil, !used.contains(id), try journal.undo(number) else {
      throw NotationError("there is nothing to take back: training has used what you decided")
    }
    if settled[id]?.number == number { settled[id] = nil }
    last[person] = nil
    counts[person, default: 1] -= 1
    queue.undecided(id, by: person, now: .now)
    return "Your last judgment is taken back."
  }

  private func settle(_ item: DeskItem, by person: String, _ verdict: Verdict, isSecond: Bool) throws {
    let judgment = Judgment(elements: item.elements, subject: item.subject, verdict: verdict)
    // What this person judged at this place in another future of the run, about another question, does not stand for it.
    let outdated = try records(of: item.id).filter { record in
      record.person == person && record.standing != .withdrawn
        && self.judgment(in: record).map { $0.elements != item.elements || $0.subject != item.subject } ?? true
    }
    try journal.set(.derived, of: outdated.compactMap(\.number))
    let record = try journal.record(
      .init(
        kind: item.id.kind.rawValue, round: item.id.round, place: item.id.place, person: person,
        time: Date().timeIntervalSince1970, body: try Self.json(judgment), standing: isSecond ? .second : .valid))
    queue.decided(item.id, by: person, now: .now)
    if Self.isPerson(person), let number = record.number {
      counts[person, default: 0] += 1
      last[person] = (item.id, number)
    }
    if isSecond {
      pairs = comparedDecisions(of: try journal.judgments(), task)
    } else if let number = record.number {
      settled[item.id] = Settled(number: number, person: person, judgment: judgment)
      changed()
    }
    tidy()
  }

  /// Lets go of what the run has used and nobody else is to judge.
  private func tidy() {
    for id in used where settled[id] == nil && !queue.isOffered(id) {
      items[id] = nil
      used.remove(id)
      queue.remove(id)
    }
  }

  // MARK: Steps

  private func draft(of item: DeskItem, by person: String) throws -> [DraftEntry] {
    try journal.draft(kind: item.id.kind.rawValue, round: item.id.round, place: item.id.place, person: person)
      .compactMap { try? JSONDecoder().decode(DraftEntry.self, from: Data($0.body.utf8)) }
  }

  private func record(_ entry: DraftEntry, _ step: Int, _ item: DeskItem, by person: String) throws {
    try journal.record(
      .init(
        kind: item.id.kind.rawValue, round: item.id.round, place: item.id.place, person: person, step: step,
        body: try Self.json(entry)))
  }

  private func drop(_ item: DeskItem, from step: Int, by person: String) throws {
    try journal.dropDraft(
      kind: item.id.kind.rawValue, round: item.id.round, place: item.id.place, person: person, from: step)
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  // MARK: What is shown

  private func view(of person: String, _ id: QuestionID?) throws -> DeskView {
    var view = DeskView(
      run: settings.run, task: type(of: task).name, person: person, waiting: queue.open.count,
      own: counts[person] ?? 0, all: counts.values.reduce(0, +), agreement: kappa(pairs), compared: pairs.count,
      forms: task.forms)
    var steps = 0
    if let id, let item = items[id] {
      let draft = try draft(of: item, by: person)
      steps = draft.count
      view.item = DeskView.Item(
        item, draft, showsFacts: settings.showsFacts,
        leaseSeconds: Int(queue.left(of: id, now: .now) / .seconds(1)), task)
    }
    if steps > 0 {
      view.undo = "your last step"
    } else if let last = last[person], items[last.id] != nil, !used.contains(last.id) {
      view.undo = "your last judgment"
    }
    return view
  }
}
