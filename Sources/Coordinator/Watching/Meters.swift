import CoreMetrics
import Status

/// What a coordinator counts; ``Telemetry`` says what each is.
struct Meters: Sendable {
  private let rounds = Counter(label: "grove_rounds_total")
  private let round = Meter(label: "grove_run_round")
  private let roundTime = Timer(label: "grove_round_duration_seconds")
  private let steps = Counter(label: "grove_distillation_steps_total")
  private let decompositions = Counter(label: "grove_human_decompositions_total")
  private let amplified = Counter(label: "grove_amplified_questions_total")
  private let subQuestions = Counter(label: "grove_sub_questions_total")
  private let memoHits = Counter(label: "grove_memo_hits_total")
  private let agreement = Meter(label: "grove_agreement_ratio")
  private let loss = Meter(label: "grove_distillation_loss_nats")
  private let overseerLoss = Meter(label: "grove_overseer_loss_nats")
  private let checkpoint = Timer(label: "grove_checkpoint_duration_seconds")
  private let phases = RunStatus.Phase.allCases.map { phase in
    (phase, Meter(label: "grove_run_phase", dimensions: [("phase", phase.rawValue)]))
  }
  private let uptime = Meter(label: "grove_uptime_seconds")
  private let memory = Meter(label: "grove_resident_memory_bytes")
  private let disk = Meter(label: "grove_disk_free_bytes")
  private let queue = Meter(label: "grove_human_queue_questions")

  init(run: RunStatus, version: String) {
    Meter(
      label: "grove_build_info", dimensions: [("version", version), ("run", run.name), ("task", run.task)]
    ).set(1)
    Meter(label: "grove_run_round_limit").set(run.rounds)
  }

  /// A round was done, which led from one state to another.
  func committed(_ state: TrainingState, after before: TrainingState, loss: Double?, took time: Duration) {
    rounds.increment()
    round.set(state.round)
    roundTime.recordNanoseconds(time.nanoseconds)
    steps.increment(by: state.steps - before.steps)
    decompositions.increment(by: state.imitation.given - before.imitation.given)
    amplified.increment(by: state.amplifiedQuestions - before.amplifiedQuestions)
    subQuestions.increment(by: state.subQuestions - before.subQuestions)
    memoHits.increment(by: state.memoHits - before.memoHits)
    agreement.set(state.curriculum.agreement)
    if let loss { self.loss.set(loss) }
    if let loss = state.imitation.heldOutLoss { overseerLoss.set(loss) }
  }

  func restored(round: Int) { self.round.set(round) }

  func evaluated(_ accuracy: Accuracy) {
    for (kind, row) in [("all", accuracy.row)] + accuracy.classes.map({ ($0.name, $0.accuracy) }) {
      for (answerer, value) in [("student", row.student), ("teacher", row.teacher), ("amplified", row.amplified)] {
        Meter(label: "grove_accuracy_ratio", dimensions: [("answerer", answerer), ("class", kind)]).set(value)
      }
    }
  }

  func checkpointed(in time: Duration) { checkpoint.recordNanoseconds(time.nanoseconds) }

  /// The cluster as it is now.
  func saw(_ status: ClusterStatus) {
    for (phase, meter) in phases { meter.set(phase == status.run.phase ? 1 : 0) }
    uptime.set(status.cluster.uptime)
    if let bytes = status.cluster.residentBytes { memory.set(bytes) }
    if let bytes = status.cluster.diskFreeBytes { disk.set(bytes) }
    queue.set(status.run.humanQueue)
  }
}

/// What is known of each worker; of one that is gone, nothing is.
struct WorkerMeters: Sendable {
  private struct One: Sendable {
    let memory, questions, gradients, round: Meter
    let gradientTime: Timer

    init(_ worker: String) {
      let name = [("worker", worker)]
      memory = Meter(label: "grove_worker_resident_memory_bytes", dimensions: name)
      questions = Meter(label: "grove_worker_questions_per_second", dimensions: name)
      gradients = Meter(label: "grove_worker_gradients_per_second", dimensions: name)
      round = Meter(label: "grove_worker_model_round", dimensions: name)
      gradientTime = Timer(label: "grove_gradient_duration_seconds", dimensions: name)
    }

    func destroy() {
      for meter in [memory, questions, gradients, round] { meter.destroy() }
      gradientTime.destroy()
    }
  }

  private static let states = ["joining", "up", "suspect", "draining"]
  private let byState = states.map { ($0, Meter(label: "grove_workers", dimensions: [("state", $0)])) }
  private var workers: [String: One] = [:]

  mutating func saw(_ statuses: [WorkerStatus]) {
    let present = Set(statuses.map(\.id))
    for (name, meters) in workers where !present.contains(name) { meters.destroy() }
    workers = workers.filter { present.contains($0.key) }
    for status in statuses {
      let meters = self[status.id]
      meters.memory.set(status.residentBytes)
      meters.questions.set(status.questionsPerSecond)
      meters.gradients.set(status.gradientsPerSecond)
      meters.round.set(status.modelVersion)
    }
    for (state, meter) in byState { meter.set(statuses.count { $0.state == state }) }
  }

  mutating func computed(_ worker: String, secondsPerMicrobatch seconds: Double) {
    self[worker].gradientTime.recordNanoseconds(Int64(Int(nearest: seconds * 1e9)))
  }

  private subscript(_ worker: String) -> One {
    mutating get {
      if let known = workers[worker] { return known }
      let new = One(worker)
      workers[worker] = new
      return new
    }
  }
}

/// What is known of units of work, over all queues.
struct UnitMeters: Sendable {
  private let open = Meter(label: "grove_units", dimensions: [("state", "open")])
  private let held = Meter(label: "grove_units", dimensions: [("state", "held")])
  private let done = Counter(label: "grove_units_done_total")
  private let returned = Counter(label: "grove_units_returned_total")
  private var seen = (open: 0, held: 0, done: 0)

  /// - Parameter counts: of one queue, now.
  mutating func saw(_ counts: (open: Int, held: Int, done: Int)) {
    open.increment(by: Double(counts.open - seen.open))
    held.increment(by: Double(counts.held - seen.held))
    done.increment(by: counts.done - seen.done)
    seen = counts
  }

  func gaveBack() { returned.increment() }

  /// The queue is no more.
  func forget() {
    open.decrement(by: Double(seen.open))
    held.decrement(by: Double(seen.held))
  }
}

extension Duration {
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
