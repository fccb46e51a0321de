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

  @Test(arguments: ["zsh", "fish"]) func otherShellsAskForTheSame(_ shell: String) async throws {
    let script = try await program("--generate-completion-script", shell)
    #expect(script.status == 0 && script.output.contains("task.size="), "\(script.errors)")
    #expect(script.output.contains("---completion"), "\(script.output.prefix(200))")
  }
}
