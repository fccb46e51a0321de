import Foundation
import Testing

/// `scripts/install`, into a folder of the test's own.
@Suite struct InstallTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private let program: Program
  private var prefix: String { program.folder + "/some where" }

  init() throws { program = try Program() }

  private func install(_ arguments: String...) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: Self.root + "/scripts/install"), arguments, in: program.folder).ended()
  }

  private func run(_ command: String...) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: "/usr/bin/env"), command, in: program.folder).ended()
  }

  private func files() throws -> [String] {
    let found = FileManager.default.enumerator(atPath: prefix)
    return (found?.allObjects as? [String] ?? []).filter {
      var isFolder: ObjCBool = false
      return !FileManager.default.fileExists(atPath: "\(prefix)/\($0)", isDirectory: &isFolder) || !isFolder.boolValue
    }
  }

  @Test func theProgramIsInstalledWithItsManualAndTakenAwayAgain() async throws {
    let built = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path
    for _ in 0..<2 {  // Also over itself.
      let installed = try await install("--from", built, prefix)
      #expect(installed.status == 0, "\(installed.errors)")
    }
    let help = try await run(prefix + "/bin/grove", "--help")
    #expect(help.status == 0)
    let words = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("Documents: \(prefix)/share/doc/grove/README.md"), "\(help.output)")

    let manual = prefix + "/share/man/man1/grove.1"
    let lint = try await run("mandoc", "-T", "lint", "-W", "warning", manual)
    #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.output)")
    let page = try await run("mandoc", "-T", "utf8", manual)
    let text = page.output.replacing(/.\u{8}/, with: "")
    for part in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES",
      "grove run", "grove tasks sample", "--set <key=value>",
    ] { #expect(text.contains(part), "\(part)") }
    for (shell, file) in [
      ("bash", "bash-completion/completions/grove"), ("zsh", "zsh/site-functions/_grove"),
      ("fish", "fish/vendor_completions.d/grove.fish"),
    ] {
      let script = try String(contentsOfFile: "\(prefix)/share/\(file)", encoding: .utf8)
      #expect(script.contains("provenance"), "\(shell)")
    }
    let broken = try Pages(in: prefix + "/share/doc/grove").brokenLinks()
    #expect(broken.isEmpty, "\(broken)")

    let removed = try await install("--uninstall", prefix)
    #expect(removed.status == 0)
    #expect(try files().isEmpty)
    let again = try await install("--uninstall", prefix)
    #expect(again.status == 1 && again.errors.contains("there is no grove in"), "\(again.errors)")
  }

  @Test func anotherProgramOfThatNameStays() async throws {
    try FileManager.default.createDirectory(atPath: prefix + "/bin", withIntermediateDirectories: true)
    try program.write("not ours\n", to: "some where/bin/grove")
    for arguments in [["--from", program.folder], ["--uninstall"]] {
      let ended = try await Running(
        URL(fileURLWithPath: Self.root + "/scripts/install"), arguments + [prefix], in: program.folder
      ).ended()
      #expect(ended.status == 1 && ended.errors.contains("is another program"), "\(ended.errors)")
    }
    #expect(try String(contentsOfFile: prefix + "/bin/grove", encoding: .utf8) == "not ours\n")
  }
}
