import Foundation
import ModelFiles
import Reference
import Testing
import Tokenizers

/// Beside the `tokenizers` and `sentencepiece` packages: thousands of strings, those among them that nobody expects.
struct ReferenceTests {
  private struct Case: Decodable {
    /// Nil: only the way back is tried.
    var text: String?
    var plain: [Int32]?
    var marked: [Int32]
    var decoded: String
  }

  /// Small tokenizers of every kind that models of the known families name, and SmolLM2's own.
  @Test func tokensAreThoseOfTheReference() async throws {
    let folder = try ScratchFolder()
    try await Reference.run("TokenizersTests/tokens.py", [folder.path, Reference.smolLM2])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".cases") }
    #expect(names.count == 13)
    for file in names.sorted() {
      let name = String(file.dropLast(".cases".count))
      let tokenizer = try tokenizer(name, in: folder.path)
      var wrong: [String] = []
      var count = 0
      let lines = try String(contentsOfFile: "\(folder.path)/\(file)", encoding: .utf8).utf8.split(separator: 10)
      for line in lines {
        let example = try JSONDecoder().decode(Case.self, from: Data(line))
        count += 1
        if let text = example.text {
          let (plain, marked) = (tokenizer.encode(text), tokenizer.encode(text, marks: true))
          if plain != example.plain || marked != example.marked {
            wrong.append(
              "\(text.debugDescription.prefix(200)) → \(marked.prefix(40)), not \(example.marked.prefix(40))")
          }
        }
        let decoded = tokenizer.decode(example.marked, marks: true)
        if !decoded.utf8.elementsEqual(example.decoded.utf8) {
          wrong.append(
            "\(example.marked.prefix(40)) → \(decoded.debugDescription), not \(example.decoded.debugDescription)")
        }
      }
      #expect(count > 800 && wrong.isEmpty, "\(name): \(wrong.count) of \(count), such as \(wrong.prefix(3))")
    }
  }

  private func tokenizer(_ name: String, in folder: String) throws -> Tokenizer {
    let path = "\(folder)/\(name).gguf"
    guard FileManager.default.fileExists(atPath: path) else { return try Tokenizer(file: "\(folder)/\(name).json") }
    return try Tokenizer(gguf: GGUF(MappedFile(path)).metadata, file: path)
  }

  /// Vectors that were found by hand.
  @Test func smolLM2Speaks() throws {
    let tokenizer = try Tokenizer(ModelFiles(Reference.smolLM2))
    for (text, tokens) in [
      ("Hello world, 12 apples", [19556, 905, 28, 216, 33, 34, 13855]), (" 42", [216, 36, 34]),
      ("<|im_start|>user\nHi<|im_end|>\n", [1, 4093, 198, 26843, 2, 198]), ("a\tb", [81, 197, 82]),
      ("Größe 東京", [27302, 7466, 34878, 85, 17097, 247, 126, 16736, 122]),
      ("347+289=636\n", [35, 36, 39, 27, 34, 40, 41, 45, 38, 35, 38, 198]),
      (
        "The capital of Italy is Rome and the capital of France is",
        [504, 3575, 282, 7158, 314, 7268, 284, 260, 3575, 282, 4649, 314]
      ),
    ] as [(String, [Int32])] {
      #expect(tokenizer.encode(text, marks: true) == tokens)
      #expect(tokenizer.decode(tokens, marks: true) == text)
    }
    #expect(tokenizer.count == 49152 && tokenizer.mark("<|im_end|>") == 2 && tokenizer.framed([5]) == [5])
  }
}
