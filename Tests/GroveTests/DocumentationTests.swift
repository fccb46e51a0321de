import Foundation
import Testing

@testable import grove

/// What the pages say, as far as a program can tell whether it is so.
@Suite struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private let pages: Pages

  init() throws { pages = try Pages(in: Self.root) }

  @Test func everyLinkLeadsSomewhere() {
    #expect(pages.all.count > 10)
    #expect(pages.brokenLinks().isEmpty, "\(pages.brokenLinks())")
  }

  @Test func theReadmeNamesEveryPageAndEveryPageItsNeighbours() throws {
    let readme = try #require(pages["README.md"])
    let named = Set(readme.links.map { pages.target(of: $0, on: readme) })
    for page in pages.all where page.path != "README.md" {
      #expect(named.contains(page.path), "README.md does not name \(page.path)")
      let others = page.links.map { pages.target(of: $0, on: page) }.filter { $0.hasSuffix(".md") && $0 != page.path }
      #expect(!others.isEmpty, "\(page.path) names no other page")
    }
  }

  @Test func everyCommandLineIsUnderstood() throws {
    let lines = pages.all.flatMap { page in page.commandLines.map { (page.path, $0) } }
    let commands = lines.flatMap { path, line in Self.commands(in: line).map { (path, $0) } }
    #expect(commands.count > 40)
    for (path, words) in commands {
      do {
        _ = try Grove.parseAsRoot(Array(words.dropFirst()))
      } catch {
        Issue.record("\(path): \(words.joined(separator: " ")): \(Grove.message(for: error))")
      }
    }
  }

  @Test func everySettingExists() throws {
    let file = try String(contentsOfFile: Self.root + "/cluster.yaml", encoding: .utf8)
    var (section, known) = ("", Set<String>())
    for line in file.split(separator: "\n") {
      guard let match = line.prefixMatch(of: /(\s*)([a-z][a-z_0-9]*):/) else { continue }
      if match.1.isEmpty { section = String(match.2) } else { known.insert("\(section).\(match.2)") }
    }
    #expect(known.count > 50)
    for page in pages.all {
      let unknown = page.settings.subtracting(known)
      #expect(unknown.isEmpty, "\(page.path): \(unknown)")
    }
  }

  /// The tests that Faults.md says show what it says.
  @Test func everyTestThatIsNamedExists() throws {
    let page = try #require(pages.all.first { $0.path.hasSuffix("/Faults.md") })
    let sources = try testSources()
    let rows = page.text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    let named = rows.flatMap { $0.matches(of: /`([a-zA-Z]+Tests|[a-z]+[A-Z][A-Za-z0-9]+)`/).map { String($0.1) } }
    #expect(named.count > 30)
    for name in named { #expect(sources.contains("func \(name)(") || sources.contains(" \(name) {"), "\(name)") }
  }

  /// The walk through the sources leads nowhere else.
  @Test func everyFileOfTheWalkExists() throws {
    let page = try #require(pages.all.first { $0.path.hasSuffix("/QuestionToGradient.md") })
    let files = page.text.matches(of: /`((?:[A-Z]\w+\/)+[\w+]+\.swift)`/).map { String($0.1) }
    #expect(files.count > 40)
    for file in files {
      #expect(FileManager.default.fileExists(atPath: "\(Self.root)/Sources/\(file)"), "\(file)")
    }
  }

  /// Scripts that are called, and suites that are asked for, exist.
  @Test func whateverElseIsTypedExists() throws {
    let sources = try testSources()
    for page in pages.all {
      for line in page.commandLines {
        let words = line.split(separator: " ").map(String.init)
        for script in words where script.prefixMatch(of: /(scripts|deploy)\/[a-z\/-]+$/) != nil {
          #expect(FileManager.default.fileExists(atPath: "\(Self.root)/\(script)"), "\(page.path): \(line)")
        }
        guard let filter = words.firstIndex(of: "--filter"), words.first == "swift" else { continue }
        #expect(sources.contains(" \(words[filter + 1]) {"), "\(page.path): \(line)")
      }
    }
  }

  /// Each member that a task has to have is explained, and in the file to begin with.
  @Test func theTemplateHasWhatATaskNeeds() throws {
    let names = ["TaskDefinition", "Sampling", "GroundTruth", "Script", "Notation", "TokenTask", "TokenTask+Notation"]
    let source = try names.map {
      try String(contentsOfFile: "\(Self.root)/Sources/Tasks/Definition/\($0).swift", encoding: .utf8)
    }.joined()
    let declared = source.matches(of: /(?s)public protocol .*?\n}/).map(\.0).joined()
    let members = Set(declared.matches(of: /(?:var|func) (\w+)/).map { String($0.1) })
    // What a protocol extension gives, but for words of which there are several with one name.
    let provided = Set(source.matches(of: /\n  public (?:func|var) (\w+)/).map { String($0.1) }).subtracting(["write"])
    #expect(members.count > 20 && members.contains("decide"))
    let page = try #require(pages.all.first { $0.path.hasSuffix("/AddingATask.md") })
    let template = try String(
      contentsOfFile: "\(Self.root)/\(page.folder)/NewTask.swift.template", encoding: .utf8)
    // Two are required of it for amplification.
    for member in members.union(["lookUp", "sampleAnswer"]) {
      #expect(page.text.contains("`\(member)"), "\(page.path) does not explain \(member)")
      guard !provided.contains(member) else { continue }
      #expect(template.contains(" \(member)"), "NewTask.swift.template lacks \(member)")
    }
  }

  private func testSources() throws -> String {
    var sources = ""
    for folder in try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Tests") {
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/Tests/\(folder)")
      where file.hasSuffix(".swift") {
        sources += try String(contentsOfFile: "\(Self.root)/Tests/\(folder)/\(file)", encoding: .utf8)
      }
    }
    return sources
  }

  /// The calls of grove in a line of the shell, without redirections and comments.
  static func commands(in line: String) -> [[String]] {
    var commands: [[String]] = [[]]
    for match in line.replacing(/(^| )#.*/, with: "").matches(of: /("[^"]*"|'[^']*'|[^\s"'])+|&&|\|/) {
      let word = String(match.0).replacing(/["']/, with: "")
      if ["&&", "|", ";"].contains(word) { commands.append([]) } else { commands[commands.count - 1].append(word) }
    }
    return commands.compactMap { words in
      guard let start = words.lastIndex(of: "grove"), start == 0 || words[start - 1] != "--tag" else { return nil }
      // Docker and Kubernetes hand on what follows the name of the image.
      let own = words[start...].prefix { !$0.hasPrefix(">") }.map { $0.replacing("HOST:PORT", with: "host:5570") }
      return own.last == "." ? nil : own
    }
  }
}
