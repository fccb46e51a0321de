import Foundation

/// Which folders are runs, and which were.
extension RunStore {
  private static let journal = "journal.sqlite"
  /// What a run has written once it has begun.
  private static let begun = ["config.yaml", "metrics.jsonl", "result.json"]

  /// The runs of a folder, by name.
  public static func names(in parent: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(parent)/\($0)/\(journal)") }.sorted()
  }

  /// Whether a run of that name has begun, or something is left of one.
  public static func isThere(_ name: String, in parent: String) -> Bool {
    let folder = URL(fileURLWithPath: parent).appendingPathComponent(name)
    return begun.contains { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }
  }

  /// A folder that has all of a run but its journal is neither read nor written: what it was is not known any more.
  ///
  /// - Throws: a ``RunStoreError`` that says so.
  static func checkJournal(of name: String, in folder: URL) throws {
    let path = folder.appendingPathComponent(journal).path
    // One that was only begun has no more than a length.
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size == 0 else { return }
    let checkpoints = folder.appendingPathComponent(CheckpointFiles.checkpoints).path
    var left = begun.filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    if files.contains(where: { $0.hasSuffix(".safetensors") }) { left.append(CheckpointFiles.checkpoints) }
    guard !left.isEmpty else { return }
    throw RunStoreError(
      "the run \(name) has lost its journal: \(folder.path) has \(left.joined(separator: ", ")), but no \(journal), or "
        + "an empty one. Nothing is written there: put a copy of the journal back, or choose another name")
  }

  /// The folder and those above it that are not there, the innermost first.
  package static func missing(_ folder: URL) -> [URL] {
    var (missing, place) = ([URL](), folder)
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      missing.append(place)
      place.deleteLastPathComponent()
    }
    return missing
  }

  /// Removes a run that this made, and that has come to nothing: its name is free again.
  public func takeBack() async {
    guard let folder = made.first else { return }
    await disk.run { [made] in
      try? FileManager.default.removeItem(at: folder)
      // Those above it only if nothing else has come there since.
      for other in made.dropFirst() { rmdir(other.path) }
    }
  }
}
