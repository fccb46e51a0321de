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
    let router = Router(context: VisitContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: Gate(configuration))
    DeskRoutes(renderer: renderer, people: configuration.people).add(to: router)
    addFiles(to: router)
    router.get("events") { [viewers] request, _ -> Response in try await viewers.follow(request) }
    for path: RouterPath in ["/", "**"] {
      router.get(path) { [renderer] request, _ -> Response in
        if let file = try await Downloads(renderer: renderer).answer(request) { return file }
        let place = try Place(request)
        let page = try await renderer.page(place)
        if case .report = place { return .text(page.alone, "text/html") }
        return .page(page, at: place)
      }
    }
    return router
  }

  /// What is no page, and has no parameters.
  private func addFiles(to router: Router<VisitContext>) {
    func add(_ path: RouterPath, _ type: String, _ text: @escaping @Sendable () async throws -> String) {
      router.get(path) { request, _ -> Response in
        try Place.check(request.query)
        return .text(try await text(), type)
      }
    }
    add("healthz", "text/plain") { "ok\n" }
    add("style.css", "text/css") { Assets.style }
    add("live.js", "text/javascript") { Assets.script }
    add("favicon.ico", "image/svg+xml") { Assets.icon }
    add("metrics", "text/plain; version=0.0.4") { [renderer] in
      guard let text = await renderer.source.metrics() else {
        throw PageError(.notFound, "Nothing is counted here: no coordinator runs in this process.")
      }
      return text
    }
    add("status.json", "application/json") { [renderer] in
      guard let status = await renderer.source.status() else {
        throw PageError(.notFound, "No coordinator runs in this process.")
      }
      return try String(json: status)
    }
  }
}

/// Why there is no dashboard, as a sentence.
public struct DashboardError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

private struct ErrorInJSON: Encodable {
  let error: String
  let status: Int
}

extension Place {
  init(_ request: Request) throws(PageError) {
    try self.init(path: request.uri.path, query: request.query)
  }
}

extension Request {
  /// The parameters; the values of one that is there more than once stand with commas between them.
  var query: [String: String] {
    Dictionary(uri.queryParameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { "\($0),\($1)" })
  }
}

extension Response {
  /// What is wrong, as a page, or as JSON to whoever asks for that.
  static func error(_ error: PageError, to request: Request) throws -> Response {
    var response: Response
    if request.wantsJSON {
      let value = ErrorInJSON(error: error.sentence, status: error.status.code)
      response = .text(try String(json: value), "application/json", status: error.status)
    } else {
      response = .page(.error(error), status: error.status)
    }
    if error.status == .methodNotAllowed { response.headers[.allow] = "GET, HEAD" }
    return response
  }

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
