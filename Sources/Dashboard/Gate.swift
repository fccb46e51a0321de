import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Lets in who may look, and makes a page of every error.
struct Gate: RouterMiddleware {
  typealias Context = BasicRequestContext

  private static let cookie = "grove-token"
  /// Pages have nothing that is not from here, and no scripts in their text.
  private static let policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'"

  private let configuration: DashboardServer.Configuration

  init(_ configuration: DashboardServer.Configuration) {
    self.configuration = configuration
  }

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      if let elsewhere = try admitted(request) {
        response = elsewhere
      } else {
        response = try await next(request, context)
      }
    } catch let error as PageError {
      response = .page(.error(error), status: error.status)
    } catch let error as HTTPError {
      response = .page(
        .error(PageError(error.status, "The address or the way it was asked is not known here.")), status: error.status)
    }
    for (name, value) in [
      ("Content-Security-Policy", Self.policy), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "no-referrer"),
    ] {
      if let field = HTTPField.Name(name) { response.headers[field] = value }
    }
    return response
  }

  /// - Returns: nil if the request may go on; else where it is to go instead.
  /// - Throws: ``PageError`` if it may not.
  private func admitted(_ request: Request) throws -> Response? {
    guard request.method == .get || request.method == .head else {
      throw PageError(.methodNotAllowed, "Pages can only be read here, with GET.")
    }
    guard let token = configuration.token else {
      // A page of somebody else's, whose name was made to lead here, must not read what is meant for this machine.
      guard Self.isThisMachine(request.head.authority ?? "") else {
        throw PageError(.forbidden, "This dashboard is for this machine alone: ask for it as localhost or 127.0.0.1.")
      }
      return nil
    }
    var query = request.query
    if let given = query.removeValue(forKey: "token") {
      guard Self.isEqual(given, token) else { throw wrongToken }
      let cookie = Cookie(name: Self.cookie, value: Self.digest(token), path: "/", httpOnly: true, sameSite: .strict)
      return Response(
        status: .seeOther,
        headers: [.location: request.uri.path, .setCookie: cookie.description, .cacheControl: "no-store"])
    }
    if let header = request.headers[.authorization] {
      guard header.hasPrefix("Bearer "), Self.isEqual(String(header.dropFirst(7)), token) else { throw wrongToken }
      return nil
    }
    guard let cookie = request.cookies[Self.cookie]?.value, Self.isEqual(cookie, Self.digest(token)) else {
      throw PageError(
        .unauthorized, "Add the token to the address, as in /?token=…, or send it as “Authorization: Bearer …”.")
    }
    return nil
  }

  private var wrongToken: PageError {
    PageError(.unauthorized, "That is not the token: it is the first line of the file dashboard.token_file.")
  }

  /// Whether a request's host, perhaps with a port, names this machine.
  static func isThisMachine(_ authority: String) -> Bool {
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
    return host == "localhost" || host == "::1" || host.wholeMatch(of: /127\.\d+\.\d+\.\d+/) != nil
  }

  private static func digest(_ token: String) -> String {
    SHA256.hash(data: Data("dashboard \(token)".utf8)).map { String(format: "%02x", $0) }.joined()
  }

  /// In a time that does not tell where they differ.
  private static func isEqual(_ one: String, _ other: String) -> Bool {
    SHA256.hash(data: Data(one.utf8)) == SHA256.hash(data: Data(other.utf8))
  }
}
