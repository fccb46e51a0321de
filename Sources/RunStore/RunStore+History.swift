import ClusterFile
import Foundation
import Status

extension RunStore {
  /// What was measured so far, oldest first. - Parameter report: is told what is missing of it, a sentence each.
  public func history(report: (String) -> Void) async throws -> [MetricsLine] {
    let (lines, problems) = try await measured()
    for problem in problems { report(problem) }
    return lines
  }

  /// What was measured so far, oldest first, and what is missing of it, a sentence each.
  public func measured() async throws -> (lines: [MetricsLine], problems: [String]) {
    let (read, problems) = try await metrics(PossibleLine.self)
    let lines = read.map(\.line)
    // Lines that can't be read are named; those that are not there are found by the rounds of the others.
    return (lines, problems + (try await gaps(in: lines.map(\.round))))
  }

  /// Rounds that were measured and are not among these.
  private func gaps(in rounds: [Int]) async throws -> [String] {
    guard let every = try await measuresEvery() else { return [] }
    let result = try? await result()
    guard let last = rounds.last else {
      guard let result, result.steps > 0, result.rounds >= every else { return [] }
      return ["metrics.jsonl is gone or empty: of \(result.rounds) rounds only what result.json says is known"]
    }
    let kept = try await journal.checkpoints().first?.round ?? last
    // The round that would be measured next.
    let next = (max(last, result?.rounds ?? kept) / every + 1) * every
    let measured = rounds + [next]
    return zip(measured, measured.dropFirst()).filter { $1 - $0 > every }.map { before, after in
      let (from, to) = (before + every, after - every)
      let rounds = from == to ? "in round \(from)" : "from round \(from) to \(to)"
      return "metrics.jsonl lacks what was measured \(rounds)"
    }
  }

  /// Rounds from one measurement to the next; nil if the configuration can't be read.
  private func measuresEvery() async throws -> Int? {
    guard let data = try await contents(of: "config.yaml") else { return nil }
    var file = ClusterFile()
    guard (try? file.take(yaml: String(decoding: data, as: UTF8.self), named: "config.yaml")) != nil else { return nil }
    return file.run.evaluateEvery
  }
}

/// A line that a run can have written.
private struct PossibleLine: Decodable {
  let line: MetricsLine

  init(from decoder: any Decoder) throws {
    line = try MetricsLine(from: decoder)
    guard line.isPossible else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "there is a number in it that no run comes to"))
    }
  }
}
