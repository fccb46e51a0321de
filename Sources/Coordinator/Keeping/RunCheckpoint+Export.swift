import Amplification
import ClusterFile
import Distillation
import Foundation
import RunStore
import Safetensors
import Tasks
import WorkUnits

extension RunCheckpoint {
  /// The models of a checkpoint file, for those who only ask them.
  public static func models(in checkpoint: RunStore.Checkpoint) throws -> ModelSnapshot {
    try models(in: checkpoint.arrays, small(in: checkpoint.arrays))
  }

  /// Distillation steps that a checkpoint file has come to.
  public static func steps(in checkpoint: RunStore.Checkpoint) throws -> Int { try small(in: checkpoint.arrays).steps }

  /// The student and the teacher of a checkpoint file, and the averages of the other models, without what only training needs.
  ///
  /// - Parameter metadata: what is said of them in the file.
  /// - Throws: ``CheckpointError`` if another program has them.
  public static func weights(in checkpoint: RunStore.Checkpoint, metadata: [String: String]) throws -> Safetensors {
    let file = checkpoint.arrays
    if let made = try small(in: file).made?[.answerer] {
      throw CheckpointError(
        description: "its X is “\(made.model.prefix(200))”, which another program made: it has no numbers")
    }
    var weights = Safetensors()
    weights.metadata = metadata
    weights.metadata[numbers] = file.metadata[numbers]
    for entry in file.entries where entry.type == .float32 {
      guard let name = nameToAsk(entry.name) else { continue }
      file.bytes[entry.range].withUnsafeBytes { weights.append([(name, entry.shape)], type: .float32, data: $0) }
    }
    return weights
  }

  /// What a parameter of a checkpoint is called among those that only answer; nil: it is none of them.
  private static func nameToAsk(_ parameter: String) -> String? {
    if ["student/", "teacher/"].contains(where: parameter.hasPrefix) { return parameter }
    let model = ModelName.all.first { $0 != .answerer && parameter.hasPrefix("\($0.rawValue).average/") }
    return model.map { "\($0.rawValue)/" + parameter.dropFirst("\($0.rawValue).average/".count) }
  }

  /// What X learns from, of a checkpoint file, in the task's notation.
  public static func examples(
    in checkpoint: RunStore.Checkpoint, _ task: any TaskDefinition, _ configuration: ClusterFile
  ) throws -> [WrittenExample] {
    let batches = try ReplayColumns.batches(in: checkpoint.arrays)
    let rounds = try small(in: checkpoint.arrays).replayRounds ?? []
    let source = configuration.distillation.target.rawValue
    func written(_ batch: Examples, round: Int?, source: String) -> [WrittenExample] {
      batch.rows.flatMap { row in
        zip(row.questions, row.answers).map {
          WrittenExample((row.context, $0, $1), task, round: round, source: source)
        }
      }
    }
    let taught = try ReplayColumns.batches(in: checkpoint.arrays, named: Self.taught)
      .flatMap { written($0, round: 0, source: Self.taught) }
    let amplified = batches.enumerated().flatMap { place, batch in
      // Of the oldest, the rounds may not be known.
      let known = place - (batches.count - rounds.count)
      return written(batch, round: rounds.indices.contains(known) ? rounds[known] : nil, source: source)
    }
    return taught + amplified
  }
}

/// A question with the answer that X learns, in a task's notation.
public struct WrittenExample: Hashable, Sendable, Codable {
  public var facts: [String]
  public var question: String
  public var answer: String
  /// The class of question, by which accuracy is broken down.
  public var kind: String
  public var truth: String
  /// Whether the answer was amplified, is the truth, or was taught by people.
  public var source: String
  /// The round that it was made in; nil if that was not noted.
  public var round: Int?

  enum CodingKeys: String, CodingKey {
    case facts, question, answer, truth, source, round
    case kind = "class"
  }

  init(
    _ example: (context: Context, question: Question, answer: Answer), _ task: any TaskDefinition, round: Int?,
    source: String
  ) {
    (self.round, self.source) = (round, source)
    facts = task.write(example.context)
    question = task.write(example.question)
    answer = task.write(example.answer)
    kind = task.questionClass(of: example.question, in: example.context)
    truth = task.write(task.truth(of: example.question, in: example.context))
  }
}
