import Foundation
import Testing

/// What Bash offers when somebody presses Tab.
@Suite(.serialized) struct CompletionTests {
  private let program: Program

  init() throws {
    program = try Program()
    for run in ["runs/first", "runs/second", "runs/no-run", "elsewhere/third", "more/fourth"] {
      try FileManager.default.createDirectory(
        atPath: "\(program.folder)/\(run)/logs", withIntermediateDirectories: true)
      if !run.hasSuffix("no-run") { try program.write("", to: "\(run)/journal.sqlite") }
    }
    try program.write("", to: "runs/second/logs/worker-2.log")
  }

  /// Presses Tab after each line; without a last blank, within its last word.
  private func offered(_ lines: [String]) async throws -> [[String]] {
    let ended = try await program.shell(
      """
      PATH=$(dirname "$0"):$PATH
      source <(grove --generate-completion-script bash)
      function=$(complete -p grove | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
      set +eu
      for COMP_LINE in "$@"; do
        # Bash takes an = for a word of its own.
        COMP_POINT=${#COMP_LINE}; COMP_WORDS=(${COMP_LINE//=/ = })
        [[ $COMP_LINE = *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        $function grove "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[@]}"
      done
      """, lines)
    #expect(ended.status == 0 && ended.errors.isEmpty, "\(ended.errors)")
    return ended.output.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ").map(String.init)
    }
  }

  @Test func whatCouldFollowIsOffered() async throws {
    let cases = [
      ("grove ask ", ["first", "second"]), ("grove plot first s", ["second"]), ("grove run --name f", ["first"]),
      ("grove ask --folder elsewhere ", ["third"]), ("grove ask x --fol", ["--folder"]), ("grove drain ", ["worker-2"]),
      ("grove review --set run.folder=more ", ["fourth"]), ("grove tasks sample p", ["path", "permutation"]),
      ("grove run --set task.si", ["task.size="]), ("grove run --set task.size=", []), ("grove stu", ["study"]),
    ]
    let offered = try await offered(cases.map(\.0))
    try #require(offered.count == cases.count, "\(offered)")
    for ((line, wanted), offered) in zip(cases, offered) { #expect(offered.sorted() == wanted, "\(line)") }
  }

  /// Where the configuration says that runs are.
  @Test func runsAreSoughtWhereTheyAre() async throws {
    try program.write("run: {folder: elsewhere}\n", to: "cluster.yaml")
    #expect(try await offered(["grove review "]) == [["third"]])
  }

  /// These complete at a terminal alone.
  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      ["zsh -f", "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D"], ["fish --no-config", "source _grove"],
    ])
  func otherShellsOfferTheSame(_ shell: [String]) async throws {
    let (command, begin) = (shell[0].split(separator: " ").map(String.init), shell[1])
    let script = try await program("--generate-completion-script", command[0])
    try program.write(script.output, to: "_grove")
    let path = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path
    let environment = ["env", "PATH=\(path):/usr/bin:/bin", "HOME=\(program.folder)"]
    try await TerminalWindow.with(program, columns: 100, rows: 30, environment + command) { window in
      // What is typed is not yet what it prints.
      try await window.press(begin + "; clear; echo re''ady")
      try await window.press("Enter")
      try await window.lines { $0.contains("ready") }
      // What follows Tab is typed behind what it filled in.
      for (line, more, wanted) in [
        ("grove ask ", "", ["first", "second"]), ("grove tasks sample p", "", ["permutation", "path"]),
        ("grove ask --folder elsewhere ", "x", ["grove ask --folder elsewhere third x"]),
        ("grove run --set task.si", "7", ["grove run --set task.size=7"]),
      ] {
        try await window.press(line)
        try await window.press("Tab")
        try await window.press(more)
        try await window.lines { lines in wanted.allSatisfy { text in lines.contains { $0.contains(text) } } }
        try await window.press("C-c")
        try await window.press("C-l")
      }
    }
  }
}
