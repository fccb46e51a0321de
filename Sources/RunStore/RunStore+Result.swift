import Foundation
import Status

extension RunStore {
  /// What the run came to when it ended, also if it was given more to do since. - Throws: ``RunStoreError`` if that can't be read.
  public func result() async throws -> RunResult? {
    guard let data = try await contents(of: "result.json") else { return nil }
    guard var result = try? JSONDecoder().decode(RunResult.self, from: data), result.isPossible else {
      throw RunStoreError(
        "\(folder.path)/result.json can't be read, because it is damaged or of another version: remove it, and grove run "
          + "--name \(name) makes it anew")
    }
    // Whoever renames the folder renames the run.
    result.name = name
    return result
  }
}
