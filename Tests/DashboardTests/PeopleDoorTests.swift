import Amplification
import Fetching
import Foundation
import Logging
import Oversight
import RunStore
import Status
import Tasks
import Testing

@testable import Dashboard

/// How people come to the desk, and what its pages say, without a port.
final class PeopleDoorTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-door-\(UUID().uuidString)"
  private let task = Permutation(size: 8, bits: 3)

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private struct Source: DashboardSource {
    let desk: Desk?
    let store: RunStore
    let task: Permutation
    func status() async -> ClusterStatus? { nil }
    func runs() async -> [RunSummary] { [] }
    func run(_ name: String) async -> RunRecord? { nil }
    func trees(of run: String, round: Int) async -> [KeptTree] { [] }
    func file(_ file: RunFile, of run: String) async throws -> Data? { nil }
    func metrics() async -> String? { nil }
    func ledger(of run: String) async -> Ledger? {
      guard run == store.name, let provenance = try? await Provenance(store.journal) else { return nil }
      return Ledger(provenance, of: run, task)
    }
  }

  private func server(people text: String? = nil, twice: Double = 0) async throws -> DashboardServer {
    // One each: a server that has ended may keep its run open for a moment.
    let store = try await RunStore.open("first", in: "\(folder)/\(UUID().uuidString)")
    let desk = Desk(
      .init(run: "first", lease: .seconds(60), twice: twice, showsFacts: true, grace: .seconds(3600)), task,
      journal: store.journal
    ) { _, _ in Reply(Answer([7]), by: .answerer(role: "teacher", step: 5)) }
    let batch = task.sample(.decompositions, seed: 1, round: 3, 0..<1, elements: 8, questions: 1)
    try await desk.open([
      DeskItem(
        QuestionID(.decomposition, round: 3, place: 0), about: batch.contexts[0], elements: 8, asked: batch.asked[0])
    ])
    let people = if let text { try People(reading: text, path: "people") } else { People() }
    return try DashboardServer(
      .init(host: "127.0.0.1", port: 0, token: nil, people: people),
      source: Source(desk: desk, store: store, task: task),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func ask(
    _ server: DashboardServer, _ path: String, _ form: String? = nil, _ headers: [String: String] = [:]
  ) async throws -> Fetch.Reply {
    var fetch = Fetch(path)
    fetch.headers = headers
    if let form { (fetch.method, fetch.body) = ("POST", Data(form.utf8)) }
    return try await server.reply(to: fetch)
  }

  private let people = "ada 0123456789ab overseer\nben cdefghijklmn viewer\n"

  @Test func aPersonsTokenInTheAddressLetsThemInOnLoopbackToo() async throws {
    let server = try await server(people: people)
    let entered = try await ask(server, "/runs?token=0123456789ab")
    #expect(entered.status == 303 && entered.headers["location"] == "/runs")
    let cookie = try #require(entered.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
    #expect(!cookie.contains("0123456789ab"))
    #expect(try await ask(server, "/desk", nil, ["Cookie": cookie]).text.contains("Take a question apart"))
    #expect(try await ask(server, "/desk").text.contains("Your token"))
    let wrong = try await ask(server, "/?token=another-one")
    #expect(wrong.status == 401 && wrong.text.contains("nobody&#39;s token here"), "\(wrong.text)")
    let viewer = try await ask(server, "/desk", nil, ["Authorization": "Bearer cdefghijklmn"])
    #expect(viewer.status == 403)
    #expect(try await ask(server, "/desk/disagreements", nil, ["Authorization": "Bearer cdefghijklmn"]).status == 200)
  }

  @Test func whoCantEnterGetsTheFormAgainWithTheReason() async throws {
    let named = try await ask(server(), "/desk/enter", "name=a%20b")
    #expect(
      named.status == 400 && named.text.contains("“a b” can&#39;t be a name") && named.text.contains("name=\"name\""))
    let token = try await ask(server(people: people), "/desk/enter", "token=wrong")
    #expect(token.status == 401 && token.text.contains("nobody&#39;s token") && token.text.contains("name=\"token\""))
  }

  @Test func thePageExplainsItselfAndTheLastJudgmentWaitsForItsPerson() async throws {
    let server = try await server()
    let ada = ["Grove-Name": "ada"]
    let page = try await ask(server, "/desk", nil, ada).text
    let question = try #require(page.firstMatch(of: /<code id="question">f\^(\d)\((\d)\)/))
    #expect(page.contains("</code>: start at \(question.2) and follow the arrows"))
    #expect(page.contains("<dt><code>f^1(3)</code></dt><dd>start at 3 and follow the arrow once</dd>"))
    for text in [
      "Halve the way", "href=\"/desk/help\"", "<b>d3.1</b>: question to take apart number 1 of round 3", "until",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(try await ask(server, "/desk/help").text.contains("undo d4.2"))
    #expect(try await ask(server, "/desk/help").text.contains("href=\"/documents/Overseeing.md\""))
    func say(_ text: String, _ step: Int = 0, again: Int = 0) async throws -> Fetch.Reply {
      try await ask(server, "/desk/say", "item=d3.1&step=\(step)&text=\(text)&again=\(again)", ada)
    }
    let itself = "f%5E\(question.1)(\(question.2))"
    let doubted = try await say(itself)
    #expect(doubted.text.contains("is the question itself") && doubted.text.contains("I mean it: f^\(question.1)"))
    #expect(try await say(itself).text.contains("is the question itself"), "a page that is loaded again means nothing")
    #expect(try await say(itself, again: 1).status == 303)
    let asked = try await ask(server, "/desk", nil, ada).text
    #expect(asked.contains("<abbr title=\"answered by X, the model that is trained, averaged over time, after 5"))
    _ = try await say("%3D+2", 1)
    let idle = try await ask(server, "/desk", nil, ada).text
    #expect(idle.contains("value=\"sure\"") && idle.contains("value=\"undo\"") && idle.contains("id=\"grace\""))
    let mine = try await ask(server, "/desk/mine", nil, ada).text
    #expect(mine.contains("not used yet") && mine.contains("value=\"undo d3.1\"") && mine.contains("= 2"))
    var headers = ada
    headers["Accept"] = "application/json"
    let json = try await ask(server, "/desk/mine?run=first", nil, headers).text
    #expect(json.contains("\"decision\":\"= 2\"") && json.contains("\"may_take_back\":true"), "\(json)")
    #expect(try await ask(server, "/desk/mine?run=second", nil, ada).status == 404)
    let back = try await ask(server, "/desk/say", "item=&step=0&text=undo+d3.1", ada)
    #expect(back.text.contains("Your judgment of d3.1 is taken back."))
  }

  @Test func whereTwoDisagreeBothAreSeenSideBySide() async throws {
    let server = try await server(twice: 1)
    for (person, answer) in [("ada", "2"), ("ben", "3")] {
      let said = try await ask(server, "/desk/say", "item=d3.1&step=0&text=%3D+\(answer)", ["Grove-Name": person])
      #expect(said.status == 303, "\(said.text)")
    }
    let page = try await ask(server, "/desk/disagreements").text
    for text in ["<h3>ada", "<h3>ben", "= 2", "= 3", "0 of 1 decisions alike", "not used yet", "compared, not learned"]
    {
      #expect(page.contains(text), "\(text): \(page)")
    }
    let json = try await ask(server, "/desk/disagreements", nil, ["Accept": "application/json"]).text
    #expect(json.contains("\"first\":\"= 2\"") && json.contains("\"second\":\"= 3\""))
  }
}
