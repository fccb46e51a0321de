/// The methods that callers may run on an exported actor: those of some protocols.
///
/// A call names its method by mangled name. That of a method of the protocol `P` begins with the class `$P`, which
/// `@Resolvable` makes beside it and through which it is called.
struct TargetTable: Sendable {
  private let prefixes: [String]

  /// - Parameter protocols: existential types, such as `(any WorkerNode).self`, of `@Resolvable` protocols that are not
  ///   nested in other types.
  init(_ protocols: [any Any.Type]) {
    prefixes = protocols.compactMap { type in
      let name = String(reflecting: type).split(separator: " ").last ?? ""
      let parts = name.split(separator: ".")
      guard let module = parts.first, let plain = parts.last, parts.count == 2 else { return nil }
      return "$s\(module.utf8.count)\(module)\(plain.utf8.count + 1)$\(plain)C"
    }
  }

  func contains(_ target: String) -> Bool { prefixes.contains { target.hasPrefix($0) } }
}
