import Amplification
import ClusterFile
import Distillation
import Models
import Randomness
import Tasks
import Torch
import WorkUnits

/// The models of a run in this process: in training, and as they were after two rounds, for answering.
///
/// Not `Sendable`: it lives in ``Compute`` on one thread. A round's work is answered by the models after the round before
/// it, while training already changes them; so the newest states and those before are both kept.
package final class Replica {
  package let configuration: ClusterFile
  package let task: any TaskDefinition
  /// What its process is called.
  let worker: String
  private let blueprint: Blueprint
  /// What people are told of the models.
  var remark: String? { blueprint.remark }
  /// Those that learn here.
  let trained: [ModelName: TrainedModel]
  /// Those that another program makes.
  private var made: [ModelName: ModelVersion]
  /// The states after this round and, once a round was trained, after the one before; −1: there is none yet.
  private(set) var round: Int
  private var before: [ModelName: ModelVersion]?
  private var attempt = 0
  private var frozen: FrozenModels?

  /// - Parameters:
  ///   - begins: whether the models are those that training begins with; else they are to be loaded.
  ///   - draft: draws what they are.
  ///   - catalog: the kinds of task that there are.
  /// - Throws: a sentence, if they can't be what the configuration asks for.
  package init(
    _ configuration: ClusterFile, begins: Bool = true, worker: String = "", _ draft: Blueprint.Draft = Blueprint.init,
    _ catalog: TaskCatalog = .grove
  ) throws {
    self.configuration = configuration
    self.worker = worker
    task = try configuration.makeTask(from: catalog)
    blueprint = try draft(configuration, task)
    guard configuration.overseer.kind == .scripted || blueprint.imitator != nil else { throw NoImitatorError() }
    let seed = begins ? configuration.run.seed : nil
    round = begins ? 0 : -1
    made = blueprint.made.mapValues { .made($0, step: 0) }
    let device = Device(name: configuration.model.device)
    trained = try Dictionary(
      uniqueKeysWithValues: blueprint.networks.map { name, plan in
        let learner = try Learner(
          plan.network.layout, start: seed.map { try plan.network.startingValues(of: name, seed: $0) }, rate: plan.rate,
          horizon: Float(plan.horizon), by: plan.method, device: device)
        return (name, TrainedModel(network: plan.network, learner: learner))
      })
  }

  /// - Throws: ``TorchError`` if no such model learns here.
  func model(_ name: ModelName) throws -> TrainedModel {
    guard let model = trained[name] else {
      throw TorchError(operation: "model", reason: "no model “\(name.rawValue.prefix(80))” learns here")
    }
    return model
  }

  // MARK: Versions

  /// The models after a round, if it is one of the two that are kept.
  private func versions(after round: Int) throws -> [ModelName: ModelVersion] {
    if round == self.round {
      return try trained.mapValues { .trained(try $0.learner.state()) }.merging(made) { $1 }
    }
    if round == self.round - 1, let before { return before }
    throw ModelVersionError(wanted: round, have: self.round)
  }

  /// The models after a round, for answering.
  package func models(after round: Int) throws -> FrozenModels {
    if let frozen, frozen.round == round { return frozen }
    let versions = try versions(after: round)
    // Whoever still answers with the ones before keeps them; else their memory is free before there are others.
    frozen = nil
    let models = try FrozenModels(blueprint, versions, after: round)
    frozen = models
    return models
  }

  func snapshot(after round: Int) throws -> ModelSnapshot {
    let versions = try versions(after: round)
    return ModelSnapshot(
      round: round,
      models: ModelName.all.compactMap { versions[$0]?.named($0, trained[$0]?.network.layout) })
  }

  func load(_ snapshot: ModelSnapshot) throws {
    for name in Array(trained.keys) + Array(made.keys) {
      guard let model = snapshot[name] else {
        throw TorchError(operation: "load", reason: "the snapshot has no \(name.rawValue)")
      }
      try restore(ModelVersion(model, fitting: trained[name]?.network.layout), of: name)
    }
    round = snapshot.round
    before = nil
    frozen = nil
  }

  /// - Throws: ``TorchError`` if it is a model of the other kind: one that learns here, or one that another program makes.
  private func restore(_ version: ModelVersion, of name: ModelName) throws {
    switch version {
    case .trained(let state): try model(name).learner.restore(state)
    case .made(let reference, _):
      guard made[name] != nil else {
        throw TorchError(
          operation: "load",
          reason:
            "the \(name.rawValue) can't be “\(reference.model.prefix(200))”, which another program made: it learns here"
        )
      }
      made[name] = version
    }
  }

  func weightsHash(after round: Int) throws -> String {
    let versions = try versions(after: round)
    var hash = WeightsHash()
    for version in ModelName.all.compactMap({ versions[$0] }) { version.add(to: &hash) }
    return hash.hexadecimal
  }

  // MARK: Training

  /// Goes to the states before a round, in which training it begins. From then on an older attempt is refused.
  package func begin(_ round: Int, attempt: Int) throws {
    guard attempt > self.attempt else { throw SupersededError() }
    let start = try versions(after: round - 1)
    if self.round != round - 1 {
      for (name, version) in start { try restore(version, of: name) }
    }
    before = start
    // Until the round is finished, the learners are between two rounds.
    self.round = round
    self.attempt = attempt
  }

  /// One step along the gradient of the whole batch.
  package func apply(_ gradient: [Float], for key: GradientKey) throws {
    guard (key.round, key.attempt) == (round, attempt) else { throw SupersededError() }
    try model(key.model).learner.apply(gradient)
  }

  /// Goes on with models that another program made in the round.
  func take(_ references: [ModelName: ModelReference], of round: Int, attempt: Int) throws {
    guard (round, attempt) == (self.round, self.attempt) else { throw SupersededError() }
    for (name, reference) in references {
      try restore(.made(reference, step: 1 + (made[name]?.step ?? 0)), of: name)
    }
  }
}

/// A network with all that training changes of it.
struct TrainedModel {
  let network: any Network
  let learner: Learner
}
