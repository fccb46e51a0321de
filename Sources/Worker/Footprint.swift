import Amplification
import ClusterFile
import Models
import Randomness
import Tasks

/// What the models of a configuration take of a machine's memory, near enough to see what can't work.
public struct Footprint: Sendable {
  /// Numbers in all models together.
  public let parameters: Int
  /// Of a worker while it trains, and of the coordinator while it writes a checkpoint.
  public let workerBytes, coordinatorBytes: Int
  /// What people are told of the models; nil: there is nothing to tell.
  public let remark: String?

  /// What a process takes without any models to speak of.
  private static let process = 300 << 20
  /// Copies of each parameter in a worker: of itself, the optimiser's two averages, and its own average, after this round and after
  /// the one before; of what is frozen to answer; the gradient, its sum, and what is under way to and from others.
  private static let copies = 16
  /// In the coordinator: the four of a state, as they came from a worker and as they go to the disk.
  private static let coordinatorCopies = 12

  /// - Throws: if there is no such task.
  public init(_ file: ClusterFile) throws {
    let task = try file.makeTask()
    let blueprint = try Blueprint(file, task)
    let networks = blueprint.networks.values.map(\.network)
    remark = blueprint.remark
    parameters = networks.reduce(0) { $0 + $1.layout.count }

    let leaves = file.distillation.microbatches
    var random = CounterGenerator(seed: 0, purpose: .contexts)
    let drawn = file.distillation.batch
    let microbatch = MicrobatchSize(
      contexts: Self.share(of: drawn > 0 ? drawn : file.amplification.contexts, leaves),
      facts: task.sampleContext(elements: task.size, using: &random).contents.count,
      questions: drawn > 0 ? 1 : file.amplification.questions, transcripts: Self.share(of: file.overseer.batch, leaves))
    let activations = networks.map { $0.activations(of: microbatch) }.max() ?? 0

    // One worker's own microbatches, each with a gradient until they are summed.
    let gradients = Self.share(of: leaves, max(1, file.cluster.workers))
    workerBytes = Self.process + blueprint.frozenBytes + 4 * (parameters * (Self.copies + gradients) + activations)
    coordinatorBytes = Self.process + 4 * parameters * Self.coordinatorCopies
  }

  private static func share(of total: Int, _ parts: Int) -> Int { (total + parts - 1) / parts }
}
