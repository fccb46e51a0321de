import Amplification
import ClusterFile
import Distillation
import Foundation
import Models
import Randomness
import Tasks
import Torch
import WorkUnits

/// X and H′ in this process: in training, as they were before the present round, and frozen for answering.
///
/// Not `Sendable`: it lives in ``Compute`` on one thread. A round's work is answered by the models after the round before
/// it, while training already changes them; so the newest state and the one before it are both kept.
final class Replica {
  let configuration: ClusterFile
  let task: any TaskDefinition
  private let answererNetwork: AnswererNetwork
  private let overseerNetwork: OverseerNetwork
  private let answerer: Learner
  private let overseer: Learner
  /// For answering: student, teacher and H′ after `frozenRound`.
  private let student, teacher, imitator: Parameters
  private(set) var teacherAnswerer: ModelAnswerer
  private var frozenRound: Int?
  private var frozenSteps = (answerer: 0, overseer: 0)
  /// The states after `round` and, once a round was trained, after the one before; −1: there is none yet.
  private(set) var round: Int
  private var before: (answerer: LearnerState, overseer: LearnerState)?
  private var attempt = 0
  /// Steps that the weights of H′ are averaged over for its decisions: single steps leave it unsure of rare ones.
  private static let imitatorHorizon: Float = 100

  /// - Parameter begins: whether the models are those that training begins with; else they are to be loaded.
  init(_ configuration: ClusterFile, begins: Bool = true) throws {
    self.configuration = configuration
    task = try TaskCatalog.task(configuration.task.name, size: configuration.task.size, bits: configuration.task.bits)
    let shape = TaskShape(task)
    let sizes = ModelConfiguration(configuration)
    let device = Device(name: configuration.model.device)
    answererNetwork = AnswererNetwork(shape, sizes)
    overseerNetwork = OverseerNetwork(shape, sizes)
    let seed = begins ? configuration.run.seed : nil
    round = begins ? 0 : -1
    answerer = try Learner(
      answererNetwork.layout, seed: seed, purpose: .initialAnswerer,
      rate: Float(configuration.distillation.learningRate), horizon: Float(configuration.distillation.polyakHorizon),
      device: device)
    overseer = try Learner(
      overseerNetwork.layout, seed: seed, purpose: .initialOverseer,
      rate: Float(configuration.overseer.learningRate), horizon: Self.imitatorHorizon,
      device: device)
    student = try Parameters(answererNetwork.layout, areTrained: false, device: device)
    teacher = try Parameters(answererNetwork.layout, areTrained: false, device: device)
    imitator = try Parameters(overseerNetwork.layout, areTrained: false, device: device)
    teacherAnswerer = ModelAnswerer(answererNetwork, teacher, role: "teacher", step: 0)
  }

  // MARK: Versions

  /// The state after a round, if it is one of the two that are kept.
  private func state(after round: Int) throws -> (answerer: LearnerState, overseer: LearnerState) {
    if round == self.round { return (try answerer.state(), try overseer.state()) }
    if round == self.round - 1, let before { return before }
    throw ModelVersionError(wanted: round, have: self.round)
  }

  /// Makes the models that answer those after a round.
  private func freeze(after round: Int) throws {
    guard round != frozenRound else { return }
    let (x, h) = try state(after: round)
    try student.withValues { _ = $0.update(fromContentsOf: x.values) }
    try teacher.withValues { _ = $0.update(fromContentsOf: x.average) }
    try imitator.withValues { _ = $0.update(fromContentsOf: h.average) }
    frozenSteps = (x.step, h.step)
    teacherAnswerer = ModelAnswerer(answererNetwork, teacher, role: "teacher", step: x.step)
    frozenRound = round
  }

  func snapshot(after round: Int) throws -> ModelSnapshot {
    let (x, h) = try state(after: round)
    return ModelSnapshot(
      round: round,
      models: [
        ModelSnapshot.Model(.answerer, x, answererNetwork.layout),
        ModelSnapshot.Model(.overseer, h, overseerNetwork.layout),
      ])
  }

  func load(_ snapshot: ModelSnapshot) throws {
    for (name, learner) in [(GradientKey.Model.answerer, answerer), (.overseer, overseer)] {
      guard let model = snapshot.models.first(where: { $0.name == name }) else {
        throw TorchError(operation: "load", reason: "the snapshot has no \(name.rawValue)")
      }
      try learner.restore(model.state(fitting: learner.layout))
    }
    round = snapshot.round
    before = nil
    frozenRound = nil
  }

  func weightsHash(after round: Int) throws -> String {
    let (x, h) = try state(after: round)
    var hash = WeightsHash()
    for vector in [x.values, x.average, h.values, h.average] { vector.withUnsafeBytes { hash.add($0) } }
    return hash.hexadecimal
  }

  // MARK: Questions

