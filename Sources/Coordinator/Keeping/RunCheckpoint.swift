import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Foundation
import RunStore
import Safetensors
import Status
import Tasks
import WorkUnits

/// A run between two rounds, as safetensors: the models by parameter, the replay buffer and H's transcripts by column, the
/// rest as JSON in the metadata.
public enum RunCheckpoint {
  /// What is small enough for the metadata.
  struct Small: Codable {
    var round: Int
    var curriculum: Curriculum
    var imitation: Imitation
    /// Of checkpoints from before they were columns.
    var transcripts: [Transcript]?
    /// Checkpoints from before people took part have none.
    var owed: [OwedDecompositions]?
    var held: [HeldExample]?
    var steps: Int
    var amplifiedQuestions: Int
    var subQuestions: Int
    var memoHits: Int
    /// Checkpoints from before these were counted have none.
    var lessons: Lessons?
    var wallSeconds: Double
    var goodEvaluations: Int
    /// Checkpoints from before these were noted have none.
    var stopAt: Double?
    var replayRounds: [Int]?
    var replayElements: [Int]?
    var isTaught: Bool?
    var modelSteps: [String: Int]
    /// Of models that another program made.
    var made: [ModelName: ModelReference]?
  }

  /// Where the metadata say of each token, as JSON, which number it stands for: who reads a model elsewhere needs it.
  public static let numbers = "grove.numbers"

  /// What the columns of what people taught are called.
  static let taught = "taught"

  private typealias Vector = (prefix: String, bulk: WritableKeyPath<ModelVectors, Bulk>)

  /// What the four vectors of a model are called in the file.
  private static func vectors(of model: ModelName) -> [Vector] {
    let names: (values: String, average: String) =
      model == .answerer ? ("student", "teacher") : (model.rawValue, "\(model.rawValue).average")
    return [
      (names.values, \.values), ("\(names.values).adam.first", \.first), ("\(names.values).adam.second", \.second),
      (names.average, \.average),
    ]
  }

  package static func encode(_ state: TrainingState, _ models: ModelSnapshot) throws -> RunStore.Checkpoint {
    var file = Safetensors()
    for model in models.models {
      guard let numbers = model.weights.vectors else { continue }
      for vector in vectors(of: model.name) {
        let arrays = numbers.parameters.map { (name: "\(vector.prefix)/\($0.name)", shape: $0.shape) }
        numbers[keyPath: vector.bulk].withUnsafeBytes { file.append(arrays, type: .float32, data: $0) }
      }
    }
    ReplayColumns.add(state.replay.batches, to: &file)
    if state.taught.questions.count > 0 { ReplayColumns.add([state.taught], to: &file, as: taught) }
    state.transcripts.newest.add(to: &file)
    let small = Small(
      round: state.round, curriculum: state.curriculum, imitation: state.imitation, owed: state.owed, held: state.held,
      steps: state.steps, amplifiedQuestions: state.amplifiedQuestions, subQuestions: state.subQuestions,
      memoHits: state.memoHits, lessons: state.lessons, wallSeconds: state.wallSeconds,
      goodEvaluations: state.goodEvaluations,
      stopAt: state.stopAt, replayRounds: state.replayRounds, replayElements: state.replayElements,
      isTaught: state.isTaught,
      modelSteps: Dictionary(
        models.models.map { ($0.name.rawValue, $0.step) }, uniquingKeysWith: { first, _ in first }),
      made: references(in: models))
    file.metadata["grove"] = String(decoding: try JSONEncoder().encode(small), as: UTF8.self)
    return RunStore.Checkpoint(file, parts: state.transcripts.full.map(\.part))
  }

  /// - Throws: a ``CheckpointError`` if the file lacks something.
  package static func decode(
    _ checkpoint: RunStore.Checkpoint, _ configuration: ClusterFile
  ) throws -> (TrainingState, ModelSnapshot) {
    do {
      return try decoded(checkpoint, configuration)
    } catch let error as CheckpointError {
      throw CheckpointError(
        description: "the run's newest checkpoint can't be used, because \(error): perhaps another version wrote it")
    }
  }

