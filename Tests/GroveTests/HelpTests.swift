import ArgumentParser
import Testing

@testable import Commands
@testable import grove

/// What `--help` says, of every command.
struct HelpTests {
  private static func all(below command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap(all)
  }

  private static let commands = all(below: Grove.self)

  @Test func noLineIsWiderThanATerminal() {
    #expect(Self.commands.count > 30)
    for command in Self.commands {
      for line in Grove.helpMessage(for: command, columns: 80).wrappingUsage(to: 80)
        .split(separator: "\n")
      {
        #expect(line.count <= 80, "\(line)")
      }
    }
  }

  /// A paragraph is one line, which is wrapped to the terminal's width, and only there.
  @Test func noParagraphIsWrappedBefore() {
    for command in Self.commands {
      let lines = command.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
      for (line, next) in zip(lines, lines.dropFirst()) where !next.isEmpty && !next.hasPrefix("Example: ") {
        #expect(line.isEmpty || line.hasSuffix(":") || next.hasPrefix("  "), "\(line)\n\(next)")
      }
    }
  }

  @Test func examplesCanBeCopied() throws {
    for command in Self.commands where command.configuration.shouldDisplay {
      let examples = Self.examples(command.configuration.discussion)
      #expect(!examples.isEmpty, "\(command)")
      for example in examples {
        #expect(example.allSatisfy { $0.count <= 78 }, "\(example)")
        let words = Self.words(example.joined(separator: "\n").replacing("\\\n", with: " "))
        do {
          _ = try Grove.parseAsRoot(words.withNegativeNumbers)
        } catch {
          Issue.record("\(example): \(Grove.message(for: error))")
        }
      }
    }
  }

  /// The lines of each, as they are shown.
  private static func examples(_ discussion: String) -> [[String]] {
    var examples: [[String]] = []
    for line in discussion.split(separator: "\n").map(String.init) {
      if examples.last?.last?.hasSuffix("\\") == true {
        examples[examples.count - 1].append(line)
      } else if line.firstMatch(of: /^(Example: | {9})(sudo )?grove/) != nil {
        examples.append([line])
      }
    }
    return examples
  }

  /// As a shell makes them, of an example's line, without the name of the program.
  private static func words(_ line: String) -> [String] {
    var line = line.replacing(/^\s*(Example: )?\s*(sudo )?grove/, with: "")
    line = line.replacing(/\s#.*$/, with: "").replacing(/\s>>?\s.*$/, with: "")
    return line.matches(of: /"([^"]*)"|(\S+)/).map { String($0.1 ?? $0.2 ?? "") }
  }
}
