import ActorCluster
import Amplification
import ArgumentParser
import ClusterFile
import Commands
import Distillation
import Foundation
import Processes
import Randomness
import Status
import Tasks
import WorkUnits

/// `grove bench distil`
struct BenchDistil: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distil",
    abstract: "Training steps of real worker processes: one beside PyTorch, and two beside one.",
    discussion: """
      The peer is the same model in PyTorch on one thread, pytorch_peer.py, or the class Answerer of another \
      file. Needs a Python with PyTorch, such as Debian's python3-torch.

      Example: grove bench distil
               grove bench distil --model reference/ida_reference.py \\
                 --python /usr/bin/python3
      """)

  @Option(help: "How often each is measured, 1 to 100.") var repeats = 5
  @Option(help: "Training steps in a measurement, 1 to 1000.") var steps = 50
  @Option(help: "A Python that has PyTorch.") var python: String?
  @Option(help: "The script that runs the peer.") var peer = "Sources/Benchmarks/Peers/pytorch_peer.py"
  @Option(help: "A language model's: a GGUF file, or a folder of Hugging Face's.") var weights: String?
  @Option(help: "A Python file with the class Answerer to measure instead of the peer's own.") var model: String?

  /// Sizes of the comparison: the layers of the sketch, unshared.
  private static let factLayers = 2
  private static let questionLayers = 3

  func validate() throws {
    guard (1...100).contains(repeats) else { throw ValidationError("--repeats is \(repeats); allowed is 1 to 100") }
    guard (1...1000).contains(steps) else { throw ValidationError("--steps is \(steps); allowed is 1 to 1000") }
    guard weights == nil || python == nil && model == nil else {
      throw ValidationError("--weights is measured without a peer: leave out --python and --model")
    }
  }

  func run() async throws {
    var table = Table(
      ["medians of \(repeats)", "PyTorch", "one worker", "two workers"], rightAligned: [1, 2, 3])
    var promises: [Promise] = []
    if let weights {
      let times = try await times(Self.language(weights), peer: nil)
      table.add(["a language model, 32 lessons", "", step(times.one), step(times.two)])
      promises.append(Promise(name: "two workers, times one", value: ratio(times.one, times.two), least: 1.7))
    } else {
      for width in [64, 128] {
        let peer = try await PyTorchPeer(
          python: python, script: self.peer, model: model,
          [
            "--width", "\(width)", "--fact-layers", "\(Self.factLayers)", "--question-layers", "\(Self.questionLayers)",
          ],
          steps: steps)
        let times = try await times(Self.network(width: width), peer: peer)
        try await peer.stop()
        table.add(["width \(width), \(peer.version)", step(times.peer), step(times.one), step(times.two)])
        promises.append(
          width == 64
            ? Promise(name: "one worker, times PyTorch (width 64)", value: ratio(times.peer, times.one), least: 1.3)
            : Promise(name: "two workers, times one (width 128)", value: ratio(times.one, times.two), least: 1.6))
      }
    }
    print(table.lines(colours: Terminal.colours).joined(separator: "\n"), "", separator: "\n")
    for promise in promises { print(promise.line(colours: Terminal.colours)) }
  }

  private static func network(width: Int) -> ClusterFile {
    var file = ClusterFile()
    file.model.width = width
    file.model.factLayers = factLayers
    file.model.questionLayers = questionLayers
    file.model.shareLayers = false
    // As the peer.
    file.model.optimizer = .adam
    file.model.matchTokens = false
    return file
  }

  private static func language(_ weights: String) throws -> ClusterFile {
    try ClusterFile().setting([
      "model.kind=language", "model.weights=\(weights)", "task.name=addition", "task.size=3", "task.start=3",
      "overseer.kind=scripted", "amplification.contexts=32", "amplification.questions=1",
    ]).settled()
  }

  /// Milliseconds a step, of each measurement.
  private func times(
    _ file: ClusterFile, peer: PyTorchPeer?
  ) async throws -> (peer: [Double], one: [Double], two: [Double]) {
    let workers = try await WorkerPair(file)
    var times: (peer: [Double], one: [Double], two: [Double]) = ([], [], [])
    _ = try await workers.train(members: 2, steps: 2)
    for _ in 0..<repeats {
      if let peer { times.peer.append(try await peer.milliseconds()) }
      times.one.append(try await workers.train(members: 1, steps: steps))
      times.two.append(try await workers.train(members: 2, steps: steps))
    }
    try await workers.stop()
    return times
  }

  private func step(_ values: [Double]) -> String { String(format: "%.2f ms a step", values.median) }
  private func ratio(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { $0 / $1 }.median }
}

