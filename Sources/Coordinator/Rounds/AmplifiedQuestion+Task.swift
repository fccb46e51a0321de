import Amplification
import Status
import Tasks

extension AmplifiedQuestion {
  /// In the task's notation, with the truth of every node.
  public init(
    _ tree: AmplificationTree, about context: Context, student: Answer, teacher: Answer, _ task: any TaskDefinition
  ) {
    func direct(_ answer: Answer) -> Direct {
      Direct(answer: task.write(answer), isRight: task.isShownRight(answer, to: tree.question, in: context))
    }
    self.init(
      task: task.kind.name, kind: task.questionClass(of: tree.question, in: context),
      facts: task.write(context), student: direct(student), teacher: direct(teacher),
      tree: Node(tree, about: context, task))
  }
}

extension AmplifiedQuestion.Node {
  public init(_ tree: AmplificationTree, about context: Context, _ task: any TaskDefinition) {
    self.init(
      question: task.write(tree.question), answer: task.write(tree.answer), by: tree.author.description,
      truth: task.write(task.truth(of: tree.question, in: context)),
      isRight: task.isShownRight(tree.answer, to: tree.question, in: context),
      doubt: tree.jointDoubt > .none ? tree.jointDoubt.nats : nil,
      children: tree.children.map { Self($0, about: context, task) })
  }
}

extension TaskDefinition {
  /// Whether people are told that an answer is right: `?`, which is none, never is, also where there is no other.
  public func isShownRight(_ answer: Answer, to question: Question, in context: Context) -> Bool {
    !answer.isUnknown && isRight(answer, to: question, in: context)
  }
}
