import ArgumentParser
import ClusterFile
import Foundation
import RunStore
import Tasks

/// What a shell offers when somebody presses Tab; lists are in its script, all else is looked up.
enum Completions {
  static let tasks = CompletionKind.list(TaskCatalog.grove.names)
  static let keys = CompletionKind.list(ClusterFile.fields.map { $0.path + "=" })
  static let runs = CompletionKind.custom { words, _, _ in runs(in: folder(words)) }
  static let workers = CompletionKind.custom { words, _, _ in workers(of: folder(words)) }
  static let yaml = CompletionKind.file(extensions: ["yaml", "yml"])

  /// The runs of a folder.
  static func runs(in folder: String) -> [String] {
    RunStore.names(in: folder).filter(ClusterFile.isName)
  }

  /// Workers that runs of a folder have had.
  private static func workers(of folder: String) -> [String] {
    let logs = runs(in: folder).flatMap { run in
      (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(run)/logs")) ?? []
    }
    return Set(logs.filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }).sorted()
  }

  /// Where the command that is being typed would look for runs.
  static func folder(_ words: [String]) -> String {
    // Bash takes a = for a word of its own.
    var joined: [String] = []
    for word in words {
      if let last = joined.last, word == "=" || last.hasSuffix("=") {
        joined[joined.count - 1] = last + word
      } else {
        joined.append(word)
      }
    }
    func values(of option: String) -> [String] {
      zip(joined, joined.dropFirst()).filter { $0.0 == option }.map(\.1)
        + joined.filter { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
    }
    if let folder = values(of: "--folder").last { return folder }
    var file = ClusterFile()
    let path = values(of: "--config").last ?? "cluster.yaml"
    if let data = FileManager.default.contents(atPath: path) {
      try? file.take(yaml: String(decoding: data, as: UTF8.self), named: path)
    }
    for setting in values(of: "--set") { try? file.set(setting) }
    return file.run.folder
  }
}
