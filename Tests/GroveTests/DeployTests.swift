import Foundation
import Testing

/// The files in deploy/, as far as they can be tried without the engines that they are for.
@Suite(.serialized) struct DeployTests {
  private let program: Program
  private static let deploy = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy").path

  init() throws { program = try Program() }

  private func run(_ command: [String]) async throws -> Program.Ended {
    try await Running(URL(fileURLWithPath: "/usr/bin/env"), command, in: program.folder).ended()
  }

  private func shell(_ script: String) async throws -> Program.Ended { try await run(["bash", "-euc", script]) }

  @Test(arguments: ["grove-coordinator.service", "grove-worker@.service"])
  func systemdHasNothingToSay(_ unit: String) async throws {
    let text = try String(contentsOfFile: "\(Self.deploy)/systemd/\(unit)", encoding: .utf8)
    #expect(text.contains("ExecStart=/usr/local/bin/grove "))
    // Where the program is on this machine.
    try program.write(text.replacing("/usr/local/bin/grove", with: Program.path), to: unit)
    let ended = try await run(["systemd-analyze", "verify", "--man=no", "./\(unit.replacing("@.", with: "@1."))"])
    let complaints = ended.errors.split(separator: "\n").filter { $0.contains("grove") }
    #expect(complaints.isEmpty, "\(ended.errors)")
  }

  /// The Debian package is made of this very program, and the image's last stage carried out in a clean Debian: the package is
  /// installed there, brings what it needs, and trains as the image's user.
  @Test func theImageTrains() async throws {
    let made = try await shell(
      """
      DPKG_DEB_COMPRESSOR_TYPE=none '\(Self.deploy)/debian/build' --from "$(dirname '\(Program.path)')"
      dpkg-deb --fsys-tarfile grove_*.deb | tar --list
      dpkg-deb --fsys-tarfile grove_*.deb | tar --extract --to-stdout --wildcards './usr/lib/systemd/*' | grep ExecStart
      """)
    #expect(made.status == 0, "\(made.errors)")
    for file in [
      "bin/grove", "lib/grove/grove", "lib/systemd/system/grove-coordinator.service",
      "lib/systemd/system/grove-worker@.service", "share/bash-completion/completions/grove",
      "share/zsh/vendor-completions/_grove", "share/fish/vendor_completions.d/grove.fish", "share/man/man1/grove.1.gz",
      "share/doc/grove/copyright", "share/doc/grove/changelog.Debian.gz", "share/doc/grove/Overseeing.md",
    ] { #expect(made.output.contains("./usr/\(file)\n"), "\(file)") }
    #expect(made.output.contains("ExecStart=/usr/bin/grove") && !made.output.contains("/usr/local"))
    let package = try #require(made.output.split(separator: "\n").first.map(String.init))
    let ended = try await run(
      ["\(Self.deploy)/docker/replay", package, program.folder + "/image", "run"] + SmallRun.settings())
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.output.hasPrefix("grove\n") && ended.output.contains("24 rounds"), "\(ended.output)")
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/image"))
  }

  @Test func kubernetesObjectsFitTheirSchemas() async throws {
    try FileManager.default.copyItem(atPath: "\(Self.deploy)/kubernetes", toPath: program.folder + "/k")
    try program.write("task:\n  size: 8\n", to: "k/cluster.yaml")
    for role in ["coordinator", "worker"] {
      let made = try await program("keys", "generate", role, "--role", role, "--out", "k/\(role).key")
      let before = (try? String(contentsOfFile: program.folder + "/k/authorized", encoding: .utf8)) ?? ""
      try program.write(before + made.output + "\n", to: "k/authorized")
    }
    let rendered = try await shell(
      "kubectl kustomize k > all.yaml; python3 -m venv env; env/bin/pip install --quiet kubernetes-validate==1.32.0")
    #expect(rendered.status == 0, "\(rendered.errors)")
    let objects = try String(contentsOfFile: program.folder + "/all.yaml", encoding: .utf8)
    for kind in [
      "Namespace", "StatefulSet", "Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget",
      "NetworkPolicy", "ConfigMap", "Secret",
    ] { #expect(objects.contains("kind: \(kind)\n"), "\(kind)") }
    let valid = try await shell("env/bin/kubernetes-validate --kubernetes-version 1.32 --strict all.yaml")
    #expect(valid.status == 0, "\(valid.output)\(valid.errors)")
    // It is the schemas that decide.
    try program.write(objects.replacing("replicas: 1\n", with: "replicas: one\n"), to: "wrong.yaml")
    let invalid = try await shell("env/bin/kubernetes-validate --kubernetes-version 1.32 --strict wrong.yaml")
    #expect(invalid.status != 0)
  }
}
