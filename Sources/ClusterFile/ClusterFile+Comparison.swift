/// What makes a run another run.
extension ClusterFile {
  /// The keys that say when a run ends, for a sentence.
  public static var endsOfRuns: String {
    let paths = fields.filter { $0.role == .ends }.map(\.path)
    return "\(paths.dropLast().joined(separator: ", ")) and \(paths.last ?? "")"
  }

  /// What says what is computed: values by key.
  public var settings: [String: String] {
    let fields = Self.fields.filter { $0.role == .computes || $0.role == .names }
    return Dictionary(fields.map { ($0.path, $0.get(self)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The settings in which two configurations differ, other than those that only say where and for how long to run.
  ///
  /// - Parameter countingEnds: whether for how long is one of them, too: of a finished run it is.
  public func differences(from other: ClusterFile, countingEnds: Bool = false) -> [String] {
    Self.fields.filter { field in
      field.role != .circumstance && (countingEnds || field.role != .ends) && field.get(self) != field.get(other)
    }
    .map { "\($0.path) was \($0.get(other)) and is \($0.get(self))" }
  }

  /// What a run is called to which nobody gave a name: task, size and seed, and what else makes it another run than one with
  /// the defaults, as in `permutation-8-seed-1-distillation.learning_rate-0.01`.
  public var runName: String {
    let name = "\(task.name)-\(task.size)-seed-\(run.seed)"
    let standard = ClusterFile()
    let settings = Self.fields.filter { $0.role == .computes && $0.get(self) != $0.get(standard) }
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
