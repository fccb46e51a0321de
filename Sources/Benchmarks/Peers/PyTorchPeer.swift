import Commands
import Foundation

/// The peer's process.
final class PyTorchPeer {
  let version: String
  private let child: BenchChild

  init(python: String?, script: String, model: String?, _ arguments: [String], steps: Int) throws {
    guard FileManager.default.fileExists(atPath: script) else {
      throw Failure("there is no \(script): run this in the project's folder, or say --peer")
    }
    let interpreter = try Self.interpreter(python)
    child = try BenchChild(
      URL(fileURLWithPath: "/usr/bin/env"),
      [interpreter, script, "--steps", "\(steps)"] + arguments + (model.map { ["--model", $0] } ?? []))
    version = child.firstLine
  }

  /// Median time of a step.
  func milliseconds() throws -> Double {
    guard let value = Double(try child.ask()) else { throw Failure("the PyTorch peer said no time of a step") }
    return value
  }

  func stop() { child.end() }

  private static func interpreter(_ asked: String?) throws -> String {
    for candidate in asked.map({ [$0] }) ?? ["python3", "/usr/bin/python3"] {
      let probe = Process()
      probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      probe.arguments = [candidate, "-c", "import torch"]
      probe.standardError = FileHandle.nullDevice
      try probe.run()
      probe.waitUntilExit()
      if probe.terminationStatus == 0 { return candidate }
    }
    throw Failure("no Python with PyTorch was found: apt-get install python3-torch, or name one with --python")
  }
}
