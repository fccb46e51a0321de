import Amplification
import ClusterFile
import Foundation
import Tasks
import WorkUnits

/// How a result that a worker sent is looked at before anything is done with it: whether it can be the result of its unit
/// at all, and whether two are the same.
///
/// Whether it is *right* only a second worker can tell: see ``Dispatch``.
struct Examination<Unit: Sendable, Result: Sendable>: Sendable {
  /// Why it can't be that unit's result; nil: it can.
  let objection: @Sendable (Result, Unit) -> String?
  let isSame: @Sendable (Result, Result) -> Bool
}

/// What results of a run can be like.
struct Examiner: Sendable {
  let task: any TaskDefinition
  let configuration: ClusterFile
  /// What the weights after the present round hash to, if all have agreed on it.
  let weights: String?

  // MARK: Units

  var grown: Examination<TreeShard, GrownShard> {
    .init(objection: { objection(to: $0, of: $1) }, isSame: ==)
  }

  var decomposed: Examination<DecompositionShard, Decompositions> {
    .init(
      objection: { result, shard in
        guard result.trees.count == shard.contexts.count else {
          return "\(result.trees.count) decompositions of \(shard.contexts.count) questions"
        }
        return objection(toLoss: result.loss) ?? first(result.trees) { objection(to: $0, depth: 1) }
      }, isSame: ==)
  }

  var attempted: Examination<DecompositionShard, [Attempt]> {
    .init(
      objection: { result, shard in
        guard result.count == shard.contexts.count else {
          return "\(result.count) attempts at \(shard.contexts.count) questions"
        }
        return first(result) { objection(toLoss: Double($0.uncertainty)) ?? objection(to: $0.transcript) }
      }, isSame: ==)
  }

  var measured: Examination<MeasurementShard, Double> {
    .init(objection: { loss, _ in objection(toLoss: loss) }, isSame: ==)
  }

  var evaluated: Examination<EvaluationShard, Evaluation> {
    .init(
      objection: { objection(to: $0, of: $1) },
      isSame: { $0.byClass == $1.byClass && $0.examples == $1.examples })
  }

  var trained: Examination<TrainingAssignment, TrainingReport> {
    .init(
      objection: { report, assignment in
        guard
          isOf(assignment.distillation.map { Array($0.microbatches.keys) }, report.distillationLosses),
          isOf(assignment.imitation.map { Array($0.microbatches.keys) }, report.imitationLosses)
        else { return "losses of other microbatches than it was given" }
        return report.weightsHash.utf8.count == WeightsHash.length && report.weightsHash.allSatisfy(\.isHexDigit)
          ? nil : "a hash that is none"
      },
      // All replicas are compared by their hashes after each round.
      isSame: { _, _ in true })
  }

  var snapped: Examination<Int, ModelSnapshot> {
    .init(
      objection: { models, round in
        guard models.isWhole(after: round) else { return "models that are not whole" }
        return weights == nil || models.weightsHash == weights ? nil : "other models than all had agreed on"
      },
      // All replicas are compared by their hashes after each round.
      isSame: { _, _ in true })
  }

  // MARK: Their parts

