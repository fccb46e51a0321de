/// Names of types on the wire.
enum TypeName {
  static func of(_ type: Any.Type) -> String { _mangledTypeName(type) ?? String(reflecting: type) }
}

/// The types that a name from the wire may stand for: those that this process registered, no others.
struct TypeTable: Sendable {
  private let types: [String: any Any.Type]

  init(_ types: [any Any.Type]) {
    self.types = Dictionary(types.map { (TypeName.of($0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  func type(named name: String) throws(RemoteCallError) -> any Any.Type {
    guard let type = types[name] else {
      throw RemoteCallError(.refused, "the type “\(name.prefix(120))” is not one that this process accepts")
    }
    return type
  }

  /// The error type of that name, if it can be decoded.
  func error(named name: String) -> (any (Error & Decodable).Type)? { types[name] as? any (Error & Decodable).Type }
}
