import Foundation
import Safetensors

/// A folder as Hugging Face's libraries write it.
struct ModelFolder {
  private let path: String
  let configuration: DecoderConfiguration
  private let weights: [MappedFile]
  /// All that say what the model is, in order of names.
  let files: [MappedFile]

  init(_ path: String) throws(ModelFileError) {
    self.path = path
    let config = try MappedFile("\(path)/config.json")
    configuration = try DecoderConfiguration(config: config)
    let names = try Self.weightNames(path)
    var weights: [MappedFile] = []
    for name in names { weights.append(try MappedFile("\(path)/\(name)")) }
    self.weights = weights
    var all = weights + [config]
    let tokenizer = "\(path)/tokenizer.json"
    if FileManager.default.fileExists(atPath: tokenizer) { all.append(try MappedFile(tokenizer)) }
    files = all.sorted { $0.path < $1.path }
  }

  private static func weightNames(_ path: String) throws(ModelFileError) -> [String] {
    let index = "\(path)/model.safetensors.index.json"
    guard FileManager.default.fileExists(atPath: index) else { return ["model.safetensors"] }
    let json = try JSON(MappedFile(index), limit: 64 << 20)
    guard case .object(let places) = json["weight_map"] else {
      throw ModelFileError(index, "it has no object under the key “weight_map”")
    }
    var names: Set<String> = []
    for (tensor, place) in places {
      guard let name = place.text, name.hasSuffix(".safetensors"), !name.contains("/"), !name.contains("\0") else {
        throw ModelFileError(index, "the tensor \(tensor.quoted) is said to be in no safetensors file of this folder")
      }
      names.insert(name)
    }
    guard !names.isEmpty, names.count <= 4096 else {
      throw ModelFileError(index, "it names \(names.count) files; allowed are 1 to 4096")
    }
    return names.sorted()
  }

  func tensors() throws(ModelFileError) -> [ModelTensor] {
    var stored: [String: StoredTensor] = [:]
    for file in weights {
      for tensor in try Self.tensors(of: file) {
        if let other = stored.updateValue(tensor, forKey: tensor.name) {
          throw ModelFileError(file.path, "the tensor \(tensor.name.quoted) is in \(other.file.path), too")
        }
      }
    }
    var tensors: [ModelTensor] = []
    for expected in configuration.tensors {
      guard let tensor = stored.removeValue(forKey: expected.name) else {
        throw ModelFileError(path, "the tensor \(expected.name.quoted) is missing")
      }
      let addend: Float = expected.isNorm && configuration.family == .gemma3 ? 1 : 0
      tensors.append(try tensor.checked(as: expected, addend: addend))
    }
    // A copy of the embeddings, and angles that follow from θ.
    if configuration.isTied { stored["lm_head.weight"] = nil }
    if let other = stored.values.filter({ !$0.name.hasSuffix(".rotary_emb.inv_freq") }).min(by: { $0.name < $1.name }) {
      throw ModelFileError(
        other.file.path,
        "the tensor \(other.name.quoted) is not known in the architecture \(configuration.family.rawValue)")
    }
    return tensors
  }

  private static func tensors(of file: MappedFile) throws(ModelFileError) -> [StoredTensor] {
    let layout: Safetensors.Layout
    do {
      layout = try file.withBytes { try Safetensors.Layout(file: $0) }
    } catch {
      throw ModelFileError(file.path, "it is not a safetensors file: \(error)")
    }
    var tensors: [StoredTensor] = []
    for entry in layout.entries {
      guard let type = TensorType(rawValue: entry.type.rawValue) else {
        throw ModelFileError(
          file.path, "the tensor \(entry.name.quoted) is stored as \(entry.type.rawValue); read are F32, F16, BF16")
      }
      let range = layout.start + entry.range.lowerBound..<layout.start + entry.range.upperBound
      tensors.append(StoredTensor(name: entry.name, type: type, shape: entry.shape, file: file, range: range))
    }
    try StoredTensor.checkApart(tensors)
    return tensors
  }
}