  /// Whether there is a loss for each time that a microbatch is in the steps, and no other.
  private func isOf(_ steps: [[Int]], _ losses: [Int: [Float]]) -> Bool {
    losses.mapValues(\.count) == steps.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private func first<Part>(_ parts: [Part], _ objection: (Part) -> String?) -> String? {
    parts.lazy.compactMap(objection).first
  }

  private func objection(to result: GrownShard, of shard: TreeShard) -> String? {
    let perContext = Int32(configuration.amplification.questions)
    let lessons = result.lessons
    guard lessons.factCounts.count == shard.contexts.count,
      lessons.questionCounts == [Int32](repeating: perContext, count: shard.contexts.count)
    else { return "lessons about other contexts than asked" }
    let questions = shard.contexts.count * Int(perContext)
    guard lessons.factCounts.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }),
      lessons.facts.count == lessons.factCounts.reduce(0, { $0 + Int($1) }) * task.factLength,
      lessons.questions.count == questions * task.questionLength,
      lessons.answers.count == questions * task.answerLength
    else { return "lessons of the wrong length" }
    guard areTokens(lessons.facts), areTokens(lessons.questions), areTokens(lessons.answers) else {
      return "lessons with tokens that the task does not have"
    }
    // Of deep trees as many as anybody could send.
    let most = (0..<configuration.amplification.depth).reduce(0) { most, _ in min(1 << 32, task.mostSteps * (1 + most))
    }
    guard result.questions == questions, (0...questions).contains(result.agreed),
      (0...questions * most).contains(result.subQuestions), (0...result.subQuestions).contains(result.memoHits)
    else { return "counts that do not fit \(questions) questions" }
    guard Set(result.held.map(\.place)).count == result.held.count,
      result.held.allSatisfy({ (0..<questions).contains($0.place) })
    else { return "answers held back that were not asked for" }
    return first(result.held) { held in
      guard held.context.facts.allSatisfy({ $0.count == task.factLength && areTokens($0) }) else {
        return "a context that is none"
      }
      return objection(to: held.tree, depth: configuration.amplification.depth)
    }
  }

  private func objection(to result: Evaluation, of shard: EvaluationShard) -> String? {
    let counts = result.byClass.values
    let questions = shard.contexts.count * configuration.amplification.questions
    guard
      counts.allSatisfy({ counts in
        (0...questions).contains(counts.questions)
          && [counts.student, counts.teacher, counts.amplified].allSatisfy { (0...counts.questions).contains($0) }
      }), counts.reduce(0, { $0 + $1.questions }) == questions
    else { return "counts that do not fit \(questions) questions" }
    guard result.byClass.keys.allSatisfy({ $0.count <= 80 && !$0.contains(where: \.isNewline) }),
      result.examples.count <= shard.trees
    else { return "classes or examples that were not asked for" }
    return first(result.examples) { example in
      guard example.context.facts.allSatisfy({ $0.count == task.factLength && areTokens($0) }) else {
        return "a context that is none"
      }
      return objection(to: example.student) ?? objection(to: example.teacher)
        ?? objection(to: example.tree, depth: configuration.amplification.depth)
    }
  }

  private func objection(to tree: AmplificationTree, depth: Int) -> String? {
    guard tree.children.count <= task.mostSteps, depth > 0 || tree.children.isEmpty else {
      return "a tree with more sub-questions than allowed"
    }
    return objection(to: tree.question) ?? objection(to: tree.answer)
      ?? first(tree.children) { objection(to: $0, depth: depth - 1) }
  }

  private func objection(to transcript: Transcript) -> String? {
    guard transcript.steps.count <= task.mostSteps else { return "a transcript with more steps than allowed" }
    return objection(to: transcript.question) ?? transcript.answer.flatMap { objection(to: $0) }
      ?? first(transcript.steps) { objection(to: $0.question) ?? objection(to: $0.answer) }
  }

  private func objection(to question: Question) -> String? {
    question.tokens.count == task.questionLength && areTokens(question.tokens) ? nil : "a question that is none"
  }

  private func objection(to answer: Answer) -> String? {
    answer.tokens.count == task.answerLength && areTokens(answer.tokens) ? nil : "an answer that is none"
  }

  private func objection(toLoss loss: Double) -> String? {
    loss.isFinite ? nil : "a loss that is no number"
  }

  private func areTokens(_ tokens: [Token]) -> Bool {
    let vocabulary = Token(task.vocabulary)
    return tokens.allSatisfy { $0 >= 0 && $0 < vocabulary }
  }
}

extension ModelSnapshot {
  /// Whether it has both models after a round, each vector with as many numbers as its parameters say.
  func isWhole(after round: Int) -> Bool {
    guard self.round == round, Set(models.map(\.name)).count == 2, models.count == 2 else { return false }
    return models.allSatisfy { model in
      let count = model.parameters.reduce(into: 0) { count, parameter in
        let size = parameter.shape.reduce(1) { $0 >= 0 && $1 >= 0 && $1 < 1 << 31 && $0 < 1 << 31 ? $0 * $1 : -1 }
        count = count < 0 || size < 0 || count > 1 << 40 ? -1 : count + size
      }
      return count >= 0
        && [model.values, model.first, model.second, model.average]
          .allSatisfy { $0.byteCount.isMultiple(of: 4) && $0.byteCount / 4 == count }
    }
  }
}
