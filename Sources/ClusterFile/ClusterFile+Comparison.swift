/// What makes a run another run.
extension ClusterFile {
  /// Keys, or sections, that only say where a run is made and how it is looked at.
  private static let circumstances = [
    "cluster.", "security.", "dashboard.", "run.checkpoint_every", "run.folder", "oversight.view", "oversight.lease_s",
    "oversight.undo_s",
    "oversight.people_file",
  ]
  /// Keys that say when it ends: a run that is not finished may be given others.
  private static let ends = ["run.rounds", "run.steps", "run.stop_at"]
  /// ``ends``, for a sentence.
  public static let endsOfRuns = "run.rounds, run.steps and run.stop_at"
  /// Keys that the name of a run says by itself.
  private static let named = ["task.name", "task.size", "run.seed"]

  private static func isCircumstance(_ path: String) -> Bool { circumstances.contains { path.hasPrefix($0) } }

  /// What says what is computed: values by key.
  public var settings: [String: String] {
    let fields = Self.fields.filter { !Self.isCircumstance($0.path) && !Self.ends.contains($0.path) }
    return Dictionary(fields.map { ($0.path, $0.get(self)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The settings in which two configurations differ, other than those that only say where and for how long to run.
  ///
  /// - Parameter countingEnds: whether for how long is one of them, too: of a finished run it is.
  public func differences(from other: ClusterFile, countingEnds: Bool = false) -> [String] {
    Self.fields.filter { field in
      !Self.isCircumstance(field.path) && (countingEnds || !Self.ends.contains(field.path))
        && field.get(self) != field.get(other)
    }
    .map { "\($0.path) was \($0.get(other)) and is \($0.get(self))" }
  }

  /// What a run is called to which nobody gave a name: task, size and seed, and what else makes it another run than one with
  /// the defaults, as in `permutation-8-seed-1-distillation.learning_rate-0.01`.
  public var runName: String {
    let name = "\(task.name)-\(task.size)-seed-\(run.seed)"
    let standard = ClusterFile()
    let settings = Self.fields.filter { field in
      !Self.isCircumstance(field.path) && !(Self.ends + Self.named).contains(field.path)
        && field.get(self) != field.get(standard)
    }
    .map { (path: $0.path, value: $0.get(self)) }
    let long = ([name] + settings.map { "\($0.path)-\($0.value.allowedInNames)" }).joined(separator: "-")
    guard long.utf8.count > Self.longestName else { return long }
    // Too many to be told: a number that is another for others.
    let all = settings.map { "\($0.path)=\($0.value)" }.joined(separator: "\n")
    let short = String(name.prefix(Self.longestName - 9))
    return "\(short)-\(all.fingerprint)"
  }
}

extension String {
  /// With what no name may have replaced.
  fileprivate var allowedInNames: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "-" })
  }

  /// Eight hexadecimal digits, by the FNV-1a hash of its bytes.
  fileprivate var fingerprint: String {
    let hash = utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
