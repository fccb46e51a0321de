import Testing

@testable import Oversight

/// Who has which question, without a desk.
struct DeskStateMachineTests {
  private let now = ContinuousClock.now
  private let first = QuestionID(.decomposition, round: 1, place: 0)
  private let other = QuestionID(.decomposition, round: 1, place: 1)

  private func queue(forTwo: Bool = false) -> DeskStateMachine {
    var queue = DeskStateMachine(lease: .seconds(60))
    for id in [first, other] { queue.add(id, isForTwo: forTwo, now: now) }
    return queue
  }

  @Test func eachQuestionIsOnePersonsAtATime() {
    var queue = queue()
    let given = ["ada", "ada", "ben", "cyn"].map { queue.take($0, now: now) }
    #expect(given == [first, first, other, nil])
    let isTaken = queue.claim(first, by: "ben", now: now)
    #expect(!isTaken)
  }

  @Test func aLeaseRunsOutUnlessItIsRenewed() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    let renewed = queue.claim(first, by: "ada", now: now + .seconds(59))
    #expect(renewed && queue.holder(of: first, now: now + .seconds(100)) == "ada")
    #expect(queue.holder(of: first, now: now + .seconds(119)) == nil)
    let later = now + .seconds(119)
    let next = queue.take("ben", now: later)
    let isLate = !queue.claim(first, by: "ada", now: later)
    #expect(next == first && isLate)
  }

  @Test func whoComesBackToWhatNobodyTookHasItAgain() {
    var queue = queue()
    _ = queue.take("ada", now: now)
    let isBack = queue.claim(first, by: "ada", now: now + .seconds(90))
    #expect(isBack)
  }

  @Test func aShareOfQuestionsGoesToASecondPerson() {
    var queue = queue(forTwo: true)
    _ = queue.take("ada", now: now)
    queue.decided(first, by: "ada", now: now)
    #expect(queue.open == [other])
    queue.decided(other, by: "ada", now: now)
    let given = ["ada", "ben"].map { queue.take($0, now: now) }
    #expect(given == [nil, first] && queue.isSecond(first, "ben"))
    queue.decided(first, by: "ben", now: now)
    let third = queue.take("cyn", now: now)
    #expect(third == other)
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
    let byOne = queue.passed(first, by: "ada", of: ["ada", "ben"], now: now)
    let given = ["ada", "ben"].map { queue.take($0, now: now) }
    let byAll = queue.passed(first, by: "ben", of: ["ada", "ben"], now: now)
    #expect(!byOne && given == [other, first] && byAll)
  }
}
