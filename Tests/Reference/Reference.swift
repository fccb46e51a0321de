import Foundation
import Processes

/// What the world's own libraries make of the same: Python in environments of its own, which `scripts/setup --tests` fills.
public enum Reference {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Which libraries there are in an environment.
  public enum Libraries: String, Sendable {
    /// Those that read models' files, and llama.cpp.
    case files = ".build-reference"
    /// transformers and peft.
    case peft = ".build-reference-peft"
  }

  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  /// SmolLM2-135M-Instruct as a GGUF file.
  ///
  /// - Throws: ``Missing`` if it was not fetched.
  public static var smolLM2: String {
    get throws {
      let path = "\(root)/models/SmolLM2-135M-Instruct.Q4_1.gguf"
      guard FileManager.default.fileExists(atPath: path) else {
        throw Missing(
          description: "there is no \(path): scripts/fetch-model fetches it, scripts/setup --tests does, too")
      }
      return path
    }
  }

  /// Runs a script, which lies in the folder of a test.
  ///
  /// - Throws: ``Missing`` if there are no libraries, or the script fails.
  public static func run(_ script: String, _ arguments: [String], _ libraries: Libraries = .files) async throws {
    let python = "\(root)/\(libraries.rawValue)/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Missing(description: "there is no \(python): scripts/setup --tests makes it")
    }
    let ended = try await Child.output(of: [python, "\(root)/Tests/\(script)"] + arguments)
    guard ended.ending == .exit(0) else {
      throw Missing(description: "\(script) ends with \(ended.ending): \(ended.errors)")
    }
  }
}

/// A folder that is gone after the test.
public final class ScratchFolder: Sendable {
  public let path = NSTemporaryDirectory() + "grove-files-\(UUID().uuidString)"

  public init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file; gives its path.
  @discardableResult public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  @discardableResult public func write(_ text: String, to name: String) throws -> String {
    try write(text.utf8, to: name)
  }
}
