import ArgumentParser
import Foundation
import Logging
import Status
import Synchronization
import Torch

/// Where log lines go.
package enum Logs {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  /// The level of all components, and of single ones.
  struct Levels: ExpressibleByArgument {
    var all: Logger.Level?
    var components: [String: Logger.Level] = [:]
    var text = ""

    init() {}

    init?(argument: String) {
      text = argument
      for part in argument.split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1)
        guard let level = sides.last.flatMap({ Logger.Level(rawValue: String($0)) }) else { return nil }
        if sides.count == 2 { components[String(sides[0])] = level } else { all = level }
      }
    }
  }

  static let settings = Mutex((format: Format.text, levels: Levels()))

  package static let quiet = Logger(label: "grove") { _ in SwiftLogNoOpLogHandler() }

  /// Lines on standard error: `12:00:05 worker-1: joined …`.
  ///
  /// - Parameter level: unless the command line says another.
  static func named(_ name: String, level: Logger.Level = .info) -> Logger {
    let (format, levels) = settings.withLock { ($0.format, $0.levels) }
    return Logger(label: name) { LineHandler(label: $0, format: format, levels: levels, level: levels.all ?? level) }
  }

  /// Says which BLAS computes, and what is wrong with it if something is.
  /// - Throws: `TorchError` if libtorch is not there.
  static func announceEngine(_ log: Logger) throws {
    let engine = try Engine.start()
    log.info("computes with \(engine)")
    if let warning = engine.warning { log.warning("\(warning)") }
  }

  private struct LineHandler: LogHandler {
    let label: String
    let format: Format
    let levels: Levels
    var level: Logger.Level
    var metadata: Logger.Metadata = [:]

    /// A logger's component is a part of its metadata.
    var logLevel: Logger.Level {
      get { metadata["component"].flatMap { levels.components["\($0)"] } ?? level }
      set { level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let metadata = metadata.merging(event.metadata ?? [:]) { _, new in new }
      let line =
        switch format {
        case .text: text(event, metadata)
        case .json: json(event, metadata)
        }
      StandardStreams.complain("\(line)\n")
    }

    private func text(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
      let mark = event.level >= .warning ? "\(event.level): " : ""
      let time = Date().formatted(.iso8601.time(includingFractionalSeconds: false))
      let line = "\(time) \(label): \(mark)\(event.message)"
      // What was done in detail is told apart by more than its words.
      guard event.level < .info else { return line }
      return line + metadata.sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
    }

    private func json(_ event: LogEvent, _ metadata: Logger.Metadata) -> String {
      var object = metadata.mapValues { "\($0)" }
      object["time"] = Date().formatted(.iso8601)
      object["level"] = event.level.rawValue
      object["process"] = label
      object["message"] = "\(event.message)"
      return (try? JSONEncoder.forPeople.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}
