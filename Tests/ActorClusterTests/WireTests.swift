import Mutation
import Testing
import ZeroMQ

@testable import ActorCluster

private struct Inner: Codable, Hashable {
  var flag: Bool
  var small: UInt8
  var optional: String?
  var list: [[Int]]
}

private struct Outer: Codable, Hashable {
  enum Kind: String, Codable { case a, b }
  enum Loaded: Codable, Hashable { case none, some(Int, label: String) }
  var kind: Kind
  var loaded: [Loaded]
  var inner: [String: Inner]
  var byNumber: [Int: [Float]]
  var numbers: [Int32]
  var text: String
  var double: Double
}

struct WireTests {
  private let value = Outer(
    kind: .b, loaded: [.none, .some(-3, label: "ü")],
    inner: ["x": Inner(flag: true, small: 200, optional: nil, list: [[], [1, -2]])], byNumber: [4: [1.5, -0.25]],
    numbers: [.min, 0, .max], text: "f^5(12)", double: -1e300)

  private func bytes(_ value: some Encodable) throws -> [UInt8] {
    var writer = WireWriter()
    try WireEncoder.encode(value, into: &writer, .init())
    return writer.bytes
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    let frame = Frame(bytes)
    var reader = WireReader(frame)
    return try WireDecoder.decode(type, from: &reader, frame, [])
  }

  @Test func valuesComeBackAsTheyWent() throws {
    #expect(try decode(Outer.self, bytes(value)) == value)
    #expect(try decode([Outer].self, bytes([value, value])) == [value, value])
    #expect(try decode(Int?.self, bytes(Int?.none)) == nil)
    #expect(try decode(Int?.self, bytes(Int?.some(7))) == 7)
    #expect(try decode(UInt16.self, bytes(UInt16.max)) == .max)
  }

  @Test func numbersOutOfRangeAreErrors() throws {
    #expect(throws: RemoteCallError.self) { try decode(UInt8.self, bytes(300 as Int16)) }
    #expect(throws: RemoteCallError.self) { try decode(UInt8.self, bytes(-1 as Int16)) }
  }

  @Test func everyShorterMessageIsAnError() throws {
    let whole = try bytes(value)
    for count in 0..<whole.count {
      #expect(throws: (any Error).self) { try decode(Outer.self, Array(whole[..<count])) }
    }
  }

  /// Whatever the bytes, decoding ends, in a value or an error.
  @Test func fuzzedValuesAreDecodedOrRefused() throws {
    let whole = try bytes(value)
    var (tried, decoded) = (0, 0)
    for mutated in Mutation(of: [whole]) {
      tried += 1
      if (try? decode(Outer.self, mutated)) != nil { decoded += 1 }
    }
    #expect(decoded < tried)
  }

  @Test func nestingWithoutEndIsAnError() throws {
    final class Nested: Codable {
      var inner: Nested?
      init(_ inner: Nested?) { self.inner = inner }
    }
    var value = Nested(nil)
    for _ in 0..<100 { value = Nested(value) }
    let encoded = try bytes(value)
    #expect(throws: RemoteCallError.self) { try decode(Nested.self, encoded) }
  }

  @Test func fuzzedEnvelopesAreReadOrRefused() throws {
    let hello = Hello(
      node: NodeID(name: "w"), endpoint: "tcp://127.0.0.1:1", fingerprint: "f", role: "worker", host: "h", processID: 1)
    var invocation = InvocationEncoder()
    try invocation.recordGenericSubstitution(Int.self)
    let whole = [
      Envelope.plain(.hello(hello)), Envelope.plain(.refusal("no")), Envelope.plain(.cancel(call: 3)),
      Envelope.request(Request(call: 1, actor: "a", target: "t"), invocation), try Envelope.value(value, call: 4),
    ]
    let originals = whole.compactMap { $0.first?.withUnsafeBytes(Array.init) }
    for original in originals { #expect(throws: Never.self) { try Envelope([Frame(original)]) } }
    var understood = 0
    for mutated in Mutation(of: originals) {
      if (try? Envelope([Frame(mutated)])) != nil { understood += 1 }
    }
    #expect(understood > 0)
  }
}