/// Two worker processes that this process trains as a coordinator would.
private final class WorkerPair {
  private let system: ClusterSystem
  private var children: [Child] = []
  private var workers: [(member: Member, reference: WorkerReference)] = []
  private let configuration: ClusterFile
  private let batch: Examples
  private var rounds = 0
  private var attempts = 0

  init(_ file: ClusterFile) async throws {
    configuration = file
    batch = try Self.batch(file)
    system = try ClusterSystem(
      .init(file, name: "bench", role: ActorNames.coordinator, bind: "tcp://127.0.0.1:*", Build.fingerprint),
      log: Logs.quiet)
    for number in 1...2 {
      let command = [
        Executable.path, "worker", "--coordinator", system.endpoint, "--name", "worker-\(number)", "--attached",
      ]
      children.append(try await Child("worker-\(number)", command, input: Pipe(), output: .inherited))
    }
    for await event in system.events() {
      guard case .up(let member) = event, member.role == ActorNames.worker else { continue }
      let reference = try WorkerReference.resolve(id: .init(node: member.node, name: ActorNames.worker), using: system)
      workers.append((member, reference))
      if workers.count == 2 { break }
    }
  }

  /// A batch of true answers, as large as a run's.
  private static func batch(_ file: ClusterFile) throws -> Examples {
    let task = try file.makeTask()
    var examples = Examples()
    for index in 0..<file.amplification.contexts {
      var random = CounterGenerator(seed: 0, purpose: .contexts, index: index)
      let context = task.sampleContext(elements: file.task.size, using: &random)
      let questions = (0..<file.amplification.questions).map { _ in task.sampleQuestion(about: context, using: &random)
      }
      let key = RandomKey(seed: 0, purpose: .contexts, index: index)
      examples.append(
        Examples(
          questions.map { Asked($0, about: 0, key: key) }, questions.map { task.truth(of: $0, in: context) },
          in: [context]))
    }
    return examples
  }

  /// Milliseconds a step, with the first `members` of the workers.
  func train(members: Int, steps: Int) async throws -> Double {
    // Each measurement begins with new models, so that replicas that sat one out are equal again.
    for worker in workers {
      try await worker.reference.prepare(RunPlan(configuration: configuration.yaml))
    }
    rounds = 1
    attempts += 1
    let team = workers.prefix(members)
    let leaves = configuration.distillation.microbatches
    let data = TrainingData.examples(batch)
    let step = TrainingStep(.answerer, microbatches: data.microbatches(leaves), total: data.count)
    let runs = shares(of: leaves, among: members)
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (rank, worker) in team.enumerated() {
        let assignment = TrainingAssignment(
          round: rounds, attempt: attempts,
          team: TeamList(team.map { TeamMember(node: $0.member.node, endpoint: $0.member.endpoint) }), rank: rank,
          steps: [TrainingStep](repeating: step.only(runs[rank]), count: steps))
        let reference = worker.reference
        group.addTask { _ = try await reference.train(assignment) }
      }
      try await group.waitForAll()
    }
    return start.duration(to: .now) / .milliseconds(1) / Double(steps)
  }

  func stop() async throws {
    for child in children { child.signal(SIGTERM) }
    for child in children { _ = try await child.end() }
    await system.shutdown()
  }
}
