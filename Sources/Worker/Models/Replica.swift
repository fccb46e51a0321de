import Amplification
import ClusterFile
import Distillation
import Models
import Randomness
import Tasks
import Torch
import WorkUnits

/// X and H′ in this process: in training, and as they were after two rounds, for answering.
///
/// Not `Sendable`: it lives in ``Compute`` on one thread. A round's work is answered by the models after the round before
/// it, while training already changes them; so the newest states and those before are both kept.
package final class Replica {
  package let configuration: ClusterFile
  package let task: any TaskDefinition
  /// What its process is called.
  let worker: String
  let answererNetwork: AnswererNetwork
  let overseerNetwork: OverseerNetwork
  let learners: [ModelName: Learner]
  /// The states after this round and, once a round was trained, after the one before; −1: there is none yet.
  private(set) var round: Int
  private var before: [ModelName: LearnerState]?
  private var attempt = 0
  private var frozen: FrozenModels?
  private let device: Device
  /// Steps that the weights of H′ are averaged over for its decisions: single steps leave it unsure of rare ones.
  private static let imitatorHorizon: Float = 100

  /// - Parameter begins: whether the models are those that training begins with; else they are to be loaded.
  package init(_ configuration: ClusterFile, begins: Bool = true, worker: String = "") throws {
    self.configuration = configuration
    self.worker = worker
    task = try configuration.makeTask()
    let shape = TaskShape(try task.inTokens())
    let sizes = ModelConfiguration(configuration)
    device = Device(name: configuration.model.device)
    answererNetwork = AnswererNetwork(shape, sizes)
    overseerNetwork = OverseerNetwork(shape, sizes)
    let seed = begins ? configuration.run.seed : nil
    round = begins ? 0 : -1
    learners = [
      .answerer: try Learner(
        answererNetwork.layout, seed: seed, purpose: .initialAnswerer,
        rate: Float(configuration.distillation.learningRate),
        horizon: Float(configuration.distillation.polyakHorizon), device: device),
      .overseer: try Learner(
        overseerNetwork.layout, seed: seed, purpose: .initialOverseer, rate: Float(configuration.overseer.learningRate),
        horizon: Self.imitatorHorizon, device: device),
    ]
  }

  /// - Throws: ``TorchError`` if there is no such model.
  func learner(_ name: ModelName) throws -> Learner {
    guard let learner = learners[name] else {
      throw TorchError(operation: "model", reason: "there is no model “\(name.rawValue.prefix(80))” here")
    }
    return learner
  }

  // MARK: Versions

  /// The states after a round, if it is one of the two that are kept.
  private func states(after round: Int) throws -> [ModelName: LearnerState] {
    if round == self.round { return try learners.mapValues { try $0.state() } }
    if round == self.round - 1, let before { return before }
    throw ModelVersionError(wanted: round, have: self.round)
  }

  /// The models after a round, for answering.
  package func models(after round: Int) throws -> FrozenModels {
    if let frozen, frozen.round == round { return frozen }
    let states = try states(after: round)
    // Whoever still answers with the ones before keeps them; else their memory is free before there are others.
    frozen = nil
    let models = try FrozenModels(self, states, after: round, on: device)
    frozen = models
    return models
  }

  func snapshot(after round: Int) throws -> ModelSnapshot {
    let states = try states(after: round)
    return ModelSnapshot(
      round: round,
      models: try ModelName.all.compactMap { name in
        try states[name].map { ModelState(name, $0, try learner(name).layout) }
      })
  }

  func load(_ snapshot: ModelSnapshot) throws {
    for name in ModelName.all {
      guard let model = snapshot[name] else {
        throw TorchError(operation: "load", reason: "the snapshot has no \(name.rawValue)")
      }
      let learner = try learner(name)
      try learner.restore(model.state(fitting: learner.layout))
    }
    round = snapshot.round
    before = nil
    frozen = nil
  }

  func weightsHash(after round: Int) throws -> String {
    let states = try states(after: round)
    var hash = WeightsHash()
    for state in ModelName.all.compactMap({ states[$0] }) {
      for vector in [state.values, state.average] { vector.withUnsafeBytes { hash.add($0) } }
    }
    return hash.hexadecimal
  }

  // MARK: Training

  /// Goes to the states before a round, in which training it begins. From then on an older attempt is refused.
  package func begin(_ round: Int, attempt: Int) throws {
    guard attempt > self.attempt else { throw SupersededError() }
    let start = try states(after: round - 1)
    if self.round != round - 1 {
      for (name, state) in start { try learner(name).restore(state) }
    }
    before = start
    // Until the round is finished, the learners are between two rounds.
    self.round = round
    self.attempt = attempt
  }

  /// One step along the gradient of the whole batch.
  package func apply(_ gradient: [Float], for key: GradientKey) throws {
    guard (key.round, key.attempt) == (round, attempt) else { throw SupersededError() }
    try learner(key.model).apply(gradient)
  }
}

extension ModelConfiguration {
  init(_ file: ClusterFile) {
    self.init()
    width = file.model.width
    heads = file.model.heads
    factLayers = file.model.factLayers
    questionLayers = file.model.questionLayers
    shareLayers = file.model.shareLayers
    matchTokens = file.model.matchTokens
    overseerWidth = file.overseer.width
    overseerLayers = file.overseer.layers
    device = file.model.device
  }
}