  /// H as far as it is a script.
  private var scripted: ScriptedOverseer { task.scriptedOverseer(errorRate: configuration.overseer.errorRate) }

  private var imitating: LearnedOverseer {
    LearnedOverseer(overseerNetwork, imitator, step: frozenSteps.overseer)
  }

  private var studentAnswerer: ModelAnswerer {
    ModelAnswerer(answererNetwork, student, role: "student", step: frozenSteps.answerer)
  }

  private var amplifier: Amplifier {
    let overseer: any Overseer =
      switch configuration.overseer.kind {
      case .scripted: scripted
      case .learned, .human: imitating
      }
    return Amplifier(overseer: overseer, answerer: teacherAnswerer, facts: task, mostSteps: task.mostSteps)
  }

  private func batch(_ shard: DecompositionShard) -> QuestionBatch {
    task.sample(
      .decompositions, seed: configuration.run.seed, round: shard.round, shard.contexts, elements: shard.elements,
      questions: 1)
  }

  /// Has an overseer decompose questions while it hears X as H does from whom H′ is to learn.
  private func decompose(_ batch: QuestionBatch, by overseer: any Overseer) throws -> [AmplificationTree] {
    let doubt = Doubt(share: configuration.overseer.doubt, hasLearned: frozenSteps.answerer > 0)
    var trees: [Int: AmplificationTree] = [:]
    for (share, rows) in Dictionary(grouping: batch.asked.indices, by: { doubt.made(up: batch.asked[$0]) })
      .sorted(by: { $0.key < $1.key })
    {
      let amplifier = Amplifier(
        overseer: overseer, answerer: DoubtedAnswerer(teacherAnswerer, task, share: share), facts: task,
        mostSteps: task.mostSteps)
      for (row, tree) in zip(rows, try amplifier.amplify(rows.map { batch.asked[$0] }, in: batch.contexts)) {
        trees[row] = tree
      }
    }
    return batch.asked.indices.compactMap { trees[$0] }
  }

  func decompose(_ shard: DecompositionShard) throws -> Decompositions {
    try freeze(after: shard.round - 1)
    let trees = try decompose(batch(shard), by: scripted)
    return Decompositions(trees: trees, loss: Double(try overseerNetwork.loss(of: trees.map(\.transcript), imitator)))
  }

  func attempt(_ shard: DecompositionShard) throws -> [Attempt] {
    try freeze(after: shard.round - 1)
    let transcripts = try decompose(batch(shard), by: imitating).map(\.transcript)
    return zip(transcripts, try overseerNetwork.surprise(at: transcripts, imitator)).map(Attempt.init)
  }

  /// Share of held-out questions that H′ takes apart as H does, when both hear the same answers.
  func imitation(of count: Int) throws -> Double {
    try freeze(after: round)
    let batch = task.sample(
      .heldOut, seed: configuration.run.seed, round: 0, 0..<count, elements: task.size, questions: 1)
    let (ours, theirs) = (try decompose(batch, by: imitating), try decompose(batch, by: task.scriptedOverseer()))
    return Double(zip(ours, theirs).count { $0.transcript == $1.transcript }) / Double(max(1, count))
  }

  func measure(_ shard: MeasurementShard) throws -> Double {
    try freeze(after: shard.round - 1)
    return Double(try overseerNetwork.loss(of: shard.transcripts, imitator))
  }

  func answer(_ question: DirectQuestion) throws -> DirectAnswer {
    try freeze(after: question.round)
    let key = RandomKey(seed: configuration.run.seed, purpose: .questions, round: question.round)
    let asked = Asked(question.question, about: 0, key: key)
    let answer = try teacherAnswerer.answer([asked], in: [question.context]).first
    return DirectAnswer(answer: answer ?? .unknown(length: task.answerLength), author: teacherAnswerer.author)
  }

  func grow(_ shard: TreeShard) throws -> GrownShard {
    try freeze(after: shard.round - 1)
    let perContext = configuration.amplification.questions
    let batch = task.sample(
      .contexts, seed: configuration.run.seed, round: shard.round, shard.contexts, elements: shard.elements,
      questions: perContext)
    let (contexts, asked) = (batch.contexts, batch.asked)
    var trees: [AmplificationTree] = []
    let answers: [Answer]
    switch configuration.distillation.target {
    case .amplified:
      trees = try amplifier.amplify(asked, in: contexts, depth: configuration.amplification.depth)
      answers = trees.map(\.answer)
    case .truth:
      answers = asked.map { task.truth(of: $0.question, in: contexts[$0.context]) }
    }
    let direct = try teacherAnswerer.answer(asked, in: contexts)
    let lessons = table(asked, answers, in: contexts)
    var grown = GrownShard(
      lessons: lessons, agreed: zip(answers, direct).count { $0 == $1 && !$0.isUnknown }, questions: asked.count,
      subQuestions: trees.reduce(0) { $0 + $1.subQuestions }, memoHits: trees.reduce(0) { $0 + $1.memoHits })
    grown.held = try heldBack(
      trees, asked, in: contexts, lessons, share: configuration.oversight.review, by: configuration.oversight.choice
    ).map { place in
      HeldAnswer(place: place, context: contexts[asked[place].context], tree: trees[place])
    }
    return grown
  }

