import Distributed
import ZeroMQ

/// Encodes a call's arguments.
public struct InvocationEncoder: DistributedTargetInvocationEncoder {
  public typealias SerializationRequirement = any Codable

  var substitutions: [String] = []
  var arguments = WireWriter()
  let attachments = WireEncoder.Attachments()

  public mutating func recordGenericSubstitution<T>(_ type: T.Type) throws { substitutions.append(TypeName.of(type)) }

  public mutating func recordArgument<Value: Codable>(_ argument: RemoteCallArgument<Value>) throws {
    try WireEncoder.encode(argument.value, into: &arguments, attachments)
  }

  public mutating func recordErrorType<E: Error>(_ type: E.Type) throws {}
  public mutating func recordReturnType<R: Codable>(_ type: R.Type) throws {}
  public mutating func doneRecording() throws {}
}

/// Decodes a call's arguments, one after the other.
public struct InvocationDecoder: DistributedTargetInvocationDecoder {
  public typealias SerializationRequirement = any Codable

  private let substitutions: [Any.Type]
  private var reader: WireReader?
  private let frames: [Frame]

  init(_ request: Request, types: TypeTable) throws(RemoteCallError) {
    var substitutions: [Any.Type] = []
    for name in request.substitutions { substitutions.append(try types.type(named: name)) }
    self.substitutions = substitutions
    reader = request.arguments
    frames = request.frames
  }

  public mutating func decodeGenericSubstitutions() -> [any Any.Type] { substitutions }

  public mutating func decodeNextArgument<Argument: Codable>() throws -> Argument {
    guard var reader, let first = frames.first else { throw RemoteCallError(.malformed, "an argument is missing") }
    defer { self.reader = reader }
    return try WireDecoder.decode(Argument.self, from: &reader, first, frames.dropFirst())
  }

  public mutating func decodeErrorType() -> (any Any.Type)? { nil }
  public mutating func decodeReturnType() -> (any Any.Type)? { nil }
}

/// Turns a call's end into the reply's frames.
public struct ReplyHandler: DistributedTargetInvocationResultHandler, Sendable {
  public typealias SerializationRequirement = any Codable

  let call: UInt64
  let send: @Sendable ([Frame]) -> Void

  public func onReturn<Success: Codable>(value: Success) async throws { send(try Envelope.value(value, call: call)) }
  public func onReturnVoid() async throws { send(Envelope.nothing(call: call)) }
  public func onThrow<Err: Error>(error: Err) async throws { fail(error) }

  func fail(_ error: any Error) { send(Envelope.failure(error, call: call)) }
}
