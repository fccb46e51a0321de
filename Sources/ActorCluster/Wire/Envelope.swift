import ZeroMQ

/// A message between nodes: what its first frame says, and the frames of bulk data after it.
///
/// The first frame begins with the protocol version, so that a node of another version can be told so.
enum Envelope {
  /// Raised whenever the bytes of any message change.
  static let version: UInt8 = 2

  case plain(Plain)
  case request(Request)
  case reply(CallResult)

  /// A message that is no part of a call's way there and back.
  enum Plain {
    case hello(Hello)
    case welcome(Hello)
    case refusal(String)
    /// The receiver does not know the sender: say hello again.
    case identify
    case heartbeat
    case goodbye
    case cancel(call: UInt64)
  }

  private enum Kind: UInt8 {
    case hello = 1, welcome, refusal, identify, heartbeat, goodbye, request, value, failure, cancel
  }

  init(_ frames: [Frame]) throws(RemoteCallError) {
    guard let first = frames.first else { throw RemoteCallError(.malformed, "a message has no frames") }
    var reader = WireReader(first)
    let version = try reader.integer(UInt8.self)
    let rawKind = try reader.integer(UInt8.self)
    // A refusal reads the same in every version, so that it can be understood.
    guard version == Self.version || rawKind == Kind.refusal.rawValue else {
      throw RemoteCallError(.refused, "protocol version \(version), this process speaks \(Self.version)")
    }
    switch Kind(rawValue: rawKind) {
    case .hello: self = .plain(.hello(try Hello(&reader)))
    case .welcome: self = .plain(.welcome(try Hello(&reader)))
    case .refusal: self = .plain(.refusal(try reader.string().printable))
    case .identify: self = .plain(.identify)
    case .heartbeat: self = .plain(.heartbeat)
    case .goodbye: self = .plain(.goodbye)
    case .request: self = .request(try Request(&reader, frames))
    case .value: self = .reply(CallResult(call: try reader.integer(), failed: false, body: reader, frames: frames))
    case .failure: self = .reply(CallResult(call: try reader.integer(), failed: true, body: reader, frames: frames))
    case .cancel: self = .plain(.cancel(call: try reader.integer()))
    case nil: throw RemoteCallError(.malformed, "a message is of the unknown kind \(rawKind)")
    }
  }

  private static func header(_ kind: Kind) -> WireWriter {
    var writer = WireWriter()
    writer.integer(version)
    writer.integer(kind.rawValue)
    return writer
  }

  static func plain(_ message: Plain) -> [Frame] {
    var writer: WireWriter
    switch message {
    case .hello(let hello):
      writer = header(.hello)
      hello.write(into: &writer)
    case .welcome(let hello):
      writer = header(.welcome)
      hello.write(into: &writer)
    case .refusal(let sentence):
      writer = header(.refusal)
      writer.string(sentence)
    case .cancel(let call):
      writer = header(.cancel)
      writer.integer(call)
    case .identify: writer = header(.identify)
    case .heartbeat: writer = header(.heartbeat)
    case .goodbye: writer = header(.goodbye)
    }
    return [Frame(writer.bytes)]
  }

  static func request(_ request: Request, _ invocation: InvocationEncoder) -> [Frame] {
    var writer = header(.request)
    writer.integer(request.call)
    writer.string(request.actor)
    writer.string(request.target)
    writer.integer(UInt16(invocation.substitutions.count))
    for name in invocation.substitutions { writer.string(name) }
    writer.raw(invocation.arguments.bytes)
    return [Frame(writer.bytes)] + invocation.attachments.frames
  }

  static func value<Value: Encodable>(_ value: Value, call: UInt64) throws -> [Frame] {
    var writer = header(.value)
    writer.integer(call)
    let attachments = WireEncoder.Attachments()
    try WireEncoder.encode(value, into: &writer, attachments)
    return [Frame(writer.bytes)] + attachments.frames
  }

  static func nothing(call: UInt64) -> [Frame] {
    var writer = header(.value)
    writer.integer(call)
    return [Frame(writer.bytes)]
  }

  /// The callee's own error, if it can be encoded, else what it says of itself.
  static func failure(_ error: any Error, call: UInt64) -> [Frame] {
    var writer = header(.failure)
    writer.integer(call)
    writer.string(TypeName.of(type(of: error)))
    writer.string("\(error)")
    if let error = error as? any Error & Encodable {
      var encoded = WireWriter()
      if (try? WireEncoder.encode(error, into: &encoded, .init())) != nil { writer.raw(encoded.bytes) }
    }
    return [Frame(writer.bytes)]
  }
}

extension String {
  /// What of a text from elsewhere can be shown: no control characters, and not more than a few lines.
  var printable: String {
    String(String.UnicodeScalarView(unicodeScalars.lazy.filter { !$0.properties.isControl }.prefix(2000)))
  }
}

extension Unicode.Scalar.Properties {
  fileprivate var isControl: Bool { generalCategory == .control || generalCategory == .format }
}
