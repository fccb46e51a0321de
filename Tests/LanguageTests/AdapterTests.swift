import Foundation
import Testing
import Torch

@testable import Language
@testable import ModelFiles

/// Adapters in the formats of others.
struct AdapterTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "adapter-\(UUID().uuidString)").path()

  private func made(_ family: DecoderConfiguration.Family, _ targets: LowRankAdapter.Targets) throws -> (
    AdapterFolder, DecoderConfiguration
  ) {
    let configuration = try Tiny(family).configuration
    let adapter = LowRankAdapter(.init(rank: 4, alpha: 6, targets: targets), for: configuration)
    return (try AdapterFolder(adapter, Tiny.start(adapter.layout)), configuration)
  }

  @Test(arguments: DecoderConfiguration.Family.allCases, LowRankAdapter.Targets.allCases)
  func itIsReadAsItWasWritten(_ family: DecoderConfiguration.Family, _ targets: LowRankAdapter.Targets) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (own, configuration) = try made(family, targets)
    try own.write(to: folder, base: "tiny")
    let read = try AdapterFolder(folder, for: configuration)
    #expect(read.values == own.values)
    #expect(read.adapter.configuration == own.adapter.configuration)
    #expect(read.adapter.layout.entries == own.adapter.layout.entries)
  }

  /// In a GGUF file, rows of queries and keys of the Llama family are in another order, and those of others are not.
  @Test(arguments: DecoderConfiguration.Family.allCases)
  func llamaCppReadsIt(_ family: DecoderConfiguration.Family) throws {
    let (own, configuration) = try made(family, .all)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/adapter.gguf"
    try own.gguf(for: configuration).write(to: URL(fileURLWithPath: path))
    let file = try GGUF(MappedFile(path))
    #expect(file.metadata["adapter.lora.alpha"] == .number(6))
    #expect(file.metadata["general.architecture"] == .text(family.rawValue))
    #expect(file.tensors.count == own.adapter.layout.entries.count)
    func stored(_ name: String) throws -> [Float] {
      let tensor = try #require(file.tensors.first { $0.name == name })
      return ModelTensor(name: name, shape: tensor.shape, stored: tensor, neighboursOf: nil, addend: 0).values()
    }
    func values(_ name: String) throws -> [Float] {
      let entry = try #require(own.adapter.layout.entries.first { $0.name == name })
      return Array(own.values[entry.range])
    }
    #expect(try stored("blk.1.attn_q.weight.lora_a") == values("model.layers.1.self_attn.q_proj.lora_A.weight"))
    #expect(try stored("blk.2.ffn_down.weight.lora_b") == values("model.layers.2.mlp.down_proj.lora_B.weight"))
    let (keys, asStored) = (
      try values("model.layers.1.self_attn.k_proj.lora_B.weight"), try stored("blk.1.attn_k.weight.lora_b")
    )
    // Of a head of 8 rows, 0 and 4 turn together: they are the first two there.
    let (first, second) = (Array(keys[..<4]), Array(keys[(family == .llama ? 16 : 4)...].prefix(4)))
    #expect(asStored.prefix(8) == (first + second)[...])
  }

  @Test func whatIsNoSuchAdapterIsASentence() throws {
    let (own, configuration) = try made(.llama, .all)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func sentence() -> String {
      (#expect(throws: AdapterError.self) { _ = try AdapterFolder(folder, for: configuration) })?.description ?? ""
    }
    #expect(sentence() == "\(folder) has no adapter_config.json that can be read")
    try own.write(to: folder, base: "tiny")
    let settings = URL(fileURLWithPath: "\(folder)/adapter_config.json")
    let written = try String(contentsOf: settings, encoding: .utf8)
    for (from, to, said) in [
      ("\"LORA\"", "\"IA3\"", "peft_type is IA3; allowed is LORA"),
      ("\"r\" : 4", "\"r\" : 0", "r is 0; allowed are 1 to 4096"),
      ("\"r\" : 4", "\"use_dora\" : true, \"r\" : 4", "use_dora is true; allowed is false"),
      ("\"up_proj\"", "\"lm_head\"", "target_modules is"), ("{", "[", "is no description of an adapter"),
    ] {
      try written.replacing(from, with: to).write(to: settings, atomically: true, encoding: .utf8)
      #expect(sentence().contains(said), "\(sentence())")
    }
    try written.replacing("\"r\" : 4", with: "\"r\" : 5").write(to: settings, atomically: true, encoding: .utf8)
    #expect(sentence().contains("lora_A.weight of [5, 32] numbers of the type F32"))
    try written.write(to: settings, atomically: true, encoding: .utf8)
    let weights = URL(fileURLWithPath: "\(folder)/adapter_model.safetensors")
    try Data(contentsOf: weights).dropLast(5).write(to: weights)
    #expect(sentence().contains("lies outside of the file"))
    #expect(throws: AdapterError.self) { try AdapterFolder(own.adapter, [1, 2]) }
  }

  @Test func aProcessorSaysWhetherItHasBfloat16() {
    #expect(NumberType.bfloat16Instructions(of: "processor : 0\nflags\t\t: fpu avx2 avx512_bf16 ht\n") == "AVX512-BF16")
    #expect(NumberType.bfloat16Instructions(of: "flags : fpu avx512_bf16 amx_bf16") == "AMX-BF16")
    #expect(NumberType.bfloat16Instructions(of: "Features\t: fp asimd bf16 i8mm") == "BF16")
    #expect(NumberType.bfloat16Instructions(of: "flags : fpu avx2 avx512f") == nil)
    #expect(NumberType.bfloat16Instructions(of: "") == nil)
    #expect(NumberType.quickest(on: Device(name: "cuda")).type == .bfloat16)
  }
}
