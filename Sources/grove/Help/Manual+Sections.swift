import Status

extension Manual {
  /// What no command's help says, in the language of man(7).
  static let sections = [
    (
      "EXIT STATUS",
      entries(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
    ),
    (
      "FILES",
      entries([
        ("cluster.yaml", "the configuration, if it is in the present folder and \\fB\\-\\-config\\fR names no other"),
        ("runs/NAME", "a run"), ("runs/NAME/config.yaml", "its configuration"),
        ("runs/NAME/metrics.jsonl", "what was measured, a line an evaluation"),
        ("runs/NAME/journal.sqlite", "judgments, checkpoints, events"),
        ("runs/NAME/checkpoints", "models, as safetensors"),
        ("runs/NAME/result.json", "what a finished run came to"),
        ("runs/NAME/logs", "what its workers said"),
      ])
    ),
    (
      "ENVIRONMENT",
      entries([
        ("HOME", "what ~ means in paths"), ("TERM", "dumb: no live view"), ("NO_COLOR", "if it is set: no colours"),
      ])
    ),
    (
      "EXAMPLES",
      """
      .nf
      grove run \\-\\-name first
      grove status \\-\\-watch
      grove ask first "f^5(3)" \\-\\-depth 3
      grove run \\-\\-name mine \\-\\-set overseer.kind=human
      grove report first
      .fi
      """
    ),
  ]

  private static func entries(_ entries: [(String, String)]) -> String {
    entries.map { ".TP\n.B \(literal($0.0))\n\($0.1)" }.joined(separator: "\n")
  }
}
