import Foundation
import Reference
import Testing

/// `grove models`
struct ModelsCommandTests {
  @Test func aModelIsDescribed() async throws {
    let program = try Program()
    let path = try Reference.smolLM2
    let described = try await program("models", path)
    #expect(described.status == 0, "\(described.errors)")
    #expect(described.output.contains("parameters    134,515,008") && described.output.contains("Q4_1 in 210"))
    let ended = try await program("models", path, "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    #expect(object["sha256"] as? String == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    #expect(object["architecture"] as? String == "llama" && object["tokens"] as? Int == 49152)
    #expect(object["types"] as? [String: Int] == ["F32": 61, "Q4_1": 210, "Q8_0": 1])
  }

  @Test func whatIsInAFolderIsListed() async throws {
    let program = try Program()
    let none = try await program("models")
    #expect(none.status == 1 && none.errors.hasPrefix("grove: there is no model in .: known are"), "\(none.errors)")
    try FileManager.default.createSymbolicLink(
      atPath: "\(program.folder)/right.gguf", withDestinationPath: try Reference.smolLM2)
    try program.write("GGUF", to: "wrong.gguf")
    let listed = try await program("models", "--json")
    #expect(listed.status == 1 && listed.output.contains("\"path\":\"right.gguf\""))
    #expect(listed.errors.contains("wrong.gguf: it ends within the version, at byte 4"), "\(listed.errors)")
    #expect(listed.errors.contains("1 of 2 models in . can't be used"))
    let missing = try await program("models", "there/is/none")
    #expect(missing.status == 1 && missing.errors.contains("there/is/none: it can't be opened: No such file"))
  }
}
