import Coordinator
import Foundation
import Status

/// Shows how a run goes: on a terminal a few lines that are drawn again, elsewhere a line for each evaluation.
struct Progress: Sendable {
  let coordinator: Coordinator
  let title: String
  let isShown: Bool

  /// Until cancelled.
  func show() async {
    guard isShown else { return }
    if Terminal.isInteractive { print("\u{1B}[2J", terminator: "") } else { print(title) }
    var (shown, waitsFor): (Int, String?) = (0, nil)
    while !Task.isCancelled {
      if Terminal.isInteractive {
        var lines = [Terminal.bold(title, true), ""]
        let history = await coordinator.board.history
        if history.count > 1 { lines += Chart(history).lines(colours: true) + [""] }
        Terminal.redraw(lines + TextReport.lines(await coordinator.status(), colours: true).dropFirst())
      } else {
        let history = await coordinator.board.history
        for line in history.dropFirst(shown) { print(plain(line)) }
        fflush(nil)
        shown = max(shown, history.count)
        let status = await coordinator.status()
        if status.run.waitsFor != nil, waitsFor == nil,
          let warning = status.warnings.first(where: { $0.what.hasPrefix("the run waits for people") })
        {
          print("\(warning.what); \(warning.remedy)")
        }
        waitsFor = status.run.waitsFor
      }
      try? await Task.sleep(for: .milliseconds(300))
    }
  }

  private func plain(_ line: MetricsLine) -> String {
    let accuracy = line.accuracy
    return
      "round \(line.round)  steps \(line.steps.grouped)  elements \(line.elements)  student \(accuracy.student.threeDigits)"
      + "  teacher \(accuracy.teacher.threeDigits)  amplified \(accuracy.amplified.threeDigits)"
      + "  decompositions \(line.humanDecompositions)  \(line.wallSeconds.asTime)"
  }
}
