import Foundation
import Oversight
import Testing

/// The dashboard behind deploy/nginx/grove.conf, in a real nginx, as who comes over TLS sees it.
@Suite(.serialized) struct ProxyTests {
  private let program: Program
  private let (web, secure): (String, String)
  private static let conf = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy/nginx/grove.conf").path
  private static let host = "grove.example.org"

  init() throws {
    program = try Program()
    web = try Program.freeAddress().replacing("tcp:", with: "http:")
    secure = try String(#require(Program.freeAddress().split(separator: ":").last))
  }

  /// - Parameter without: lines that have this are left out of the configuration.
  private func withProxy(without left: String? = nil, _ body: () async throws -> Void) async throws {
    let lines = try String(contentsOfFile: Self.conf, encoding: .utf8).split(separator: "\n")
    let conf = lines.filter { !$0.contains("[::]") && !(left.map($0.contains) ?? false) }.joined(separator: "\n")
      .replacing("listen 443", with: "listen 127.0.0.1:\(secure)").replacing("http://127.0.0.1:5580", with: web)
      .replacing("/etc/ssl/certs", with: program.folder).replacing("/etc/ssl/private", with: program.folder)
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(program.folder)/\($0);" }
    try program.write(
      """
      daemon off;
      user root;
      pid \(program.folder)/nginx.pid;
      events {}
      http { access_log off; \(paths.joined(separator: " "))
      \(conf)
      }
      """, to: "nginx.conf")
    let made = try await program.shell(
      """
      [ -f grove.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(Self.host) \\
        -addext subjectAltName=DNS:\(Self.host),IP:127.0.0.1 -keyout grove.key -out grove.pem
      """)
    #expect(made.status == 0, "\(made.errors)")
    let nginx = try program.start(
      shell: "exec setpriv --pdeathsig TERM nginx -e stderr -p . -c \"$PWD/nginx.conf\"")
    do {
      // Both have to listen.
      while case let answer = try await get("/"), answer.status != 0 || answer.output.contains("502 Bad Gateway") {
        try #require(nginx.isRunning, "nginx ended: is it there? scripts/setup --tests")
      }
      try await body()
    } catch {
      nginx.signal(SIGTERM)
      throw error
    }
    nginx.signal(SIGTERM)
    _ = await nginx.ended()
  }

  private var site: String { "\(Self.host):\(secure)" }
  private var curl: String {
    "curl --silent --max-time 30 --cacert grove.pem --resolve \(site):127.0.0.1 -H 'Accept: application/json' -b jar -c jar"
  }

  private func get(_ path: String) async throws -> Program.Ended {
    try await program.shell("\(curl) 'https://\(site)\(path)'")
  }

  /// As a form of the dashboard's own pages.
  private func send(_ fields: [String: String], to path: String) async throws -> String {
    let form = fields.map { "--data-urlencode \"\($0)=\($1)\"" }.joined(separator: " ")
    let origin = "-H 'Origin: https://\(site)'"
    return try await program.shell("\(curl) -D headers \(origin) \(form) https://\(site)\(path)").output
  }

  private func view() async throws -> DeskView? {
    try? JSONDecoder().decode(DeskView.self, from: Data(try await get("/desk").output.utf8))
  }

  @Test func aDecisionIsTakenBehindTheProxyAndWithoutTheHeaderTheRefusalSaysWhich() async throws {
    try program.write("ada 0123456789ab overseer\n", to: "people")
    chmod(program.folder + "/people", 0o600)
    let run = try program.start(
      SmallRun.arguments(
        "proxied", workers: 1, "overseer.kind=human", "overseer.patience=0", "dashboard.bind=\(web)",
        "oversight.people_file=people"))
    var item: DeskView.Item?
    try await withProxy {
      #expect(try await get("/").output.contains("Enter at /desk/enter"))
      _ = try await send(["token": "0123456789ab"], to: "/desk/enter")
      let headers = try String(contentsOfFile: program.folder + "/headers", encoding: .utf8)
      #expect(headers.contains(" 303") && headers.contains("; Secure"), "\(headers)")
      while item == nil {
        item = try await view()?.item
        try #require(run.isRunning, "the run ended")
      }
      // What changes is shown when it does.
      let live = try await program.shell("\(curl) -N 'https://\(site)/events?page=/' | head -c 5")
      #expect(live.output == "data:", "\(live.output)\(live.errors)")
    }
    let decision = ["item": try #require(item?.id), "step": "0", "text": "flag it is only looked at"]
    try await withProxy(without: "Host $http_host") {
      let refused = try await send(decision, to: "/desk/say")
      #expect(refused.contains("the proxy has to hand on the header Host"), "\(refused)")
    }
    try await withProxy {
      let said = try await send(decision, to: "/desk/say")
      let view = try JSONDecoder().decode(DeskView.self, from: Data(said.utf8))
      #expect(view.problem == nil && view.item?.id != decision["item"], "\(said)")
      try await decideFromATerminal()
    }
    run.signal(SIGTERM)
    _ = await run.ended()
  }

  /// On a machine that trusts the proxy's certificate.
  private func decideFromATerminal() async throws {
    try program.write("0123456789ab\n", to: "token")
    let review = try await program.start(
      under: ["unshare", "--mount"],
      shell: """
        mount --bind grove.pem /etc/ssl/certs/ca-certificates.crt
        exec "$0" review proxied --scripted --count 1 --token-file token --dashboard https://127.0.0.1:\(secure)
        """
    ).ended()
    #expect(review.status == 0 && review.output.contains("The script decided 1."), "\(review.output)\(review.errors)")
  }

  @Test func whoComesByAProxyToADashboardForThisMachineIsToldWhatItTakes() async throws {
    let dashboard = try program.start(["dashboard", "--set", "dashboard.bind=\(web)"])
    #expect(await dashboard.line(containing: "until Ctrl-C") != nil)
    try await withProxy {
      let refused = try await get("/")
      #expect(refused.output.contains("name a token (dashboard.token_file) or people"), "\(refused.output)")
    }
    dashboard.signal(SIGTERM)
    _ = await dashboard.ended()
  }
}
