import Amplification
import Tasks

/// What a person says at the desk, in one line.
enum DeskLine: Hashable {
  case ask(Question)
  case answer(Answer)
  case pass
  case flag(String)
  case undo
  /// Of one node of the tree.
  case mark(Int, NodeVerdict)
  /// The tree as it is marked; what is not marked is accepted.
  case accept

  /// A text with single spaces between its words.
  static func plain(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  /// - Throws: ``NotationError``, a sentence for the person.
  init(_ text: String, about item: DeskItem?, _ task: any TaskDefinition) throws {
    let line = Self.plain(text)
    guard line.count <= 200 else { throw NotationError("that is more than 200 characters") }
    if line == "undo" {
      self = .undo
      return
    }
    guard let item else { throw NotationError("there is no question before you: “undo” is all that can be said") }
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
