/// x Wᵀ + b, with the starting values that PyTorch gives (uniform in ±1/√in) unless they are to be scaled.
public struct Linear: Sendable {
  private let weight: Int
  private let bias: Int

  /// - Parameter hidden: how many matrices of hidden layers its weight is, as ``ParameterLayout/add(_:_:_:hidden:)`` takes it.
  public init(
    _ name: String, from inputs: Int, to outputs: Int, scale: Float = 1, hidden: Int = 0,
    in layout: inout ParameterLayout
  ) {
    let start = ParameterLayout.Start.uniform(bound: scale / Float(inputs).squareRoot())
    weight = layout.add("\(name).weight", [outputs, inputs], start, hidden: hidden)
    bias = layout.add("\(name).bias", [outputs], start)
  }

  /// - Parameters:
  ///   - norm: normalises x first.
  ///   - rectified: negative numbers of x count as 0.
  ///   - around: is added to the result.
  public func callAsFunction(
    _ x: Tensor, normalisedBy norm: LayerNorm? = nil, rectified: Bool = false, around: Tensor? = nil,
    _ parameters: Parameters
  ) throws -> Tensor {
    let reading = norm?.reading(parameters) ?? (rectified ? .rectified : .plain)
    return try x.affine(parameters[weight], parameters[bias], reading: reading, around: around)
  }
}

/// Normalises the last dimension, then scales and shifts it.
public struct LayerNorm: Sendable {
  private let scale: Int
  private let shift: Int

  public init(_ name: String, width: Int, in layout: inout ParameterLayout) {
    scale = layout.add("\(name).scale", [width], .constant(1))
    shift = layout.add("\(name).shift", [width], .constant(0))
  }

  public func callAsFunction(_ x: Tensor, _ parameters: Parameters) throws -> Tensor {
    try x.layerNorm(parameters[scale], parameters[shift])
  }

  func reading(_ parameters: Parameters) -> Tensor.Reading {
    .normalised(scale: parameters[scale], shift: parameters[shift])
  }
}

/// A number for each place of a vector, 0 at the start.
public struct Bias: Sendable {
  private let vector: Int

  public init(_ name: String, width: Int, in layout: inout ParameterLayout) {
    vector = layout.add(name, [width], .constant(0))
  }

  /// [width]
  public func all(_ parameters: Parameters) -> Tensor { parameters[vector] }
}

/// A vector for each token, normal at the start.
public struct Embedding: Sendable {
  private let table: Int

  public init(_ name: String, tokens: Int, width: Int, deviation: Float = 1, in layout: inout ParameterLayout) {
    table = layout.add(name, [tokens, width], .normal(deviation: deviation))
  }

  public func callAsFunction(_ tokens: Tensor, _ parameters: Parameters) throws -> Tensor {
    try parameters[table].embedding(of: tokens)
  }

  /// The vectors of all tokens, [tokens, width].
  public func all(_ parameters: Parameters) -> Tensor { parameters[table] }
}

/// What tokens that are the same add to the scores of attention: a weight for each head and each pair of places.
public struct MatchScores: Sendable {
  private let weights: Int

  /// - Parameter bits: pairs of places.
  public init(_ name: String, bits: Int, heads: Int, in layout: inout ParameterLayout) {
    weights = layout.add(name, [heads, bits], .normal(deviation: 1))
  }

  /// From ``Tensor/matches(_:)`` [B, n, m] to [B, heads, n, m].
  public func callAsFunction(_ matches: Tensor, _ parameters: Parameters) throws -> Tensor {
    try matches.matchScores(parameters[weights])
  }
}
