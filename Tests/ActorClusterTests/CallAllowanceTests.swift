import Testing

@testable import ActorCluster

/// How many calls one caller may make, without a clock.
struct CallAllowanceTests {
  private let start = ContinuousClock.now

  @Test func soManyAtATime() {
    var allowance = CallAllowance(atATime: 2, perSecond: 100)
    #expect(allowance.take(at: start) == nil && allowance.take(at: start) == nil)
    #expect(allowance.take(at: start) == "2 calls at a time")
    allowance.give()
    #expect(allowance.take(at: start) == nil)
  }

  @Test func soManyASecond() {
    var allowance = CallAllowance(atATime: 100, perSecond: 2)
    for second in 0..<3 {
      let now = start + .seconds(second)
      #expect(allowance.take(at: now) == nil && allowance.take(at: now) == nil)
      #expect(allowance.take(at: now + .milliseconds(999)) == "2 calls a second")
    }
  }

  @Test func whatEndsTwiceGivesNothingMore() {
    var allowance = CallAllowance(atATime: 1, perSecond: 100)
    allowance.give()
    #expect(allowance.take(at: start) == nil && allowance.take(at: start) != nil)
  }
}
