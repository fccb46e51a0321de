import Amplification
import ClusterFile
import Distillation
import Models
import Tasks
import Torch
import WorkUnits

/// What the models of a run are: networks that learn here, or models that another program makes; and how X and H′ answer with
/// them.
package struct Blueprint {
  /// A network, and how it learns.
  package struct LearningNetwork {
    var network: any Network
    var rate: LearningRate
    /// Steps that the average of its weights looks back over.
    var horizon: Int
    /// How the matrices of its hidden layers are moved.
    var method = Optimiser.Method.adam
  }

  /// Draws it for a run. - Throws: a sentence, if there are no such models of the task.
  package typealias Draft = @Sendable (ClusterFile, any TaskDefinition) throws -> Blueprint

  /// By the models that they are.
  var networks: [ModelName: LearningNetwork] = [:]
  /// The models that another program makes, as they are at first.
  var made: [ModelName: ModelReference] = [:]
  /// X after a round: as it is trained, and as its average is.
  var answerers: (ModelVersion) throws -> (student: any Answerer, teacher: any Answerer)
  /// H′ after a round; nil: the run has none.
  var imitator: ((ModelVersion) throws -> any ScoringOverseer)?
  /// Of what does not learn, in each worker.
  var frozenBytes = 0
  /// What people are told of the models; nil: there is nothing to tell.
  var remark: String?
}

extension Blueprint {
  /// Steps that the weights of H′ are averaged over for its decisions: single steps leave it unsure of rare ones.
  private static let imitatorHorizon = 100

  /// As a configuration asks for.
  package init(_ file: ClusterFile, _ task: any TaskDefinition) throws {
    self =
      switch file.model.kind {
      case .network: try Self.ofNetworks(file, task)
      case .language: try Self.ofLanguageModel(file, task)
      }
  }

  /// Grove's own networks.
  private static func ofNetworks(_ file: ClusterFile, _ task: any TaskDefinition) throws -> Blueprint {
    let (shape, sizes) = (TaskShape(try task.inTokens()), ModelConfiguration(file))
    var h = OverseerNetwork(shape, sizes)
    h.robustness = Float(file.overseer.robustness)
    let overseer = h
    var x = AnswererNetwork(shape, sizes)
    x.abstention = Float(file.distillation.abstain)
    let answerer = x
    let method: Optimiser.Method =
      switch file.model.optimizer {
      case .muon: .muon
      case .adam: .adam
      }
    let device = Device(name: file.model.device)
    func frozen(_ values: [Float], _ layout: ParameterLayout) throws -> Parameters {
      try Parameters(layout, start: values, areTrained: false, device: device)
    }
    return Blueprint(
      networks: [
        .answerer: LearningNetwork(
          network: answerer, rate: LearningRate(file.distillation), horizon: file.distillation.polyakHorizon,
          method: method),
        .overseer: LearningNetwork(
          network: overseer, rate: LearningRate(peak: file.overseer.learningRate), horizon: imitatorHorizon),
      ],
      answerers: { version in
        let state = try version.state
        return (
          ModelAnswerer(
            answerer, try frozen(state.values, answerer.layout), role: "student", step: state.step),
          ModelAnswerer(answerer, try frozen(state.average, answerer.layout), role: "teacher", step: state.step)
        )
      },
      imitator: { version in
        LearnedOverseer(overseer, try frozen(version.state.average, overseer.layout), step: version.step)
      })
  }
}

extension ModelConfiguration {
  init(_ file: ClusterFile) {
    self.init()
    width = file.model.width
    heads = file.model.heads
    factLayers = file.model.factLayers
    questionLayers = file.model.questionLayers
    readingLayers = file.model.readingLayers
    shareLayers = file.model.shareLayers
    matchTokens = file.model.matchTokens
    overseerWidth = file.overseer.width
    overseerLayers = file.overseer.layers
    device = file.model.device
  }
}
