import Foundation
import ModelFiles
import Mutation
import Testing

/// The reader of JSON, beside Foundation's.
struct JSONTests {
  private func read(_ bytes: some Sequence<UInt8>) throws -> JSON {
    try JSON(MappedFile(of: Array(bytes), as: "it.json"), limit: 1 << 20)
  }

  @Test func textsAreReadByteByByte() throws {
    let json = try read(Array(#"{"é": 1, "e\#u{301}": 2, "\u00e9\ud83d\ude00\n\/": "\"\\ü"}"#.utf8))
    guard case .object(let members) = json else { throw Failure() }
    #expect(members.map { Array($0.key.utf8) } == ["é", "e\u{301}", "é😀\n/"].map { Array($0.utf8) })
    #expect(json["e\u{301}"]?.integer == 2 && members[2].value.text == "\"\\ü")
  }

  private struct Failure: Error {}

  @Test(
    arguments: [
      "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "nul", "\"\\x\"", "\"\\ud800\"", "\"\\u12g4\"", "1 2", "-", "1e999",
      "\"a\nb\"",
    ])
  func whatIsNoJSONIsRefused(_ text: String) throws {
    #expect(throws: ModelFileError.self) { try read(text.utf8) }
  }

  @Test func depthIsLimited() throws {
    let error = #expect(throws: ModelFileError.self) { try read([UInt8](repeating: UInt8(ascii: "["), count: 100_000)) }
    #expect(error?.description.contains("more than 64 values stand within each other, at byte 64") == true)
  }

  @Test func fuzzedTextsAreReadAsFoundationReadsThem() throws {
    let seeds = [#"{"a":[1,-2.5e3,true,null],"b":{"cé\n😀":"d"}}"#, #"[["x","y"],{"z":0.125},12345678901234567890]"#]
    for mutated in Mutation(of: seeds).prefix(2000) {
      let ours = try? read(mutated)
      guard !mutated.isEmpty,
        let theirs = try? JSONSerialization.jsonObject(with: Data(mutated), options: .fragmentsAllowed)
      else { continue }
      // What both take is the same; Foundation takes some more, such as duplicate keys or other encodings.
      if let ours, let count = ours.array?.count { #expect(count == (theirs as? [Any])?.count) }
      if let ours, case .text(let text) = ours { #expect(text == theirs as? String) }
    }
  }
}
