import Foundation
import Safetensors

extension RunStore {
  /// A run between two rounds: arrays that are written anew each time, and parts that stay as they are.
  public struct Checkpoint: Sendable {
    public var arrays: Safetensors
    public var parts: [CheckpointPart]

    public init(_ arrays: Safetensors, parts: [CheckpointPart] = []) {
      self.arrays = arrays
      self.parts = parts
    }
  }

  /// Checkpoints that are kept.
  private static let mostKept = 3

  /// Writes a checkpoint: its new parts first, then itself, aside, to the disk, renamed, and then named in the journal.
  ///
  /// - Throws: ``RunStoreError`` if it can't be written, `SafetensorsError` if it could not be read again.
  public func save(_ checkpoint: Checkpoint, round: Int) async throws {
    let number = String(repeating: "0", count: max(0, 7 - "\(round)".count)) + "\(round)"
    let file = "\(CheckpointFiles.checkpoints)/round-\(number).safetensors"
    let hash = try await disk.run { [files] in try files.write(checkpoint, to: file) }
    let dropped = try await journal.record(
      checkpoint: Journal.Checkpoint(round: round, file: file, sha256: hash), keeping: Self.mostKept)
    // Parts of older checkpoints are parts of this one, too, unless they are of another future.
    await disk.run { [files] in files.drop(dropped, keeping: checkpoint.parts) }
  }

  /// The newest checkpoint that is whole. - Parameter report: is told of each that is not.
  public func latestCheckpoint(report: (String) -> Void) async throws -> (round: Int, checkpoint: Checkpoint)? {
    var problems: [String] = []
    defer { for problem in problems { report(problem) } }
    for entry in try await journal.checkpoints() {
      do {
        let checkpoint = try await disk.run { [files] in try files.read(entry) }
        if let last = problems.popLast() {
          problems.append("\(last); the one before it is used, of round \(entry.round)")
        }
        return (entry.round, checkpoint)
      } catch {
        problems.append("the checkpoint \(entry.file) can't be used: \(error.reason)")
      }
    }
    return nil
  }

  /// Withdraws a judgment: the run goes on from before the first round that learned from it, and is not finished any more.
  ///
  /// - Parameter derived: judgments that were given while hearing models of that round or later.
  public func withdraw(_ number: Int64, from first: Int?, derived: [Int64]) async throws {
    let gone = try await journal.withdraw(number, from: first, derived: derived) + (first == nil ? [] : ["result.json"])
    await disk.run { [folder] in
      for file in gone { try? FileManager.default.removeItem(at: folder.appendingPathComponent(file)) }
    }
  }
}
