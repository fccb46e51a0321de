import Foundation
import Torch

/// A vector for each token: learned of its own where it is a name, and made from the number where it stands for one.
///
/// Of a number v the network is given v, v² and waves of some periods: a sum is linear in the first, which number is nearest
/// to it is linear in the first two, and last digits follow the waves. So H′ learns to add from hundreds of decompositions;
/// were each number a name of its own, it would have to be shown every pair.
struct TokenVectors: Sendable {
  private static let periods: [Float] = [2, 5, 10]
  /// The largest number in the units that the network sees.
  private static let largest: Float = 4

  private let names: Embedding
  private let numbers: (map: Linear, features: [Float], count: Int)?
  /// Of each token the row in the names with the numbers behind them.
  private let rows: [Int32]

  /// - Parameters:
  ///   - numbers: of every token the number that it stands for, if it does; tokens beyond them are names.
  ///   - deviation: of the names at the start, by which the numbers are scaled too.
  init(
    _ name: String, tokens: Int, numbers: [Int?], width: Int, deviation: Float, in layout: inout ParameterLayout
  ) {
    let values = (0..<tokens).map { $0 < numbers.count ? numbers[$0] : nil }
    let known = values.compactMap(\.self)
    var (nextName, nextNumber) = (Int32(0), Int32(tokens - known.count))
    rows = values.map { value in
      defer { if value == nil { nextName += 1 } else { nextNumber += 1 } }
      return value == nil ? nextName : nextNumber
    }
    names = Embedding(name, tokens: tokens - known.count, width: width, deviation: deviation, in: &layout)
    let features = Self.features(of: known)
    self.numbers =
      known.isEmpty
      ? nil
      : (
        Linear("\(name).numbers", from: features.count / known.count, to: width, scale: deviation, in: &layout),
        features, known.count
      )
  }

  private static func features(of numbers: [Int]) -> [Float] {
    let unit = Float(max(1, numbers.map(abs).max() ?? 1)) / largest
    return numbers.flatMap { number -> [Float] in
      let scaled = Float(number) / unit
      let waves = periods.flatMap { period -> [Float] in
        let angle = 2 * Float.pi * Float(number) / period
        return [sin(angle), cos(angle)]
      }
      return [scaled, scaled * scaled] + waves
    }
  }

  /// All of them, [tokens, width].
  func callAsFunction(_ p: Parameters) throws -> Tensor {
    guard let numbers else { return names.all(p) }
    let features = try p.numbers(numbers.features, shape: [numbers.count, numbers.features.count / numbers.count])
    return try Tensor.concatenated([names.all(p), numbers.map(features, p)], along: 0)
      .embedding(of: p.tokens(rows, shape: [rows.count]))
  }
}

/// How likely each token is to come next, before the softmax: what x has in common with the token's vector.
struct TokenScores: Sendable {
  private let vectors: TokenVectors
  private let bias: Bias

  init(_ name: String, tokens: Int, numbers: [Int?], width: Int, in layout: inout ParameterLayout) {
    vectors = TokenVectors(
      "\(name).weight", tokens: tokens, numbers: numbers, width: width, deviation: 1 / Float(3 * width).squareRoot(),
      in: &layout)
    bias = Bias("\(name).bias", width: tokens, in: &layout)
  }

  /// [..., width] to [..., tokens].
  func callAsFunction(_ x: Tensor, _ p: Parameters) throws -> Tensor {
    try x.affine(vectors(p), bias.all(p), reading: .plain)
  }
}
