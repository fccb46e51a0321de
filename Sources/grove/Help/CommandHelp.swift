/// What `--help` of a command says, taken apart.
struct CommandHelp: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      var written: String { (kind == "long" ? "--" : "-") + name }
    }

    var kind: String
    var shouldDisplay: Bool
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?

    /// `--set <key=value>`
    var written: String {
      let value = "<\(valueName ?? "value")>"
      let names = (names ?? []).map(\.written).joined(separator: ", ")
      return kind == "positional" ? value : kind == "flag" ? names : "\(names) \(value)"
    }

    var usage: String {
      let once = isOptional ? "[\(written)]" : written
      return isRepeating ? once + " ..." : once
    }
  }

  var commandName: String
  var abstract: String?
  var discussion: String?
  var shouldDisplay: Bool?
  var arguments: [Argument]?
  var subcommands: [CommandHelp]?

  /// Without `--help` and `--version`, which every command has.
  var own: [Argument] {
    (arguments ?? []).filter { argument in
      argument.shouldDisplay && !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
    }
  }

  var shown: [CommandHelp] { (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" } }
}
