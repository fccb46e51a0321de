import Tasks

extension TaskShape {
  public init(_ task: any TaskDefinition) {
    vocabulary = task.vocabulary
    factLength = task.factLength
    questionLength = task.questionLength
    answerLength = task.answerLength
    mostSteps = task.mostSteps
    numbers = [Int?](repeating: nil, count: vocabulary)
    for alphabet in task.alphabets {
      guard let first = alphabet.firstNumber else { continue }
      for (offset, token) in alphabet.tokens.enumerated() { numbers[Int(token)] = first + offset }
    }
  }
}
