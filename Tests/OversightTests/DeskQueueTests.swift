import Testing

@testable import Oversight

/// Who has which question, without a desk.
struct DeskQueueTests {
  private let now = ContinuousClock.now
  private let first = QuestionID(.decomposition, round: 1, place: 0)
  private let other = QuestionID(.decomposition, round: 1, place: 1)

  private func queue(forTwo: Bool = false) -> DeskQueue {
    var queue = DeskQueue(lease: .seconds(60))
    for id in [first, other] { queue.add(id, isForTwo: forTwo, now: now) }
    return queue
  }

  @Test func eachQuestionIsOnePersonsAtATime() {
    var queue = queue()
    #expect(queue.take("ada", now: now) == first && queue.take("ada", now: now) == first)
    #expect(queue.take("ben", now: now) == other && queue.take("cyn", now: now) == nil)
    #expect(!queue.claim(first, by: "ben", now: now))
  }

  @Test func aLeaseRunsOutUnlessItIsRenewed() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    let renewed = queue.claim(first, by: "ada", now: now + .seconds(59))
    #expect(renewed && queue.holder(of: first, now: now + .seconds(100)) == "ada")
    #expect(queue.holder(of: first, now: now + .seconds(119)) == nil)
    let later = now + .seconds(119)
    #expect(queue.take("ben", now: later) == first)
    #expect(!queue.claim(first, by: "ada", now: later))
  }

  @Test func whoComesBackToWhatNobodyTookHasItAgain() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    #expect(queue.claim(first, by: "ada", now: now + .seconds(90)))
  }

  @Test func aShareOfQuestionsGoesToASecondPerson() {
    var queue = queue(forTwo: true)
    _ = queue.take("ada", now: now)
    queue.decided(first, by: "ada", now: now)
    #expect(queue.open == [other] && queue.take("ada", now: now) == other)
    queue.decided(other, by: "ada", now: now)
    #expect(queue.take("ada", now: now) == nil)
    #expect(queue.take("ben", now: now) == first && queue.isSecond(first, "ben"))
    queue.decided(first, by: "ben", now: now)
    #expect(queue.take("cyn", now: now) == other)
  }

  @Test func whatIsTakenBackIsThePersonsAgain() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    queue.decided(first, by: "ada", now: now)
    _ = queue.take("ada", now: now)
    queue.undecided(first, by: "ada", now: now)
    #expect(queue.open.contains(first) && queue.holder(of: first, now: now) == "ada")
  }

  @Test func whatAllLeaveToOthersIsLeft() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    #expect(!queue.passed(first, by: "ada", of: ["ada", "ben"], now: now))
    #expect(queue.take("ada", now: now) == other)
    #expect(queue.take("ben", now: now) == first)
    #expect(queue.passed(first, by: "ben", of: ["ada", "ben"], now: now))
  }
}