  private static func decoded(
    _ checkpoint: RunStore.Checkpoint, _ configuration: ClusterFile
  ) throws -> (TrainingState, ModelSnapshot) {
    let file = checkpoint.arrays
    let small = try small(in: file)
    var state = TrainingState(configuration)
    state.round = small.round
    state.curriculum = small.curriculum
    state.imitation = small.imitation
    state.transcripts = try transcripts(in: checkpoint, earlier: small.transcripts)
    state.owed = small.owed ?? []
    state.held = small.held ?? []
    state.steps = small.steps
    state.amplifiedQuestions = small.amplifiedQuestions
    state.subQuestions = small.subQuestions
    state.memoHits = small.memoHits
    state.lessons = small.lessons ?? Lessons()
    state.wallSeconds = small.wallSeconds
    state.goodEvaluations = small.goodEvaluations
    state.stopAt = small.stopAt
    // One that has seen no steps is as the run found it.
    state.made = (small.made ?? [:]).filter { small.modelSteps[$0.key.rawValue] ?? 0 > 0 }
    state.learned(
      ReplayBuffer(capacity: configuration.distillation.replay, batches: try ReplayColumns.batches(in: file)),
      of: small.replayRounds ?? [], elements: small.replayElements ?? [])
    state.taught = try ReplayColumns.batches(in: file, named: taught).first ?? Examples()
    state.isTaught = small.isTaught ?? true
    return (state, try models(in: file, small))
  }

  static func small(in file: Safetensors) throws -> Small {
    guard let text = file.metadata["grove"] else { throw CheckpointError(description: "it says nothing of a run") }
    do {
      return try JSONDecoder().decode(Small.self, from: Data(text.utf8))
    } catch {
      throw CheckpointError(description: "what it says of the run can't be read (\(error))")
    }
  }

  private static func transcripts(
    in checkpoint: RunStore.Checkpoint, earlier: [Transcript]?
  ) throws -> TranscriptTable {
    if let earlier {
      var table = TranscriptTable()
      try table.append(earlier)
      return table
    }
    let full = try checkpoint.parts.map { part in
      let block = try TranscriptBlock(part.arrays())
      guard block.count == TranscriptTable.blockSize else {
        throw CheckpointError(
          description: "a part of it has \(block.count) transcripts instead of \(TranscriptTable.blockSize)")
      }
      return (block: block, part: part.kept { block.arrays })
    }
    return TranscriptTable(full: full, newest: try TranscriptBlock(checkpoint.arrays))
  }

  private static func references(in models: ModelSnapshot) -> [ModelName: ModelReference]? {
    let all = models.models.compactMap { model in model.weights.reference.map { (model.name, $0) } }
    return all.isEmpty ? nil : Dictionary(all) { first, _ in first }
  }

  static func models(in file: Safetensors, _ small: Small) throws -> ModelSnapshot {
    ModelSnapshot(
      round: small.round,
      models: try ModelName.all.filter { small.modelSteps[$0.rawValue] != nil }.map { name in
        let weights: Weights =
          if let reference = small.made?[name] { .reference(reference) } else {
            .vectors(try vectors(of: name, in: file))
          }
        return ModelState(name: name, step: small.modelSteps[name.rawValue] ?? 0, weights: weights)
      })
  }

  private static func vectors(of name: ModelName, in file: Safetensors) throws -> ModelVectors {
    let nothing = Bulk([Float]())
    var vectors = ModelVectors(parameters: [], values: nothing, first: nothing, second: nothing, average: nothing)
    for (index, vector) in self.vectors(of: name).enumerated() {
      let prefix = "\(vector.prefix)/"
      guard let numbers = file.values(prefix, .float32, as: Float.self) else {
        throw CheckpointError(description: "it lacks \(vector.prefix)")
      }
      if index == 0 {
        vectors.parameters = file.entries.filter { $0.name.hasPrefix(prefix) }
          .map { ModelVectors.Parameter(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape) }
      }
      vectors[keyPath: vector.bulk] = Bulk(numbers)
    }
    return vectors
  }
}

/// Why a checkpoint is of no use.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  public let description: String
}
