/// What short names at the desk stand for, for people who meet them there for the first time.
public enum Explanations {
  /// Of who decided or answered, as ``Amplification/Author`` is written; nil if it is a name that needs none.
  public static func author(_ by: String) -> String? {
    switch by {
    case "made up": "nobody's answer: a random one, so that H′ learns what to do with any"
    case "look-up": "looked up in the facts, and so certainly right"
    case "memo": "the same question was answered before, and this is that answer again"
    case "malformed": "no question that has an answer, so the answer is ?"
    case "H (scripted)": "decided by the task's own script"
    default: version(by)
    }
  }

  private static func version(_ by: String) -> String? {
    if let match = by.wholeMatch(of: /H′@(\d+)/) {
      return "decided by H′, the model that imitates people, after \(match.1) training steps"
    }
    if let match = by.wholeMatch(of: /X (student|teacher)@(\d+)/) {
      let which = match.1 == "teacher" ? "the model that is trained, averaged over time" : "the model that is trained"
      return "answered by X, \(which), after \(match.2) training steps"
    }
    return by.wholeMatch(of: /H \((.+)\)/).map { "decided by \($0.1)" }
  }

  /// Of a question's name.
  public static func question(_ id: String) -> String? {
    QuestionID(id).map { id in
      "\(id.kind == .review ? "answer to check" : "question to take apart") number \(id.place + 1) of round \(id.round)"
    }
  }
}
