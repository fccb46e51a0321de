import Tasks

extension TaskShape {
  public init(_ task: any TokenTask) {
    vocabulary = task.vocabulary
    factLength = task.factLength
    questionLength = task.questionLength
    answerLength = task.answerLength
    mostSteps = task.mostSteps
    numbers = task.numbers
  }
}
