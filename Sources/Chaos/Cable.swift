import Foundation
import Randomness
import Synchronization

/// A cable between two network interfaces that this process carries the frames over, so that it can carry them late, lose
/// them, or carry none at all. Unlike the kernel's own `netem` it needs no module, only the right to open packet sockets.
final class Cable: Sendable {
  /// What befalls frames on the way, both ways.
  enum Condition: Sendable {
    case good
    /// A share of them is lost, 0…1, and the others are late by so many milliseconds, drawn for each; later frames may
    /// overtake.
    case poor(late: ClosedRange<Int>, lost: Double)
    case broken
  }

  private struct State {
    var condition = Condition.good
    var isOpen = true
  }

  private struct Packet {
    let due: ContinuousClock.Instant
    let bytes: [UInt8]
    let end: Int
  }

  /// Frames on the way at most; more are lost, as a switch's would be.
  private static let most = 10_000
  /// A frame that the kernel has yet to cut up, with its header.
  private static let largest = 65_536 + 128
  /// Milliseconds after which it is noticed that the condition changed.
  private static let resolution = 50

  private let state = Mutex(State())
  private let ends: [PacketSocket]

  /// - Throws: ``TrialError`` if one of the interfaces is not there, or this process may not use it.
  init(between one: String, and other: String, seed: UInt64) throws {
    ends = [try PacketSocket(one), try PacketSocket(other)]
    let thread = Thread { [self] in carry(CounterGenerator(seed: seed, purpose: .faults, index: 1)) }
    thread.name = "cable"
    thread.start()
  }

  func become(_ condition: Condition) { state.withLock { $0.condition = condition } }

  /// Ends the thread that carries.
  func cut() { state.withLock { $0.isOpen = false } }

  private func carry(_ random: CounterGenerator) {
    var random = random
    var late: [Packet] = []
    var buffer = [UInt8](repeating: 0, count: Self.largest)
    while true {
      let (condition, isOpen) = state.withLock { ($0.condition, $0.isOpen) }
      guard isOpen else { return }
      var watched = ends.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
      poll(&watched, 2, Int32(late.isEmpty ? Self.resolution : 1))
      let now = ContinuousClock.now
      for frame in late where frame.due <= now { ends[frame.end].send(frame.bytes[...]) }
      late.removeAll { $0.due <= now }
      for end in 0..<2 where watched[end].revents != 0 {
        // Some at a time, so that neither direction waits for the other.
        for _ in 0..<64 {
          let count = ends[end].receive(into: &buffer)
          guard count > 0 else { break }
          switch condition {
          case .good: ends[1 - end].send(buffer[..<count])
          case .poor(let milliseconds, let share):
            guard Double.random(in: 0..<1, using: &random) >= share, late.count < Self.most else { continue }
            guard milliseconds.upperBound > 0 else {
              ends[1 - end].send(buffer[..<count])
              continue
            }
            let delay = Duration.milliseconds(Int.random(in: milliseconds, using: &random))
            late.append(Packet(due: now + delay, bytes: Array(buffer[..<count]), end: 1 - end))
          case .broken: break
          }
        }
      }
    }
  }
}

/// All frames that come in at a network interface, and a way to send some out there. Closed with the object.
private final class PacketSocket: Sendable {
  let descriptor: Int32

  // From linux/if_packet.h and linux/if_ether.h, which Swift's Glibc does not have.
  private static let family: Int32 = 17  // AF_PACKET
  private static let allProtocols = UInt16(3).bigEndian  // ETH_P_ALL
  private static let level: Int32 = 263  // SOL_PACKET
  private static let addMembership: Int32 = 1  // PACKET_ADD_MEMBERSHIP
  private static let promiscuous: UInt16 = 1  // PACKET_MR_PROMISC
  private static let withOffloadHeader: Int32 = 15  // PACKET_VNET_HDR
  private static let ignoreOutgoing: Int32 = 23  // PACKET_IGNORE_OUTGOING

  /// `struct sockaddr_ll`
  private struct InterfaceAddress {
    var family = UInt16(PacketSocket.family)
    var protocols = PacketSocket.allProtocols
    var interface: Int32
    var rest: (UInt32, UInt32, UInt32) = (0, 0, 0)
  }

  /// `struct packet_mreq`
  private struct InterfaceMembership {
    var interface: Int32
    var type = PacketSocket.promiscuous
    var length: UInt16 = 0
    var address: UInt64 = 0
  }

  init(_ interface: String) throws {
    let index = Int32(if_nametoindex(interface))
    // Protocol 0: nothing arrives before the socket is bound to its interface.
    descriptor = socket(Self.family, Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    func fail(_ what: String) -> TrialError {
      TrialError("the network interface \(interface) can't be \(what): \(String(cString: strerror(errno)))")
    }
    guard index > 0, descriptor >= 0 else { throw fail("opened") }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // With the header of what the kernel left to the hardware: checksums, and frames to be cut up.
    guard setsockopt(descriptor, Self.level, Self.withOffloadHeader, &yes, size) == 0,
      setsockopt(descriptor, Self.level, Self.ignoreOutgoing, &yes, size) == 0
    else { throw fail("listened to") }
    var membership = InterfaceMembership(interface: index)
    guard
      setsockopt(
        descriptor, Self.level, Self.addMembership, &membership, socklen_t(MemoryLayout<InterfaceMembership>.size)) == 0
    else { throw fail("listened to") }
    var address = InterfaceAddress(interface: index)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<InterfaceAddress>.size)) == 0
      }
    }
    guard isBound else { throw fail("listened to") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Returns: the bytes received; 0 or less if there are none.
  func receive(into buffer: inout [UInt8]) -> Int { recv(descriptor, &buffer, buffer.count, 0) }

  /// What can't be sent at once is lost, as on any wire.
  func send(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { _ = Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
  }
}
