import Foundation

/// Idle connections to a port, as somebody opens them who means harm, or whose program forgot to close them.
final class Flood {
  private var descriptors: [Int32] = []

  /// Opens so many, or as many as this process may have.
  init(_ count: Int, at address: String, port: UInt16) {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = inet_addr(address)
    for _ in 0..<count {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { return }
      _ = withUnsafePointer(to: &place) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      descriptors.append(descriptor)
    }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  /// The TCP ports at which a process listens.
  static func ports(of processID: Int32) -> Set<UInt16> {
    let folder = "/proc/\(processID)"
    let sockets = Set(
      ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd")) ?? []).compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/fd/\($0)")
      })
    let table = (try? String(contentsOfFile: folder + "/net/tcp", encoding: .utf8)) ?? ""
    return Set(
      table.split(separator: "\n").dropFirst().compactMap { line in
        // Number, own address, the other's, state (0A: it listens), …, inode.
        let fields = line.split(separator: " ")
        guard fields.count > 9, fields[3] == "0A", sockets.contains("socket:[\(fields[9])]") else { return nil }
        return fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
      })
  }
}
