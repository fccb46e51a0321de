import ActorCluster
import Logging
import WorkUnits

/// Finds the replica that is wrong when those of a team differ after a round.
///
/// All members apply the same steps to the same sums, so that all must end in the same bits. One that does not, because
/// its memory or its processor failed, has also spoilt the sums of the others: the round is to be done again without it.
actor ReplicaVote {
  /// What all replicas agreed on last.
  private var agreed: (round: Int, hash: String)?
  /// The round in which they differed and nobody could be told to be wrong.
  private var undecided: Int?
  private let log: Logger

  init(log: Logger) {
    self.log = log
  }

  /// - Throws: ``DivergedError`` if the round is to be done again; ``ReplicaError`` if that would be no use.
  func check(_ reports: [TrainingReport], of team: [Roster.Ready], round: Int, roster: Roster) async throws {
    let now = zip(team, reports).map { (ready: $0, hash: $1.weightsHash) }
    if Set(now.map(\.hash)).count == 1 {
      agreed = now.first.map { (round, $0.hash) }
      return
    }
    var before: [(ready: Roster.Ready, hash: String)] = []
    for ready in team {
      let hash = try? await RemoteCall.with(timeout: Dispatch.deadline) {
        try await ready.worker.weightsHash(after: round - 1)
      }
      before.append((ready, hash ?? ""))
    }
    let wrong =
      Self.wrong(before.map(\.hash), expected: agreed?.round == round - 1 ? agreed?.hash : nil)
      ?? Self.wrong(now.map(\.hash), expected: nil)
    let differences = now.map { "\($0.ready.member.node.name) has \($0.hash.prefix(12))" }.joined(separator: ", ")
    guard let wrong else {
      guard undecided != round else {
        throw ReplicaError(
          description:
            "the replicas differ after round \(round), twice: \(differences). Which is wrong can't be told from "
            + "\(team.count): look at these machines' memory, or go on with others")
      }
      undecided = round
      // With those that sat out for being slow, there may be enough to tell.
      await roster.callInTheSlow()
      log.warning("the replicas differ after round \(round): \(differences); it is done again")
      throw DivergedError()
    }
    for place in wrong {
      let ready = team[place]
      log.error("\(ready.member.node.name) is wrong after round \(round): \(differences); it is taken out")
      await roster.expel(ready.member.node, because: "has other weights than the others")
    }
    throw DivergedError()
  }

  /// The places of hashes that differ from what is expected, or from what most have.
  ///
  /// - Returns: nil if none does, or if it can't be told.
  static func wrong(_ hashes: [String], expected: String?) -> [Int]? {
    let counts = Dictionary(grouping: hashes, by: \.self).mapValues(\.count)
    guard let right = expected ?? counts.first(where: { $0.value * 2 > hashes.count })?.key, counts[right] != nil else {
      return nil
    }
    let wrong = hashes.indices.filter { hashes[$0] != right }
    return wrong.isEmpty ? nil : wrong
  }
}

/// Replicas differed; the round is to be done again.
struct DivergedError: Error {}

/// Replicas that must be equal are not, again and again.
public struct ReplicaError: Error, Equatable, CustomStringConvertible {
  public let description: String
}