  /// Questions about contexts, as many about each, with their answers.
  func table(_ asked: [Asked], _ answers: [Answer], in contexts: [Context]) -> LessonTable {
    LessonTable(
      factCounts: contexts.map { Int32($0.facts.count) },
      questionCounts: [Int32](repeating: Int32(asked.count / max(1, contexts.count)), count: contexts.count),
      facts: contexts.flatMap { $0.facts.flatMap(\.self) }, questions: asked.flatMap(\.question.tokens),
      answers: answers.flatMap(\.tokens))
  }

  /// The places of the answers that people are to check before X learns from them, in order.
  func heldBack(
    _ trees: [AmplificationTree], _ asked: [Asked], in contexts: [Context], _ lessons: LessonTable, share: Double,
    by choice: ClusterFile.Oversight.Choice
  ) throws -> [Int] {
    guard share > 0, !trees.isEmpty else { return [] }
    // Nothing is learned from `?` anyway.
    let known = trees.indices.filter { !trees[$0].answer.isUnknown }
    func draw(_ key: RandomKey) -> Double {
      var random = key.generator(.review)
      return Double.random(in: 0..<1, using: &random)
    }
    let draws = asked.map { draw($0.key) }
    // The share in the mean, also where it comes to less than one of a shard.
    let wanted = share * Double(trees.count) + draw(asked[0].key.child(0))
    let count = min(known.count, Int(wanted))
    guard count > 0 else { return [] }
    let weights: [Double] =
      switch choice {
      case .random: draws
      case .depth: zip(trees, draws).map { Double($0.subQuestions) + $1 }
      case .disagreement:
        zip(zip(trees, try studentAnswerer.answer(asked, in: contexts)), draws)
          .map { pair, draw in (pair.0.answer == pair.1 ? 0 : 1) + draw }
      case .uncertainty: try uncertainty(of: trees, lessons)
      }
    return known.sorted { (weights[$0], $1) > (weights[$1], $0) }.prefix(count).sorted()
  }

  /// −log p of each tree: of what its overseers decided by H′, if there is one, and of its answer by the teacher.
  private func uncertainty(of trees: [AmplificationTree], _ lessons: LessonTable) throws -> [Double] {
    var total = try answererNetwork.surprise(at: lessons.lessons(answererNetwork.shape), teacher).map(Double.init)
    guard configuration.overseer.kind != .scripted else { return total }
    let decided = trees.enumerated().flatMap { row, tree in tree.transcripts.map { (row, $0) } }
    for ((row, _), surprise) in zip(decided, try overseerNetwork.surprise(at: decided.map(\.1), imitator)) {
      total[row] += Double(surprise)
    }
    return total
  }

  func evaluate(_ shard: EvaluationShard) throws -> Evaluation {
    try freeze(after: shard.round)
    return try evaluate(
      shard.contexts, elements: task.size, seed: configuration.run.seed, examples: shard.trees)
  }

  /// Right answers to held-out questions by the frozen models.
  ///
  /// - Parameter examples: how many questions to return with their trees; each is about another context, and at another
  ///   place among its questions.
  func evaluate(_ run: Range<Int>, elements: Int, seed: UInt64, examples: Int = 0) throws -> Evaluation {
    let batch = task.sample(
      .heldOut, seed: seed, round: 0, run, elements: elements, questions: configuration.amplification.questions)
    let (contexts, asked) = (batch.contexts, batch.asked)
    let byStudent = try studentAnswerer.answer(asked, in: contexts)
    let byTeacher = try teacherAnswerer.answer(asked, in: contexts)
    let trees = try amplifier.amplify(asked, in: contexts, depth: configuration.amplification.depth)
    var evaluation = Evaluation()
    for (row, asked) in asked.enumerated() {
      func isRight(_ answer: Answer) -> Int {
        task.isRight(answer, to: asked.question, in: contexts[asked.context]) ? 1 : 0
      }
      var counts = Evaluation.Counts()
      counts.questions = 1
      counts.student = isRight(byStudent[row])
      counts.teacher = isRight(byTeacher[row])
      counts.amplified = isRight(trees[row].answer)
      evaluation.byClass[task.difficulty(of: asked.question, in: contexts[asked.context]), default: .init()] += counts
    }
    let perContext = configuration.amplification.questions
    evaluation.examples = (0..<min(examples, contexts.count)).map { context in
      let row = context * perContext + context % perContext
      return AnsweredQuestion(
        context: contexts[context], tree: trees[row], student: byStudent[row], teacher: byTeacher[row])
    }
    return evaluation
  }

