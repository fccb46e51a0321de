import ArgumentParser
import ClusterFile
import Foundation
import WorkUnits

/// `grove keys`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Makes keys, and says whose may enter a cluster and as what.",
    discussion: """
      Each node has a secret key in a file of its own (security.key_file), and the list of those that may enter \
      (security.authorized_file), which has no secrets and is the same everywhere. What is revoked there is out at \
      once.

      Example: grove keys generate coordinator --role coordinator \\
                 --out coordinator.key >> authorized
               grove keys generate worker-1 --role worker \\
                 --out worker-1.key >> authorized
               grove keys revoke worker-1 --from authorized
      """,
    subcommands: [Generate.self, List.self, Authorize.self, Revoke.self])

  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a new secret key to a file that only you can read, and prints the line that authorises it.",
      discussion: """
        Example: grove keys generate ada --role admin --out ada.key >> authorized
        """)

    @Argument(help: "Whose it is.") var name: String
    @Option(help: "coordinator, worker, viewer, overseer or admin.") var role: AccessRole
    @Option(help: ArgumentHelp("The file to write; by default the name and .key.", valueName: "path")) var out: String?

    func validate() throws {
      try ClusterFile.checkName(name, of: "a key")
    }

    func run() throws {
      print(try AuthorizedKeys.generate(name, role, to: out ?? "\(name).key").line)
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows whose keys may enter.",
      discussion: """
        Example: grove keys list --from authorized
        """)

    @Option(help: ArgumentHelp("The file of authorised keys.", valueName: "path")) var from = "authorized"

    func run() throws {
      var table = Table(["name", "role", "key"], rightAligned: [])
      for entry in try AuthorizedKeys(path: from).entries {
        table.add([entry.name, entry.role.rawValue, entry.key.description])
      }
      print(table.lines(colours: Terminal.colours).joined(separator: "\n"))
    }
  }

  struct Authorize: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets a key in, by the line that grove keys generate printed.",
      discussion: """
        Example: grove keys authorize "ada admin 5b7c…" --in authorized
        """)

    @Argument(help: "Name, role and key.") var line: String
    @Option(name: .customLong("in"), help: ArgumentHelp("The file of authorised keys.", valueName: "path"))
    var file = "authorized"

    func run() throws {
      let entry = try AuthorizedKeys.entry(line)
      var keys = FileManager.default.fileExists(atPath: file) ? try AuthorizedKeys(path: file) : AuthorizedKeys()
      guard !keys.entries.contains(where: { $0.name == entry.name || $0.key == entry.key }) else {
        throw Failure("\(file) has \(entry.name), or that key, already: grove keys revoke takes it out")
      }
      keys.entries.append(entry)
      try keys.save(to: file)
      print("\(entry.name) may enter as \(entry.role.rawValue).")
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes a key out of the list: whoever has it is out within a second, and does not come in again.",
      discussion: """
        Example: grove keys revoke worker-1 --from authorized
        """)

    @Argument(help: "Whose.") var name: String
    @Option(help: ArgumentHelp("The file of authorised keys.", valueName: "path")) var from = "authorized"

    func run() throws {
      var keys = try AuthorizedKeys(path: from)
      guard keys.entries.contains(where: { $0.name == name }) else {
        throw Failure("\(from) has no “\(name.prefix(80))”; it has \(keys.entries.map(\.name).joined(separator: ", "))")
      }
      keys.entries.removeAll { $0.name == name }
      try keys.save(to: from)
      print("\(name) may no longer enter.")
    }
  }
}

extension AccessRole: ExpressibleByArgument {}

extension AuthorizedKeys {
  /// Replaces the file, not a link to it: who reads it meanwhile sees the old one or the new one.
  fileprivate func save(to path: String) throws {
    try write(Data(text.utf8), to: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
  }
}
