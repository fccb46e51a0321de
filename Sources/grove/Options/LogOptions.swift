import ArgumentParser

/// How much is logged, and in which form.
package struct LogOptions: ParsableArguments {
  @Option(help: "text, or json: an object a line.") var logFormat = Logs.Format.text
  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; for single components as in info,cluster=debug.",
      valueName: "level"))
  var logLevel: Logs.Levels?

  package init() {}

  /// Makes it so for all loggers of this process, which goes on when nobody reads them any more.
  package func apply() {
    Logs.settings.withLock { $0 = (logFormat, logLevel ?? Logs.Levels()) }
    Signals.outliveReaders()
  }

  /// The same for a child.
  var arguments: [String] {
    ["--log-format=\(logFormat.rawValue)"] + (logLevel.map { ["--log-level=\($0.text)"] } ?? [])
  }
}
