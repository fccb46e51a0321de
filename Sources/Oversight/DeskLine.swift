import Amplification
import Tasks

/// What a person says at the desk, in one line.
enum DeskLine: Hashable {
  case ask(Question)
  case answer(Answer)
  case pass
  case flag(String)
  /// The last step or judgment, or the judgment of a question.
  case undo(QuestionID?)
  /// What was decided is not taken back.
  case sure
  /// Of one node of the tree.
  case mark(Int, NodeVerdict)
  /// The tree as it is marked; what is not marked is accepted.
  case accept

  /// A text with single spaces between its words.
  static func plain(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  /// What is not said of the question before one; nil: it is.
  static func apart(_ line: String) -> DeskLine? {
    switch line {
    case "undo": .undo(nil)
    case "sure": .sure
    default: line.hasPrefix("undo ") ? QuestionID(String(line.dropFirst("undo ".count))).map { .undo($0) } : nil
    }
  }

  /// - Throws: ``NotationError``, a sentence for the person.
  init(_ text: String, about item: DeskItem?, _ task: any TaskDefinition) throws {
    let line = Self.plain(text)
    guard line.count <= 200 else { throw NotationError("that is more than 200 characters") }
    if let apart = Self.apart(line) {
      self = apart
      return
    }
    guard let item else {
      throw NotationError("there is no question before you: “undo” and “sure” are all that can be said")
    }
    if line == "pass" {
      self = .pass
    } else if line == "flag" || line.hasPrefix("flag ") {
      let reason = line.dropFirst("flag ".count)
      guard !reason.isEmpty else {
        throw NotationError("say what is wrong with the question, as in “flag it is empty”")
      }
      self = .flag(String(reason))
    } else if let tree = item.tree {
      self = try DeskLine(review: line, of: tree, task)
    } else if line.hasPrefix("=") {
      self = .answer(try task.readAnswer(String(line.dropFirst()), to: item.asked.question))
    } else {
      guard !line.isEmpty else {
        throw NotationError("ask a sub-question, such as \(task.forms[0]), or give the answer, as in “= 3”")
      }
      self = .ask(try task.readQuestion(line))
    }
  }

  private init(review line: String, of tree: AmplificationTree, _ task: any TaskDefinition) throws {
    if line == "ok" {
      self = .accept
      return
    }
    let nodes = tree.nodes
    guard let match = line.wholeMatch(of: /(\d{1,6})\s*(ok|no|=\s*(.+))/) else {
      throw NotationError("say “ok” to accept it all, or of one node “2 no”, “2 = 7” or “2 ok”")
    }
    guard let number = Int(match.1), nodes.indices.contains(number - 1) else {
      throw NotationError("there is no node \(match.1): nodes are 1 to \(nodes.count)")
    }
    switch match.2 {
    case "ok": self = .mark(number, .accepted)
    case "no": self = .mark(number, .rejected)
    default:
      let answer = try task.readAnswer(String(match.3 ?? ""), to: nodes[number - 1].node.question)
      self = .mark(number, .corrected(answer))
    }
  }
}

extension DeskLine {
  /// What it comes to, for who is about to say it.
  func meaning(_ task: any TaskDefinition) -> String {
    switch self {
    case .ask(let question): "asks \(task.write(question)): \(task.meaning(of: question))"
    case .answer(let answer): "answers \(task.write(answer)), and that is that"
    case .pass: "leaves it to somebody else"
    case .flag: "says that the question is bad: nobody will be asked it again"
    case .undo(nil): "takes back your last step"
    case .undo(let id?): "takes back your judgment of \(id)"
    case .sure: "what you decided stands: training may go on"
    case .mark(let number, .accepted): "node \(number) stands"
    case .mark(let number, .rejected): "node \(number) is wrong, and with it what was derived from it"
    case .mark(let number, .corrected(let answer)): "the answer of node \(number) is \(task.write(answer))"
    case .accept: "accepts what is not marked, and that is that"
    }
  }

  /// How a line may go on that is not one yet; nil if it is the beginning of none.
  static func begun(_ text: String, about item: DeskItem?, _ task: any TaskDefinition) -> String? {
    var lines = ["undo", "sure"]
    if let item {
      lines += ["pass", "flag it has no answer"]
      lines += item.tree == nil ? task.forms + ["= 3"] : ["ok", "2 no", "2 = 7", "2 ok"]
    }
    let begun = shape(of: text)
    let line = lines.first { shape(of: $0).hasPrefix(begun) && shape(of: $0) != begun }
    return text.isEmpty ? nil : line.map { "goes on as in “\($0)”" }
  }

  /// A text in which all numbers and patterns are alike.
  private static func shape(of text: String) -> String { text.replacing(/[0-9*]+/, with: "0") }

  /// What may be meant: the task's forms, with the things that the person has heard of in the places of those of a kind.
  static func completions(
    of text: String, about item: DeskItem?, after heard: [AmplificationTree], _ task: any TaskDefinition
  ) -> [String] {
    guard let item, item.tree == nil else { return item == nil ? [] : ["ok", "pass"].filter { $0.hasPrefix(text) } }
    var transcript = Transcript(item.asked.question)
    for tree in heard { transcript.steps.append(.init(tree.question, tree.answer)) }
    let begun = task.forms.filter { text.isEmpty || $0.first == text.first }
    // What was heard last is likeliest to be asked about.
    let questions = begun.compactMap { try? task.readQuestion($0) }.flatMap { form in
      task.questions(like: form, after: transcript)
    }
    var lines: [String] = []
    for line in questions.filter(task.isQuestion).map(task.write)
    where line.hasPrefix(text) && line != text && !lines.contains(line) && lines.count < mostCompletions {
      lines.append(line)
    }
    return lines + ["= ", "pass", "flag "].filter { $0.hasPrefix(text) && $0 != text }
  }

  private static let mostCompletions = 20
}
