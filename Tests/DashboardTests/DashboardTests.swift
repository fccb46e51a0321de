import Fetching
import Foundation
import FoundationXML
import Hashing
import Logging
import Oversight
import Status
import Testing

@testable import Dashboard

/// Pages about a cluster that is made up, without a port.
struct DashboardTests {
  private static let hostile = "<script>alert(1)</script>\"'&"

  private struct Source: DashboardSource {
    var isLive = true

    private var line: MetricsLine {
      let row = Accuracy.Row(student: 0.123456, teacher: 0.5, amplified: 1)
      return MetricsLine(
        round: 10, steps: 100, wallSeconds: 60, elements: 8, agreement: 0.9, loss: 0.25, overseerLoss: nil,
        humanDecompositions: 5, amplifiedQuestions: 800, subQuestions: 1600, memoHits: 3,
        accuracy: Accuracy(row, byClass: ["k=2–3": row, hostile: row]))
    }

    func status() async -> ClusterStatus? {
      guard isLive else { return nil }
      var run = RunStatus(name: "first", task: "permutation", rounds: 100)
      run.accuracy = line.accuracy
      run.phase = .training
      var worker = WorkerStatus(id: "worker-1", host: hostile, pid: 7, state: "up")
      worker.work = hostile
      worker.isSlow = true
      return ClusterStatus(cluster: .init(name: "test", version: "1", uptime: 5), workers: [worker], run: run)
    }

    func runs() async -> [RunSummary] {
      var first = RunSummary(name: "first", task: "permutation", state: .unfinished)
      first.accuracy = line.accuracy.row
      first.settings = ["model.width": "32", "task.name": hostile]
      return [first]
    }

    func run(_ name: String) async -> RunRecord? {
      guard name == "first" else { return nil }
      return RunRecord(
        name: "first", task: "permutation", configuration: "task: # \(hostile)", history: [line, line], result: nil,
        events: [ClusterEvent(time: Date(timeIntervalSince1970: 0), round: 1, who: "worker-1", what: hostile)],
        roundsWithTrees: [10], problems: [hostile])
    }

    func trees(of run: String, round: Int) async -> [KeptTree] {
      guard run == "first", round == 10 else { return [] }
      let leaf = AmplifiedQuestion.Node(
        question: "f^1(3)", answer: "2", by: "look-up", truth: "2", isRight: true, children: [])
      let root = AmplifiedQuestion.Node(
        question: hostile, answer: "7", by: "H′@20", truth: "4", isRight: false, children: [leaf, leaf])
      let direct = AmplifiedQuestion.Direct(answer: "4", isRight: true)
      let amplified = AmplifiedQuestion(
        task: "permutation", kind: "k=2–3", facts: ["f(3)=2", hostile], student: direct, teacher: direct, tree: root)
      return [KeptTree(round: 10, place: 0, worker: "worker-1", unit: "contexts 1–12", amplified: amplified)]
    }

    func file(_ file: RunFile, of run: String) async throws -> Data? {
      file == .metrics ? Data("{}\n".utf8) : nil
    }

    func documents() async -> [Document] {
      let runs = "# Runs\n\nWhich [run](../a.docc/Runs.md#x)\nis \(hostile) meant.\n\n## See\n\n[all](../README.md)\n"
      return [Document(name: "README.md", text: "nothing"), Document(name: "Runs.md", text: runs)]
    }

    var desk: Desk? { nil }

    func metrics() async -> String? { isLive ? "# HELP a b\n" : nil }
  }

