import Testing

@testable import Coordinator

struct UnitQueueTests {
  private func queue(_ count: Int) -> UnitQueue<Int, String> { UnitQueue(Array(0..<count)) }

  @Test func resultsComeInTheOrderOfTheUnits() async {
    let queue = queue(3)
    while let (index, unit) = await queue.next() {
      await queue.finish(index, "\(unit)")
      if index == 0 { #expect(await queue.all == nil) }
    }
    #expect(await queue.all == ["0", "1", "2"])
  }

  @Test func aUnitThatIsGivenBackGoesToTheNext() async throws {
    let queue = queue(1)
    let (index, _) = try #require(await queue.next())
    async let other = queue.next()
    await queue.giveBack(index)
    #expect(await other?.index == index)
    await queue.finish(index, "done")
    #expect(await queue.all == ["done"])
  }

  @Test func aLateSecondResultIsDropped() async throws {
    let queue = queue(1)
    let (index, _) = try #require(await queue.next())
    await queue.finish(index, "first")
    await queue.finish(index, "second")
    await queue.giveBack(index)
    #expect(await queue.all == ["first"])
    #expect(await queue.next() == nil)
  }

  @Test func whoWaitsIsLetGo() async throws {
    let queue = queue(1)
    _ = await queue.next()
    async let waiting = queue.next()
    await queue.abandon()
    // Either it was waiting and was let go, or it asks only now and waits: then this lets it go.
    await queue.finish(0, "done")
    #expect(await waiting == nil)
  }
}
