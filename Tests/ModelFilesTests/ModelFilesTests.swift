import Foundation
import Hashing
import ModelFiles
import Reference
import Testing

/// Weights of language models: what is in a file is what comes out of it.
struct ModelFilesTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test(arguments: [2, 3] as [UInt32]) func aGGUFFileIsRead(_ version: UInt32) throws {
    var tiny = TinyModel()
    tiny.version = version
    let bytes = tiny.gguf
    let files = try ModelFiles(folder.write(bytes, to: "tiny.gguf"))
    let seen = files.configuration
    #expect((seen.family, seen.layers, seen.width, seen.heads) == (.llama, 1, 4, 2))
    #expect((seen.keyValueHeads, seen.headWidth, seen.feedForward, seen.vocabulary) == (1, 4, 6, 3))
    #expect(seen.isTied && seen.context == 16 && seen.attentionScale == 0.5 && seen.ropeTheta == 10_000)
    #expect(files.kind == .gguf && files.parameters == tiny.tensors.map { $0.shape.reduce(1, *) }.reduce(0, +))
    #expect(files.byteCount == 4 * files.parameters)
    #expect(files.digest == SHA256.hash(bytes))
    #expect(files.tensors.map(\.name).sorted() == TinyModel.names.sorted())
    let down = try #require(files["model.layers.0.mlp.down_proj.weight"])
    #expect(down.shape == [4, 6] && down.values() == tiny.values(9) && down.type == .float32)
    #expect(down.withBytes { $0.count } == 96)
    #expect(files["model.layers.1.mlp.down_proj.weight"] == nil)
  }

  /// Of each head, the even rows come first, then the odd ones.
  @Test func rowsOfQueriesAndKeysArePutInOrder() throws {
    let tiny = TinyModel()
    let files = try ModelFiles(folder.write(tiny.gguf, to: "tiny.gguf"))
    let queries = try #require(files["model.layers.0.self_attn.q_proj.weight"])
    let order = [0, 2, 1, 3, 4, 6, 5, 7]
    let stored = tiny.values(2)
    #expect(queries.values() == order.flatMap { stored[$0 * 4..<$0 * 4 + 4] })
    #expect((0..<8).map(queries.storedRow) == order)
    #expect(queries.withBytes { _ in } == nil)
    var some = [Float](repeating: 0, count: 8)
    some.withUnsafeMutableBufferPointer { queries.read(rows: 1..<3, into: $0) }
    #expect(some == Array(queries.values()[4..<12]))
  }

  @Test func aFolderIsRead() throws {
    let tiny = TinyModel()
    try tiny.writeFolder(folder)
    let files = try ModelFiles(folder.path)
    #expect(files.kind == .folder && files.configuration.ends == [2, 0] && files.configuration.beginning == 1)
    for (index, name) in TinyModel.names.enumerated() { #expect(files[name]?.values() == tiny.values(index)) }
    let lines = try ["config.json", "model-0.safetensors", "model-1.safetensors"].map {
      "\(SHA256.hash(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)"))).hexadecimal)  \($0)\n"
    }
    #expect(files.digest == SHA256.hash(lines.joined()))
    // A file that is replaced is another one, also under its name.
    try folder.write(TinyModel().gguf, to: "tiny.gguf")
    let before = try ModelFiles("\(folder.path)/tiny.gguf").digest
    var other = tiny
    other["llama.context_length"] = TinyModel.integer(17)
    try folder.write(other.gguf, to: "tiny.gguf")
    #expect(try ModelFiles("\(folder.path)/tiny.gguf").digest != before)
  }

  @Test func bfloat16IsRoundedToTheNearest() throws {
    let files = try ModelFiles(folder.write(TinyModel().gguf, to: "tiny.gguf"))
    for tensor in files.tensors {
      for (value, bits) in zip(tensor.values(), tensor.bfloat16()) {
        let rounded = Float(bitPattern: UInt32(bits) << 16)
        for neighbour in [bits &- 1, bits &+ 1] where value != 0 {
          let other = Float(bitPattern: UInt32(neighbour) << 16)
          #expect(
            abs(rounded - value) < abs(other - value) || abs(rounded - value) == abs(other - value) && bits & 1 == 0)
        }
      }
    }
  }

  @Test func gemmaHasWindowsAndFactors() throws {
    let config = try folder.write(
      """
      {"model_type": "gemma3_text", "hidden_size": 640, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256,
       "num_hidden_layers": 18, "intermediate_size": 2048, "vocab_size": 262144, "max_position_embeddings": 32768,
       "rms_norm_eps": 1e-06, "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 256,
       "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "rope_scaling": null, "sliding_window": 512,
       "attn_logit_softcapping": null, "use_bidirectional_attention": false, "attention_bias": false}
      """, to: "config.json")
    #expect(FileManager.default.fileExists(atPath: config))
    // It has no weights: but what it says of itself was read before that is found.
    let error = #expect(throws: ModelFileError.self) { try ModelFiles(folder.path) }
    #expect(error?.description.contains("model.safetensors") == true, "\(error?.description ?? "")")
  }

  /// All types, with random blocks, bit by bit what Python's gguf makes of them.
  @Test func blocksAreWhatTheReferenceSays() async throws {
    try await Reference.run("ModelFilesTests/blocks.py", [folder.path])
    let files = try ModelFiles("\(folder.path)/blocks.gguf")
    #expect(Set(files.tensors.map(\.type)) == Set(TensorType.allCases))
    for tensor in files.tensors {
      let expected = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(tensor.name).f32"))
      let values = tensor.values()
      let differing = expected.withUnsafeBytes { bytes in
        values.indices.first {
          let wanted = Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
          return values[$0].bitPattern != wanted.bitPattern && !(values[$0].isNaN && wanted.isNaN)
        }
      }
      #expect(expected.count == 4 * values.count && differing == nil, "\(tensor.name) as \(tensor.type)")
    }
  }

  /// Figures of another reader of the same file.
  @Test func smolLM2IsRead() throws {
    let files = try ModelFiles(Reference.smolLM2)
    #expect(files.digest.hexadecimal == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    #expect(files.parameters == 134_515_008 && files.tensors.count == 272)
    let seen = files.configuration
    #expect((seen.layers, seen.width, seen.heads, seen.keyValueHeads) == (30, 576, 9, 3))
    #expect((seen.headWidth, seen.feedForward, seen.vocabulary, seen.context) == (64, 1536, 49152, 8192))
    #expect(seen.isTied && seen.ropeTheta == 100_000 && Float(seen.normEpsilon) == 1e-5)
    for (name, first) in [
      ("model.embed_tokens.weight", [-0.106544, 0.032978, 0.048199, -0.022831]),
      ("model.layers.0.self_attn.q_proj.weight", [-0.096313, 0.157349, -0.096313, -0.730469]),
      ("model.layers.0.mlp.down_proj.weight", [-0.330811, 0.346069, 0.075317, -0.466187]),
      ("model.norm.weight", [1.757812, 1.820312, 1.78125, 1.601562]),
    ] as [(String, [Float])] {
      let tensor = try #require(files[name])
      var row = [Float](repeating: 0, count: tensor.rowWidth)
      row.withUnsafeMutableBufferPointer { tensor.read(rows: 0..<1, into: $0) }
      for (value, expected) in zip(row, first) { #expect(abs(value - expected) < 1e-6, "\(name)") }
    }
  }
}
