import Amplification
import ClusterFile
import Foundation
import Oversight
import RunStore
import Tasks

/// A run's store, configuration and task, for looking at.
struct KeptRun {
  let store: RunStore
  let file: ClusterFile
  let task: any TaskDefinition

  /// - Throws: a sentence.
  init(_ name: String, in folder: String) throws {
    store = try RunStore.read(name, in: folder)
    guard let data = store.contents(of: "config.yaml") else { throw Failure("the run \(name) has no config.yaml") }
    var file = ClusterFile()
    try file.take(yaml: String(decoding: data, as: UTF8.self), named: "\(folder)/\(name)/config.yaml")
    self.file = file
    task = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
  }
}

extension KeptRun {
  /// What a judgment was about; nil if that is not known any more.
  func context(of entry: Provenance.Entry) throws -> Context? {
    guard entry.id.kind == .decomposition else {
      return try store.journal.held(round: entry.id.round, place: entry.id.place).flatMap {
        try? JSONDecoder().decode(HeldQuestion.self, from: Data($0.utf8)).context
      }
    }
    return task.sample(
      .decompositions, seed: file.run.seed, round: entry.id.round, [entry.id.place], elements: entry.judgment.elements,
      questions: 1
    ).contexts.first
  }
}
