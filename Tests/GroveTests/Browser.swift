import Foundation
import Testing

/// A real browser: Chromium without a window, driven over the WebDriver protocol. It ends with the object.
final class Browser {
  private let driver: Running
  private let session: String
  private let folder: String

  init() async throws {
    folder = NSTemporaryDirectory() + "grove-browser-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    driver = try Running(URL(fileURLWithPath: "/usr/bin/chromedriver"), ["--port=0"], in: folder)
    let line = try #require(
      await driver.line(containing: "started successfully on port"), "chromedriver is missing: scripts/setup --tests")
    let port = try #require(line.split(separator: " ").last?.prefix { $0.isNumber })
    let root = "http://127.0.0.1:\(port)/session"
    let options: [String: Any] = [
      "args": ["--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder)/profile"]
    ]
    let created = try await Self.send(
      root,
      [
        "capabilities": [
          "alwaysMatch": [
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
          ]
        ]
      ])
    let id = try #require((created as? [String: Any])?["sessionId"] as? String)
    session = "\(root)/\(id)"
  }

  /// Closes the browser.
  func quit() async throws {
    _ = try? await Self.send(session, nil, method: "DELETE")
    // It has nothing left to do, and does not always hear a milder signal.
    driver.signal(SIGKILL)
    // Not for the end of what it says: the browser's own helpers hold that open for a while.
    await Running.gone(driver.processID)
    try FileManager.default.removeItem(atPath: folder)
  }

  private static func send(_ address: String, _ body: [String: Any]?, method: String = "POST") async throws -> Any? {
    let data = try await Web.send(address, method, json: body)
    let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let value = answer?["value"]
    if let error = (value as? [String: Any])?["error"] { throw BrowserError(description: "\(error): \(value ?? "")") }
    return value
  }

  // MARK: What a person does

  func open(_ address: String) async throws { _ = try await command("url", ["url": address]) }
  func reload() async throws { _ = try await command("refresh", [:]) }

  func click(_ selector: String) async throws {
    let found = try await command("element", ["using": "css selector", "value": selector]) as? [String: String]
    let element = try #require(found?.values.first)
    _ = try await command("element/\(element)/click", [:])
  }

  /// Types into a field; `\n` is the enter key.
  func type(_ selector: String, _ text: String) async throws {
    let found = try await command("element", ["using": "css selector", "value": selector]) as? [String: String]
    let element = try #require(found?.values.first)
    _ = try await command("element/\(element)/value", ["text": text])
  }

  /// Presses a key, such as `\u{E014}` for the right arrow.
  func press(_ key: String) async throws {
    let actions: [[String: String]] = [["type": "keyDown", "value": key], ["type": "keyUp", "value": key]]
    _ = try await command("actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions]]])
  }

  func resize(width: Int, height: Int) async throws {
    _ = try await command("window/rect", ["width": width, "height": height])
  }

  // MARK: What a person sees

  /// The value of a script's expression.
  func value(of expression: String) async throws -> Any? {
    try await command("execute/sync", ["script": "return \(expression)", "args": [Any]()])
  }

  /// Waits in the page until an expression is true.
  func until(_ expression: String) async throws {
    let script = """
      const done = arguments[0];
      (function look() { if (\(expression)) done(true); else setTimeout(look, 50); })();
      """
    _ = try await command("timeouts", ["script": 120_000])
    _ = try await command("execute/async", ["script": script, "args": [Any]()])
  }

  /// What the console was told since it was read last: errors of scripts, what was not found, what a policy forbids.
  func log() async throws -> [String] {
    let entries = try await command("se/log", ["type": "browser"]) as? [[String: Any]]
    return (entries ?? []).map { "\($0["message"] ?? "")" }
  }

  func texts(_ selector: String) async throws -> [String] {
    try await value(of: "[...document.querySelectorAll('\(selector)')].map(e => e.textContent)") as? [String] ?? []
  }

  private func command(_ name: String, _ body: [String: Any]) async throws -> Any? {
    try await Self.send("\(session)/\(name)", body)
  }
}

private struct BrowserError: Error, CustomStringConvertible {
  let description: String
}
