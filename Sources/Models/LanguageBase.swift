import Language
import ModelFiles
import Torch

/// A language model's files, from which the models of a run are made: loaded once in a process, whichever of them computes.
public final class LanguageBase {
  let files: ModelFiles
  let tokens: LanguageTokens
  /// Of weights that are frozen; all that learns is of 32-bit floats.
  let type: NumberType
  let device: Device
  /// Loaded when something is first computed: who only asks how large the model is needs none.
  private var loaded: DecoderWeights?

  /// Tokens of a question with its answer at most.
  static let window = 1024
  /// The same, if the model's own window is shorter.
  var positions: Int { min(Self.window, files.configuration.context) }

  /// - Throws: ``ModelFiles/ModelFileError`` if the files have no tokenizer that is known.
  public init(_ files: ModelFiles, _ type: NumberType, device: Device) throws {
    (self.files, self.type, self.device) = (files, type, device)
    tokens = try LanguageTokens(files)
  }

  var weights: DecoderWeights {
    get throws {
      if let loaded { return loaded }
      let weights = try DecoderWeights(files, type, positions: Self.window, device: device)
      loaded = weights
      return weights
    }
  }
}
