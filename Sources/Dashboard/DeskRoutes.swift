import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Oversight
import Status

/// The desk over HTTP: a page for a browser, and the same as JSON for whoever asks for that.
struct DeskRoutes: Sendable {
  let renderer: Renderer
  let people: People

  /// Where a browser keeps the name of who decides, where names need no tokens.
  private static let nameCookie = "grove-name"
  /// Bytes of what is said at once.
  private static let largest = 4096

  func add(to router: Router<VisitContext>) {
    router.get("desk") { request, context -> Response in
      guard let person = try person(of: request, context) else {
        if request.wantsJSON { throw PageError(.unauthorized, "Say who you are, with a token or a name.") }
        return .page(DeskPage.entrance(people), at: .desk)
      }
      // Who only asks for the head takes no question from anybody.
      if request.method == .head { return .page(DeskPage.entrance(people), at: .desk) }
      return try await show(desk().look(person), to: request)
    }
    router.get("desk/help") { _, _ -> Response in .page(DeskHelp.page, at: .desk) }
    router.get("desk/mine") { request, context -> Response in
      guard let person = try person(of: request, context) else {
        throw PageError(.unauthorized, "Say who you are first, at /desk.")
      }
      try check(request)
      let ledger = try await ledger(for: request)
      let lines = await renderer.source.desk?.own(ledger, person) ?? ledger.own(person)
      if request.wantsJSON { return .text(try String(json: lines), "application/json") }
      return .page(JudgmentsPage.mine(lines, of: person, in: ledger.run), at: .desk)
    }
    router.get("desk/disagreements") { request, _ -> Response in
      try check(request)
      let ledger = try await ledger(for: request)
      if request.wantsJSON { return .text(try String(json: ledger.disagreements), "application/json") }
      return .page(JudgmentsPage.disagreements(ledger), at: .desk)
    }
    router.get("desk/enter") { _, _ -> Response in .page(DeskPage.entrance(people), at: .desk) }
    router.post("desk/enter") { request, _ -> Response in
      let form = try await form(request)
      do {
        if people.persons.isEmpty { return try enter(named: form["name"] ?? "") }
        guard let person = people.person(withToken: form["token"] ?? "") else { throw PageError.noPerson }
        return Gate.entered(person.token, to: "/desk")
      } catch let error as PageError where !request.wantsJSON {
        return .page(DeskPage.entrance(people, problem: error.sentence), at: .desk, status: error.status)
      }
    }
    router.post("desk/say") { request, context -> Response in
      guard let person = try person(of: request, context) else {
        throw PageError(.unauthorized, "Say who you are first, at /desk.")
      }
      let form = try await form(request)
      // The reason has a field of its own on the page.
      let text = [form["text"], form["reason"]].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
      let view = try await desk().say(
        text, about: form["item"] ?? "", step: Int(form["step"] ?? "") ?? -1, by: person,
        isAgain: form["again"] == "1", isFinal: form["final"] == "1")
      if view.problem == nil, view.doubt == nil, view.notice == nil, !request.wantsJSON {
        // So that reloading the page says nothing again.
        return Response(status: .seeOther, headers: [.location: "/desk", .cacheControl: "no-store"])
      }
      let isRefused = view.problem != nil || view.doubt != nil
      var response = try show(view, said: isRefused ? text : "", to: request)
      if view.problem != nil, request.wantsJSON { response.status = .unprocessableContent }
      return response
    }
    router.get("desk/check") { request, context -> Response in
      guard let person = try person(of: request, context) else {
        throw PageError(.unauthorized, "Say who you are first, at /desk.")
      }
      return .text(try String(json: await desk().check(request.query["text"] ?? "", by: person)), "application/json")
    }
  }

  private func desk() throws(PageError) -> Desk {
    guard let desk = renderer.source.desk else {
      throw PageError(.notFound, "No run goes on in this process: there is nothing to decide.")
    }
    return desk
  }

  /// Of the run that the parameter `run` names, or of that which goes on in this process.
  /// - Throws: ``PageError`` if the page has no such parameter.
  private func check(_ request: Request) throws {
    var query = request.query
    query["run"] = nil
    try Place.check(query)
  }

  private func ledger(for request: Request) async throws -> Ledger {
    let run = if let named = request.query["run"] { named } else { try desk().run }
    guard let ledger = await renderer.source.ledger(of: run) else {
      throw PageError(.notFound, "There is no run “\(run.prefix(80))”.")
    }
    return ledger
  }

  private func enter(named name: String) throws -> Response {
    guard People.isName(name) else {
      throw PageError(
        .badRequest, "“\(name.prefix(80))” can't be a name: letters, digits, - and _ are allowed, 32 at most.")
    }
    let value = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let cookie = Cookie(name: Self.nameCookie, value: value, path: "/", httpOnly: true, sameSite: .strict)
    return Response(
      status: .seeOther,
      headers: [.location: "/desk", .setCookie: cookie.description, .cacheControl: "no-store"])
  }

  /// - Returns: nil if nobody has said who they are.
  /// - Throws: ``PageError`` if this person may not decide.
  private func person(of request: Request, _ context: VisitContext) throws -> String? {
    guard people.persons.isEmpty else {
      guard let person = context.person else { return nil }
      guard person.mayDecide else {
        throw PageError(.forbidden, "\(person.name) may look, but not decide: that takes the role overseer.")
      }
      return person.name
    }
    let name = request.headers[.groveName] ?? request.cookies[Self.nameCookie]?.value
    guard let name = name?.removingPercentEncoding, People.isName(name) else { return nil }
    return name
  }

  private func show(_ view: DeskView, said: String = "", to request: Request) throws -> Response {
    request.wantsJSON
      ? .text(try String(json: view), "application/json") : .page(DeskPage.page(view, said: said), at: .desk)
  }

  /// What a form sent.
  private func form(_ request: Request) async throws -> [String: String] {
    guard let buffer = try? await request.body.collect(upTo: Self.largest) else {
      throw PageError(.contentTooLarge, "That is more than \(Self.largest) bytes.")
    }
    var form: [String: String] = [:]
    for pair in String(buffer: buffer).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.replacing("+", with: " ").removingPercentEncoding ?? "" }
      form[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    return form
  }
}

extension Request {
  /// Whether who asks is no browser.
  var wantsJSON: Bool { headers[.accept]?.contains("application/json") ?? false }
}

extension HTTPField.Name {
  /// Who decides, from a program on this machine.
  static var groveName: HTTPField.Name { HTTPField.Name("Grove-Name") ?? .from }
}
