import Distillation
import Torch

extension Examples {
  /// The rows, if they are of a task of this shape.
  ///
  /// - Throws: ``TorchError`` if they are not.
  func rows(fitting shape: TaskShape) throws -> [Row] {
    let columns = [(facts, shape.factLength), (questions, shape.questionLength), (answers, shape.answerLength)]
    let vocabulary = Int32(shape.vocabulary)
    guard isWhole,
      columns.allSatisfy({ contents, length in
        contents.lengths.isEmpty && !contents.areTexts && contents.numbers.count == contents.count * length
          && contents.numbers.allSatisfy { (0..<vocabulary).contains($0) }
      })
    else { throw TorchError(operation: "examples", reason: "the examples do not fit the task") }
    return rows
  }
}
