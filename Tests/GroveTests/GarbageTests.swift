import Distributed
import Foundation
import Mutation
import Testing
import ZeroMQ

@testable import ActorCluster

/// Every port of a real cluster is sent everything but what it should be sent, while the run goes on.
@Suite(.serialized) struct GarbageTests {
  /// More than a process may grow meanwhile: what is kept of a message is a leak.
  private static let mostGrowth = 48 << 20

  @Test func fuzzedPortsChangeNothingAndKeepTheirMemory() async throws {
    let cluster = try Cluster(workers: 2)
    try await cluster.round(atLeast: 10)
    let processes = [cluster.coordinator] + cluster.workers.values
    for process in processes {
      let ports = listeningPorts(of: process.processID)
      #expect(!ports.isEmpty)
      for port in ports {
        // Once to have all buffers there are, then to see that no more is kept.
        try flood(port, with: Mutation(of: messages).prefix(2000))
        let before = residentBytes(of: process.processID)
        try flood(port, with: Mutation(of: messages))
        for bytes in Mutation(of: greetings).prefix(Mutation.count / 25) { try sendPlain(bytes, port: port) }
        let after = residentBytes(of: process.processID)
        print("port \(port): \(before >> 20) MiB before, \(after >> 20) MiB after")
        #expect(process.isRunning && after < before + Self.mostGrowth, "\(before) bytes became \(after)")
      }
    }
    try await cluster.expectTheSameBits()
    #expect(await cluster.coordinator.ended().errors.contains("dropped a message"))
  }

  /// What nodes say to each other, by one that is not of this build.
  private var messages: [[UInt8]] {
    let hello = Hello(
      node: NodeID(name: "intruder"), endpoint: "tcp://127.0.0.1:9", fingerprint: "other", role: "worker", host: "here",
      processID: 7)
    var call = InvocationEncoder()
    try? call.recordArgument(RemoteCallArgument(label: "round", name: "round", value: 3))
    let requests = ["worker", "coordinator"].map { name in
      Envelope.request(Request(call: 1, actor: name, target: "$s9WorkUnits11$WorkerNodeC6statusyyYaKFTE"), call)
    }
    let others: [Envelope.Plain] = [
      .hello(hello), .welcome(hello), .refusal("no"), .identify, .goodbye, .cancel(call: 1),
    ]
    return (requests + others.map(Envelope.plain) + [Envelope.nothing(call: 1)]).compactMap {
      $0.first?.withUnsafeBytes(Array.init)
    }
  }

  private var greetings: [[UInt8]] {
    [
      Array("GET /runs/disturbed?round=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: token=x\r\n\r\n".utf8),
      Array("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".utf8),
      // ZMTP 3.1
      [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48),
    ]
  }

  private func flood(_ port: Int, with messages: some Sequence<[UInt8]>) throws {
    let context = try ZeroMQContext()
    let dealer = try Socket(.dealer, in: context)
    try dealer.setRoutingID("intruder#1")
    try dealer.connect("tcp://127.0.0.1:\(port)")
    // A port that speaks another protocol takes nothing: then there is nobody to wait for.
    var patience = 200
    for bytes in messages {
      while try dealer.send([Frame(bytes)]) == .full {
        guard patience > 0 else { return }
        // What the node answers is read, so that it does not stop sending.
        while try dealer.receive() != nil {}
        var descriptor = pollfd(fd: dealer.descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, 5) == 0 { patience -= 1 } else { patience = 200 }
      }
    }
  }

  private func sendPlain(_ bytes: [UInt8], port: Int) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected, "port \(port): \(String(cString: strerror(errno)))")
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private func residentBytes(of process: Int32) -> Int {
    let pages = (try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8))?.split(separator: " ")
    return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
