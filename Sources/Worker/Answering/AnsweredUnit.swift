import WorkUnits

/// A kind of work that a replica of the models does.
protocol AnsweredUnit: WorkUnit {
  /// What the worker is said to be doing meanwhile.
  static var activity: String { get }

  func result(by replica: Replica) async throws -> Result

  /// What is counted of it: questions that were answered, and whether it was a whole shard of a round's work.
  static func count(_ result: Result) -> (questions: Int, shards: Int)
}

extension AnsweredUnit {
  static func count(_ result: Result) -> (questions: Int, shards: Int) { (0, 0) }
}
