extension String {
  /// A command's help, or what is wrong with how it was called, whose line about its usage fits the terminal, too.
  package func wrappingUsage(to columns: Int) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.count > columns, line.lowercased().hasPrefix("usage: ") else { return String(line) }
      // An option stays with its value.
      let words = line.matches(of: /\[[^\]]*\](?: \.\.\.)?|\S+/).map(\.0)
      return words.dropFirst().reduce(into: [String(words[0])]) { lines, word in
        if let last = lines.last, last.count + 1 + word.count <= columns {
          lines[lines.count - 1] = "\(last) \(word)"
        } else {
          lines.append("       \(word)")
        }
      }.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
