import Dashboard
import Foundation
import Processes
import RunStore

/// The pages that people read, wherever this program lies.
package enum Documents {
  private static let disk = DiskQueue()

  /// For the end of `grove --help`.
  package static var hint: String {
    "Documents: \(folder.map { "\($0.path)/README.md" } ?? "the README.md of its source") and its pages on watching, "
      + "overseeing, runs and their folders, studies, tasks, security, planning and faults."
  }

  /// README.md, and the others by their names; none if this program lies alone.
  static func all() async -> [Document] {
    await disk.run {
      guard let folder else { return [] }
      let targets = contents(folder.appendingPathComponent("Sources"))
      let places = [folder] + targets.map { $0.appendingPathComponent("Documentation.docc") }
      let documents = places.flatMap(contents).filter { $0.pathExtension == "md" }.compactMap { file in
        (try? String(contentsOf: file, encoding: .utf8)).map { Document(name: file.lastPathComponent, text: $0) }
      }
      return documents.sorted { ($0.name == "README.md" ? "" : $0.name) < ($1.name == "README.md" ? "" : $1.name) }
    }
  }

  private static func contents(_ folder: URL) -> [URL] {
    (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  }

  /// Beside an installed program, or at the root of the source that it was built in.
  private static var folder: URL? {
    let installed = Executable.url.appendingPathComponent("../../../share/doc/grove").standardizedFileURL
    let above = sequence(first: Executable.url.deletingLastPathComponent()) { $0.deletingLastPathComponent() }.prefix(5)
    return ([installed] + above).first { folder in
      ["README.md", "cluster.yaml"].allSatisfy {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
      }
    }
  }
}
