/// Who decided or answered a node of a tree.
public enum Author: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The facts themselves.
  case lookUp
  /// No question of the task, so `?`.
  case malformed
  /// The scripted overseer.
  case scripted
  /// A person, by name.
  case person(String)
  /// The learned overseer H′ after so many training steps.
  case learnedOverseer(step: Int)
  /// The answerer X after so many training steps; `role` is `student` or `teacher`.
  case answerer(role: String, step: Int)
  /// Nobody: a random answer stands for X's, for H′ to learn what to do with it.
  case madeUp
  /// Whoever answered the same question about the same context before, at the same depth.
  case memo

  /// Whether it decides how questions are taken apart.
  public var isOverseer: Bool {
    switch self {
    case .scripted, .person, .learnedOverseer: true
    case .lookUp, .malformed, .answerer, .madeUp, .memo: false
    }
  }

  public var description: String {
    switch self {
    case .madeUp: "made up"
    case .lookUp: "look-up"
    case .malformed: "malformed"
    case .scripted: "H (scripted)"
    case .person(let name): "H (\(name))"
    case .learnedOverseer(let step): "H′@\(step)"
    case .answerer(let role, let step): "X \(role)@\(step)"
    case .memo: "memo"
    }
  }
}
