import Addresses
import ClusterFile
import Coordinator
import Dashboard
import Foundation
import Logging
import NIOCore
import Oversight
import ZeroMQ

/// The dashboard of this process.
struct Web: Sendable {
  private let configuration: DashboardServer.Configuration
  private let source: RunFolder
  private let log: Logger

  /// - Returns: nil if the configuration says that there is none.
  /// - Throws: a sentence, if its token can't be read, or others could look without one.
  init?(_ file: ClusterFile, source: RunFolder, log: Logger) throws {
    guard file.dashboard.bind != "off", let address = Address(file.dashboard.bind) else { return nil }
    configuration = .init(
      host: address.host == "*" ? "0.0.0.0" : address.host, port: Int(address.port ?? 0),
      token: try Self.token(file.dashboard.tokenFile),
      people: try People.named(in: file))
    self.source = source
    var log = log
    log[metadataKey: "component"] = "dashboard"
    // What single requests come to is of no interest to who reads how the run goes.
    if log.logLevel < .warning { log.logLevel = .warning }
    self.log = log
    _ = try DashboardServer(configuration, source: source, log: log)
  }

  private static func token(_ path: String) throws -> String? {
    guard path != "none" else { return nil }
    let line = SecretFile.firstLine(of: try SecretFile.read(path, for: "dashboard.token_file", secret: "token"))
    guard line.count >= 8 else {
      throw Failure("dashboard.token_file: the first line of \(path) is no token: it needs 8 characters or more")
    }
    return line
  }

  /// Why it can't listen there now; nil: it can.
  var obstacle: ZeroMQError? {
    let port = configuration.port == 0 ? nil : UInt16(configuration.port)
    do throws(ZeroMQError) {
      let socket = try Socket(.router, in: try ZeroMQContext())
      _ = try socket.bind(Address(host: configuration.host, port: port).description)
      return nil
    } catch { return error }
  }

  /// Serves until cancelled; at another port if the one that was wanted is taken.
  ///
  /// - Parameter found: is told where a browser finds it.
  /// - Throws: a sentence, if it can't listen there at all.
  func serve(found: @escaping @Sendable (String) async -> Void) async throws {
    do {
      try await serve(configuration, found)
    } catch let error as IOError where error.errnoCode == EADDRINUSE && configuration.port != 0 {
      var other = configuration
      other.port = 0
      log.warning("port \(configuration.port) is in use, perhaps by another run: the dashboard takes another")
      try await serve(other, found)
    }
  }

  private func serve(
    _ configuration: DashboardServer.Configuration, _ found: @escaping @Sendable (String) async -> Void
  ) async throws {
    do {
      try await DashboardServer(configuration, source: source, log: log).run { port in
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        await found("http://\(host):\(port)/")
      }
    } catch is CancellationError {
      return
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw error
    } catch {
      let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
      throw Failure("the dashboard can't listen at \(configuration.host), port \(configuration.port): \(reason)")
    }
  }
}

extension Coordinator {
  /// Serves the dashboard of this coordinator until cancelled. What goes wrong with it is logged: the run goes on.
  func serveDashboard(_ web: Web?, _ live: LiveRun.Announcement, log: Logger) async {
    do {
      try await web?.serve { address in
        log.notice("dashboard at \(address)")
        await board.found(dashboard: address)
        await live.found(dashboard: address)
      }
    } catch {
      log.error("\(error); the run goes on without a dashboard")
    }
  }
}
