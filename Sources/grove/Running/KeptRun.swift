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
  init(_ name: String, in folder: String) async throws {
    store = try await RunStore.read(name, in: folder)
    guard let data = try await store.contents(of: "config.yaml") else {
      throw Failure("the run \(name) has no config.yaml")
    }
    var file = ClusterFile()
    try file.take(yaml: String(decoding: data, as: UTF8.self), named: "\(folder)/\(name)/config.yaml")
    self.file = file
    task = try file.makeTask()
  }
}

extension KeptRun {
  /// The newest checkpoint that is whole, with its round. Those that are not are named on standard error.
  func checkpoint() async throws -> (round: Int, file: RunStore.Checkpoint) {
    guard let (round, file) = try await store.latestCheckpoint(report: { Terminal.warn($0) }) else {
      throw Failure(try await withoutCheckpoint())
    }
    return (round, file)
  }

  /// Why there is none, and what can be done.
  private func withoutCheckpoint() async throws -> String {
    let (name, noted) = (store.name, try await store.journal.checkpoints().count)
    if noted > 0 {
      return
        "none of the \(noted) checkpoints of the run \(name) can be used: put them back from a copy, or make the run anew "
        + "under another name, with --config \(store.folder.path.shellQuoted)/config.yaml"
    }
    if try await store.result() != nil {
      return "the run \(name) is finished, and its journal names no checkpoint: the journal is not the run's own"
    }
    return "the run \(name) has no checkpoint yet: wait until it has, every run.checkpoint_every rounds"
  }

  /// Which judgments the run rests on. What can't be read of them is said on standard error.
  func provenance() async throws -> Provenance {
    let provenance = try await Provenance(store.journal)
    for problem in provenance.problems { Terminal.warn(problem) }
    return provenance
  }

  /// What a judgment was about; nil if that is not known any more.
  func context(of entry: Provenance.Entry) async throws -> Context? {
    guard entry.id.kind == .decomposition else {
      return try await store.journal.held(round: entry.id.round, place: entry.id.place).map {
        try JournalRecord.decode(HeldQuestion.self, from: $0, named: "the answer \(entry.id) that was reviewed").context
      }
    }
    return task.sample(
      .decompositions, seed: file.run.seed, round: entry.id.round, [entry.id.place], elements: entry.judgment.elements,
      questions: 1
    ).contexts.first
  }
}
