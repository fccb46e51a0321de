import ActorCluster
import Amplification
import Models
import Torch
import WorkUnits

extension ModelSnapshot.Model {
  init(_ name: GradientKey.Model, _ state: LearnerState, _ layout: ParameterLayout) {
    self.init(
      name: name, step: state.step,
      parameters: layout.entries.map { ModelSnapshot.Parameter(name: $0.name, shape: $0.shape) },
      values: Bulk(state.values), first: Bulk(state.first), second: Bulk(state.second), average: Bulk(state.average))
  }

  /// - Throws: ``TorchError`` if this is another model's.
  func state(fitting layout: ParameterLayout) throws -> LearnerState {
    guard parameters == layout.entries.map({ ModelSnapshot.Parameter(name: $0.name, shape: $0.shape) }) else {
      throw TorchError(
        operation: "load", reason: "the snapshot's \(name.rawValue) has other parameters than the configuration's")
    }
    func vector(_ bulk: Bulk) throws -> [Float] {
      guard let vector = bulk.elements(Float.self), vector.count == layout.count else {
        throw TorchError(operation: "load", reason: "the snapshot's \(name.rawValue) has missing numbers")
      }
      return vector
    }
    return LearnerState(
      step: step, values: try vector(values), first: try vector(first), second: try vector(second),
      average: try vector(average))
  }
}

extension LessonTable {
  /// The rows as lessons; what does not fit the shape is left out.
  func lessons(_ shape: TaskShape) throws -> [Lesson] {
    let factTotal = factCounts.reduce(0) { $0 + Int($1) }
    let questionTotal = questionCounts.reduce(0) { $0 + Int($1) }
    guard facts.count == factTotal * shape.factLength, questions.count == questionTotal * shape.questionLength,
      answers.count == questionTotal * shape.answerLength, factCounts.count == questionCounts.count,
      (factCounts + questionCounts).allSatisfy({ $0 >= 0 }),
      (facts + questions + answers).allSatisfy({ (0..<Int32(shape.vocabulary)).contains($0) })
    else { throw TorchError(operation: "lessons", reason: "the table of lessons does not fit the task") }
    func rows(_ tokens: [Token], length: Int, _ run: Range<Int>) -> [[Token]] {
      run.map { Array(tokens[$0 * length..<($0 + 1) * length]) }
    }
    var lessons: [Lesson] = []
    var (fact, question) = (0, 0)
    for (factCount, questionCount) in zip(factCounts, questionCounts) {
      let (factRun, questionRun) = (fact..<fact + Int(factCount), question..<question + Int(questionCount))
      lessons.append(
        Lesson(
          context: Context(facts: rows(facts, length: shape.factLength, factRun)),
          questions: rows(questions, length: shape.questionLength, questionRun).map(Question.init),
          answers: rows(answers, length: shape.answerLength, questionRun).map(Answer.init)))
      (fact, question) = (factRun.upperBound, questionRun.upperBound)
    }
    return lessons
  }
}
