import Amplification
import Tasks

/// What people do at the desk.
extension Desk {
  /// What a person sees; they are given a question if there is one for them.
  public func look(_ person: String) async throws -> DeskView {
    try await inTurn(of: person) {
      if settings.people.isEmpty { people.insert(person) }
      return try await view(of: person, queue.take(person, now: .now))
    }
  }

  /// Takes what a person says about a question.
  ///
  /// - Parameters:
  ///   - item: the question that they saw, as in ``DeskView/Item/id``; empty if there was none.
  ///   - step: ``DeskView/Item/step`` as they saw it. The same said again changes nothing.
  ///   - isAgain: whether they saw ``DeskView/doubt`` about it, and mean it.
  ///   - isFinal: whether they mean what they say and never take it back, as a script.
  /// - Throws: only if the journal can't be written or read. What is wrong with the line is in the view.
  public func say(
    _ text: String, about item: String, step: Int, by person: String, isAgain: Bool = false, isFinal: Bool = false
  ) async throws -> DeskView {
    if isFinal { doubted[person] = Doubted(id: QuestionID(item), step: step, text: DeskLine.plain(text)) }
    do {
      let notice = try await take(
        DeskLine.plain(text), about: QuestionID(item), step: step, by: person, isAgain: isAgain || isFinal)
      if isFinal { stand(by: person) }
      var view = try await look(person)
      view.notice = notice
      return view
    } catch let doubt as Doubt {
      var view = try await look(person)
      view.doubt = doubt.sentence
      return view
    } catch let error as NotationError {
      var view = try await look(person)
      view.problem = error.description
      return view
    }
  }

  /// What would come of a line, without saying it.
  public func check(_ text: String, by person: String) async -> DeskCheck {
    let item = queue.held(by: person, now: .now).flatMap { items[$0] }
    var heard: [AmplificationTree] = []
    if let item, let draft = try? await records.draft(of: item.id, by: person) {
      heard = draft.entries.compactMap(\.asked)
    }
    let completions = DeskLine.completions(of: DeskLine.plain(text), about: item, after: heard, task)
    do {
      let line = try DeskLine(text, about: item, task)
      var objection: String?
      if let item { objection = doubt(about: line, item, after: heard) }
      return DeskCheck(
        isFine: true, says: objection ?? line.meaning(task), completions: completions,
        state: objection == nil ? .fine : .doubtful)
    } catch {
      guard let begun = DeskLine.begun(DeskLine.plain(text), about: item, task) else {
        return DeskCheck(isFine: false, says: "\(error)", completions: completions, state: .bad)
      }
      return DeskCheck(isFine: false, says: begun, completions: completions, state: .unfinished)
    }
  }

  private func take(
    _ text: String, about id: QuestionID?, step: Int, by person: String, isAgain: Bool
  ) async throws -> String? {
    let taken = try await inTurn(of: person) {
      try await decide(text, about: id, step: step, by: person, isAgain: isAgain)
    }
    guard let taken else { return nil }
    switch taken {
    case .done(let notice): return notice
    case .asked(let question, let item, let draft):
      defer { asking.remove(person) }
      return try await hear(question, text, item, draft, by: person)
    }
  }

  /// What came of a line.
  private enum Taken {
    case done(notice: String)
    /// A sub-question that is to be answered first.
    case asked(Question, DeskItem, [DraftEntry])
  }

  private func decide(
    _ text: String, about id: QuestionID?, step: Int, by person: String, isAgain: Bool
  ) async throws -> Taken? {
    let item = id.flatMap { items[$0] }
    switch DeskLine.apart(text) {
    case .undo(nil): return .done(notice: try await undo(item, by: person))
    case .undo(let id?): return .done(notice: try await takeBack(id, by: person))
    case .sure:
      return .done(notice: stand(by: person) ? "What you decided stands." : "What you decided stands already.")
    default: break
    }
    // Said twice: it counts once.
    if let id, last[person]?.id == id { return nil }
    guard let item else { throw Self.isGone }
    let line = try DeskLine(text, about: item, task)
    return try await inTurn(of: item.id) {
      guard items[item.id] != nil else { throw Self.isGone }
      try claim(item.id, by: person)
      let draft = try await draft(of: item, by: person)
      guard step == draft.count else {
        guard step < draft.count, draft[step].line == text else { throw Self.isAnotherWindow }
        return nil
      }
      try checkMeant(line, text, item, draft, by: person, isAgain: isAgain)
      doubted[person] = nil
      return try await decide(line, text, item, draft, by: person)
    }
  }

