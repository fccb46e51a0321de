import Addresses

extension ClusterFile {
  /// All keys, in the file's order.
  public static let fields: [Field] = [
    .text("cluster.name", \.cluster.name, allowed: nameRule, isName).circumstance,
    .text(
      "cluster.bind", \.cluster.bind,
      allowed: "an address such as tcp://127.0.0.1:5570 or tcp://[::1]:5570 (* as the port takes any that is free), "
        + "without a key",
      isListeningAddress
    ).circumstance,
    .workers("cluster.workers", \.cluster.workers, 0...1024).circumstance,
    .integer("cluster.heartbeat_ms", \.cluster.heartbeatMilliseconds, 10...60_000).circumstance,
    .integer("cluster.failure_timeout_ms", \.cluster.failureTimeoutMilliseconds, 100...600_000).circumstance,
    .integer("cluster.worker_memory_mb", \.cluster.workerMemoryMegabytes, 0...10_000_000).circumstance,
    .number("cluster.verify", \.cluster.verify, 0...1).circumstance,

    .path("security.key_file", \.security.keyFile, of: "a file, or none").circumstance,
    .path("security.authorized_file", \.security.authorizedFile, of: "a file, or none").circumstance,
    .choice("security.without_keys", \.security.withoutKeys).circumstance,

    .text(
      "dashboard.bind", \.dashboard.bind,
      allowed: "an address such as http://127.0.0.1:5580 (* as the port takes any that is free), or off",
      { $0 == "off" || isWebAddress($0) }
    ).circumstance,
    .path("dashboard.token_file", \.dashboard.tokenFile, of: "a file, or none").circumstance,

    .text("task.name", \.task.name, allowed: "the name of a task, see grove tasks", isName).names,
    .integer("task.size", \.task.size, 2...64).names,
    .integer("task.start", \.task.start, 2...64),
    .integer("task.bits", \.task[setting: "bits"], 2...6),
    .integer("task.reversed", \.task[setting: "reversed"], 0...1),
    .number("task.raise_at", \.task.raiseAt, 0...1),
    .integer("task.raise_after", \.task.raiseAfter, 0...1_000_000),
    .path("task.taught", \.task.taught, of: "a file, or all or none"),
    .integer("task.taught_count", \.task.taughtCount, 0...1_000_000),
    .number("task.taught_wrong", \.task.taughtWrong, 0...1),
    .integer("task.taught_steps", \.task.taughtSteps, 1...1_000_000),
    .number("task.taught_until", \.task.taughtUntil, 0...2),

    .integer("run.rounds", \.run.rounds, 1...10_000_000).ends,
    .integer("run.steps", \.run.steps, 1...100_000_000).ends,
    .seed("run.seed", \.run.seed).names,
    .integer("run.checkpoint_every", \.run.checkpointEvery, 1...1_000_000).circumstance,
    .integer("run.evaluate_every", \.run.evaluateEvery, 1...1_000_000),
    .number("run.stop_at", \.run.stopAt, 0...2).ends,
    .path("run.folder", \.run.folder, of: "a folder").circumstance,

    .choice("overseer.kind", \.overseer.kind),
    .integer("overseer.decompositions", \.overseer.decompositions, 1...1_000_000),
    .integer("overseer.per_round", \.overseer.perRound, 1...100_000),
    .choice("overseer.choice", \.overseer.choice),
    .integer("overseer.candidates", \.overseer.candidates, 1...1000),
    .integer("overseer.patience", \.overseer.patience, 0...1_000_000),
    .number("overseer.doubt", \.overseer.doubt, 0...1),
    .number("overseer.error_rate", \.overseer.errorRate, 0...1),
    .choice("overseer.flaw", \.overseer.flaw),
    .number("overseer.robustness", \.overseer.robustness, 0...1),
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
    .choice("oversight.view", \.oversight.view).circumstance,
    .integer("oversight.lease_s", \.oversight.leaseSeconds, 1...86_400).circumstance,
    .integer("oversight.undo_s", \.oversight.undoSeconds, 0...3600).circumstance,
    .number("oversight.twice", \.oversight.twice, 0...1),
    .path("oversight.people_file", \.oversight.peopleFile, of: "a file, or none").circumstance,

    .integer("amplification.depth", \.amplification.depth, 1...16),
    .number("amplification.doubt", \.amplification.doubt, 0...100),
    .integer("amplification.contexts", \.amplification.contexts, 1...100_000),
    .integer("amplification.questions", \.amplification.questions, 1...4096),
    .integer("amplification.shards", \.amplification.shards, 1...100_000),

    .choice("distillation.target", \.distillation.target),
    .integer("distillation.steps", \.distillation.steps, 1...10_000),
    .integer("distillation.microbatches", \.distillation.microbatches, 1...4096),
    .number("distillation.learning_rate", \.distillation.learningRate, 1e-7...1),
    .integer("distillation.warm_up", \.distillation.warmUp, 1...1_000_000),
    .integer("distillation.fall_after", \.distillation.fallAfter, 0...100_000_000),
    .integer("distillation.polyak_horizon", \.distillation.polyakHorizon, 1...1_000_000),
    .integer("distillation.replay", \.distillation.replay, 1...1_000_000),
    .integer("distillation.batch", \.distillation.batch, 0...100_000),
    .integer("distillation.inner", \.distillation.inner, 0...64),
    .number("distillation.abstain", \.distillation.abstain, 0...1),
    .number("distillation.accept.doubt", \.distillation.accept.doubt, 0...100),
    .number("distillation.accept.surest", \.distillation.accept.surest, 0...1),

    .choice("model.kind", \.model.kind),
    .path("model.weights", \.model.weights, of: "a GGUF file, or a folder as Hugging Face's, or none").circumstance,
    .text("model.weights_sha256", \.model.weightsSHA256, allowed: "64 hexadecimal digits, or none") {
      $0.wholeMatch(of: /none|[0-9a-f]{64}/) != nil
    },
    .choice("model.numbers", \.model.numbers),
    .choice("model.tuning", \.model.tuning),
    .integer("model.lora_rank", \.model.loraRank, 1...1024),
    .choice("model.lora_targets", \.model.loraTargets),
    .integer("model.width", \.model.width, 8...4096),
    .integer("model.heads", \.model.heads, 1...64),
    .integer("model.fact_layers", \.model.factLayers, 1...64),
    .integer("model.question_layers", \.model.questionLayers, 1...64),
    .integer("model.reading_layers", \.model.readingLayers, 0...64),
    .flag("model.share_layers", \.model.shareLayers),
    .flag("model.match_tokens", \.model.matchTokens),
    .choice("model.optimizer", \.model.optimizer),
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
