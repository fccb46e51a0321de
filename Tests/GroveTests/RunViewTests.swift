import Status
import Testing

@testable import Commands

/// How a run is shown in windows of all sizes.
struct RunViewTests {
  private static let title = "permutation-8-seed-1 · powers of a permutation: f^5(12), given f(x) for every x · seed 1"

  private static func status(workers: Int, warnings: Int) -> ClusterStatus {
    var run = RunStatus(name: "permutation-8-seed-1", task: "permutation", rounds: 100_000)
    (run.phase, run.round, run.roundsPerSecond, run.secondsLeft) = (.training, 1234, 12.3, 86_000)
    run.accuracy = Accuracy(.init(student: 0.9, teacher: 0.8, amplified: 0.95), byClass: [:])
    run.recent = Array(repeating: .init(student: 0.9, teacher: 0.8, amplified: 0.95), count: RunStatus.mostRecent)
    var cluster = ClusterStatus.Cluster(name: "grove", version: "1", uptime: 12)
    cluster.dashboard = "http://127.0.0.1:55580/"
    let all = (1...max(1, workers)).prefix(workers).map { number in
      var worker = WorkerStatus(id: "worker-\(number)", host: "a-machine.with-a.long-name.example", pid: 7, state: "up")
      (worker.residentBytes, worker.work, worker.modelVersion) = (217 << 20, "amplifying, training", 1234)
      worker.warnings =
        number > warnings ? [] : [Warning(.notice, "worker-\(number) is 遅い, \u{7}\n say", remedy: "wait")]
      return worker
    }
    return ClusterStatus(cluster: cluster, workers: all, run: run)
  }

  private static let history = (1...200).map { step in
    let accuracy = Accuracy(
      .init(student: Double(step) / 200, teacher: Double(step) / 250, amplified: 1), byClass: [:])
    return MetricsLine(
      round: step, steps: step * 31, wallSeconds: 1, elements: 8, agreement: 1, loss: nil, overseerLoss: nil,
      humanDecompositions: step, amplifiedQuestions: 0, subQuestions: 0, memoHits: 0, accuracy: accuracy)
  }

  private static func view(_ workers: Int, _ warnings: Int, colours: Bool = true) -> RunView {
    RunView(
      title: title, status: status(workers: workers, warnings: warnings), history: history,
      said: ["12:00:05 coordinator: warning: worker-1 is down: its connection broke; its work goes to the others"],
      colours: colours)
  }

  @Test(arguments: [(0, 0), (2, 1), (50, 50)]) func itFitsEveryWindow(_ workers: Int, _ warnings: Int) {
    let view = Self.view(workers, warnings)
    // Windows that are smaller than any that is used, too.
    let small = (1...20).flatMap { columns in (1...8).map { WindowSize(columns: columns, rows: $0) } }
    // A line's length is a matter of columns alone, their number nearly one of rows alone.
    let usual =
      (20...200).flatMap { columns in [5, 12, 24].map { WindowSize(columns: columns, rows: $0) } }
      + (5...60).flatMap { rows in [20, 40, 80, 200].map { WindowSize(columns: $0, rows: rows) } }
    for window in small + usual {
      let lines = view.lines(in: window)
      #expect(lines.count <= window.rows, "\(window)")
      #expect(lines.allSatisfy { $0.columns <= window.columns }, "\(window)")
      #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains("\u{7}") }, "\(window)")
    }
  }

  /// What matters is there in the smallest window that is meant to be used.
  @Test func whatMattersStays() {
    for rows in [12, 13, 18, 24, 40] {
      for columns in [40, 60, 80, 120] {
        let view = Self.view(50, 2, colours: false)
        let text = view.lines(in: WindowSize(columns: columns, rows: rows)).joined(separator: "\n")
        for wanted in [
          "permutation-8", "training · round 1,234", "dashboard http://127.0.0.1:55580/", "▲ worker-1", "▲ worker-2",
        ] {
          #expect(text.contains(wanted), "\(columns)×\(rows): \(text)")
        }
      }
    }
  }

  @Test func whatHasRoomIsShown() {
    let wide = Self.view(2, 0, colours: false).lines(in: WindowSize(columns: 120, rows: 32))
    for wanted in ["host", "heard", "memory", "amplified  0.950", "accuracy on held-out questions"] {
      #expect(wide.contains { $0.contains(wanted) }, "\(wanted)")
    }
    #expect(wide.contains(Self.title))
    // What has no room is cut where one sees it.
    let narrow = Self.view(2, 0, colours: false).lines(in: WindowSize(columns: 40, rows: 12))
    #expect(narrow.first == Self.title.cut(to: 40) && narrow.first?.last == "…" && narrow.first?.columns == 40)
  }

  @Test func lettersAreAsWideAsATerminalDrawsThem() {
    #expect("\u{1B}[32mabc\u{1B}[0m".columns == 3)
    #expect("遅い".columns == 4 && "é′…·│".columns == 5)
    #expect("\u{1B}[32mabcdef\u{1B}[0m".cut(to: 4) == "\u{1B}[32mabc…\u{1B}[0m")
    #expect("遅い遅い".cut(to: 4) == "遅…")
    #expect("a bc def".wrapped(to: 5, indent: 1) == [" a bc", " def"])
    #expect(" undo   take back it".folded(to: 14) == [" undo   take", "   back it"])
    #expect("\u{1B}[2mabc def\u{1B}[0m".folded(to: 5) == ["\u{1B}[2mabc", "  def\u{1B}[0m"])
    #expect("abcdefgh".folded(to: 5) == ["abcdefgh"] && "".folded(to: 5) == [""])
  }

  @Test(arguments: [
    (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
    (true, ["TERM": "dumb"], false), (false, ["CLICOLOR_FORCE": "1"], true),
    (false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false), (false, ["CLICOLOR_FORCE": "0"], false),
  ]) func coloursAreShownWhereTheyAreWanted(_ isTerminal: Bool, _ environment: [String: String], _ are: Bool) {
    #expect(Terminal.coloursAreWanted(isTerminal: isTerminal, environment) == are)
  }
}
