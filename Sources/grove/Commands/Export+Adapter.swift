import Coordinator
import Foundation
import Language
import RunStore
import Safetensors
import WorkUnits
import Worker

extension Export {
  /// What a language model has learned, as others read it: a folder of PEFT's, or a GGUF file.
  func writeAdapter(of kept: KeptRun) async throws {
    guard kept.file.model.kind == .language else {
      throw Failure(
        "\(name) has no adapter: its X is a network of Grove's own; export its weights with --what weights")
    }
    guard kept.file.model.tuning == .lora else {
      throw Failure(
        "\(name) has no adapter: all weights of its X learn, as model.tuning says; export them with --what weights")
    }
    let role = of ?? .student
    let (round, checkpoint) = try await kept.checkpoint()
    let base = try kept.file.base()
    let adapter = LowRankAdapter(.init(kept.file.model), for: base.configuration)
    let weights = try RunCheckpoint.weights(in: checkpoint, metadata: [:])
    let stored = Dictionary(weights.entries.map { ($0.name, $0) }) { first, _ in first }
    let numbers: [Float] = try adapter.layout.entries.flatMap { entry in
      let name = "\(role)/\(entry.name)"
      guard let values = stored[name].flatMap({ weights.values(of: $0, .float32, as: Float.self) }) else {
        throw Failure("the checkpoint after round \(round) of \(kept.store.name) lacks \(name)")
      }
      return values
    }
    let folder = try AdapterFolder(adapter, numbers)
    if out.hasSuffix(".gguf") {
      try write(folder.gguf(for: base.configuration), to: out)
    } else {
      do { try folder.write(to: out, base: kept.file.model.weights) } catch {
        throw Failure("\(out) can't be written as a folder: \((error as NSError).localizedDescription)")
      }
    }
    Terminal.warn("the adapter of \(name)'s \(role) as of the checkpoint after round \(round)")
    print(out)
  }
}
