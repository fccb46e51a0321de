import Amplification
import ClusterFile
import Distillation
import Models
import Tasks
import Torch

/// The models after a round, which nothing changes any more: student, teacher and H′, ready to answer.
package final class FrozenModels {
  let round: Int
  package let student, teacher: ModelAnswerer
  package let imitator: LearnedOverseer
  /// Training steps of X.
  let steps: Int
  private let answererNetwork: AnswererNetwork
  private let overseerNetwork: OverseerNetwork
  private let teacherParameters, imitatorParameters: Parameters

  init(_ replica: Replica, _ states: [ModelName: LearnerState], after round: Int, on device: Device) throws {
    guard let x = states[.answerer], let h = states[.overseer] else {
      throw TorchError(operation: "models", reason: "those after round \(round) are not complete")
    }
    func parameters(_ values: [Float], _ layout: ParameterLayout) throws -> Parameters {
      try Parameters(layout, start: values, areTrained: false, device: device)
    }
    self.round = round
    (answererNetwork, overseerNetwork) = (replica.answererNetwork, replica.overseerNetwork)
    let studentParameters = try parameters(x.values, answererNetwork.layout)
    teacherParameters = try parameters(x.average, answererNetwork.layout)
    imitatorParameters = try parameters(h.average, overseerNetwork.layout)
    student = ModelAnswerer(answererNetwork, studentParameters, role: "student", step: x.step)
    teacher = ModelAnswerer(answererNetwork, teacherParameters, role: "teacher", step: x.step)
    imitator = LearnedOverseer(overseerNetwork, imitatorParameters, step: h.step)
    steps = x.step
  }

  /// Mean −log p of whole transcripts by H′.
  func loss(of transcripts: [Transcript]) throws -> Double {
    Double(try overseerNetwork.loss(of: transcripts, imitatorParameters))
  }

  /// −log p by H′ of all that was decided in each transcript.
  func negativeLogLikelihood(of transcripts: [Transcript]) throws -> [Float] {
    try overseerNetwork.negativeLogLikelihood(of: transcripts, imitatorParameters)
  }

  /// −log p by the teacher of each answer.
  func negativeLogLikelihood(of examples: Examples) throws -> [Float] {
    try answererNetwork.negativeLogLikelihood(of: examples, teacherParameters)
  }
}

extension Replica {
  /// H as far as it is a script.
  var scripted: ScriptedOverseer { task.scriptedOverseer(errorRate: configuration.overseer.errorRate) }

  /// X amplified by H′, or by H itself if it is a script.
  func amplifier(_ models: FrozenModels) -> Amplifier {
    let overseer: any Overseer =
      switch configuration.overseer.kind {
      case .scripted: scripted
      case .learned, .human: models.imitator
      }
    return Amplifier(overseer: overseer, answerer: models.teacher, facts: task, mostSteps: task.mostSteps)
  }
}