  /// The student's own answer, and the tree of the teacher amplified to a depth; the tree of depth 0 is a leaf.
  ///
  /// - Parameter seed: of what is drawn where several answers are right.
  func ask(_ question: Question, about context: Context, depth: Int, seed: UInt64) throws -> (
    student: Answer, tree: AmplificationTree
  ) {
    let asked = [Asked(question, about: 0, key: RandomKey(seed: seed, purpose: .questions))]
    let student = studentAnswerer
    let unknown = Answer.unknown(length: task.answerLength)
    let direct: Answer
    switch task.lookUp(question, in: context, using: asked[0].key) {
    case .primitive(let answer): return (answer, AmplificationTree(question, answer: answer, by: .lookUp))
    case .malformed: return (unknown, AmplificationTree(question, answer: unknown, by: .malformed))
    case .open: direct = try student.answer(asked, in: [context]).first ?? unknown
    }
    guard depth > 0, let tree = try amplifier.amplify(asked, in: [context], depth: depth).first else {
      return (direct, AmplificationTree(question, answer: direct, by: student.author))
    }
    return (direct, tree)
  }

  /// log p of each token of an answer, by the student's network.
  func logProbabilities(of answer: Answer, to question: Question, about context: Context) throws -> [Float] {
    try studentAnswerer.logProbabilities(of: answer, to: question, in: context)
  }

  /// Makes the newest models the ones that answer.
  func freeze() throws { try freeze(after: round) }

  // MARK: Training

  /// Goes to the state before a round, in which training it begins. From then on an older attempt is refused.
  func begin(_ round: Int, attempt: Int) throws {
    guard attempt > self.attempt else { throw SupersededError() }
    let start = try state(after: round - 1)
    if self.round != round - 1 {
      try answerer.restore(start.answerer)
      try overseer.restore(start.overseer)
    }
    before = start
    // Until the round is finished, the learners are between two rounds.
    self.round = round
    self.attempt = attempt
  }

  /// The sums of this member's microbatches over the largest runs that the canonical order sums first.
  func gradient(_ step: DistillationStep) throws -> (losses: [Int: Float], sums: [ReductionTree.Node: [Float]]) {
    try gradient(step.microbatches, of: configuration.distillation.microbatches) { table in
      try answererNetwork.gradient(
        of: table.lessons(answererNetwork.shape), total: step.questions, answerer.parameters)
    }
  }

  func gradient(_ step: ImitationStep) throws -> (losses: [Int: Float], sums: [ReductionTree.Node: [Float]]) {
    try gradient(step.microbatches, of: configuration.distillation.microbatches) { transcripts in
      try overseerNetwork.gradient(of: transcripts, total: step.transcripts, overseer.parameters)
    }
  }

  private func gradient<Microbatch>(
    _ microbatches: [Int: Microbatch], of leaves: Int,
    _ compute: (Microbatch) throws -> (loss: Float, gradient: [Float])
  ) throws -> (losses: [Int: Float], sums: [ReductionTree.Node: [Float]]) {
    var losses: [Int: Float] = [:]
    var parts: [ReductionTree.Node: [Float]] = [:]
    for (index, microbatch) in microbatches {
      let (loss, gradient) = try compute(microbatch)
      losses[index] = loss
      parts[index..<index + 1] = gradient
    }
    guard let first = microbatches.keys.min(), let last = microbatches.keys.max() else { return (losses, [:]) }
    let tree = ReductionTree(leaves: leaves)
    var sums: [ReductionTree.Node: [Float]] = [:]
    for node in tree.nodes(covering: first..<last + 1) { sums[node] = tree.sum(of: node, from: &parts, adding: add) }
    return (losses, sums)
  }

  /// One step along the gradient of the whole batch.
  func apply(_ gradient: [Float], for key: GradientKey) throws {
    guard (key.round, key.attempt) == (round, attempt) else { throw SupersededError() }
    switch key.model {
    case .answerer: try answerer.apply(gradient)
    case .overseer: try overseer.apply(gradient)
    }
  }

  func parameters(of model: GradientKey.Model) -> Int {
    model == .answerer ? answererNetwork.layout.count : overseerNetwork.layout.count
  }
}

extension ModelConfiguration {
  init(_ file: ClusterFile) {
    self.init()
    width = file.model.width
    heads = file.model.heads
    factLayers = file.model.factLayers
    questionLayers = file.model.questionLayers
    shareLayers = file.model.shareLayers
    matchTokens = file.model.matchTokens
    overseerWidth = file.overseer.width
    overseerLayers = file.overseer.layers
    device = file.model.device
  }
}
