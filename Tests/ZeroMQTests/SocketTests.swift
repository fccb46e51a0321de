import Foundation
import Testing
import ZeroMQ

struct SocketTests {
  private let context: ZeroMQContext

  init() throws { context = try ZeroMQContext() }

  /// Waits for a message with `poll`, as the event loop does.
  private func receive(_ socket: Socket) throws -> [[UInt8]] {
    while true {
      if let frames = try socket.receive() { return frames.map { $0.withUnsafeBytes(Array.init) } }
      if socket.readiness.contains(.input) { continue }
      var descriptor = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&descriptor, 1, 20_000) > 0, "no message came")
    }
  }

  private func pair(largest: Int64 = -1) throws -> (router: Socket, dealer: Socket) {
    let router = try Socket(.router, in: context)
    try router.routeStrictly()
    try router.configure(largest: largest, queued: 1000, heartbeat: 1000, timeout: 5000)
    let address = try router.bind("tcp://127.0.0.1:*")
    let dealer = try Socket(.dealer, in: context)
    try dealer.setRoutingID("d#1")
    try dealer.connect(address)
    return (router, dealer)
  }

  @Test func framesGoThereAndBack() throws {
    let (router, dealer) = try pair()
    let large = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
    #expect(try dealer.send([Frame([1, 2]), Frame([]), Frame(large)]) == .accepted)
    let received = try receive(router)
    #expect(received == [Array("d#1".utf8), [1, 2], [], large])
    #expect(try router.send([Frame(Array("d#1".utf8)), Frame([9])]) == .accepted)
    #expect(try receive(dealer) == [[9]])
  }

  @Test func anUnknownPeerIsNoRoute() throws {
    let (router, _) = try pair()
    #expect(try router.send([Frame(Array("nobody".utf8)), Frame([1])]) == .noRoute)
  }

  @Test func anAddressIsBoundOnce() throws {
    let first = try Socket(.router, in: context)
    let address = try first.bind("tcp://127.0.0.1:*")
    let error = #expect(throws: ZeroMQError.self) { _ = try Socket(.router, in: context).bind(address) }
    #expect(error?.isAddressInUse == true)
    #expect(error?.description.contains(address) == true)
  }

  @Test func aFrameOverTheLimitEndsTheConnection() throws {
    let (router, dealer) = try pair(largest: 1000)
    let monitor = try router.monitor(named: "limit")
    #expect(try dealer.send([Frame([UInt8](repeating: 0, count: 2000))]) == .accepted)
    var isLost = false
    while !isLost {
      if case .lost = try monitor.receiveEvent() { isLost = true; break }
      if monitor.readiness.contains(.input) { continue }
      var descriptor = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&descriptor, 1, 20_000) > 0, "the connection stayed")
    }
    #expect(try router.receive() == nil)
  }

  @Test func aWakeupWakesOnce() throws {
    let wakeup = try Wakeup()
    var descriptor = pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&descriptor, 1, 0) == 0)
    wakeup.signal()
    wakeup.signal()
    #expect(poll(&descriptor, 1, 0) == 1)
    wakeup.clear()
    #expect(poll(&descriptor, 1, 0) == 0)
  }
}