  private func decide(
    _ line: DeskLine, _ text: String, _ item: DeskItem, _ draft: [DraftEntry], by person: String
  ) async throws -> Taken? {
    let isSecond = queue.isSecond(item.id, person)
    switch line {
    case .ask(let question):
      guard draft.count < task.mostSteps else {
        throw NotationError(
          "you have asked \(draft.count) sub-questions, as many as there may be: give the answer, as in “= 3”")
      }
      asking.insert(person)
      return .asked(question, item, draft)
    case .answer(let answer):
      let children = draft.compactMap(\.asked)
      let tree = AmplificationTree(item.asked.question, answer: answer, by: .person(person), children: children)
      try await settle(item, by: person, .decomposed(tree), isSecond: isSecond)
    case .flag(let reason): try await settle(item, by: person, .flagged(reason), isSecond: isSecond)
    case .pass:
      passed[person] = item.id
      if queue.passed(item.id, by: person, of: people, now: .now) {
        try await settle(item, by: Self.nobody, .passed, isSecond: false)
      }
    case .mark(let number, let verdict):
      let entry = DraftEntry(line: text, asked: nil, number: number, verdict: verdict)
      try await records.record(entry, step: draft.count, of: item.id, by: person)
    case .accept:
      var verdicts: [Int: NodeVerdict] = [:]
      for entry in draft { if let number = entry.number { verdicts[number] = entry.verdict } }
      try await settle(item, by: person, .reviewed(verdicts), isSecond: isSecond)
    case .undo, .sure: break
    }
    return nil
  }

  private static let isGone = NotationError(
    "that question is no longer on the desk: it was decided, or the run went on without it")
  private static let isAnotherWindow = NotationError(
    "you have gone on with this question in another window: this is how it stands")

  private func claim(_ id: QuestionID, by person: String) throws {
    guard queue.claim(id, by: person, now: .now) else {
      throw NotationError(
        queue.holder(of: id, now: .now).map { "your time for that question was over, and \($0) has it now" }
          ?? "that question was decided by somebody else meanwhile")
    }
    guard !asking.contains(person) else { throw NotationError("your sub-question is being answered: a moment") }
  }

  /// Answers a person's sub-question at once. Nobody waits meanwhile, so that all may have changed after it.
  private func hear(
    _ question: Question, _ text: String, _ item: DeskItem, _ draft: [DraftEntry], by person: String
  ) async throws -> String? {
    let heard: AmplificationTree
    do {
      heard = try await resolve(question, item, after: draft.compactMap(\.asked))
    } catch {
      throw NotationError("nobody could answer that now (\(error)): ask it again in a moment")
    }
    try await inTurn(of: person) {
      try await inTurn(of: item.id) {
        guard items[item.id] != nil, queue.claim(item.id, by: person, now: .now) else {
          throw NotationError("that question was decided by somebody else meanwhile")
        }
        guard try await self.draft(of: item, by: person).count == draft.count else { throw Self.isAnotherWindow }
        let entry = DraftEntry(line: text, asked: heard)
        try await records.record(entry, step: draft.count, of: item.id, by: person)
      }
    }
    return heard.author == .malformed
      ? "There is nothing in this context that \(task.write(question)) is about, so its answer is ?." : nil
  }

  /// A person's steps about a question.
  ///
  /// - Throws: ``NotationError`` if one of them can't be read: it and those after it are taken back.
  func draft(of item: DeskItem, by person: String) async throws -> [DraftEntry] {
    let draft = try await records.draft(of: item.id, by: person)
    guard let problem = draft.problem else { return draft.entries }
    try await records.drop(item.id, from: draft.entries.count, by: person)
    report(problem)
    throw NotationError("\(problem). That step is taken back, with those after it")
  }
}
