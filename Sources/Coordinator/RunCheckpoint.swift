import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Foundation
import Safetensors
import Tasks
import WorkUnits

/// A run between two rounds, as a safetensors file: the models by parameter, the replay buffer by column, the rest as
/// JSON in the metadata.
public enum RunCheckpoint {
  /// What is small enough for the metadata.
  private struct Small: Codable {
    var round: Int
    var curriculum: Curriculum
    var imitation: Imitation
    var transcripts: [Transcript]
    /// Checkpoints from before people took part have none.
    var owed: [OwedDecompositions]?
    var held: [HeldLesson]?
    var steps: Int
    var amplifiedQuestions: Int
    var subQuestions: Int
    var memoHits: Int
    var wallSeconds: Double
    var goodEvaluations: Int
    var modelSteps: [String: Int]
  }

  private typealias Vector = (prefix: String, bulk: WritableKeyPath<ModelSnapshot.Model, Bulk>)

  /// What the four vectors of a model are called in the file.
  private static func vectors(of model: GradientKey.Model) -> [Vector] {
    let names: (values: String, average: String) =
      model == .answerer ? ("student", "teacher") : ("overseer", "overseer.average")
    return [
      (names.values, \.values), ("\(names.values).adam.first", \.first), ("\(names.values).adam.second", \.second),
      (names.average, \.average),
    ]
  }

  private static let columns: [(name: String, path: WritableKeyPath<LessonTable, [Int32]> & Sendable)] = [
    ("fact_counts", \.factCounts), ("question_counts", \.questionCounts), ("facts", \.facts),
    ("questions", \.questions), ("answers", \.answers),
  ]

  static func encode(_ state: TrainingState, _ models: ModelSnapshot) throws -> Safetensors {
    var file = Safetensors()
    for model in models.models {
      for vector in vectors(of: model.name) {
        let arrays = model.parameters.map { (name: "\(vector.prefix)/\($0.name)", shape: $0.shape) }
        model[keyPath: vector.bulk].withUnsafeBytes { file.append(arrays, type: .float32, data: $0) }
      }
    }
    for (index, batch) in state.replay.batches.enumerated() {
      for column in columns { file.append("replay/\(index)/\(column.name)", batch[keyPath: column.path]) }
    }
    let small = Small(
      round: state.round, curriculum: state.curriculum, imitation: state.imitation, transcripts: state.transcripts,
      owed: state.owed, held: state.held, steps: state.steps, amplifiedQuestions: state.amplifiedQuestions,
      subQuestions: state.subQuestions,
      memoHits: state.memoHits, wallSeconds: state.wallSeconds, goodEvaluations: state.goodEvaluations,
      modelSteps: Dictionary(models.models.map { ($0.name.rawValue, $0.step) }, uniquingKeysWith: { first, _ in first })
    )
    file.metadata["grove"] = String(decoding: try JSONEncoder().encode(small), as: UTF8.self)
    return file
  }

  /// - Throws: a ``CheckpointError`` if the file lacks something.
  static func decode(_ file: Safetensors, _ configuration: ClusterFile) throws -> (TrainingState, ModelSnapshot) {
    guard let text = file.metadata["grove"], let small = try? JSONDecoder().decode(Small.self, from: Data(text.utf8))
    else {
      throw CheckpointError(description: "it says nothing of a run")
    }
    var state = TrainingState(configuration)
    state.round = small.round
    state.curriculum = small.curriculum
    state.imitation = small.imitation
    state.transcripts = small.transcripts
    state.owed = small.owed ?? []
    state.held = small.held ?? []
    state.steps = small.steps
    state.amplifiedQuestions = small.amplifiedQuestions
    state.subQuestions = small.subQuestions
    state.memoHits = small.memoHits
    state.wallSeconds = small.wallSeconds
    state.goodEvaluations = small.goodEvaluations
    let arrays = Dictionary(file.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var batches: [LessonTable] = []
    while arrays["replay/\(batches.count)/answers"] != nil {
      var batch = LessonTable()
      for column in columns {
        guard let values = file.values("replay/\(batches.count)/\(column.name)", .int32, as: Int32.self) else {
          throw CheckpointError(description: "it lacks replay/\(batches.count)/\(column.name)")
        }
        batch[keyPath: column.path] = values
      }
      batches.append(batch)
    }
    state.replay = ReplayBuffer(capacity: configuration.distillation.replay, batches: batches)
    let models = try [GradientKey.Model.answerer, .overseer].map { name in
      try model(name, step: small.modelSteps[name.rawValue] ?? 0, in: file)
    }
    return (state, ModelSnapshot(round: small.round, models: models))
  }

  private static func model(_ name: GradientKey.Model, step: Int, in file: Safetensors) throws -> ModelSnapshot.Model {
    let nothing = Bulk([Float]())
    var model = ModelSnapshot.Model(
      name: name, step: step, parameters: [], values: nothing, first: nothing, second: nothing, average: nothing)
    for (index, vector) in vectors(of: name).enumerated() {
      let prefix = "\(vector.prefix)/"
      guard let numbers = file.values(prefix, .float32, as: Float.self) else {
        throw CheckpointError(description: "it lacks \(vector.prefix)")
      }
      if index == 0 {
        model.parameters = file.entries.filter { $0.name.hasPrefix(prefix) }
          .map { ModelSnapshot.Parameter(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape) }
      }
      model[keyPath: vector.bulk] = Bulk(numbers)
    }
    return model
  }
}

/// Why a checkpoint is of no use.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension RunCheckpoint {
  /// The models of a checkpoint file, for those who only ask them.
  public static func models(in file: Safetensors, _ configuration: ClusterFile) throws -> ModelSnapshot {
    try decode(file, configuration).1
  }

  /// The student, the teacher and H′ of a checkpoint file, without what only training needs.
  public static func weights(in file: Safetensors) -> Safetensors {
    var weights = Safetensors()
    for entry in file.entries where entry.type == .float32 {
      guard ["student/", "teacher/", "overseer.average/"].contains(where: entry.name.hasPrefix) else { continue }
      let name = entry.name.replacing("overseer.average/", with: "overseer/")
      file.bytes[entry.range].withUnsafeBytes { weights.append([(name, entry.shape)], type: .float32, data: $0) }
    }
    return weights
  }

  /// What X learns from, of a checkpoint file, in the task's notation.
  public static func lessons(
    in file: Safetensors, _ configuration: ClusterFile, _ task: any TaskDefinition
  ) throws -> [WrittenLesson] {
    func rows(_ tokens: [Int32], _ counts: [Int32]) -> [[[Int32]]] {
      let length = tokens.count / max(1, counts.reduce(0) { $0 + Int($1) })
      var start = 0
      return counts.map { count in
        (0..<Int(count)).map { _ in
          defer { start += length }
          return Array(tokens[start..<start + length])
        }
      }
    }
    return try decode(file, configuration).0.replay.batches.flatMap { batch -> [WrittenLesson] in
      let facts = rows(batch.facts, batch.factCounts)
      let (questions, answers) = (
        rows(batch.questions, batch.questionCounts), rows(batch.answers, batch.questionCounts)
      )
      return facts.indices.flatMap { context in
        zip(questions[context], answers[context]).map { question, answer in
          WrittenLesson(
            facts: facts[context].map(task.write(fact:)), question: task.write(Question(question)),
            answer: task.write(Answer(answer)))
        }
      }
    }
  }
}

/// A question with the answer that X learns, in a task's notation.
public struct WrittenLesson: Hashable, Sendable, Codable {
  public var facts: [String]
  public var question: String
  public var answer: String
}
