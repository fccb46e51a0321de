import Foundation
import Testing
import ZeroMQ

@testable import ActorCluster

/// A node whose port is sent everything but what it should be sent.
struct GarbageTests {
  @Test func aNodeServesOnAmidGarbage() async throws {
    try await Pair.with { pair in
      try flood(pair.callee.endpoint, count: 20_000)
      #expect(try await pair.echo.echo(7) == 7)
      #expect(pair.callee.members.count == 1)
    }
  }

  @Test func aNodeServesOnAmidBytesThatAreNotZeroMQ() async throws {
    try await Pair.with { pair in
      let port = try #require(UInt16(pair.callee.endpoint.split(separator: ":").last ?? ""))
      for greeting in ["GET / HTTP/1.1\r\n\r\n", "\u{FF}\u{FF}\u{FF}\u{FF}", String(repeating: "x", count: 100_000)] {
        try sendPlain(greeting, port: port)
      }
      #expect(try await pair.echo.echo(8) == 8)
    }
  }

  private func flood(_ endpoint: String, count: Int) throws {
    let context = try ZeroMQContext()
    let dealer = try Socket(.dealer, in: context)
    try dealer.setRoutingID("intruder#1")
    try dealer.connect(endpoint)
    var random = SystemRandomNumberGenerator()
    for index in 0..<count {
      var bytes = (0..<Int.random(in: 0...60)).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Every other message has a right beginning.
      if index.isMultiple(of: 2), bytes.count > 1 {
        bytes[0] = Envelope.version
        bytes[1] = UInt8.random(in: 0...12)
      }
      let frames = (0...Int.random(in: 0...2)).map { $0 == 0 ? Frame(bytes) : Frame([UInt8](repeating: 1, count: 5)) }
      while try dealer.send(frames) == .full {
        // What the node answers is read, so that it does not stop sending.
        while try dealer.receive() != nil {}
        var descriptor = pollfd(fd: dealer.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, 5)
      }
    }
  }

  private func sendPlain(_ text: String, port: UInt16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
