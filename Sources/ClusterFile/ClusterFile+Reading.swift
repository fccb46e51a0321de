import Addresses
import Foundation
import Yams

extension ClusterFile {
  /// Reads a file, then sets single keys over it.
  ///
  /// - Parameters:
  ///   - path: nil: the defaults.
  ///   - overrides: `task.size=16`, as the command line's `--set` gives them.
  /// - Throws: ``ClusterFileError`` with the line, or the override, and what is allowed.
  public static func read(path: String?, overrides: [String] = []) throws -> ClusterFile {
    var file = ClusterFile()
    if let path {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw ClusterFileError("\(path) can't be read: is there such a file?")
      }
      guard data.count <= largest, let text = String(data: data, encoding: .utf8) else {
        throw ClusterFileError("\(path) is no YAML: it is not UTF-8 text of at most \(largest / 1024) KiB")
      }
      try file.take(yaml: text, named: path)
    }
    return try file.setting(overrides)
  }

  private static let largest = 1 << 20

  /// Takes what a YAML text says over what is there. - Parameter name: by which errors call the text.
  public mutating func take(yaml: String, named name: String) throws {
    let root: Node?
    do {
      root = try compose(yaml: yaml)
    } catch let error as YamlError {
      throw ClusterFileError("\(name)\(error.place)")
    }
    guard let root else { return }
    if root.isBlank { return }
    guard case .mapping(let sections) = root else {
      throw ClusterFileError("\(name)\(root.place): expected sections such as “task:”")
    }
    for (key, section) in sections {
      // Every key may be left out, also all of a section.
      if section.isBlank, Self.sections.contains(key.text) { continue }
      guard case .mapping(let entries) = section else {
        throw ClusterFileError(
          "\(name)\(key.place): “\(key.text)” is no section with keys; there are \(Self.sections.joined(separator: ", "))"
        )
      }
      for (entry, value) in entries { try take(value, of: "\(key.text).\(entry.text)", at: entry, named: name) }
    }
  }

  private mutating func take(_ value: Node, of path: String, at entry: Node, named name: String) throws {
    if case .mapping(let entries) = value, Self.fields.contains(where: { $0.path.hasPrefix(path + ".") }) {
      for (entry, value) in entries { try take(value, of: "\(path).\(entry.text)", at: entry, named: name) }
      return
    }
    guard case .scalar(let scalar) = value else {
      throw ClusterFileError("\(name)\(entry.place): \(path) has a list or a section where one value belongs")
    }
    do {
      try set(path, to: scalar.string)
    } catch let error as ClusterFileError {
      throw ClusterFileError("\(name)\(entry.place): \(error)")
    }
  }

  /// Sets one key: `task.size=16`.
  public mutating func set(_ override: String) throws {
    // Not by characters: an accent at the value's beginning would make another one of it.
    guard let mark = override.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      throw ClusterFileError("--set \(override): a setting is written key=value, such as task.size=16")
    }
    do {
      try set(String(override[..<mark]), to: String(override.unicodeScalars[mark...].dropFirst()))
    } catch let error as ClusterFileError {
      throw ClusterFileError("--set \(override): \(error)")
    }
  }

  /// With single keys set over it, as the command line's `--set` gives them. - Throws: ``ClusterFileError``.
  public func setting(_ overrides: [String]) throws -> ClusterFile {
    var file = self
    for override in overrides { try file.set(override) }
    try file.check()
    return file
  }

  package mutating func set(_ path: String, to value: String) throws {
    guard let field = Self.fields.first(where: { $0.path == path }) else {
      let section = path.split(separator: ".").first.map(String.init) ?? ""
      let siblings = Self.fields.map(\.path).filter { $0.hasPrefix(section + ".") }
      throw ClusterFileError(
        "there is no key \(path); there is "
          + (siblings.isEmpty
            ? "the section \(Self.sections.joined(separator: ", "))" : siblings.joined(separator: ", ")))
    }
    guard field.set(&self, value) else {
      throw ClusterFileError("\(path) is “\(value.prefix(80))”; allowed is \(field.allowed)")
    }
  }

  /// What no single key can tell.
  package func check() throws {
    try checkSizes()
    try checkParts()
    guard cluster.failureTimeoutMilliseconds >= 2 * cluster.heartbeatMilliseconds else {
      throw ClusterFileError(
        "cluster.failure_timeout_ms is \(cluster.failureTimeoutMilliseconds); allowed is at least twice "
          + "cluster.heartbeat_ms, which is \(cluster.heartbeatMilliseconds)")
    }
    guard !isOnOnePort else {
      throw ClusterFileError(
        "dashboard.bind is \(dashboard.bind); allowed is another port than that of cluster.bind, which is "
          + cluster.bind)
    }
  }

  /// Candidates that people's questions of a round are chosen from: what choosing them costs grows faster than they do.
  private static let mostCandidates = 100_000

  private func checkSizes() throws {
    for (name, width) in [("model.width", model.width), ("overseer.width", overseer.width)]
    where !width.isMultiple(of: model.heads) {
      throw ClusterFileError("\(name) is \(width); allowed are multiples of model.heads, which is \(model.heads)")
    }
    // Where nobody said otherwise, it begins with all.
    guard task.start <= max(task.size, Task().start) else {
      throw ClusterFileError("task.start is \(task.start); allowed is at most task.size, which is \(task.size)")
    }
    guard !overseer.asksWhereUncertain || overseer.perRound * overseer.candidates <= Self.mostCandidates else {
      throw ClusterFileError(
        "overseer.candidates is \(overseer.candidates); allowed is at most "
          + "\(Self.mostCandidates / overseer.perRound) where overseer.per_round is \(overseer.perRound)")
    }
  }

  /// That nothing is split into more parts than it has.
  private func checkParts() throws {
    var batches = [("amplification.contexts", amplification.contexts)]
    if overseer.kind != .scripted { batches.append(("overseer.batch", overseer.batch)) }
    for (name, size) in batches where distillation.microbatches > size {
      throw ClusterFileError(
        "distillation.microbatches is \(distillation.microbatches); allowed is at most \(name), which is \(size)")
    }
    guard amplification.shards <= max(amplification.contexts, Amplification().shards) else {
      throw ClusterFileError(
        "amplification.shards is \(amplification.shards); allowed is at most amplification.contexts, which is "
          + "\(amplification.contexts)")
    }
  }

  /// Whether nodes and browsers would be listened for at one port of one address.
  private var isOnOnePort: Bool {
    guard let nodes = Address(cluster.bind), let pages = Address(dashboard.bind), let port = nodes.port,
      port == pages.port
    else { return false }
    return nodes.host == pages.host || nodes.isEverywhere || pages.isEverywhere
  }

  private static var sections: [String] {
    fields.map { String($0.path.prefix { $0 != "." }) }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// The file that says all of this.
  public var yaml: String {
    var lines: [String] = []
    var open: ArraySlice<Substring> = []
    for field in Self.fields {
      let parts = field.path.split(separator: ".")
      let sections = parts.dropLast()
      for level in sections.indices where sections.prefix(level + 1) != open.prefix(level + 1) {
        lines.append(String(repeating: "  ", count: level) + "\(parts[level]):")
      }
      open = sections
      lines.append(String(repeating: "  ", count: sections.count) + "\(parts[sections.count]): \(field.get(self).yaml)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  /// As a value of YAML that is read as this very text.
  fileprivate var yaml: String {
    if wholeMatch(of: /[A-Za-z0-9_.\/]([A-Za-z0-9_.:\-\/]*[A-Za-z0-9_.\-\/])?/) != nil { return self }
    return "\"" + unicodeScalars.map(\.yaml).joined() + "\""
  }

  /// As a word of a command that a shell reads as this very text.
  public var shellQuoted: String {
    if wholeMatch(of: /[A-Za-z0-9_.,:@%+=\/\-]+/) != nil { return self }
    return "'" + replacing("'", with: "'\\''") + "'"
  }
}

extension Unicode.Scalar {
  /// Between quotation marks of YAML, where what can't be seen is escaped.
  fileprivate var yaml: String {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate:
      let digits = String(value, radix: 16)
      return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    default: return self == "\"" || self == "\\" ? "\\\(self)" : "\(self)"
    }
  }
}

extension Node {
  package var text: String {
    if case .scalar(let scalar) = self { scalar.string } else { "" }
  }

  /// Whether nothing was written where it is, or only remarks.
  package var isBlank: Bool {
    guard case .scalar(let scalar) = self else { return false }
    return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
  }

  package var place: String { mark.map { ", line \($0.line)" } ?? "" }
}

extension YamlError {
  /// `, line 3: what is wrong`
  package var place: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ", line \(mark.line): \(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      ", line \(context.mark.line): the key \(duplicates.first.map { "\($0)" } ?? "") is there twice"
    default: ": \(self)".split(separator: "\n").first.map(String.init) ?? ""
    }
  }
}
