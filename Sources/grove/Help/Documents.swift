import Foundation
import Processes

/// The pages that people read, wherever this program lies.
enum Documents {
  /// For the end of `grove --help`.
  static var hint: String {
    "Documents: \(folder.map { "\($0)/README.md" } ?? "the README.md of its source") and its pages on watching, "
      + "overseeing, runs and their folders, studies, tasks, security, planning and faults."
  }

  /// Beside an installed program, or at the root of the source that it was built in.
  private static var folder: String? {
    let installed = Executable.url.appendingPathComponent("../../../share/doc/grove").standardizedFileURL
    let above = sequence(first: Executable.url.deletingLastPathComponent()) { $0.deletingLastPathComponent() }.prefix(5)
    return ([installed] + above).map(\.path).first {
      FileManager.default.fileExists(atPath: "\($0)/README.md")
        && FileManager.default.fileExists(atPath: "\($0)/cluster.yaml")
    }
  }
}