  private func server(
    token: String? = nil, host: String = "127.0.0.1", isLive: Bool = true
  ) throws -> DashboardServer {
    try DashboardServer(
      .init(host: host, port: 0, token: token), source: Source(isLive: isLive),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func get(
    _ path: String, _ server: DashboardServer, method: String = "GET", headers: [String: String] = [:]
  ) async throws -> Fetch.Reply {
    var fetch = Fetch(path)
    (fetch.method, fetch.headers) = (method, headers)
    return try await server.reply(to: fetch)
  }

  @Test(arguments: [
    "/", "/runs", "/compare?run=first&x=minutes", "/runs/first", "/runs/first/report", "/runs/first/trees",
    "/runs/first/trees?round=10&wrong=1",
    "/runs/first/trees?class=k%3D2%E2%80%933", "/runs/first/trees/10/1", "/workers/worker-1", "/documents",
    "/documents/Runs.md",
  ])
  func everyPageIsWellFormedAndShowsHostileTextAsText(_ uri: String) async throws {
    let page = try await get(uri, server())
    #expect(page.status == 200, "\(page.text)")
    #expect(!page.text.contains("<script>alert"), "\(page.text)")
    if uri != "/runs" { #expect(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;")) }
    // What a strict reader takes a lenient one does, too.
    let markup = page.text.replacing("<!DOCTYPE html>", with: "")
      .replacing(/<(meta|link|img|input)([^>]*)>/) { "<\($0.1)\($0.2)/>" }
      .replacing(" defer>", with: " defer=\"\">").replacing(" hidden>", with: " hidden=\"\">")
      .replacing(" open>", with: " open=\"\">").replacing(" selected>", with: " selected=\"\">")
      .replacing(" checked/>", with: " checked=\"\"/>")
      .replacing("<br>", with: "<br/>").replacing(/download=/, with: "download=")
    let parser = XMLParser(data: Data(markup.utf8))
    #expect(parser.parse(), "\(uri), line \(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  @Test func documentsAreReadWhereTheRunIs() async throws {
    let list = try await get("/documents", server()).text
    #expect(list.contains("<h3><a href=\"/documents/Runs.md\">Runs</a></h3><p>Which run is &lt;script"), "\(list)")
    let runs = try await get("/documents/Runs.md", server()).text
    #expect(runs.contains("# Runs\n\nWhich <a href=\"/documents/Runs.md\">run</a>\nis"), "\(runs)")
    #expect(runs.contains("<a href=\"/documents/README.md\">all</a>"), "\(runs)")
    #expect(try await get("/documents/..%2FREADME.md", server()).status == 404)
  }

  @Test func numbersAreThereToTheLastDigit() async throws {
    let page = try await get("/", server())
    #expect(page.text.contains("<data value=\"0.123456\">0.123</data>"))
    #expect(page.text.contains("is much slower than the others"))
  }

  @Test(arguments: [
    ("/nowhere", 404, "There is no page “/nowhere” here."), ("/runs/second", 404, "There is no run “second”."),
    ("/runs/..%2F..%2Fetc", 404, "There is no run"), ("/workers/nobody", 404, "There is no worker “nobody”."),
    ("/runs/first/trees?round=x", 400, "round is “x”; allowed are whole numbers from 0."),
    ("/runs/first/trees?round=99999999999999999999", 400, "allowed are whole numbers"),
    ("/runs/first/trees?round=11", 404, "has kept no trees of round 11"),
    ("/runs/first/trees?class=none", 404, "There is no class “none” in round 10; there is k=2–3."),
    ("/runs/first/trees?wrong=yes", 400, "wrong is “yes”; allowed is 1"),
    ("/runs/first/trees?colour=red", 400, "no parameter “colour”"),
    ("/runs/first/trees/10/2", 404, "Round 10 of the run first has the trees 1 to 1."),
    ("/runs/first/trees/10/0", 400, "the number of the tree is “0”"),
    ("/events", 400, "The parameter page is missing"), ("/events?page=/runs/second", 404, "There is no run"),
  ])
  func whatIsAskedWronglyIsExplained(_ uri: String, _ status: Int, _ sentence: String) async throws {
    let page = try await get(uri, server())
    #expect(page.status == status && page.text.contains(sentence), "\(page.status) \(page.text)")
  }

  @Test(arguments: [
    "/", "/runs/", "/runs/first/report", "/status.json", "/metrics", "/style.css", "/nowhere", "/healthz",
  ])
  func whoAsksForTheHeadGetsThatOfThePage(_ uri: String) async throws {
    let (page, head) = (try await get(uri, server()), try await get(uri, server(), method: "HEAD"))
    #expect(head.status == page.status && head.text.isEmpty)
    #expect(head.headers["content-length"] == "\(page.text.utf8.count)" && head.headers["content-type"] != nil)
    #expect(head.headers["content-type"] == page.headers["content-type"])
  }

  @Test(arguments: [
    ("/nowhere", "GET", 404), ("/runs/first?x=1", "GET", 400), ("/status.json?x=1", "GET", 400),
    ("/", "POST", 405), ("/desk/nowhere", "POST", 404), ("/desk", "GET", 401), ("/compare?run=second", "GET", 404),
    ("/runs/first/weights", "GET", 404), ("/runs/second/metrics.csv", "GET", 404),
  ])
  func errorsAreJSONForWhoAsksForThat(_ uri: String, _ method: String, _ status: Int) async throws {
    let answer = try await get(uri, server(), method: method, headers: ["Accept": "application/json"])
    #expect(answer.status == status && answer.headers["content-type"]?.hasPrefix("application/json") == true)
    let error = try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])
    #expect(error["status"] as? Int == status && (error["error"] as? String)?.hasSuffix(".") == true, "\(answer.text)")
    #expect((answer.headers["allow"] != nil) == (status == 405))
  }

  @Test func whetherItAnswersIsForAnyone() async throws {
    let server = try server(token: "a secret", host: "127.0.0.1")
    let health = try await get("/healthz", server)
    #expect(health.status == 200 && health.text == "ok\n")
    for uri in ["/style.css", "/live.js", "/favicon.ico"] { #expect(try await get(uri, server).status == 200) }
    for uri in ["/runs.json", "/runs/first/config.yaml"] { #expect(try await get(uri, server).status == 401) }
    #expect(try await get("/favicon.ico", server).text.hasPrefix("<svg"))
  }

  @Test func theReportHasTheStyleThatItsPolicyAllows() async throws {
    let page = try await get("/runs/first/report", server())
    let style = try #require(page.text.firstMatch(of: /<style>([^<]*)<\/style>/)).1
    let hash = Data(SHA256.hash(String(style)).bytes).base64EncodedString()
    let policy = try #require(page.headers["content-security-policy"])
    #expect(policy.contains("style-src 'self' 'sha256-\(hash)'") && !policy.contains("unsafe"), "\(policy)")
  }

  @Test func onlyThisMachineIsLetInWithoutAToken() async throws {
    #expect(throws: DashboardError.self) { try server(host: "0.0.0.0") }
    for host in ["localhost", "localhost:5580", "127.0.0.1:5580", "127.1.2.3", "[::1]:5580", "[::1]"] {
      #expect(Gate.isThisMachine(host), "\(host)")
    }
    for host in ["evil.example", "localhost.evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]:1"] {
      #expect(!Gate.isThisMachine(host), "\(host)")
    }
    #expect(try await get("/", server(), method: "POST").status == 405)
  }

  @Test func aTokenIsAskedFor() async throws {
    let server = try server(token: "a secret", host: "127.0.0.1")
    #expect(try await get("/", server).status == 401)
    #expect(try await get("/metrics", server).status == 401)
    #expect(try await get("/?token=another", server).text.contains("That is not the token"))
    #expect(try await get("/", server, headers: ["Authorization": "Bearer another"]).status == 401)
    #expect(try await get("/", server, headers: ["Authorization": "Bearer a secret"]).status == 200)
    let entered = try await get("/runs?token=a%20secret", server)
    #expect(entered.status == 303 && entered.headers["location"] == "/runs")
    let cookie = try #require(entered.headers["set-cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("secret"))
    let pair = String(try #require(cookie.split(separator: ";").first))
    #expect(try await get("/runs", server, headers: ["Cookie": pair]).status == 200)
    #expect(try await get("/runs", server, headers: ["Cookie": pair + "0"]).status == 401)
  }

  @Test func withoutACoordinatorThereAreTheRuns() async throws {
    let server = try server(isLive: false)
    #expect(try await get("/", server).text.contains("<h1>Runs</h1>"))
    #expect(try await get("/metrics", server).status == 404)
    #expect(try await get("/status.json", server).status == 404)
  }

  @Test func theReportIsOneFile() async throws {
    let page = try await get("/runs/first/report", server())
    #expect(!page.text.contains("href=\"/") || page.text.contains("<style>"))
    for outside in ["<script", "src=", "<link", "http://", "https://"] {
      #expect(!page.text.replacing("http://www.w3.org/2000/svg", with: "").contains(outside), "\(outside)")
    }
  }

  @Test func addressesLeadBackToTheirPlaces() throws {
    for place in [
      Place.overview, .runs, .run("a"), .report("a"), .trees(run: "a", round: nil, kind: nil, wrongOnly: false),
      .trees(run: "a", round: 3, kind: "k=2–3 & x", wrongOnly: true), .tree(run: "a", round: 3, place: 0),
      .worker("w 1/ü"),
    ] {
      let parts = try #require(URLComponents(string: place.path))
      let query = (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }
      let back = try Place(path: parts.percentEncodedPath, query: Dictionary(query, uniquingKeysWith: { $1 }))
      #expect(back == place)
    }
  }
}
