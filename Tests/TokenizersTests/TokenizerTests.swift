import Foundation
import ModelFiles
import Mutation
import Reference
import Testing
import Tokenizers

/// Tokenizers out of small files of their own.
struct TokenizerTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// Bytes, three merges, two marks and an added piece.
  private static var byteLevel: [String: Any] {
    let letters = (0x21...0x7E).map { String(UnicodeScalar($0)!) } + (0x100...0x143).map { String(UnicodeScalar($0)!) }
    let all = letters + (0xA1...0xFF).filter { $0 != 0xAD }.map { String(UnicodeScalar($0)!) }
    var vocabulary = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    for token in ["ab", "abc", "Ġab"] { vocabulary[token] = vocabulary.count }
    return [
      "version": "1.0", "truncation": NSNull(), "normalizer": ["type": "NFC"],
      "added_tokens": [
        ["id": 259, "content": "<|end|>", "special": true, "normalized": false],
        ["id": 260, "content": "<tool>", "special": false, "normalized": false],
      ],
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      "decoder": ["type": "ByteLevel"],
      "model": ["type": "BPE", "vocab": vocabulary, "merges": ["a b", "ab c", "Ġ ab"]],
    ]
  }

  private static var pieces: [String: Any] {
    var vocabulary: [[Any]] = [
      ["<unk>", 0.0], ["▁", -2.0], ["▁ab", -3.0], ["a", -4.0], ["b", -4.0], ["ab", -4.5],
    ]
    for byte in 0..<256 { vocabulary.append([String(format: "<0x%02X>", byte), -9.0]) }
    return [
      "normalizer": ["type": "Replace", "pattern": ["String": " "], "content": "▁"],
      "decoder": [
        "type": "Sequence",
        "decoders": [
          ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"], ["type": "Fuse"],
        ],
      ], "model": ["type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": vocabulary],
    ]
  }

  private func tokenizer(_ file: [String: Any]) throws -> Tokenizer {
    try Tokenizer(file: folder.write(try JSONSerialization.data(withJSONObject: file), to: "tokenizer.json"))
  }

  private func complaint(_ file: [String: Any]) throws -> String {
    #expect(throws: ModelFileError.self) { try tokenizer(file) }?.description ?? ""
  }

  @Test func whatPeopleWroteDoesNotEndTheirTurn() throws {
    let tokenizer = try tokenizer(Self.byteLevel)
    #expect(tokenizer.encode("abc<|end|> ab", marks: true) == [257, 259, 258])
    let plain = tokenizer.encode("abc<|end|> ab")
    #expect(!plain.contains(259) && tokenizer.decode(plain) == "abc<|end|> ab")
    #expect(tokenizer.decode([257, 259]) == "abc" && tokenizer.decode([257, 259], marks: true) == "abc<|end|>")
    #expect(tokenizer.encode("<tool>") == [260])
  }

  @Test func pieceByPieceIsAsAtOnce() throws {
    for file in [Self.byteLevel, Self.pieces] {
      let tokenizer = try tokenizer(file)
      var random = SystemRandomNumberGenerator()
      for text in ["Größe 東京 🙂!", "\u{301}é", String(repeating: "🙂", count: 40)] {
        var stream = tokenizer.stream()
        var parts = tokenizer.encode(text).map { stream.append($0) }
        parts.append(stream.finish())
        #expect(parts.joined().utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8))
      }
      for _ in 0..<2000 {
        let tokens = (0..<8).map { _ in Int32.random(in: -2...Int32(tokenizer.count + 2), using: &random) }
        var stream = tokenizer.stream(marks: true)
        let parts = tokens.map { stream.append($0) } + [stream.finish()]
        #expect(parts.joined().utf8.elementsEqual(tokenizer.decode(tokens, marks: true).utf8), "\(tokens)")
      }
    }
  }

  @Test func invalidBytesAreReplaced() throws {
    let tokenizer = try tokenizer(Self.pieces)
    let bytes = { (values: [UInt8]) in values.map { Int32($0) + 6 } }
    #expect(tokenizer.decode(bytes([0xE6, 0x9D, 0xB1])) == "東")
    #expect(tokenizer.decode(bytes([0xE6, 0x9D])) == "\u{FFFD}\u{FFFD}")
    #expect(tokenizer.decode(bytes([0xFF]) + [3] + bytes([0x41])) == "\u{FFFD}aA")
  }

  /// No text takes so long that a test could not wait for it.
  @Test func longTextsAreRead() throws {
    for file in [Self.byteLevel, Self.pieces] {
      let tokenizer = try tokenizer(file)
      for piece in ["a", "ab", " ", "\n", "'", "\u{301}", "9", "🙂", "<", "<|end|", "a\u{301}", "\u{1100}"] {
        let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
        let tokens = tokenizer.encode(text, marks: true)
        #expect(tokenizer.decode(tokens).utf8.count >= text.utf8.count / 2, "\(piece.debugDescription)")
      }
    }
  }

  @Test func whatIsNotDoneIsASentence() throws {
    func complaint(_ key: String, _ value: Any) throws -> String {
      var file = Self.byteLevel
      file[key] = value
      return try self.complaint(file)
    }
    #expect(try complaint("decoder", NSNull()).contains("has no decoder"))
    #expect(try complaint("normalizer", ["type": "Lowercase"]).contains("is a “Lowercase”; known are NFC"))
    #expect(
      try complaint("pre_tokenizer", ["type": "Whitespace"]).contains("known are ByteLevel, Digits, Metaspace, Split"))
    let expression = ["type": "Split", "pattern": ["Regex": "(a+)+$"], "behavior": "Isolated"] as [String: Any]
    #expect(try complaint("pre_tokenizer", expression).contains("a regular expression that is not known here: (a+)+$"))
    #expect(try complaint("model", ["type": "WordPiece"]).contains("known are BPE and Unigram"))
    let model = ["type": "BPE", "vocab": ["a": 0, "b": 1], "merges": ["a b"]] as [String: Any]
    #expect(try complaint("model", model).contains("the merge 1, of “a” and “b”, is not of tokens into a token"))
    #expect(try complaint("model", ["type": "BPE", "vocab": ["a": 1 << 40], "merges": []]).contains("has the number"))
    #expect(
      try complaint("model", ["type": "BPE", "vocab": ["a": 0, "b": 0], "merges": []]).contains("have one number, 0"))
    #expect(try complaint("model", ["type": "BPE", "vocab": [:], "merges": [], "dropout": 0.1]).contains("“dropout”"))
    #expect(try complaint("added_tokens", [["id": 3, "content": "x"]]).contains("has the number 3, which is that of"))
    #expect(try complaint("extra", ["a": 1]).contains("has the key “extra”, which is not known here"))
  }

  @Test func aTokenizerOfAnotherModelIsNoticed() throws {
    var keys: [String: Metadata] = [:]
    keys["tokenizer.ggml.model"] = .text("gpt2")
    #expect(throws: ModelFileError.self) { try Tokenizer(gguf: keys, file: "it") }
    keys["tokenizer.ggml.tokens"] = .texts(["a", "b"])
    keys["tokenizer.ggml.merges"] = .texts([])
    keys["tokenizer.ggml.pre"] = .text("poro")
    let error = #expect(throws: ModelFileError.self) { try Tokenizer(gguf: keys, file: "it") }
    #expect(
      error?.description == "it: the key “tokenizer.ggml.pre” is “poro”; known are gpt-2, llama-bpe, qwen2, smollm")
    keys["tokenizer.ggml.pre"] = .text("gpt-2")
    #expect(try Tokenizer(gguf: keys, file: "it").encode("abx") == [0, 1])
    keys["tokenizer.ggml.token_type"] = .integers([1])
    #expect(throws: ModelFileError.self) { try Tokenizer(gguf: keys, file: "it") }
  }

  @Test func fuzzedFilesAreReadOrRefused() throws {
    var understood = 0
    for file in [Self.byteLevel, Self.pieces] {
      let right = [UInt8](try JSONSerialization.data(withJSONObject: file))
      for mutated in Mutation(of: [right]).prefix(1000) {
        guard let tokenizer = try? Tokenizer(json: MappedFile(of: mutated, as: "fuzzed.json")) else { continue }
        understood += 1
        let tokens = tokenizer.encode("a  b abc 🙂 12<|end|>", marks: true)
        _ = tokenizer.decode(tokenizer.framed(tokens), marks: true)
      }
    }
    #expect(understood > 0)
  }
}
