import ClusterFile
import Foundation
import Yams

/// A study: every task with every variant of the settings and every seed, each of them a run.
public struct StudyFile: Hashable, Sendable {
  /// A setting over the defaults, such as `overseer.error_rate` to `0.1`.
  typealias Setting = (line: String, path: String, value: String)

  /// One run of a study.
  public struct Run: Hashable, Sendable {
    /// `error-rate_permutation_errs-10_seed-1`
    public let name: String
    public let task: String
    public let variant: String
    public let seed: UInt64
    /// All that the run is made with.
    public let file: ClusterFile
  }

  public private(set) var name = ""
  /// What the study asks, a sentence.
  public private(set) var question = ""
  public private(set) var tasks: [String] = []
  public private(set) var variants: [String] = []
  public private(set) var seeds: [UInt64] = []
  /// Task by task, variant by variant, seed by seed.
  public private(set) var runs: [Run] = []
  /// The file as it was read.
  public private(set) var text = ""

  /// The same study, with what becomes of each run's configuration.
  public func mapFiles(_ transform: (ClusterFile) throws -> ClusterFile) rethrows -> StudyFile {
    var study = self
    study.runs = try runs.map {
      Run(name: $0.name, task: $0.task, variant: $0.variant, seed: $0.seed, file: try transform($0.file))
    }
    return study
  }

  private static let keys = ["name", "question", "tasks", "variants", "seeds", "settings"]
  private static let mostRuns = 10_000

  /// Keys that a study says itself, and where.
  private static let owned = [
    "task.name": "the names under tasks are those of the tasks", "run.seed": "seeds is the list of the seeds",
    "run.folder": "runs are in the study's folder, see --folder",
  ]

  /// One of the command line.
  private static func setting(_ override: String) -> Setting {
    let path = override.prefix { $0 != "=" }
    return (line: "--set \(override)", path: String(path), value: String(override.dropFirst(path.count + 1)))
  }

  /// Why a key can't be what tells runs of a study apart; nil: it can.
  private static func reason(againstVarying path: String) -> String? {
    let places = ["cluster.name", "cluster.bind", "security.", "dashboard."]
    return owned[path]
      ?? (places.contains { path.hasPrefix($0) } ? "it only says where a run is found, and belongs in settings" : nil)
  }

  /// Reads a study and makes the configuration of each of its runs, so that all that is wrong is known before any starts.
  ///
  /// - Parameter overrides: `run.rounds=10`, as the command line's `--set` gives them; they go over all else.
  /// - Throws: ``ClusterFileError`` with the line and what is allowed.
  public static func read(path: String, overrides: [String] = []) throws -> StudyFile {
    guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 20,
      let text = String(data: data, encoding: .utf8)
    else {
      throw ClusterFileError("\(path) can't be read: is there such a file, of UTF-8 text?")
    }
    return try StudyFile(yaml: text, named: path, overrides: overrides)
  }

  /// - Parameter file: by which errors call the text.
  public init(yaml: String, named file: String, overrides: [String] = []) throws {
    text = yaml
    let root: Node?
    do {
      root = try compose(yaml: yaml)
    } catch let error as YamlError {
      throw ClusterFileError("\(file)\(error.place)")
    }
    guard case .mapping(let entries) = root else {
      throw ClusterFileError("\(file): a study has the keys \(Self.keys.joined(separator: ", "))")
    }
    var parts: [String: Node] = [:]
    for (key, value) in entries {
      guard Self.keys.contains(key.text) else {
        throw ClusterFileError(
          "\(file)\(key.place): there is no key \(key.text); there is \(Self.keys.joined(separator: ", "))")
      }
      parts[key.text] = value
    }
    func fail(_ node: Node?, _ sentence: String) -> ClusterFileError {
      ClusterFileError("\(file)\(node?.place ?? ""): \(sentence)")
    }

    name = parts["name"]?.text ?? ""
    guard ClusterFile.isName(name) else {
      throw fail(parts["name"], "name is “\(name.prefix(80))”; allowed are \(ClusterFile.nameRule)")
    }
    question = parts["question"]?.text ?? ""
    guard let list = parts["seeds"]?.sequence, !list.isEmpty else {
      throw fail(parts["seeds"], "seeds is a list of whole numbers, such as [1, 2, 3]")
    }
    for node in list {
      guard let seed = UInt64(node.text), !seeds.contains(seed) else {
        throw fail(node, "“\(node.text.prefix(80))” is no seed, or is there twice; seeds are whole numbers from 0")
      }
      seeds.append(seed)
    }

    func settings(_ node: Node?, of owner: String) throws -> [Setting] {
      guard let node, !node.isBlank else { return [] }
      guard case .mapping(let entries) = node else {
        throw fail(node, "\(owner) has settings such as {run.rounds: 100}, or {} for none")
      }
      return try entries.map { key, value in
        guard case .scalar(let scalar) = value else { throw fail(key, "\(key.text) takes one value") }
        return (line: "\(file)\(key.place)", path: key.text, value: scalar.string)
      }
    }
    func groups(_ key: String) throws -> [(name: String, settings: [Setting])] {
      guard case .mapping(let entries) = parts[key], !entries.isEmpty else {
        throw fail(parts[key], "\(key) is a list of names with settings, such as {first: {run.rounds: 100}}")
      }
      return try entries.map { key, value in
        guard ClusterFile.isName(key.text) else {
          throw fail(key, "“\(key.text.prefix(80))” is no name; allowed are \(ClusterFile.nameRule)")
        }
        return (key.text, try settings(value, of: key.text))
      }
    }
    let common = try settings(parts["settings"], of: "settings")
    let (tasks, variants) = (try groups("tasks"), try groups("variants"))
    for setting in common + overrides.map(Self.setting) where Self.owned[setting.path] != nil {
      throw ClusterFileError(
        "\(setting.line): \(setting.path) is not set in a study: \(Self.owned[setting.path] ?? "")")
    }
    for setting in (tasks + variants).flatMap(\.settings) {
      guard let reason = Self.reason(againstVarying: setting.path) else { continue }
      throw ClusterFileError("\(setting.line): \(setting.path) can't differ between the runs of a study: \(reason)")
    }
    self.tasks = tasks.map(\.name)
    self.variants = variants.map(\.name)
    guard tasks.count * variants.count * seeds.count <= Self.mostRuns else {
      throw fail(nil, "there are \(tasks.count * variants.count * seeds.count) runs; \(Self.mostRuns) are allowed")
    }
    for task in tasks {
      for variant in variants {
        for seed in seeds {
          let name = "\(name)_\(task.name)_\(variant.name)_seed-\(seed)"
          guard ClusterFile.isName(name) else {
            throw fail(nil, "the run \(name.prefix(160)) has too long a name: shorten that of the study or the variant")
          }
          let file = try ClusterFile(
            [("", "task.name", task.name), ("", "run.seed", "\(seed)")] + common + task.settings + variant.settings,
            overrides)
          runs.append(Run(name: name, task: task.name, variant: variant.name, seed: seed, file: file))
        }
      }
    }
  }
}

extension ClusterFile {
  /// The defaults with settings over them, the later over the earlier.
  fileprivate init(_ settings: [StudyFile.Setting], _ overrides: [String]) throws {
    self.init()
    for setting in settings {
      do {
        try set(setting.path, to: setting.value)
      } catch let error as ClusterFileError {
        throw ClusterFileError("\(setting.line): \(error)")
      }
    }
    for override in overrides { try set(override) }
    try check()
  }
}

extension Node {
  fileprivate var sequence: [Node]? {
    if case .sequence(let nodes) = self { Array(nodes) } else { nil }
  }
}
