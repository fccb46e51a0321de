import Amplification
import Randomness
import WorkUnits

extension Recite: AnsweredUnit {
  static let activity = "reciting"

  func result(by replica: Replica) async throws -> Int {
    guard taught.isWhole else { return 0 }
    let rows = taught.rows
    let key = RandomKey(seed: replica.configuration.run.seed, purpose: .teaching, round: round)
    let asked = rows.enumerated().flatMap { row, lesson in
      lesson.questions.map { Asked($0, about: row, key: key) }
    }
    let replies = try await replica.models(after: round).teacher.reply(to: asked, in: rows.map(\.context))
    return zip(replies, rows.flatMap(\.answers)).count { $0.answer == $1 }
  }

  static func count(_ result: Int) -> (questions: Int, shards: Int) { (result, 1) }
}
