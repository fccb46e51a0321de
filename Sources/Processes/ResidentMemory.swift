import Foundation

/// Memory that processes have in RAM.
package enum ResidentMemory {
  /// Of this process.
  package static var bytes: Int { bytes(of: "self") ?? 0 }

  /// Of another one; nil if it has ended.
  package static func bytes(of processID: Int32) -> Int? { bytes(of: "\(processID)") }

  private static func bytes(of process: String) -> Int? {
    // All its pages, and those that are in RAM, …
    let words = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8).split(separator: " ")
    return words?.dropFirst().first.flatMap { Int($0) }.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }
}
