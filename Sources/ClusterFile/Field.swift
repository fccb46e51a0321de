import Addresses
import Foundation

/// One key of `cluster.yaml`: its path, what it may be, and where its value lives.
public struct Field: Sendable {
  /// `task.size`
  public let path: String
  /// `4 to 64`
  public let allowed: String
  let set: @Sendable (inout ClusterFile, String) -> Bool
  let get: @Sendable (ClusterFile) -> String

  static func integer(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    Field(
      path: path, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      set: { file, text in
        guard let value = Int(text), range.contains(value) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  /// `auto` is as many as this machine has room for, from then on as a number.
  static func workers(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    let number = integer(path, place, range)
    return Field(
      path: path, allowed: "auto, or \(number.allowed)",
      set: { number.set(&$0, $1 == "auto" ? "\(Machine.this.workers)" : $1) }, get: number.get)
  }

  static func seed(_ path: String, _ place: WritableKeyPath<ClusterFile, UInt64> & Sendable) -> Field {
    Field(
      path: path, allowed: "a whole number from 0 to \(UInt64.max)",
      set: { file, text in
        guard let value = UInt64(text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func number(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Double> & Sendable, _ range: ClosedRange<Double>
  ) -> Field {
    Field(
      path: path, allowed: "a number from \(range.lowerBound) to \(range.upperBound)",
      set: { file, text in
        guard let value = Double(text), range.contains(value) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func flag(_ path: String, _ place: WritableKeyPath<ClusterFile, Bool> & Sendable) -> Field {
    Field(
      path: path, allowed: "true or false",
      set: { file, text in
        guard let value = Bool(text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Value> & Sendable
  ) -> Field {
    Field(
      path: path, allowed: Value.allCases.map(\.rawValue).joined(separator: " or "),
      set: { file, text in
        guard let value = Value(rawValue: text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { $0[keyPath: place].rawValue })
  }

  static func text(
    _ path: String, _ place: WritableKeyPath<ClusterFile, String> & Sendable, allowed: String,
    _ isAllowed: @escaping @Sendable (String) -> Bool
  ) -> Field {
    Field(
      path: path, allowed: allowed,
      set: { file, text in
        guard isAllowed(text) else { return false }
        file[keyPath: place] = text
        return true
      }, get: { $0[keyPath: place] })
  }
}

extension Field {
  /// `~` and what follows it is written out as the folder that it stands for, as a shell does.
  static func path(
    _ path: String, _ place: WritableKeyPath<ClusterFile, String> & Sendable, of what: String
  ) -> Field {
    Field(
      path: path, allowed: "the path of \(what); a ~ before it is somebody's home folder",
      set: { file, text in
        let whole = withHome(text)
        // Of no byte-order mark Foundation says whether it is part of a text.
        guard !whole.isEmpty, !whole.hasPrefix("~"), !whole.utf8.contains(0), text.unicodeScalars.first != "\u{feff}"
        else { return false }
        file[keyPath: place] = text.hasPrefix("~") ? whole : text
        return true
      }, get: { $0[keyPath: place] })
  }

  /// `~/x` is in the folder that HOME names, as for a shell, and `~ada/x` in that of ada.
  private static func withHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"], !home.isEmpty
    else { return (path as NSString).expandingTildeInPath }
    return home + path.dropFirst()
  }
}

extension ClusterFile {
  /// All keys, in the file's order.
  public static let fields: [Field] = [
    .text("cluster.name", \.cluster.name, allowed: nameRule, isName),
    .text(
      "cluster.bind", \.cluster.bind,
      allowed: "an address such as tcp://127.0.0.1:5570 or tcp://[::1]:5570 (* as the port takes any that is free), "
        + "without a key",
      isListeningAddress),
    .workers("cluster.workers", \.cluster.workers, 0...1024),
    .integer("cluster.heartbeat_ms", \.cluster.heartbeatMilliseconds, 10...60_000),
    .integer("cluster.failure_timeout_ms", \.cluster.failureTimeoutMilliseconds, 100...600_000),
    .integer("cluster.worker_memory_mb", \.cluster.workerMemoryMegabytes, 0...10_000_000),
    .number("cluster.verify", \.cluster.verify, 0...1),

    .path("security.key_file", \.security.keyFile, of: "a file, or none"),
    .path("security.authorized_file", \.security.authorizedFile, of: "a file, or none"),
    .choice("security.without_keys", \.security.withoutKeys),

    .text(
      "dashboard.bind", \.dashboard.bind,
      allowed: "an address such as http://127.0.0.1:5580 (* as the port takes any that is free), or off",
      { $0 == "off" || isWebAddress($0) }),
    .path("dashboard.token_file", \.dashboard.tokenFile, of: "a file, or none"),

    .text("task.name", \.task.name, allowed: "the name of a task, see grove tasks", isName),
    .integer("task.size", \.task.size, 4...64),
    .integer("task.start", \.task.start, 4...64),
    .integer("task.bits", \.task[setting: "bits"], 2...6),

    .integer("run.rounds", \.run.rounds, 1...10_000_000),
    .integer("run.steps", \.run.steps, 1...100_000_000),
    .seed("run.seed", \.run.seed),
    .integer("run.checkpoint_every", \.run.checkpointEvery, 1...1_000_000),
    .integer("run.evaluate_every", \.run.evaluateEvery, 1...1_000_000),
    .number("run.stop_at", \.run.stopAt, 0...2),
    .path("run.folder", \.run.folder, of: "a folder"),

    .choice("overseer.kind", \.overseer.kind),
    .integer("overseer.decompositions", \.overseer.decompositions, 1...1_000_000),
    .integer("overseer.per_round", \.overseer.perRound, 1...100_000),
    .choice("overseer.choice", \.overseer.choice),
    .integer("overseer.candidates", \.overseer.candidates, 1...1000),
    .integer("overseer.patience", \.overseer.patience, 0...1_000_000),
    .number("overseer.doubt", \.overseer.doubt, 0...1),
    .number("overseer.error_rate", \.overseer.errorRate, 0...1),
    .number("overseer.trust_loss", \.overseer.trustLoss, 0...100),
    .integer("overseer.steps", \.overseer.steps, 1...10_000),
    .integer("overseer.batch", \.overseer.batch, 1...100_000),
    .number("overseer.learning_rate", \.overseer.learningRate, 1e-7...1),
    .integer("overseer.width", \.overseer.width, 8...4096),
    .integer("overseer.layers", \.overseer.layers, 1...64),

    .number("oversight.review", \.oversight.review, 0...1),
    .choice("oversight.choice", \.oversight.choice),
    .integer("oversight.within", \.oversight.within, 0...1_000_000),
    .choice("oversight.unreviewed", \.oversight.unreviewed),
    .choice("oversight.view", \.oversight.view),
    .integer("oversight.lease_s", \.oversight.leaseSeconds, 1...86_400),
    .integer("oversight.undo_s", \.oversight.undoSeconds, 0...3600),
    .number("oversight.twice", \.oversight.twice, 0...1),
    .path("oversight.people_file", \.oversight.peopleFile, of: "a file, or none"),

    .integer("amplification.depth", \.amplification.depth, 1...16),
    .integer("amplification.contexts", \.amplification.contexts, 1...100_000),
    .integer("amplification.questions", \.amplification.questions, 1...4096),
    .integer("amplification.shards", \.amplification.shards, 1...100_000),

    .choice("distillation.target", \.distillation.target),
    .integer("distillation.steps", \.distillation.steps, 1...10_000),
    .integer("distillation.microbatches", \.distillation.microbatches, 1...4096),
    .number("distillation.learning_rate", \.distillation.learningRate, 1e-7...1),
    .integer("distillation.polyak_horizon", \.distillation.polyakHorizon, 1...1_000_000),
    .integer("distillation.replay", \.distillation.replay, 1...1_000_000),

    .integer("model.width", \.model.width, 8...4096),
    .integer("model.heads", \.model.heads, 1...64),
    .integer("model.fact_layers", \.model.factLayers, 1...64),
    .integer("model.question_layers", \.model.questionLayers, 1...64),
    .flag("model.share_layers", \.model.shareLayers),
    .flag("model.match_tokens", \.model.matchTokens),
    .text("model.device", \.model.device, allowed: "cpu, cuda or cuda:N") {
      $0.wholeMatch(of: /cpu|cuda(:\d+)?/) != nil
    },
  ]

  /// Whether a node can listen there. Its key is not part of where it listens.
  @Sendable private static func isListeningAddress(_ text: String) -> Bool {
    Address(text).map { $0.scheme != .http && $0.key == nil } ?? false
  }

  /// Whether pages can be there.
  @Sendable private static func isWebAddress(_ text: String) -> Bool { Address(text)?.scheme == .http }

  /// Whether a text can name a run, a node, a key, a study or a cluster: as a folder, on a command line and in an address.
  @Sendable public static func isName(_ text: String) -> Bool {
    let allowed = { (byte: UInt8) in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = text.utf8.first, text.utf8.count <= longestName, allowed(first) else { return false }
    return text.utf8.allSatisfy { allowed($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// Of names, in characters.
  static let longestName = 64

  /// - Parameter what: is to be named, such as `a run`.
  /// - Throws: ``NameError``
  public static func checkName(_ name: String, of what: String) throws {
    guard isName(name) else {
      throw NameError(description: "“\(name.prefix(80))” can't name \(what); allowed are \(nameRule)")
    }
  }

  /// What ``isName(_:)`` allows, for a sentence.
  public static let nameRule = "letters a to z, digits, _, - and ., 64 at most, with no - or . first"
}

/// Something was to have a name that none may have.
public struct NameError: Error, Hashable, CustomStringConvertible {
  public let description: String
}
