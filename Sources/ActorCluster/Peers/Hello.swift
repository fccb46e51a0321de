/// What a node says of itself when it connects.
struct Hello: Hashable, Sendable {
  var node: NodeID
  /// Where others can connect to it; empty if nowhere.
  var endpoint: String
  var fingerprint: String
  var role: String
  var host: String
  var processID: Int32
  var capabilities = Capabilities()

  func write(into writer: inout WireWriter) {
    for text in [node.description, endpoint, fingerprint, role, host, capabilities.device] { writer.string(text) }
    writer.integer(processID)
    writer.integer(Int64(capabilities.cores))
    writer.integer(Int64(capabilities.memoryBytes))
  }
}

extension Hello {
  init(_ reader: inout WireReader) throws(RemoteCallError) {
    let name = try reader.string()
    guard let node = NodeID(name) else { throw RemoteCallError(.malformed, "“\(name.prefix(80))” is no node") }
    let (endpoint, fingerprint) = (try reader.string().printable, try reader.string().printable)
    let (role, host, device) = (
      try reader.string().printable, try reader.string().printable, try reader.string().printable
    )
    self.init(
      node: node, endpoint: endpoint, fingerprint: fingerprint, role: role, host: host,
      processID: try reader.integer())
    capabilities.device = device
    capabilities.cores = Int(try reader.integer(Int64.self))
    capabilities.memoryBytes = Int(try reader.integer(Int64.self))
  }
}
