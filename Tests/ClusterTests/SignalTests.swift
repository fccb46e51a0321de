import Testing

@testable import Coordinator

struct SignalTests {
  /// Something that one task waits for, and another brings about.
  private actor Door {
    private let changes = Signal()
    private var isOpen = false

    func open() {
      isOpen = true
      changes.notify()
    }

    func close() { isOpen = false }

    func pass() async { while !isOpen { await changes.change() } }
  }

  /// Between the look at what it is about and the wait nothing is missed, whichever thread comes first.
  @Test(.timeLimit(.minutes(1))) func whoWaitsFromWithinAnActorMissesNothing() async {
    let door = Door()
    for _ in 0..<5000 {
      await door.close()
      async let passed: Void = door.pass()
      async let opened: Void = door.open()
      _ = await (passed, opened)
    }
  }
}
