import Foundation
import Telemetry
import Testing

/// The files in deploy/monitoring.
struct MonitoringTests {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy/monitoring")

  @Test(arguments: ["alerts.yml", "grafana-dashboard.json"])
  func onlyMetricsThatThereAreAreAskedFor(_ file: String) throws {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    let names = Set(text.matches(of: /grove_[a-z_]+/).map { String($0.0) })
    #expect(names.count > 3)
    let known = GroveMetrics.all.flatMap { metric in
      [metric.name] + ["_bucket", "_sum", "_count"].map { metric.name + $0 }
    }
    for name in names { #expect(known.contains(name), "\(name)") }
  }

  @Test(arguments: [["rules", "alerts.yml"], ["config", "prometheus.yml"]])
  func prometheusTakesThem(_ what: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["promtool", "check"] + what
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func theDashboardIsJSONWithAQueryInEveryPanel() throws {
    let data = try Data(contentsOf: folder.appendingPathComponent("grafana-dashboard.json"))
    let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    #expect(panels.count > 10 && panels.allSatisfy { ($0["targets"] as? [[String: Any]])?.isEmpty == false })
  }
}
