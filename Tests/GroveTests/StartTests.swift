import Foundation
import Testing

/// What is loaded, and when: libtorch takes half a second, and few commands compute.
struct StartTests {
  /// Names of the libraries that the loader opened.
  private func libraries(_ program: Program, _ arguments: [String]) async throws -> [String] {
    let ended = try await program.start(arguments, environment: ["LD_DEBUG": "files"]).ended()
    return ended.errors.matches(of: /file=([^ ]+) .*; +generating link map/).map { String($0.1) }
  }

  @Test(arguments: [
    ["--version"], ["--help"], ["tasks", "list"], ["tasks", "sample", "permutation"],
    ["status", "--coordinator", "tcp://127.0.0.1:1"], ["keys", "generate", "w", "--role", "worker", "--out", "w.key"],
    ["plot", "missing"],
  ])
  func whatNeedsNoTensorsLoadsNoLibtorch(_ arguments: [String]) async throws {
    let loaded = try await libraries(Program(), arguments)
    #expect(loaded.contains { $0.contains("libFoundation") }, "\(loaded)")
    #expect(!loaded.contains { $0.contains("torch") }, "\(loaded.filter { $0.contains("torch") })")
  }

  @Test func whatComputesSaysThatLibtorchIsMissing() async throws {
    let program = try Program()
    let alone = program.folder + "/grove-alone"
    try FileManager.default.copyItem(atPath: Program.path, toPath: alone)
    let ended = try await Running(
      URL(fileURLWithPath: alone), ["worker", "--coordinator", "tcp://127.0.0.1:1"], in: program.folder
    ).ended()
    #expect(ended.status == 1)
    #expect(ended.errors.contains("load libtorch failed: libGroveTorch.so"), "\(ended.errors)")
    #expect(ended.errors.contains("scripts/setup"), "\(ended.errors)")
    let doctor = try await Running(URL(fileURLWithPath: alone), ["doctor", "--json"], in: program.folder).ended()
    #expect(doctor.output.contains("libGroveTorch.so"), "\(doctor.output)")
  }
}
