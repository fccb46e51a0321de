import func Foundation.exp

/// −log of how likely something is to be right, as far as the models know: 0 is certain.
///
/// Of several things that all have to be right it is the sum, as if they erred independently.
public struct Doubt: Hashable, Sendable, Comparable {
  /// Nats, 0…``most``.
  public let nats: Double

  /// As much as is told apart: beyond it lies what can't be.
  public static let most = 100.0
  /// Nobody has any.
  public static let none = Doubt(0)

  /// - Parameter nats: what is no number counts as the most, what is below 0 by rounding as 0.
  public init(_ nats: Double) { self.nats = nats.isNaN ? Self.most : min(max(0, nats), Self.most) }

  /// How likely it is to be right, 0…1.
  public var confidence: Double { exp(-nats) }

  public static func + (one: Doubt, other: Doubt) -> Doubt { Doubt(one.nats + other.nats) }
  public static func += (sum: inout Doubt, other: Doubt) { sum = sum + other }
  public static func < (one: Doubt, other: Doubt) -> Bool { one.nats < other.nats }
}

extension Doubt: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Double.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nats)
  }
}
