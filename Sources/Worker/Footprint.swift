import Amplification
import ClusterFile
import Models
import Randomness
import Tasks

/// What the models of a configuration take of a machine's memory, near enough to see what can't work.
public struct Footprint: Sendable {
  /// Numbers in X and H′ together.
  public let parameters: Int
  /// Of a worker while it trains, and of the coordinator while it writes a checkpoint.
  public let workerBytes, coordinatorBytes: Int

  /// What a process takes without any models to speak of.
  private static let process = 300 << 20
  /// Copies of each parameter in a worker: of itself, Adam's two averages, and its own average, after this round and after
  /// the one before; of what is frozen to answer; the gradient, its sum, and what is under way to and from others.
  private static let copies = 16
  /// In the coordinator: the four of a state, as they came from a worker and as they go to the disk.
  private static let coordinatorCopies = 12
  /// Numbers that a layer keeps for each position until gradients come back, in widths.
  private static let kept = 18

  /// - Throws: if there is no such task.
  public init(_ file: ClusterFile) throws {
    let task = try file.makeTask()
    let (shape, sizes) = (TaskShape(try task.inTokens()), ModelConfiguration(file))
    parameters = AnswererNetwork(shape, sizes).layout.count + OverseerNetwork(shape, sizes).layout.count

    let leaves = file.distillation.microbatches
    var random = CounterGenerator(seed: 0, purpose: .contexts)
    let facts = task.sampleContext(elements: task.size, using: &random).facts.count
    let contexts = Self.share(of: file.amplification.contexts, leaves)
    let questions = file.amplification.questions
    let answerer =
      contexts
      * (file.model.factLayers * Self.numbers(facts, over: facts, width: file.model.width, heads: file.model.heads)
        + file.model.questionLayers
        * Self.numbers(questions, over: facts, width: file.model.width, heads: file.model.heads))
    let length = shape.longestTranscript
    let overseer =
      Self.share(of: file.overseer.batch, leaves) * file.overseer.layers
      * Self.numbers(length, over: length, width: file.overseer.width, heads: file.model.heads)

    // One worker's own microbatches, each with a gradient until they are summed.
    let gradients = Self.share(of: leaves, max(1, file.cluster.workers))
    workerBytes = Self.process + 4 * (parameters * (Self.copies + gradients) + max(answerer, overseer))
    coordinatorBytes = Self.process + 4 * parameters * Self.coordinatorCopies
  }

  /// What a layer keeps of so many positions that attend to so many others.
  private static func numbers(_ positions: Int, over others: Int, width: Int, heads: Int) -> Int {
    width * (kept * positions + 2 * others) + 2 * heads * positions * others
  }

  private static func share(of total: Int, _ parts: Int) -> Int { (total + parts - 1) / parts }
}
