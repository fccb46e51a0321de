import Coordinator
import Foundation
import Status

/// Shows how a run goes: on a terminal a view that is drawn again and again, elsewhere a line for each evaluation.
struct Progress: Sendable {
  let coordinator: Coordinator
  let title: String
  let isShown: Bool

  /// Between two looks.
  private static let pause = Duration.milliseconds(300)

  /// Until cancelled.
  func show() async {
    guard isShown else { return }
    if Terminal.isInteractive { await view() } else { await log() }
  }

  private func view() async {
    await LiveScreen.show { draw in
      while !Task.isCancelled {
        let view = RunView(
          title: title, status: await coordinator.status(), history: await coordinator.board.history,
          said: LiveScreen.said, colours: Terminal.colours)
        await draw(view.lines)
        try? await Task.sleep(for: Self.pause)
      }
    }
  }

  private func log() async {
    print(title)
    var (shown, waitsFor): (Int, String?) = (0, nil)
    while !Task.isCancelled {
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
      try? await Task.sleep(for: Self.pause)
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
