import Commands
import Foundation
import Processes

/// The peer's process.
final class PyTorchPeer {
  let version: String
  private let child: BenchChild

  init(python: String?, script: String, model: String?, _ arguments: [String], steps: Int) async throws {
    guard FileManager.default.fileExists(atPath: script) else {
      throw Failure("there is no \(script): run this in the project's folder, or say --peer")
    }
    let interpreter = try await Self.interpreter(python)
    child = try await BenchChild(
      command: [interpreter, script, "--steps", "\(steps)"] + arguments + (model.map { ["--model", $0] } ?? []))
    version = child.firstLine
  }

  /// Median time of a step.
  func milliseconds() async throws -> Double {
    guard let value = Double(try await child.ask()) else { throw Failure("the PyTorch peer said no time of a step") }
    return value
  }

  func stop() async throws { try await child.end() }

  private static func interpreter(_ asked: String?) async throws -> String {
    for candidate in asked.map({ [$0] }) ?? ["python3", "/usr/bin/python3"] {
      if (try? await Child.run([candidate, "-c", "import torch"])) == .exit(0) { return candidate }
    }
    throw Failure("no Python with PyTorch was found: apt-get install python3-torch, or name one with --python")
  }
}
