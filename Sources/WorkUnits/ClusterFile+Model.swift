import ClusterFile
import Distillation
import ModelFiles
import Tasks

extension ClusterFile {
  /// The same, which also says what the language model is that the run begins with, so that nobody goes on with another.
  ///
  /// - Throws: a sentence, if X can't be such a model, or the files are no model, or another than the configuration says.
  public func settled() throws -> ClusterFile {
    let isText = try makeTask() is any TextTask
    switch model.kind {
    case .network:
      guard !isText else {
        throw ModelError(
          description: "model.kind is network, and the questions of \(task.name) are texts, which only language models "
            + "answer: set model.kind=language and model.weights, or see scripts/language")
      }
      guard model.tuning == .lora else {
        throw ModelError(
          description: "model.tuning is full, and model.kind network, all of which learns: it is for language models")
      }
      return self
    case .language:
      guard isText else {
        throw ModelError(
          description: "model.kind is language, and the questions of \(task.name) are no texts: it can only be network")
      }
      guard overseer.kind == .scripted || overseer.robustness == 0 else {
        throw ModelError(
          description:
            "overseer.robustness is \(overseer.robustness), and a language model as H′ learns all alike: it can only be 0"
        )
      }
      guard model.tuning == .lora || model.numbers != .bfloat16 else {
        throw ModelError(
          description: "model.tuning is full, and model.numbers bfloat16: weights that learn are of float32, or auto")
      }
      let files = try base()
      guard model.tuning == .lora || files.parameters <= Self.mostTuned else {
        throw ModelError(
          description:
            "model.tuning is full, and \(files.path) has \(files.parameters / 1_000_000) million parameters, all of which "
            + "would go to every worker: at most \(Self.mostTuned / 1_000_000) million can; model.tuning=lora has an "
            + "adapter learn")
      }
      var settled = self
      settled.model.weightsSHA256 = files.digest.hexadecimal
      return settled
    }
  }

  /// Parameters of a model all of which learns, at most: they travel in frames of 2³⁰ bytes.
  private static let mostTuned = 1 << 28

  /// The files of the language model that the run begins with.
  ///
  /// - Throws: a sentence, if there are none, they are damaged, or others than the configuration says.
  public func base() throws -> ModelFiles {
    guard model.weights != "none" else {
      throw ModelError(
        description:
          "model.kind is language, and model.weights names no model: set it to a GGUF file or a folder as Hugging "
          + "Face's")
    }
    let files = try ModelFiles(model.weights)
    let digest = files.digest.hexadecimal
    guard model.weightsSHA256 == "none" || model.weightsSHA256 == digest else {
      throw ModelError(
        description:
          "\(model.weights) is another model than the run's: its SHA-256 is \(digest), and model.weights_sha256 "
          + "is \(model.weightsSHA256)")
    }
    return files
  }
}

extension LearningRate {
  /// X's.
  public init(_ distillation: ClusterFile.Distillation) {
    self.init(
      peak: distillation.learningRate, warmUp: distillation.warmUp,
      falling: distillation.fallAfter > 0 ? distillation.fallAfter : nil)
  }
}

/// X can't be what the configuration says.
struct ModelError: Error, Hashable, CustomStringConvertible {
  let description: String
}
