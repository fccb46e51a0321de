import ClusterFile
import Foundation
import Oversight
import RunStore
import Tasks
import Testing

@testable import Coordinator

/// Answers that are held back, in a real journal.
final class ReviewGateTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-gate-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func gate() async throws -> ReviewGate {
    let store = try await RunStore.open("r", in: folder)
    let desk = Desk(
      .init(run: "r", lease: .seconds(60), twice: 0, showsFacts: false), Permutation(size: 8, bits: 3),
      journal: store.journal
    ) { _, _ in throw Desk.Unanswered(description: "nobody is there") }
    return ReviewGate(configuration: ClusterFile(), journal: store.journal, desk: desk)
  }

  private let held = [HeldExample(round: 4, place: 2, elements: 8, due: 6)]

  /// Without it X would learn something else.
  @Test(arguments: [nil, "{\"context\":", "{}"]) func oneThatCantBeReadEndsWithItsName(_ body: String?) async throws {
    let gate = try await gate()
    if let body { try await gate.journal.record(held: [2: body], round: 4) }
    do {
      _ = try await gate.items(held)
      Issue.record("it was left out")
    } catch {
      #expect("\(error)".contains("the answer r4.3 that waits for review"))
    }
  }

  @Test func oneWhoseReviewWasWithdrawnIsLeftOut() async throws {
    let gate = try await gate()
    let record = try await gate.journal.record(
      .init(kind: "review", round: 4, place: 2, person: "ada", time: 0, body: "{}", standing: .valid))
    try await gate.journal.set(.withdrawn, of: [try #require(record.number)])
    #expect(try await gate.items(held).isEmpty)
  }
}
