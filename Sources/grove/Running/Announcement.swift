import Coordinator
import Logging

extension Coordinator {
  /// Says in the log that the run waits for people, where nobody sees it otherwise: when it begins to, and now and then.
  func announceWaiting(_ log: Logger) async {
    var said: ContinuousClock.Instant?
    while !Task.isCancelled {
      let isDue = said.map { $0.duration(to: .now) > .seconds(600) } ?? true
      if isDue, let people = await status().run.people {
        said = .now
        log.warning(
          "the run waits for people: \(people.what); decide \(people.desk.map { "at \($0) or " } ?? "")with \(people.command)"
        )
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }
}
