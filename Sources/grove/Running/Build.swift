import Coordinator
import Foundation
import Hashing

/// This program.
enum Build {
  /// The first 12 digits of the SHA-256 of the executable and its library: what tells two builds apart.
  static let fingerprint: String = {
    let program = URL(fileURLWithPath: "/proc/self/exe")
    guard let data = try? Data(contentsOf: program, options: .alwaysMapped) else { return Coordinator.version }
    var hash = SHA256()
    data.withUnsafeBytes { hash.update($0) }
    let library = program.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "libGroveTorch.so")
    try? Data(contentsOf: library, options: .alwaysMapped).withUnsafeBytes { hash.update($0) }
    return String(hash.digest.hexadecimal.prefix(12))
  }()
}
