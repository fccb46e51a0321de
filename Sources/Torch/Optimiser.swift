/// Muon for the matrices of hidden layers, Adam for all else, with clipping by the global norm, and the Polyak average of
/// the parameters on their way.
///
/// - Adam: Kingma & Ba 2015, with bias correction.
/// - Muon: Jordan et al. 2024: a step is the momentum's nearest matrix with orthogonal rows, or columns, so that what
///   few examples need moves as fast as what all do. Its size is Adam's, as Liu et al. 2025 scale it.
public struct Optimiser {
  public static let beta1: Float = 0.9
  public static let beta2: Float = 0.98
  public static let epsilon: Float = 1e-8
  /// Of Muon's gradients.
  public static let momentum: Float = 0.95
  /// The root mean square of the numbers of Muon's steps, in learning rates. Liu et al. have 0.2; of 0.2 to 0.6, more than
  /// 0.2 learned faster here.
  public static let size: Float = 0.4

  /// How the matrices of hidden layers are moved.
  public enum Method: Hashable, Sendable { case muon, adam }

  /// What it keeps beside the parameters: flat vectors as long as theirs.
  public struct Averages: Hashable, Sendable {
    /// Moving averages of the gradient and of its square; of what Muon steps along there is no second.
    public var first, second: [Float]
    /// Of the parameters.
    public var polyak: [Float]

    public init(first: [Float], second: [Float], polyak: [Float]) {
      self.first = first
      self.second = second
      self.polyak = polyak
    }

    /// Those that training begins with.
    public init(of parameters: [Float]) {
      let zeros = [Float](repeating: 0, count: parameters.count)
      self.init(first: zeros, second: zeros, polyak: parameters)
    }
  }

  /// Steps taken.
  public private(set) var step: Int
  private let method: Method
  private let memory: any OptimiserMemory

  /// Goes on from a saved state.
  ///
  /// - Parameter method: by which the matrices of hidden layers are moved, of a layout that has some.
  public init(step: Int = 0, _ averages: Averages, by method: Method = .muon, device: Device) throws {
    self.method = method
    self.step = step
    memory = device == .cpu ? HostMemory(averages) : try DeviceMemory(averages, device)
  }

  /// A copy of what it keeps.
  public func averages() throws -> Averages { try memory.averages() }

  /// One step on `parameters` along a gradient of the same length.
  ///
  /// - Parameters:
  ///   - clip: the gradient is scaled down to this Euclidean norm if it is longer.
  ///   - weight: of the new parameters in their Polyak average.
  public mutating func apply(
    _ gradient: [Float], to parameters: Parameters, rate: Float, clip: Float, averaging weight: Float
  ) throws {
    guard gradient.count == parameters.count, memory.count == parameters.count else {
      throw TorchError(
        operation: "step", reason: "a gradient of \(gradient.count) numbers for \(parameters.count) parameters")
    }
    step += 1
    let parts =
      switch method {
      case .muon: parameters.layout.parts
      case .adam: [ParameterLayout.Part(range: 0..<parameters.count, matrix: nil)]
      }
    let step = OptimiserStep(number: step, rate: rate, clip: clip, weight: weight)
    try memory.move(parts, of: parameters, along: gradient, step)
  }
}

/// The numbers of one step.
struct OptimiserStep {
  /// From 1.
  let number: Int
  let rate, clip, weight: Float

  /// What Muon multiplies an orthogonal matrix with, whose numbers have the root mean square 1/√(its longer side).
  func size(_ matrix: ParameterLayout.Matrix) -> Float {
    rate * Optimiser.size * Float(max(matrix.rows, matrix.columns)).squareRoot()
  }
}

/// Where an optimiser's averages are, and so what computes with them.
protocol OptimiserMemory {
  var count: Int { get }
  func averages() throws -> Optimiser.Averages
  /// Clips the gradient, changes the parameters, then averages them.
  func move(
    _ parts: [ParameterLayout.Part], of parameters: Parameters, along gradient: [Float], _ step: OptimiserStep) throws
}
