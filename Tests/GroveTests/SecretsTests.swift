import Foundation
import Testing

/// Files with secrets as those who run services lay them.
@Suite(.serialized) struct SecretsTests {
  private let program: Program

  init() throws { program = try Program() }

  /// A folder as Kubernetes projects one: links to files behind a link that is replaced when they change.
  private func project(_ folder: String, _ files: [String: String], version: Int = 1, owner: String, mode: String)
    async throws
  {
    var script = "mkdir -p \(folder)/..\(version)\n"
    for (name, source) in files {
      script += """
        cp \(source) \(folder)/..\(version)/\(name); chown \(owner) \(folder)/..\(version)/\(name)
        chmod \(mode) \(folder)/..\(version)/\(name); [ -L \(folder)/\(name) ] || ln -s ..data/\(name) \(folder)/\(name)

        """
    }
    script += "ln -s ..\(version) \(folder)/..next && mv -T \(folder)/..next \(folder)/..data"
    let laid = try await program.shell(script)
    try #require(laid.status == 0, "\(laid.errors)")
  }

  /// Keys for a coordinator and a worker, laid like that, and what both are told of them.
  private func lay(owner: String, mode: String) async throws {
    let made = try await program.shell(
      """
      for role in coordinator worker; do "$0" keys generate $role --role $role >> listed; done
      printf 'a secret of the dashboard\\r\\n' > secret
      """)
    try #require(made.status == 0, "\(made.errors)")
    for role in ["coordinator", "worker"] {
      try await project(role, ["key": "\(role).key", "token": "secret"], owner: owner, mode: mode)
    }
    try await project("etc", ["authorized": "listed"], owner: "root:root", mode: "644")
  }

  private func with(_ role: String) -> [String] {
    [
      "--set", "security.key_file=\(role)/key", "--set", "security.authorized_file=etc/authorized", "--set",
      "dashboard.token_file=\(role)/token",
    ]
  }

  /// As root, and as the user of the image, to whom Kubernetes hands root's files by their group.
  @Test(arguments: [(0, "root:root", "400"), (0, "root:10001", "440"), (10001, "root:10001", "440")])
  func keysBehindLinksAreTaken(_ user: Int, _ owner: String, _ mode: String) async throws {
    guard geteuid() == 0 else { return print("other users' files can't be made here: left out") }
    try await lay(owner: owner, mode: mode)
    let address = try Program.freeAddress()
    let settings = SmallRun.settings(["run.rounds=4", "cluster.bind=\(address)"])
    let coordinator = try program.start(as: user, ["coordinator", "--name", "laid"] + settings + with("coordinator"))
    let worker = try program.start(as: user, ["worker", "--coordinator", address] + settings + with("worker"))
    let ended = await coordinator.ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(await worker.ended().status == 0)
  }

  @Test(arguments: [("root:root", "444"), ("root:10001", "460"), ("10001:10001", "440")])
  func whatOthersCanReadBehindALinkIsRefused(_ owner: String, _ mode: String) async throws {
    guard geteuid() == 0 else { return print("other users' files can't be made here: left out") }
    try await lay(owner: owner, mode: mode)
    let refused = try await program(["coordinator", "--name", "r"] + SmallRun.settings() + with("coordinator"))
    #expect(
      refused.status == 1 && refused.errors.contains("others can read the secret key in coordinator/key"),
      "\(refused.errors)")
  }

  /// Kubernetes changes a file by having the link before it lead elsewhere.
  @Test func whoIsRevokedBehindALinkIsOut() async throws {
    try await lay(owner: "\(geteuid())", mode: "400")
    let address = try Program.freeAddress()
    let settings = SmallRun.settings(["run.rounds=100000", "cluster.bind=\(address)"])
    let coordinator = try program.start(["coordinator", "--name", "laid"] + settings + with("coordinator"))
    let worker = try program.start(
      ["worker", "--name", "one", "--coordinator", address] + settings + with("worker"))
    #expect(await coordinator.line(containing: "joined", ofErrors: true) != nil)
    let listed = try String(contentsOfFile: program.folder + "/listed", encoding: .utf8)
    try program.write(listed.split(separator: "\n").first.map { "\($0)\n" } ?? "", to: "fewer")
    try await project("etc", ["authorized": "fewer"], version: 2, owner: "\(geteuid())", mode: "644")
    let turnedAway = await worker.ended()
    #expect(turnedAway.status == 1 && turnedAway.errors.contains("not authorised"), "\(turnedAway.errors)")
    coordinator.signal(SIGTERM)
    #expect(await coordinator.ended().status == 4)
  }

  /// The list itself is changed, not the link to it replaced.
  @Test func keysAreRevokedBehindALink() async throws {
    let made = try await program.shell(
      """
      "$0" keys generate ada --role admin > list; ln -s list authorized; "$0" keys revoke ada; test -L authorized
      test ! -s list
      """)
    #expect(made.status == 0, "\(made.errors)")
  }

  /// With the line ends and the mark of other systems' editors.
  @Test func linesMayEndAsOnAnySystem() async throws {
    let made = try await program.shell(
      """
      "$0" keys generate ada --role admin > unix; printf '\\357\\273\\277# whose\\r\\n\\r\\n' > authorized
      sed 's/$/\\r/' unix >> authorized; printf '\\357\\273\\277' > other.key; sed 's/$/\\r/' ada.key >> other.key
      chmod 600 other.key; "$0" keys list; "$0" keys generate c --role coordinator >> authorized
      "$0" status --coordinator tcp://127.0.0.1:1 --set security.key_file=other.key \\
        --set security.authorized_file=authorized
      """)
    #expect(made.output.contains(/ada +admin/) && made.errors.contains("no coordinator answers"), "\(made.errors)")
  }
}
