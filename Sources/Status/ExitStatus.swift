/// How a command of Grove ended, as its exit code tells: the one list of them.
public enum ExitStatus: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case unwell = 3
  case stopped = 4
  /// A temporary failure, as sysexits.h calls it.
  case startAgain = 75
  /// The configuration, as sysexits.h calls it.
  case unfit = 78

  /// For people.
  public var meaning: String {
    switch self {
    case .done: "It did what it was asked to."
    case .failed: "It failed; a sentence on standard error says why."
    case .usage: "The command line has an error, and nothing was done."
    case .unwell: "grove status: the run has a problem, which it names."
    case .stopped: "It was stopped before its end. The same command goes on with a run."
    case .startAgain: "grove worker: it is to be started again."
    case .unfit: "grove worker: it can't do what the run asks, and won't on another start."
    }
  }
}
