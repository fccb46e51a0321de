import Addresses
import Foundation
import HTTPTypes
import Hashing
import Hummingbird
import NIOCore
import Oversight

/// A request, and who makes it.
struct VisitContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// nil: nobody in particular.
  var person: People.Person?

  init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
}

/// Lets in who may look, and says of every error what it is: as a page, or as JSON to whoever asks for that.
struct Gate: RouterMiddleware {
  typealias Context = VisitContext

  static let cookie = "grove-token"
  /// Pages have nothing that is not from here, and no scripts in their text; a report has the style in it.
  private static let policy =
    "default-src 'none'; style-src 'self' '\(Assets.styleHash)'; script-src 'self'; connect-src 'self'; "
    + "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  /// What tells nothing about any run: whether it answers, and what the pages of errors look like.
  private static let forAnyone: Set = ["/healthz", "/style.css", "/live.js", "/favicon.ico"]

  private let configuration: DashboardServer.Configuration

  init(_ configuration: DashboardServer.Configuration) {
    self.configuration = configuration
  }

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    var context = context
    do {
      context.person = person(of: request)
      if let elsewhere = try admitted(request, context.person) {
        response = elsewhere
      } else {
        response = try await next(request, context)
      }
    } catch let error as PageError {
      response = try .error(error, to: request)
    } catch let error as HTTPError {
      let sentence = "The address or the way it was asked is not known here."
      response = try .error(PageError(error.status, sentence), to: request)
    } catch  where !(error is CancellationError) {
      response = try .error(PageError(.internalServerError, "This can't be shown: \(error)"), to: request)
    }
    if request.method == .head { response = response.createHeadResponse() }
    // Over TLS, which a proxy speaks for it, what lets somebody in is not to be sent without.
    if let name = HTTPField.Name("X-Forwarded-Proto"), request.headers[name] == "https" {
      response.headers[.setCookie]?.append("; Secure")
    }
    for (name, value) in [
      ("Content-Security-Policy", Self.policy), ("X-Content-Type-Options", "nosniff"),
      ("Referrer-Policy", "same-origin"),
    ] {
      if let field = HTTPField.Name(name) { response.headers[field] = value }
    }
    return response
  }

  /// Who shows the token of one of the people.
  private func person(of request: Request) -> People.Person? {
    let bearer = request.headers[.authorization].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
    let shown = bearer.map(Self.digest) ?? request.cookies[Self.cookie]?.value
    return shown.flatMap { shown in configuration.people.persons.first { Self.isEqual(shown, Self.digest($0.token)) } }
  }

  /// - Returns: nil if the request may go on; else where it is to go instead.
  /// - Throws: ``PageError`` if it may not.
  private func admitted(_ request: Request, _ person: People.Person?) throws -> Response? {
    let isDeskPost = request.method == .post && request.uri.path.hasPrefix("/desk/")
    guard request.method == .get || request.method == .head || isDeskPost else {
      throw PageError(
        .methodNotAllowed, "Pages can only be read here, with GET; at the desk, what is said is sent by POST.")
    }
    if Self.forAnyone.contains(request.uri.path) { return nil }
    if isDeskPost, let origin = request.headers[.origin] {
      // What a page of somebody else's sends in a person's name is not theirs.
      guard origin.split(separator: "/").last.map(String.init) == request.head.authority else {
        throw PageError(
          .forbidden,
          "This was sent by a page of \(origin.prefix(80)), which can't decide for you at "
            + "\((request.head.authority ?? "").prefix(80)). If that page is this dashboard's, behind a proxy, then the "
            + "proxy has to hand on the header Host as it is, with its port: see deploy/nginx.")
      }
    }
    // What a person opens once: from then on the browser knows them. Also where others may look without a token.
    if let given = request.query["token"], let shown = configuration.people.person(withToken: given) {
      return Self.entered(shown.token, to: request.uri.path)
    }
    if person != nil || (request.uri.path == "/desk/enter" && !configuration.people.persons.isEmpty) { return nil }
    guard let token = configuration.token else {
      guard request.query["token"] == nil || configuration.people.persons.isEmpty else { throw PageError.noPerson }
      // A page of somebody else's, whose name was made to lead here, must not read what is meant for this machine.
      guard configuration.isLoopback, Self.isThisMachine(request.head.authority ?? "") else {
        guard configuration.people.persons.isEmpty else {
          throw PageError(
            .unauthorized, "Enter at /desk/enter with your token, or send it as “Authorization: Bearer …”.")
        }
        throw PageError(
          .forbidden,
          "This dashboard is for this machine alone: ask for it as localhost or 127.0.0.1. To let others in, also those "
            + "who come by a proxy, name a token (dashboard.token_file) or people (oversight.people_file).")
      }
      return nil
    }
    var query = request.query
    if let given = query.removeValue(forKey: "token") {
      guard Self.isEqual(given, token) else { throw wrongToken }
      return Self.entered(token, to: request.uri.path)
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

  /// The way on for who has shown a token: the browser shows it from now on.
  static func entered(_ token: String, to path: String) -> Response {
    let cookie = Cookie(name: cookie, value: digest(token), path: "/", httpOnly: true, sameSite: .strict)
    return Response(
      status: .seeOther,
      headers: [.location: path, .setCookie: cookie.description, .cacheControl: "no-store"])
  }

  private var wrongToken: PageError {
    PageError(.unauthorized, "That is not the token: it is the first line of the file dashboard.token_file.")
  }

  /// Whether a request's host, perhaps with a port, names this machine.
  static func isThisMachine(_ authority: String) -> Bool {
    let address = Address("http://\(authority)") ?? Address("http://\(authority):80")
    return address?.isOfThisMachine ?? false
  }

  private static func digest(_ token: String) -> String {
    SHA256.hash("dashboard \(token)").hexadecimal
  }

  /// In a time that does not tell where they differ.
  static func isEqual(_ one: String, _ other: String) -> Bool {
    SHA256.hash(one) == SHA256.hash(other)
  }
}
