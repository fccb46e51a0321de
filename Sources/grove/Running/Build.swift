import Coordinator
import Foundation
import Hashing
import Processes

/// This build of the program.
package enum Build {
  /// The first 12 digits of the SHA-256 of the executable and its library: what tells two builds apart.
  package static let fingerprint: String = {
    guard let data = try? Data(contentsOf: Executable.image, options: .alwaysMapped) else { return Coordinator.version }
    var hash = SHA256()
    data.withUnsafeBytes { hash.update($0) }
    let library = Executable.url.deletingLastPathComponent().appending(path: "libGroveTorch.so")
    try? Data(contentsOf: library, options: .alwaysMapped).withUnsafeBytes { hash.update($0) }
    return String(hash.digest.hexadecimal.prefix(12))
  }()
}
