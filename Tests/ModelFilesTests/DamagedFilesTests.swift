import Foundation
import ModelFiles
import Mutation
import Reference
import Testing

/// Whatever a file holds, it is read or refused with a sentence.
struct DamagedFilesTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func complaint(_ model: TinyModel) throws -> String { try complaint(model.gguf) }

  private func complaint(_ bytes: [UInt8]) throws -> String {
    let error = #expect(throws: ModelFileError.self) { try ModelFiles(gguf: MappedFile(of: bytes, as: "tiny.gguf")) }
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix("tiny.gguf: "), "\(sentence)")
    return sentence
  }

  @Test func countsLengthsAndPlacesAreChecked() throws {
    var model = TinyModel()
    model.counts = (.max, nil)
    #expect(try complaint(model).contains("the count of tensors is 18446744073709551615; allowed are at most 1048576"))
    model.counts = (1_000_000, nil)
    #expect(try complaint(model).contains("the count of tensors is 1000000, and only"))
    model.counts = (nil, 60_000)
    #expect(try complaint(model).contains("the count of keys is 60000, and only"))
    model.counts = (nil, nil)
    model["general.name"] = TinyModel.little(UInt32(8)) + TinyModel.little(UInt64.max)
    #expect(try complaint(model).contains("the length of the value of “general.name” is 18446744073709551615"))
    model["general.name"] =
      TinyModel.little(UInt32(9)) + TinyModel.little(UInt32(4)) + TinyModel.little(UInt64(1 << 23))
    #expect(try complaint(model).contains("the count of elements of “general.name” is 8388608, and only"))
    model["general.name"] = TinyModel.little(UInt32(9)) + TinyModel.little(UInt32(9)) + TinyModel.little(UInt64(1))
    #expect(try complaint(model).contains("the elements of “general.name” have the type 9"))
    model["general.name"] = TinyModel.little(UInt32(77))
    #expect(try complaint(model).contains("the key “general.name” has the type 77"))
    model["general.name"] = nil
    model.places["blk.0.ffn_up.weight"] = 1 << 40
    #expect(try complaint(model).contains("the tensor “blk.0.ffn_up.weight” has 96 bytes from"))
    model.places["blk.0.ffn_up.weight"] = 64
    #expect(try complaint(model).contains("overlap at byte"))
    model.places["blk.0.ffn_up.weight"] = 65
    #expect(try complaint(model).contains("begins at 65, no multiple of 32"))
    model.places = [:]
    model["general.alignment"] = TinyModel.integer(24)
    #expect(try complaint(model).contains("“general.alignment” is not a power of two"))
  }

  @Test func typesNamesAndShapesAreChecked() throws {
    var model = TinyModel()
    model.type = 10
    #expect(try complaint(model).contains("is stored as Q2_K; read are F32, F16, BF16, Q8_0, Q4_0, Q4_1"))
    model.type = 12
    #expect(try complaint(model).contains("has the impossible shape [3, 4] of type Q4_K"))
    model.type = 0
    model.version = 1
    #expect(try complaint(model).contains("its version is 1; read are 2 and 3"))
    model.version = UInt32(3).byteSwapped
    #expect(try complaint(model).contains("its version is 3, big-endian"))
    model.version = 3
    model.tensors[1].shape = [5]
    #expect(
      try complaint(model).contains("“blk.0.attn_norm.weight” has the shape [5], and the configuration asks for [4]"))
    model.tensors[1].shape = [1 << 40, 1 << 40]
    #expect(try complaint(model).contains("impossible shape"))
    model.tensors[1] = ("blk.0.attn_rot.weight", [4])
    #expect(try complaint(model).contains("the tensor “blk.0.attn_norm.weight” is missing"))
    model.tensors.append(("blk.0.attn_norm.weight", [4]))
    #expect(try complaint(model).contains("the tensor “blk.0.attn_rot.weight” is not known in the architecture llama"))
    model.tensors[1].name = "blk.0.ffn_up.weight"
    #expect(try complaint(model).contains("the tensor “blk.0.ffn_up.weight” is there twice"))
  }

  @Test func keysAreChecked() throws {
    func complaint(_ key: String, _ value: [UInt8]?) throws -> String {
      var model = TinyModel()
      model[key] = value
      return try self.complaint(model)
    }
    #expect(try complaint("general.architecture", nil).contains("“general.architecture” is missing"))
    #expect(try complaint("general.architecture", TinyModel.text("mamba")).contains("known are llama, qwen2, gemma3"))
    #expect(try complaint("llama.block_count", nil).contains("the key “llama.block_count” is missing"))
    #expect(try complaint("llama.block_count", TinyModel.integer(0)).contains("is 0; allowed are 1 to 4096"))
    #expect(
      try complaint("llama.block_count", TinyModel.integer(.max)).contains("is 4294967295; allowed are 1 to 4096"))
    #expect(try complaint("llama.block_count", TinyModel.text("one")).contains("is not a whole number"))
    #expect(try complaint("llama.expert_count", TinyModel.integer(8)).contains("is not known here"))
    #expect(try complaint("llama.rope.scaling.type", TinyModel.text("yarn")).contains("“none” or “linear”"))
    #expect(try complaint("llama.rope.dimension_count", TinyModel.integer(2)).contains("is 2; allowed are 4 to 4"))
    #expect(try complaint("tokenizer.ggml.eos_token_id", TinyModel.integer(3)).contains("names the token 3, and has 3"))
    #expect(try complaint("llama.attention.head_count_kv", TinyModel.integer(3)).contains("can't share"))
  }

  @Test func whatIsNoFileIsASentence() throws {
    #expect(try complaint(Array("GGML".utf8)).contains("does not begin with GGUF"))
    #expect(try complaint([]).contains("it is empty"))
    let missing = #expect(throws: ModelFileError.self) { try ModelFiles("\(folder.path)/none.gguf") }
    #expect(missing?.description.hasSuffix("it can't be opened: No such file or directory") == true)
    let device = #expect(throws: ModelFileError.self) { try ModelFiles("/dev/zero") }
    #expect(device?.description == "/dev/zero: it is not a file")
  }

  @Test func noBeginningOfAFileIsOne() throws {
    let bytes = TinyModel().gguf
    let last = bytes.count - 1
    for count in 1..<last - 15 { _ = try complaint(Array(bytes[..<count])) }
  }

  @Test func fuzzedFilesAreReadOrRefused() throws {
    var understood = 0
    for mutated in Mutation(of: [TinyModel().gguf]) {
      guard let files = try? ModelFiles(gguf: MappedFile(of: mutated, as: "fuzzed.gguf")) else { continue }
      understood += 1
      for tensor in files.tensors { #expect(tensor.values().count == tensor.count) }
    }
    #expect(understood > 0)
  }

  @Test func foldersAreChecked() throws {
    func complaint(_ change: (inout [String: Any]) -> Void) throws -> String {
      var config = TinyModel.config
      change(&config)
      try TinyModel().writeFolder(folder, config: config)
      return #expect(throws: ModelFileError.self) { try ModelFiles(folder.path) }?.description ?? ""
    }
    #expect(try complaint { $0["model_type"] = "mistral" }.contains("known are gemma3_text, llama, qwen2"))
    #expect(try complaint { $0["attention_bias"] = true }.contains("the key “attention_bias” is not known here"))
    #expect(
      try complaint { $0["rope_scaling"] = ["rope_type": "llama3"] }.contains("“rope_scaling.rope_type” is “llama3”"))
    #expect(try complaint { $0["hidden_size"] = -1 }.contains("is -1; allowed are 1 to 1048576"))
    #expect(try complaint { $0["hidden_size"] = 1e300 }.contains("is not a whole number"))
    #expect(
      try complaint { $0["vocab_size"] = 4 }.contains("has the shape [3, 4], and the configuration asks for [4, 4]"))
    #expect(try complaint { $0["tie_word_embeddings"] = false }.contains("the tensor “lm_head.weight” is missing"))
    try TinyModel().writeFolder(folder)
    try folder.write(#"{"weight_map": {"a": "../model-0.safetensors"}}"#, to: "model.safetensors.index.json")
    let error = #expect(throws: ModelFileError.self) { try ModelFiles(folder.path) }
    #expect(error?.description.contains("in no safetensors file of this folder") == true)
    try folder.write(#"{"weight_map": {"a": "#, to: "model.safetensors.index.json")
    let other = #expect(throws: ModelFileError.self) { try ModelFiles(folder.path) }
    #expect(other?.description.contains("it ends where a value is expected, at byte 21") == true)
  }

  @Test func fuzzedFoldersAreReadOrRefused() throws {
    try TinyModel().writeFolder(folder)
    for name in ["config.json", "model-0.safetensors", "model.safetensors.index.json"] {
      let right = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
      for mutated in Mutation(of: [right]).prefix(100) {
        try folder.write(mutated, to: name)
        guard let files = try? ModelFiles(folder.path) else { continue }
        for tensor in files.tensors { #expect(tensor.values().count == tensor.count) }
      }
      try folder.write(right, to: name)
    }
    _ = try ModelFiles(folder.path)
  }
}
