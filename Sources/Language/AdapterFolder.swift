import Foundation
import ModelFiles
import Safetensors

/// An adapter as PEFT keeps it: a folder with `adapter_config.json` and `adapter_model.safetensors`
/// (https://huggingface.co/docs/peft/developer_guides/checkpoint).
public struct AdapterFolder: Sendable {
  private static let settingsFile = "adapter_config.json"
  private static let weightsFile = "adapter_model.safetensors"
  /// What PEFT puts before the name of each tensor.
  private static let prefix = "base_model.model."

  public let adapter: LowRankAdapter
  /// As they are in the adapter's layout.
  public let values: [Float]

  /// - Throws: ``AdapterError`` if there are not as many values as the adapter's layout has.
  public init(_ adapter: LowRankAdapter, _ values: [Float]) throws {
    guard values.count == adapter.layout.count else {
      throw AdapterError(description: "\(values.count) numbers are no adapter of \(adapter.layout.count)")
    }
    (self.adapter, self.values) = (adapter, values)
  }

  private struct SettingsFile: Codable {
    var peftType: String
    var taskType: String?
    var base: String?
    var rank: Int
    var alpha: Double
    var targets: [String]
    var dropout: Double?
    var bias: String?
    var isForInference: Bool?
    // What Grove's adapters are not.
    var isScaledByRoot, isDecomposed, isTransposed: Bool?
    var ranks, alphas: [String: Double]?
    var layers: [Int]?
    var whole: [String]?

    enum CodingKeys: String, CodingKey {
      case peftType = "peft_type"
      case taskType = "task_type"
      case base = "base_model_name_or_path"
      case rank = "r"
      case alpha = "lora_alpha"
      case targets = "target_modules"
      case dropout = "lora_dropout"
      case bias
      case isForInference = "inference_mode"
      case isScaledByRoot = "use_rslora"
      case isDecomposed = "use_dora"
      case isTransposed = "fan_in_fan_out"
      case ranks = "rank_pattern"
      case alphas = "alpha_pattern"
      case layers = "layers_to_transform"
      case whole = "modules_to_save"
    }

    /// What of it can't be done here; nil: nothing.
    var fault: String? {
      if peftType != "LORA" { return "peft_type is \(peftType); allowed is LORA" }
      if !(1...4096).contains(rank) { return "r is \(rank); allowed are 1 to 4096" }
      if !alpha.isFinite { return "lora_alpha is not a number" }
      if let bias, bias != "none" { return "bias is \(bias); allowed is none" }
      for (name, isSet) in [
        ("use_rslora", isScaledByRoot), ("use_dora", isDecomposed), ("fan_in_fan_out", isTransposed),
      ] where isSet == true {
        return "\(name) is true; allowed is false"
      }
      for (name, isEmpty) in [
        ("rank_pattern", ranks?.isEmpty ?? true), ("alpha_pattern", alphas?.isEmpty ?? true),
        ("layers_to_transform", layers?.isEmpty ?? true), ("modules_to_save", whole?.isEmpty ?? true),
      ] where !isEmpty {
        return "\(name) is given; allowed is none, since all layers have one rank here"
      }
      return nil
    }
  }

  /// Writes both files; PEFT reads them.
  ///
  /// - Parameters:
  ///   - base: the name of the model that the adapter is for, as PEFT notes it.
  /// - Throws: what the file system refuses.
  public func write(to folder: String, base: String) throws {
    let url = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let configuration = adapter.configuration
    let settings = SettingsFile(
      peftType: "LORA", taskType: "CAUSAL_LM", base: base, rank: configuration.rank, alpha: configuration.alpha,
      targets: configuration.targets.names, dropout: 0, bias: "none", isForInference: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var weights = Safetensors()
    weights.metadata = ["format": "pt"]
    let arrays = adapter.layout.entries.map { (name: Self.prefix + $0.name, shape: $0.shape) }
    values.withUnsafeBytes { weights.append(arrays, type: .float32, data: $0) }
    try weights.file.write(to: url.appending(path: Self.weightsFile), options: .atomic)
    // Last: who finds it finds all.
    try encoder.encode(settings).write(to: url.appending(path: Self.settingsFile), options: .atomic)
  }

  /// Reads both files.
  ///
  /// - Throws: ``AdapterError`` if they are no adapter of this model, or one of a kind that is not known here.
  public init(_ folder: String, for decoder: DecoderConfiguration) throws(AdapterError) {
    let url = URL(fileURLWithPath: folder)
    func data(_ name: String) throws(AdapterError) -> Data {
      do { return try Data(contentsOf: url.appending(path: name)) } catch {
        throw AdapterError(description: "\(folder) has no \(name) that can be read")
      }
    }
    let settings: SettingsFile
    do { settings = try JSONDecoder().decode(SettingsFile.self, from: data(Self.settingsFile)) } catch {
      throw error as? AdapterError
        ?? AdapterError(description: "\(folder)/\(Self.settingsFile) is no description of an adapter")
    }
    if let fault = settings.fault { throw AdapterError(description: "\(folder)/\(Self.settingsFile): \(fault)") }
    guard let targets = LowRankAdapter.Targets.allCases.first(where: { Set($0.names) == Set(settings.targets) }) else {
      throw AdapterError(
        description: "\(folder)/\(Self.settingsFile): target_modules is \(settings.targets.joined(separator: ", ")); "
          + "allowed are the four of attention, or those and the three of feed-forward layers")
    }
    adapter = LowRankAdapter(
      .init(rank: settings.rank, alpha: settings.alpha, targets: targets), for: decoder)
    let weights = try data(Self.weightsFile)
    do { values = try Self.values(adapter, Safetensors(file: weights)) } catch {
      throw AdapterError(description: "\(folder)/\(Self.weightsFile): \(error)")
    }
  }

  private static func values(_ adapter: LowRankAdapter, _ weights: Safetensors) throws -> [Float] {
    let stored = Dictionary(uniqueKeysWithValues: weights.entries.map { ($0.name, $0) })
    guard stored.count == adapter.layout.entries.count else {
      throw AdapterError(
        description: "it has \(stored.count) tensors, and an adapter of this model has \(adapter.layout.entries.count)")
    }
    return try adapter.layout.entries.flatMap { entry in
      let name = prefix + entry.name
      guard let own = stored[name], own.shape == entry.shape,
        let values = weights.values(of: own, .float32, as: Float.self)
      else { throw AdapterError(description: "it has no tensor \(name) of \(entry.shape) numbers of the type F32") }
      return values
    }
  }
}

extension LowRankAdapter.Targets {
  /// As PEFT names them, in its order.
  fileprivate var names: [String] {
    projections.compactMap { $0.rawValue.split(separator: ".").last.map(String.init) }.sorted()
  }
}

/// Why files are no adapter of a model.
public struct AdapterError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
