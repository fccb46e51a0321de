import ArgumentParser
import Coordinator
import Foundation
import Processes

/// `grove manual`: the manual page, as `man` reads it; made of the same words as `--help`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Prints the manual page.",
    discussion: "Example: grove manual > grove.1", shouldDisplay: false)
  @Option(help: "The folder that has the documents, to be named in it.") var documents: String?

  func run() throws {
    let help = try JSONDecoder().decode(Help.self, from: Data(Grove._dumpHelp().utf8))
    print(Manual(help.command, documents: documents).text)
  }

  private struct Help: Decodable { var command: CommandHelp }
}

/// The manual page of a command and all that are below it, in the language of man(7).
struct Manual {
  private(set) var text = ""

  init(_ command: CommandHelp, documents: String?) {
    text += ".TH GROVE 1 \(Self.date) \"Grove \(Coordinator.version)\"\n"
    section("NAME", "grove \\- iterated amplification as distributed software")
    section("SYNOPSIS", ".B grove\n.I command\n.RI [ argument \"] ...\"")
    section("DESCRIPTION", Self.prose((command.abstract ?? "") + "\n\n" + (command.discussion ?? "")))
    text += ".SH COMMANDS\nEach has \\fB\\-\\-help\\fR, too.\n"
    for command in command.shown { describe(command, after: "grove") }
    for (title, words) in Self.sections { section(title, words) }
    let folder = documents ?? "the folder of the source"
    section(
      "SEE ALSO",
      Self.plain("In \(folder): README.md and the pages that it names; cluster.yaml, where every setting is explained.")
    )
  }

  /// When the program was built.
  private static var date: String {
    let file = try? FileManager.default.attributesOfItem(atPath: Executable.path)
    return (file?[.modificationDate] as? Date ?? Date()).formatted(.iso8601.year().month().day())
  }

  private mutating func section(_ title: String, _ words: String) { text += ".SH \(title)\n\(words)\n" }

  private mutating func describe(_ command: CommandHelp, after path: String) {
    let path = "\(path) \(command.commandName)"
    text += ".SS \(path)\n"
    text += Self.literal(([path] + command.own.map(\.usage)).joined(separator: " ")) + "\n"
    text += ".PP\n" + Self.prose((command.abstract ?? "") + "\n\n" + (command.discussion ?? "")) + "\n"
    for argument in command.own {
      text += ".TP\n.B " + Self.literal(argument.written) + "\n"
      let otherwise = argument.defaultValue.map { " (default: \($0))" } ?? ""
      text += Self.plain((argument.abstract ?? "") + otherwise) + "\n"
    }
    for inner in command.shown { describe(inner, after: path) }
  }

  /// What the help of the whole says and the page has a section for.
  private static let saidElsewhere = ["Documents:", "Exit codes:"]

  /// Paragraphs are filled; examples, and all that has indented lines, stand as they are.
  static func prose(_ text: String) -> String {
    let paragraphs = text.components(separatedBy: "\n\n").filter { paragraph in
      !paragraph.isEmpty && !saidElsewhere.contains { paragraph.hasPrefix($0) }
    }
    return paragraphs.map { paragraph in
      guard paragraph.hasPrefix("Example") || "\n\(paragraph)".contains("\n ") else { return plain(paragraph) }
      let lines = paragraph.split(separator: "\n").map { literal(String($0)) }
      return ([".nf"] + lines + [".fi"]).joined(separator: "\n")
    }.joined(separator: "\n.PP\n")
  }

  /// Words that could be taken for requests are none.
  static func plain(_ text: String) -> String {
    text.replacing("\\", with: "\\e").split(separator: "\n").map { line in
      line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : String(line)
    }.joined(separator: "\n")
  }

  /// To be copied: a hyphen stays one.
  static func literal(_ text: String) -> String { plain(text).replacing("-", with: "\\-") }
}
