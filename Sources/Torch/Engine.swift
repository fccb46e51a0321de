import CTorch

/// The numerical library that this process computes with.
public struct Engine: Sendable, CustomStringConvertible {
  /// What the BLAS calls itself; empty for the reference BLAS.
  public let blas: String
  /// How the BLAS runs in parallel.
  public let kind: Kind

  public enum Kind: Int32, Sendable {
    case reference = 0
    case openBLASSequential, openBLASPthread, openBLASOpenMP, mkl
  }

  /// Looks up what is loaded, and has the calling thread compute alone: a worker is a process, and more workers are more
  /// processes. OpenMP keeps the number of helpers for each thread, so every thread that computes has to call this.
  ///
  /// - Throws: ``TorchError`` if libtorch can't be loaded.
  @discardableResult
  public static func start() throws -> Engine {
    let torch = try Library.functions.get()
    torch.start(1)
    var kind: Int32 = 0
    let name = (torch.blas(&kind).map { String(cString: $0) } ?? "").split(separator: " ").prefix(2).joined(
      separator: " ")
    return Engine(blas: name, kind: Kind(rawValue: kind) ?? .reference)
  }

  public var description: String {
    switch kind {
    case .reference: "reference BLAS"
    case .openBLASSequential: "\(blas) (sequential)"
    case .openBLASPthread: "\(blas) (pthread)"
    case .openBLASOpenMP: "\(blas) (OpenMP)"
    case .mkl: "MKL"
    }
  }

  /// What is wrong with it and how to mend it, in one sentence; nil if it is as fast as it should be.
  public var warning: String? {
    switch kind {
    case .reference:
      "Training will be about 20 times slower than it could be, because libtorch found the reference BLAS: "
        + "run scripts/setup, or apt-get install libopenblas-openmp-dev."
    case .openBLASPthread:
      "OpenBLAS is the pthread variant, which takes more processor time than the OpenMP one: "
        + "apt-get install libopenblas-openmp-dev and select it with update-alternatives."
    case .openBLASSequential, .openBLASOpenMP, .mkl: nil
    }
  }
}
