import ClusterFile
import Distillation
import Language
import Models
import Tasks
import Torch
import WorkUnits

extension Blueprint {
  /// Rounds that the weights of H′ are averaged over for its decisions.
  private static let imitatorRounds = 5

  /// A language model as X and as H′: of each an adapter learns, or all.
  ///
  /// - Throws: a sentence, if the task is none of texts, or the model's files can't be used.
  static func ofLanguageModel(_ file: ClusterFile, _ task: any TaskDefinition) throws -> Blueprint {
    guard let task = task as? any TextTask else {
      throw TorchError(operation: "models", reason: "a language model answers tasks of texts only")
    }
    let device = Device(name: file.model.device)
    let isFull = file.model.tuning == .full
    let (type, reason) =
      isFull
      ? (.float32, "float32, as all weights learn") : NumberType.chosen(file.model.numbers, on: device)
    let files = try file.base()
    let tuning = LanguageTuning(
      try LanguageBase(files, type, device: device), adapter: isFull ? nil : .init(file.model))
    let network = LanguageNetwork(tuning, task)
    var networks = [
      ModelName.answerer: LearningNetwork(
        network: network, rate: LearningRate(file.distillation), horizon: file.distillation.polyakHorizon)
    ]
    let imitator = LanguageOverseerNetwork(tuning, task)
    if file.overseer.kind != .scripted {
      networks[.overseer] = LearningNetwork(
        network: imitator, rate: LearningRate(peak: file.overseer.learningRate),
        horizon: imitatorRounds * file.overseer.steps)
    }
    return Blueprint(
      networks: networks,
      answerers: { version in
        let state = try version.state
        return (
          try LanguageAnswerer(network, state.values, role: "student", step: state.step),
          try LanguageAnswerer(network, state.average, role: "teacher", step: state.step)
        )
      },
      imitator: file.overseer.kind == .scripted
        ? nil : { version in try LanguageOverseer(imitator, version.state.average, step: version.step) },
      frozenBytes: tuning.frozenBytes,
      remark: "X is \(files.path) (SHA-256 \(files.digest.hexadecimal.prefix(12))…), computed in \(reason)")
  }
}

extension LowRankAdapter.Configuration {
  /// That of X, as the configuration says; what it adds is scaled by 2.
  public init(_ model: ClusterFile.Model) {
    self.init(
      rank: model.loraRank, alpha: Double(2 * model.loraRank), targets: model.loraTargets == .all ? .all : .attention)
  }
}

extension NumberType {
  /// As asked for, or the quickest; and a phrase that says which and why.
  fileprivate static func chosen(
    _ numbers: ClusterFile.Model.Numbers, on device: Device
  ) -> (type: NumberType, reason: String) {
    switch numbers {
    case .auto: quickest(on: device)
    case .float32: (.float32, "float32, as model.numbers says")
    case .bfloat16: (.bfloat16, "bfloat16, as model.numbers says")
    }
  }
}
