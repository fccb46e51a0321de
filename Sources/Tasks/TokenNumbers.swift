extension TaskDefinition {
  /// Of every token the number that it stands for, if it does.
  public var numbers: [Int?] {
    var numbers = [Int?](repeating: nil, count: vocabulary)
    for alphabet in alphabets {
      guard let first = alphabet.firstNumber else { continue }
      for (offset, token) in alphabet.tokens.enumerated() { numbers[Int(token)] = first + offset }
    }
    return numbers
  }
}
