extension Sequence<String> {
  /// With each negative number in one word with the option before it, which it can only be the value of.
  package var withNegativeNumbers: [String] {
    reduce(into: []) { words, word in
      if let last = words.last, last.hasPrefix("--"), last != "--", !last.contains("="),
        word.wholeMatch(of: /-[0-9.]+/) != nil
      {
        words[words.count - 1] = "\(last)=\(word)"
      } else {
        words.append(word)
      }
    }
  }
}
