/// Why a file of a language model can't be used: a sentence that names the file and what in it is wrong.
public struct ModelFileError: Error, Equatable, CustomStringConvertible {
  public let description: String

  /// - Parameters:
  ///   - file: its path.
  ///   - fault: the rest of the sentence.
  public init(_ file: String, _ fault: String) { description = "\(file): \(fault)" }
}

extension String {
  /// Of what a file says, so much as a sentence bears, on one line.
  var quoted: String {
    let shown = prefix(80).map { $0.isNewline || $0.asciiValue.map { $0 < 32 } ?? false ? " " : String($0) }
    return "“\(shown.joined())\(count > 80 ? "…" : "")”"
  }
}
