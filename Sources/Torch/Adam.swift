/// Adam (Kingma & Ba 2015) with bias correction and clipping by the global norm, and the Polyak average of the parameters
/// on their way.
public struct Adam {
  public static let beta1: Float = 0.9
  public static let beta2: Float = 0.98
  public static let epsilon: Float = 1e-8

  /// What it keeps beside the parameters: flat vectors as long as theirs.
  public struct Averages: Hashable, Sendable {
    /// Moving averages of the gradient and of its square.
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
  private let memory: any AdamMemory

  /// Goes on from a saved state.
  public init(step: Int = 0, _ averages: Averages, device: Device) throws {
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
        operation: "adam", reason: "a gradient of \(gradient.count) numbers for \(parameters.count) parameters")
    }
    step += 1
    try memory.move(parameters, along: gradient, AdamStep(number: step, rate: rate, clip: clip, weight: weight))
  }
}

/// The numbers of one step.
struct AdamStep {
  /// From 1.
  let number: Int
  let rate, clip, weight: Float
}

/// Where an optimiser's averages are, and so what computes with them.
protocol AdamMemory {
  var count: Int { get }
  func averages() throws -> Adam.Averages
  /// Clips the gradient, changes the parameters, then averages them.
  func move(_ parameters: Parameters, along gradient: [Float], _ step: AdamStep) throws
}
