import ActorCluster

/// Work that gives the same result whoever does it, for models after a round.
///
/// A new kind of work is a type like those beside this file, one line in ``WorkKinds``, and how a worker does it.
public protocol WorkUnit: Codable, Sendable {
  associatedtype Result: Codable & Sendable

  /// What it is called on the wire and in metrics.
  static var name: String { get }

  /// Why that can't be its result, whether or not it is right; nil: it can.
  func objection(to result: Result, by rules: ResultRules) -> String?

  /// Whether two workers' results say the same; by default, whether they are equal.
  func isSame(_ one: Result, _ other: Result) -> Bool
}

extension WorkUnit where Result: Equatable {
  public func isSame(_ one: Result, _ other: Result) -> Bool { one == other }
}

/// The kinds of work that there are.
public enum WorkKinds {
  public static let all: [any WorkUnit.Type] = [
    Grow.self, Decompose.self, Attempt.self, Measure.self, Evaluate.self, Respond.self, Recite.self,
    TakeSnapshot.self,
  ]

  fileprivate static func kind(named name: String) throws -> any WorkUnit.Type {
    guard let kind = all.first(where: { $0.name == name }) else {
      throw RemoteCallError(.refused, "“\(name.prefix(80))” is no kind of work that this process knows")
    }
    return kind
  }
}

/// A unit of work on its way to a worker: its kind, and it. (A distributed method can't be generic over such a protocol.)
public struct Work: Codable, Sendable {
  public let unit: any WorkUnit

  public init(_ unit: any WorkUnit) { self.unit = unit }

  fileprivate enum CodingKeys: CodingKey { case kind, content }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try WorkKinds.kind(named: container.decode(String.self, forKey: .kind))
    unit = try kind.init(from: container.superDecoder(forKey: .content))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: unit).name, forKey: .kind)
    try unit.encode(to: container.superEncoder(forKey: .content))
  }
}

/// A unit's result on its way back.
public struct Finding: Codable, Sendable {
  private let kind: String
  private let result: any Codable & Sendable

  public init<Unit: WorkUnit>(_ result: Unit.Result, of unit: Unit.Type) {
    kind = unit.name
    self.result = result
  }

  /// - Throws: ``RemoteCallError`` if it is another kind's.
  public func result<Unit: WorkUnit>(of unit: Unit.Type) throws -> Unit.Result {
    guard let result = result as? Unit.Result, kind == unit.name else {
      throw RemoteCallError(.malformed, "what came back is the result of other work (\(kind)) than was asked for")
    }
    return result
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Work.CodingKeys.self)
    kind = try container.decode(String.self, forKey: .kind)
    result = try WorkKinds.kind(named: kind).result(from: container.superDecoder(forKey: .content))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Work.CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try result.encode(to: container.superEncoder(forKey: .content))
  }
}

extension WorkUnit {
  fileprivate static func result(from decoder: any Decoder) throws -> any Codable & Sendable {
    try Result(from: decoder)
  }
}
