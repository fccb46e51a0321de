import Amplification
import ClusterFile
import Crypto
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
  private var teacherAnswerer: ModelAnswerer
  private var frozenRound = 0
  private var frozenSteps = (answerer: 0, overseer: 0)
  /// The states after `round` and, once a round was trained, after the one before.
  private(set) var round = 0
  private var before: (answerer: LearnerState, overseer: LearnerState)?
  private var attempt = 0
  /// Steps that the weights of H′ are averaged over for its decisions: single steps leave it unsure of rare ones.
  private static let imitatorHorizon: Float = 100

  init(_ configuration: ClusterFile) throws {
    self.configuration = configuration
    task = try TaskCatalog.task(configuration.task.name, size: configuration.task.size, bits: configuration.task.bits)
    let shape = TaskShape(task)
    let sizes = ModelConfiguration(configuration)
    let device = Device(name: configuration.model.device)
    answererNetwork = AnswererNetwork(shape, sizes)
    overseerNetwork = OverseerNetwork(shape, sizes)
    answerer = try Learner(
      answererNetwork.layout, seed: configuration.run.seed, purpose: .initialAnswerer,
      rate: Float(configuration.distillation.learningRate), horizon: Float(configuration.distillation.polyakHorizon),
      device: device)
    overseer = try Learner(
      overseerNetwork.layout, seed: configuration.run.seed, purpose: .initialOverseer,
      rate: Float(configuration.overseer.learningRate), horizon: Self.imitatorHorizon,
      device: device)
    let (x, h) = (try answerer.state(), try overseer.state())
    student = try Parameters(answererNetwork.layout, start: x.values, device: device)
    teacher = try Parameters(answererNetwork.layout, start: x.average, device: device)
    imitator = try Parameters(overseerNetwork.layout, start: h.average, device: device)
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
    frozenRound = -1
  }

  func weightsHash(after round: Int) throws -> String {
    let (x, h) = try state(after: round)
    var hash = SHA256()
    for vector in [x.values, x.average, h.values, h.average] {
      vector.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    return hash.finalize().map { String(format: "%02x", $0) }.joined()
  }

  // MARK: Questions

  /// H as far as it is a script.
  private var scripted: ScriptedOverseer { task.scriptedOverseer(errorRate: configuration.overseer.errorRate) }

  private var amplifier: Amplifier {
    let overseer: any Overseer =
      switch configuration.overseer.kind {
      case .scripted: scripted
      case .learned: LearnedOverseer(overseerNetwork, imitator, step: frozenSteps.overseer)
      }
    return Amplifier(overseer: overseer, answerer: teacherAnswerer, facts: task, mostSteps: task.mostSteps)
  }

  /// Contexts and their questions, a pure function of seed, purpose, round and index.
  private func sample(
    _ purpose: Purpose, round: Int, _ run: Range<Int>, elements: Int, questions: Int, seed: UInt64? = nil
  ) -> (contexts: [Context], asked: [Asked]) {
    var contexts: [Context] = []
    var asked: [Asked] = []
    for (row, index) in run.enumerated() {
      var random = CounterGenerator(
        seed: seed ?? configuration.run.seed, purpose: purpose, round: round, index: index)
      let context = task.sampleContext(elements: elements, using: &random)
      contexts.append(context)
      let key = RandomKey(seed: seed ?? configuration.run.seed, purpose: purpose, round: round, index: index)
      for place in 0..<questions {
        asked.append(Asked(task.sampleQuestion(about: context, using: &random), about: row, key: key.child(place)))
      }
    }
    return (contexts, asked)
  }

  func decompose(_ shard: DecompositionShard) throws -> Decompositions {
    try freeze(after: shard.round - 1)
    let (contexts, asked) = sample(
      .decompositions, round: shard.round, shard.contexts, elements: shard.elements, questions: 1)
    func share(_ asked: Asked) -> Double {
      // What an X says that has learned nothing is not even of the kind that was asked for: H′ learns nothing from it.
      if frozenSteps.answerer == 0 { return 1 }
      var random = asked.key.generator(.doubts)
      return Double.random(in: 0..<1, using: &random) < configuration.overseer.doubt ? 0.5 : 0
    }
    let transcripts = try Dictionary(grouping: asked, by: share).sorted { $0.key < $1.key }.flatMap { share, asked in
      try Amplifier(
        overseer: scripted, answerer: DoubtedAnswerer(answerer: teacherAnswerer, task: task, share: share), facts: task,
        mostSteps: task.mostSteps
      )
      .amplify(asked, in: contexts).map(\.transcript)
    }
    return Decompositions(
      transcripts: transcripts, loss: Double(try overseerNetwork.loss(of: transcripts, imitator)))
  }

  func grow(_ shard: TreeShard) throws -> GrownShard {
    try freeze(after: shard.round - 1)
    let perContext = configuration.amplification.questions
    let (contexts, asked) = sample(
      .contexts, round: shard.round, shard.contexts, elements: shard.elements, questions: perContext)
    let answers: [Answer]
    var subQuestions = 0
    var memoHits = 0
    switch configuration.distillation.target {
    case .amplified:
      let trees = try amplifier.amplify(asked, in: contexts, depth: configuration.amplification.depth)
      answers = trees.map(\.answer)
      subQuestions = trees.reduce(0) { $0 + $1.subQuestions }
      memoHits = trees.reduce(0) { $0 + $1.memoHits }
    case .truth:
      answers = asked.map { task.truth(of: $0.question, in: contexts[$0.context]) }
    }
    let direct = try teacherAnswerer.answer(asked, in: contexts)
    return GrownShard(
      lessons: LessonTable(
        factCounts: contexts.map { Int32($0.facts.count) },
        questionCounts: [Int32](repeating: Int32(perContext), count: contexts.count),
        facts: contexts.flatMap { $0.facts.flatMap(\.self) }, questions: asked.flatMap(\.question.tokens),
        answers: answers.flatMap(\.tokens)),
      agreed: zip(answers, direct).count { $0 == $1 && !$0.isUnknown }, questions: asked.count,
      subQuestions: subQuestions, memoHits: memoHits)
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
    let (contexts, asked) = sample(
      .heldOut, round: 0, run, elements: elements, questions: configuration.amplification.questions, seed: seed)
    let byStudent = try ModelAnswerer(answererNetwork, student, role: "student", step: frozenSteps.answerer)
      .answer(asked, in: contexts)
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
  func ask(_ question: Question, about context: Context, depth: Int) throws -> (
    student: Answer, tree: AmplificationTree
  ) {
    let asked = [Asked(question, about: 0)]
    let student = ModelAnswerer(answererNetwork, student, role: "student", step: frozenSteps.answerer)
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
