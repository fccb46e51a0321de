import Amplification
import Distillation
import Safetensors

/// What X learns from, as arrays of a checkpoint: a column of all batches behind each other, and how long each batch's part is.
enum ReplayColumns {
  private struct Columns {
    var factCounts: [Int32] = []
    var questionCounts: [Int32] = []
    var facts: [Int32] = []
    var questions: [Int32] = []
    var answers: [Int32] = []
    var lengths: [Int32] = []
  }

  private static let names: [(name: String, path: WritableKeyPath<Columns, [Int32]> & Sendable)] = [
    ("fact_counts", \.factCounts), ("question_counts", \.questionCounts), ("facts", \.facts),
    ("questions", \.questions), ("answers", \.answers),
  ]
  /// Of texts, the lengths of all facts, questions and answers; those of an algorithmic task are all equally long.
  private static let textNames: [(name: String, path: WritableKeyPath<Columns, [Int32]> & Sendable)] = [
    ("lengths", \.lengths)
  ]

  static func add(_ batches: [Examples], to file: inout Safetensors, as group: String = "replay") {
    let areTexts = batches.contains(where: \.isText)
    let columns = batches.map { batch in
      Columns(
        factCounts: batch.factCounts, questionCounts: batch.questionCounts, facts: batch.facts.numbers,
        questions: batch.questions.numbers, answers: batch.answers.numbers,
        lengths: areTexts ? [batch.facts, batch.questions, batch.answers].flatMap(\.eachLength) : [])
    }
    for (name, path) in areTexts ? names + textNames : names {
      file.append("\(group)/\(name)", columns.flatMap { $0[keyPath: path] })
      file.append("\(group)/\(name)/sizes", columns.map { Int32($0[keyPath: path].count) })
    }
  }

  /// - Throws: ``CheckpointError`` if the file lacks something, or its columns do not fit together.
  static func batches(in file: Safetensors, named group: String = "replay") throws -> [Examples] {
    let names = Set(file.entries.map(\.name))
    // Checkpoints from before had five arrays for each batch.
    let columns =
      names.contains("\(group)/\(self.names[0].name)")
      ? try columns(in: file, group) : try earlier(in: file, group, names)
    return try columns.map { columns in
      let batch = examples(columns)
      guard batch.isWhole else { throw misfit }
      return batch
    }
  }

  private static func examples(_ columns: Columns) -> Examples {
    func sum(_ counts: [Int32]) -> Int { counts.reduce(0) { $0 + Int(max(0, $1)) } }
    let (facts, questions) = (sum(columns.factCounts), sum(columns.questionCounts))
    let isText = !columns.lengths.isEmpty
    func contents(_ count: Int, _ numbers: [Int32], after start: Int) -> Contents {
      Contents(
        count: count, areTexts: isText, lengths: Array(columns.lengths.dropFirst(start).prefix(count)),
        numbers: numbers)
    }
    return Examples(
      factCounts: columns.factCounts, questionCounts: columns.questionCounts,
      facts: contents(facts, columns.facts, after: 0), questions: contents(questions, columns.questions, after: facts),
      answers: contents(questions, columns.answers, after: facts + questions))
  }

  private static func columns(in file: Safetensors, _ group: String) throws -> [Columns] {
    var batches: [Columns] = []
    let areTexts = file.entries.contains { $0.name == "\(group)/\(textNames[0].name)" }
    for (number, (name, path)) in (areTexts ? names + textNames : names).enumerated() {
      let (values, sizes) = (try column("\(group)/\(name)", in: file), try column("\(group)/\(name)/sizes", in: file))
      if number == 0 { batches = [Columns](repeating: Columns(), count: sizes.count) }
      guard sizes.count == batches.count, sizes.allSatisfy({ $0 >= 0 }),
        sizes.reduce(0, { $0 + Int($1) }) == values.count
      else { throw misfit }
      var start = 0
      for (batch, size) in sizes.enumerated() {
        batches[batch][keyPath: path] = Array(values[start..<start + Int(size)])
        start += Int(size)
      }
    }
    return batches
  }

  private static func earlier(in file: Safetensors, _ group: String, _ names: Set<String>) throws -> [Columns] {
    var batches: [Columns] = []
    while names.contains("\(group)/\(batches.count)/answers") {
      var batch = Columns()
      for (name, path) in self.names {
        batch[keyPath: path] = try column("\(group)/\(batches.count)/\(name)", in: file)
      }
      batches.append(batch)
    }
    return batches
  }

  private static func column(_ name: String, in file: Safetensors) throws -> [Int32] {
    guard let entry = file.entries.first(where: { $0.name == name }),
      let values = file.values(of: entry, .int32, as: Int32.self)
    else { throw CheckpointError(description: "it lacks \(name)") }
    return values
  }

  private static var misfit: CheckpointError {
    CheckpointError(description: "the columns of its replay buffer do not fit together")
  }
}
