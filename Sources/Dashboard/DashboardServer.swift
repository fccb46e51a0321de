import Addresses
import Descriptors
import Foundation
import Hummingbird
import Logging
import NIOCore
import Oversight
import Status

/// Serves the pages over HTTP.
public struct DashboardServer: Sendable {
  /// Where it listens, and who may look.
  public struct Configuration: Hashable, Sendable {
    public var host: String
    /// 0: any that is free.
    public var port: Int
    /// What people must know to look; nil: nothing, which is allowed at addresses of this machine alone only.
    public var token: String?
    /// Who may decide at the desk, by tokens of their own; if nobody is named: whoever reaches it from this machine.
    public var people: People

    public init(host: String, port: Int, token: String?, people: People = People()) {
      self.host = host
      self.port = port
      self.token = token
      self.people = people
    }

    /// Whether only this machine reaches it.
    public var isLoopback: Bool { Address.isThisMachine(host) }
  }

  private let configuration: Configuration
  private let renderer: Renderer
  private let viewers: Viewers
  private let log: Logger

  /// A connection on which nothing is said is closed after this time; live ones say something more often.
  private static let idleTimeout: TimeAmount = .seconds(60)
  private static let mostHeaders = 16 << 10

  /// - Throws: ``DashboardError`` if others could look without a token.
  public init(_ configuration: Configuration, source: any DashboardSource, log: Logger) throws {
    guard configuration.isLoopback || configuration.token != nil || !configuration.people.persons.isEmpty else {
      throw DashboardError(
        description:
          "the dashboard would be open to everyone at \(configuration.host): name a file with a secret line as "
          + "dashboard.token_file or one with people as oversight.people_file, or listen at 127.0.0.1")
    }
    self.configuration = configuration
    renderer = Renderer(source: source)
    viewers = Viewers(renderer)
    self.log = log
  }

  /// Serves until cancelled. - Parameter running: is told the port.
  public func run(running: @escaping @Sendable (_ port: Int) async -> Void) async throws {
    try await application(running).run()
  }

  /// For tests without a port.
  var application: some ApplicationProtocol { application { _ in } }

  private func application(_ running: @escaping @Sendable (Int) async -> Void) -> some ApplicationProtocol {
    // To whom it matters that a connection was cut says so; that a server ends is no error.
    var quiet = log
    quiet.logLevel = .critical
    let door = FrontDoor(room: DescriptorLimit.present.visitors)
    return Application(
      router: router,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [door.handler()], idleTimeout: Self.idleTimeout,
          httpDecoderConfiguration: .init(maxHeaderFieldSize: Self.mostHeaders, maxHeaderListSize: Self.mostHeaders))),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: .maximum(door.limit, logger: quiet)),
      onServerRunning: { await running($0.localAddress?.port ?? 0) }, logger: quiet)
  }

  private var router: Router<VisitContext> {
    let router = Router(context: VisitContext.self)
    router.add(middleware: Gate(configuration))
    DeskRoutes(renderer: renderer, people: configuration.people).add(to: router)
    router.get("style.css") { _, _ -> Response in .text(Assets.style, "text/css") }
    router.get("live.js") { _, _ -> Response in .text(Assets.script, "text/javascript") }
    router.get("metrics") { [renderer] _, _ -> Response in
      guard let text = await renderer.source.metrics() else {
        throw PageError(.notFound, "Nothing is counted here: no coordinator runs in this process.")
      }
      return .text(text, "text/plain; version=0.0.4")
    }
    router.get("status.json") { [renderer] _, _ -> Response in
      guard let status = await renderer.source.status() else {
        throw PageError(.notFound, "No coordinator runs in this process.")
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return .text(String(decoding: try encoder.encode(status), as: UTF8.self), "application/json")
    }
    router.get("events") { [viewers] request, _ -> Response in try await viewers.follow(request) }
    for path: RouterPath in ["/", "**"] {
      router.get(path) { [renderer] request, _ -> Response in
        let place = try Place(request)
        let page = try await renderer.page(place)
        if case .report = place { return .text(page.alone, "text/html") }
        return .page(page, at: place)
      }
    }
    return router
  }
}

/// Why there is no dashboard, as a sentence.
public struct DashboardError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension Place {
  init(_ request: Request) throws(PageError) {
    try self.init(path: request.uri.path, query: request.query)
  }
}

extension Request {
  var query: [String: String] {
    Dictionary(uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { _, last in last })
  }
}

extension Response {
  static func text(_ text: String, _ type: String, status: HTTPResponse.Status = .ok) -> Response {
    let kind = type.contains("charset") ? type : "\(type); charset=utf-8"
    return Response(
      status: status, headers: [.contentType: kind, .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  static func page(_ page: Page, at place: Place? = nil, status: HTTPResponse.Status = .ok) -> Response {
    .text(page.framed(at: place), "text/html", status: status)
  }
}
