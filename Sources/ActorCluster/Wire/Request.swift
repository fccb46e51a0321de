import ZeroMQ

/// A call as it arrives: whom and what, and its arguments still encoded.
struct Request {
  let call: UInt64
  let actor: String
  let target: String
  var substitutions: [String] = []
  var arguments: WireReader?
  var frames: [Frame] = []

  init(call: UInt64, actor: String, target: String) {
    self.call = call
    self.actor = actor
    self.target = target
  }

  init(_ reader: inout WireReader, _ frames: [Frame]) throws(RemoteCallError) {
    call = try reader.integer()
    actor = try reader.string()
    target = try reader.string()
    for _ in 0..<(try reader.integer(UInt16.self)) { substitutions.append(try reader.string()) }
    arguments = reader
    self.frames = frames
  }
}

/// The end of a call as it arrives, its value or error still encoded.
struct CallResult {
  let call: UInt64
  let failed: Bool
  var body: WireReader
  let frames: [Frame]
}

extension CallResult {
  /// The callee's error: as itself if it is of one of the types, else what it says of itself.
  func error(of types: TypeTable) throws -> any Error {
    var body = body
    let name = try body.string()
    let text = try body.string()
    if !body.isAtEnd, let type = types.error(named: name),
      let error = try? WireDecoder.decode(type, from: &body, frames[0], frames.dropFirst())
    {
      return error
    }
    return RemoteCallError(.failed, text.printable)
  }
}
