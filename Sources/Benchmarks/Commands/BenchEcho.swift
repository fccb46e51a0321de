import ActorCluster
import ArgumentParser
import Commands
import Distributed
import Echoing
import Foundation
import ZeroMQ

/// The other process of `grove bench actors`.
struct BenchEcho: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo", abstract: "The other process of grove bench actors.", shouldDisplay: false)

  @Option var bind: String
  @Flag var raw = false
  @Flag var keys = false

  /// A key of this process's own, which lets in everybody who has one, too.
  static func keyring() throws -> Keyring {
    Keyring(try .generate(), server: nil) { _ in .init(name: "bench", roles: ["client", "echo"]) }
  }

  func run() async throws {
    if raw {
      try RawPingPong.echo(binding: bind) { endpoint in
        print(endpoint)
        fflush(nil)
      }
      return
    }
    var configuration = ClusterSystem.Configuration(name: "echo", role: "echo", bind: bind)
    configuration.types = [$EchoNode<ClusterSystem>.self]
    if keys { configuration.keyring = try Self.keyring() }
    try await ClusterSystem.with(configuration, log: Logs.quiet) { system in
      system.export(Echo(actorSystem: system), as: "echo", answering: [(any EchoNode).self])
      print(system.endpoint)
      fflush(nil)
      while FileHandle.standardInput.availableData.count > 0 {}
    }
  }
}
