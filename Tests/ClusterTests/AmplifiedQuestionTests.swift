import Amplification
import Coordinator
import Status
import Tasks
import Testing

/// What people are told of answers.
struct AmplifiedQuestionTests {
  @Test(arguments: TaskCatalog.grove.names) func whatIsNoAnswerIsNeverShownAsRight(_ name: String) throws {
    let task = try TaskCatalog.grove.task(name, size: 5)
    let sample = task.sample(.decompositions, seed: 1, round: 0, [0], elements: 5, questions: 1)
    let tree = AmplificationTree(Question([]), answer: task.unknown, by: .malformed)
    let node = AmplifiedQuestion.Node(tree, about: try #require(sample.contexts.first), task)
    #expect(node.answer == "?" && node.truth == "?" && !node.isRight)
  }
}
