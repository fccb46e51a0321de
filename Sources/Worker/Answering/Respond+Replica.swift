import Amplification
import Randomness
import WorkUnits

extension Respond: AnsweredUnit {
  static let activity = "answering"

  func result(by replica: Replica) async throws -> Reply {
    let teacher = try replica.models(after: round).teacher
    let key = RandomKey(seed: replica.configuration.run.seed, purpose: .questions, round: round)
    let replies = try await teacher.reply(to: [Asked(question, about: 0, key: key)], in: [context])
    return replies.first ?? Reply(replica.task.unknown, by: teacher.author)
  }

  static func count(_ result: Reply) -> (questions: Int, shards: Int) { (1, 0) }
}

extension TakeSnapshot: AnsweredUnit {
  static let activity = "handing on"

  func result(by replica: Replica) throws -> ModelSnapshot { try replica.snapshot(after: round) }
}
