import Foundation
import Testing

extension Program {
  /// Runs a script of bash's to its end, in the program's folder; `$0` is the program.
  func shell(_ script: String, _ arguments: [String] = []) async throws -> Ended {
    try await start(shell: script, arguments).ended()
  }

  /// - Parameter prefix: what is to make namespaces for it.
  func start(under prefix: [String] = [], shell script: String, _ arguments: [String] = []) throws -> Running {
    try Running(
      URL(fileURLWithPath: "/usr/bin/env"), prefix + ["bash", "-euc", script, Self.path] + arguments, in: folder)
  }

  /// Starts it as another user, who may write its folder.
  func start(as user: Int, _ arguments: [String]) throws -> Running {
    chmod(folder, 0o777)
    return try start(
      under: ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"], shell: "exec \"$0\" \"$@\"", arguments
    )
  }
}

/// Two hosts with a cable between them, as network namespaces that know each other's address; removed with it.
final class TwoHosts {
  private let name = "grove-test-\(UUID().uuidString.prefix(8))"

  /// - Parameter addresses: of the one and of the other, with the length of the prefix: `fd77::1/64`.
  init(_ program: Program, _ addresses: [String]) async throws {
    let made = try await program.shell(
      """
      for end in a b; do ip netns add \(name)-$end; ip -n \(name)-$end link set lo up; done
      ip -n \(name)-a link add cable type veth peer name cable netns \(name)-b
      ip -n \(name)-a address add \(addresses[0]) dev cable \(addresses[0].contains(":") ? "nodad" : "")
      ip -n \(name)-b address add \(addresses[1]) dev cable \(addresses[1].contains(":") ? "nodad" : "")
      for end in a b; do ip -n \(name)-$end link set cable up; done
      """)
    try #require(made.status == 0, "\(made.errors)")
  }

  deinit {
    for end in ["a", "b"] {
      let removal = Process()
      removal.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      removal.arguments = ["ip", "netns", "delete", "\(name)-\(end)"]
      try? removal.run()
      removal.waitUntilExit()
    }
  }

  var one: [String] { ["ip", "netns", "exec", "\(name)-a"] }
  var other: [String] { ["ip", "netns", "exec", "\(name)-b"] }
}
