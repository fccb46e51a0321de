import Amplification
import RunStore
import Tasks

/// Where people decide: the questions that wait for them, who has which, and what was decided.
///
/// Every step is in the journal before the person is told of it, and again there when the coordinator comes back. A
/// decision counts once, whoever says it how often.
///
/// While something is written others go on; what one person does, and what is done with one question, is done one after the
/// other, see ``inTurn(of:_:)``. Where something takes both turns, it takes the person's first, and no two questions'.
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
    /// A person's last judgment is not used before that time is over, so that they can take it back.
    public var grace: Duration

    public init(
      run: String, lease: Duration, twice: Double, showsFacts: Bool, people: Set<String> = [], grace: Duration = .zero
    ) {
      self.run = run
      self.lease = lease
      self.twice = twice
      self.showsFacts = showsFacts
      self.people = people
      self.grace = grace
    }
  }

  /// Asks the present teacher. - Throws: ``Unanswered`` if nobody is there to answer, who may be there soon.
  public typealias Ask = @Sendable (Question, Context) async throws -> Reply

  /// Nobody answered: it may be asked again.
  public struct Unanswered: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
  }

  /// A judgment that counts.
  public struct Settled: Sendable {
    public let number: Int64
    public let person: String
    public let judgment: Judgment
  }

  /// What is done by one at a time.
  private enum Turn: Hashable {
    case person(String)
    case question(QuestionID)
  }

  let settings: Settings
  /// The run's name.
  public nonisolated var run: String { settings.run }
  /// Of the task's forms.
  let meanings: [String]
  let task: any TaskDefinition
  let records: DeskRecords
  let ask: Ask
  let report: @Sendable (String) -> Void
  var queue: DeskStateMachine
  var items: [QuestionID: DeskItem] = [:]
  var settled: [QuestionID: Settled] = [:]
  /// What training has used: it can't be taken back.
  var used: Set<QuestionID> = []
  /// What the run can't do without now.
  public internal(set) var needed: Set<QuestionID> = []
  /// Whose sub-question is being answered.
  var asking: Set<String> = []
  var people: Set<String>
  var counts: [String: Int] = [:]
  /// What each decided last, and what each left to others since.
  var last: [String: Given] = [:]
  var passed: [String: QuestionID] = [:]
  /// What each was asked about once more.
  var doubted: [String: Doubted] = [:]
  var comparison = ComparedDecisions()
  private var turns = Turns<Turn>()
  private var waiters: [CheckedContinuation<Void, Never>] = []

  /// Who decides when nobody does.
  public static let nobody = "nobody"

  /// - Parameter report: is told what can't be read of what people decided before.
  public init(
    _ settings: Settings, _ task: any TaskDefinition, journal: Journal,
    report: @escaping @Sendable (String) -> Void = { _ in }, ask: @escaping Ask
  ) {
    self.settings = settings
    self.task = task
    meanings = task.forms.map { (try? task.readQuestion($0)).map(task.meaning) ?? "" }
    self.ask = ask
    self.report = report
    records = DeskRecords(journal: journal)
    queue = DeskStateMachine(lease: settings.lease)
    people = settings.people
  }

  static func isPerson(_ name: String) -> Bool { name != nobody && name != "script" }

  /// Remembers from the journal who decided how often, and how far people agreed.
  public func recall() async throws {
    counts = try await records.journal.judgmentCounts().filter { Self.isPerson($0.key) }
    if settings.people.isEmpty { people.formUnion(counts.keys) }
    let compared = Dictionary(grouping: try await records.journal.judgmentsOfSeveral()) { QuestionID(of: $0) }
    for (id, records) in compared {
      do {
        comparison.compare(try records.map { ($0, try $0.decoded()) }, about: id, task)
      } catch {
        report("\(error). It is left out of the agreement between people")
      }
    }
  }

  /// Does something in a turn that is waited for.
  private func inTurn<Result>(of turn: Turn, _ body: () async throws -> Result) async rethrows -> Result {
    if !turns.take(turn) { await withCheckedContinuation { turns.wait(for: turn, $0) } }
    defer { turns.end(turn) }
    return try await body()
  }

  func inTurn<Result>(of person: String, _ body: () async throws -> Result) async rethrows -> Result {
    try await inTurn(of: .person(person), body)
  }

  func inTurn<Result>(of question: QuestionID, _ body: () async throws -> Result) async rethrows -> Result {
    try await inTurn(of: .question(question), body)
  }

  // MARK: For the run

  /// Questions on which nobody has decided.
  public var waiting: [QuestionID] { queue.open }

  /// Who has which of these questions now.
  public func holders(of ids: Set<QuestionID>) -> [String] {
    ids.compactMap { queue.holder(of: $0, now: .now) }.sorted()
  }

  /// Puts questions on the desk, unless they are there; one that was judged before is not asked again.
  ///
  /// - Parameter whileUnanswered: is told what is waited for, while nobody answers what a judgment rests on.
  /// - Throws: ``RunStoreError`` if a judgment can't be read.
  public func open(
    _ new: [DeskItem], whileUnanswered: (_ what: String) async throws -> Void = { _ in }
  ) async throws {
    for item in new {
      try await inTurn(of: item.id) {
        guard items[item.id] == nil else { return }
        let known = try await recorded(item, whileUnanswered)
        items[item.id] = item
        if let known {
          settled[item.id] = known
          remember(known, of: item.id)
        } else {
          queue.add(item.id, isForTwo: item.isForTwo(share: settings.twice), now: .now)
        }
      }
    }
    changed()
  }

  /// What was judged of all of them; nil as long as some wait, or may be taken back for a moment. From then on, these
  /// judgments can't be taken back.
  public func judgments(of ids: [QuestionID]) -> [Settled]? {
    let judgments = ids.compactMap { settled[$0] }
    guard judgments.count == ids.count, reconsidering(Set(ids)).isEmpty else {
      needed = Set(ids)
      return nil
    }
    needed = []
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
    queue = DeskStateMachine(lease: settings.lease)
    items = [:]
    settled = [:]
    used = []
    needed = []
    last = [:]
    passed = [:]
    doubted = [:]
    changed()
  }

  /// Nobody judged them in time. - Parameter isLearned: whether X learns them nonetheless.
  public func close(_ ids: [QuestionID], isLearned: Bool) async throws {
    // All at once, so that they go to the disk together.
    try await withThrowingDiscardingTaskGroup { group in
      for id in ids { group.addTask { try await self.close(id, isLearned: isLearned) } }
    }
  }

  private func close(_ id: QuestionID, isLearned: Bool) async throws {
    try await inTurn(of: id) {
      guard settled[id] == nil, let item = items[id] else { return }
      try await settle(item, by: Self.nobody, .unreviewed(isLearned: isLearned), isSecond: false)
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

  func changed() {
    for waiter in waiters { waiter.resume() }
    waiters = []
  }

  /// Lets go of what the run has used and nobody else is to judge.
  func tidy() {
    for id in used where settled[id] == nil && !queue.isOffered(id) && !isHeldBack(id) {
      items[id] = nil
      used.remove(id)
      queue.remove(id)
    }
  }
}
