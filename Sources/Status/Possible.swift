/// Numbers of files that others may have written, or that are damaged: whether any run can have come to them.
///
/// What is computed from those that pass, such as a difference or a sum, has room in its type.
private enum Possible {
  /// Of counts, and of seconds: a run of thirty million years.
  private static let most = 1 << 50

  static func count(_ counts: Int...) -> Bool { counts.allSatisfy { (0...most).contains($0) } }
  static func measure(_ values: Double?...) -> Bool {
    values.allSatisfy { $0.map { $0.magnitude <= Double(most) } ?? true }
  }
  static func share(_ rows: [Accuracy.Row]) -> Bool {
    rows.allSatisfy { row in [row.student, row.teacher, row.amplified].allSatisfy((0...1).contains) }
  }
}

extension MetricsLine {
  /// Whether a run can have written it.
  public var isPossible: Bool {
    Possible.count(
      round, steps, elements, humanDecompositions, amplifiedQuestions, subQuestions, memoHits, memoryBytes ?? 0)
      && Possible.measure(wallSeconds, agreement, loss, overseerLoss, learningRate)
      && Possible.share([accuracy.row] + accuracy.byClass.values)
  }
}

extension RunResult {
  /// Whether a run can have written it.
  public var isPossible: Bool {
    Possible.count(workers, rounds, steps, humanDecompositions, amplifiedQuestions, subQuestions, memoHits)
      && Possible.measure(wallSeconds) && Possible.share([accuracy.row] + accuracy.byClass.values)
  }
}
