import Addresses
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import Oversight

/// The desk of a run, over HTTP.
struct DeskClient: Sendable {
  /// The dashboard's address, with `/` at its end.
  let address: String
  /// Who decides: by name where names need no tokens, else by token.
  let name: String
  let token: String?

  private let client: HTTPClient

  private static let timeout = TimeAmount.seconds(60)
  private static let largest = 1 << 20
  /// A coordinator that is started again is back after less.
  private static let patience = Duration.seconds(15)

  /// Runs `body` with a client that is shut down after it.
  static func with(
    address: String, name: String, token: String?, _ body: (DeskClient) async throws -> Void
  ) async throws {
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(1)
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(DeskClient(address: address, name: name, token: token, client: client)))
    } catch {
      result = .failure(error)
    }
    try await client.shutdown()
    try result.get()
  }

  private init(address: String, name: String, token: String?, client: HTTPClient) {
    (self.address, self.name, self.token, self.client) = (address, name, token, client)
  }

  /// What the person sees; they are given a question if there is one.
  func look() async throws -> DeskView { try await send("desk", nil) }

  /// - Parameter isFinal: whether nothing is ever taken back, as by a script.
  /// - Parameter isAgain: whether it was asked about once more, and is meant.
  func say(
    _ text: String, about item: DeskView.Item?, isAgain: Bool = false, isFinal: Bool = false
  ) async throws -> DeskView {
    try await send(
      "desk/say",
      [
        "item": item?.id ?? "", "step": "\(item?.step ?? 0)", "text": text, "again": isAgain ? "1" : "0",
        "final": isFinal ? "1" : "0",
      ])
  }

  private func send(_ path: String, _ form: [String: String]?) async throws -> DeskView {
    var request = HTTPClientRequest(url: address + path)
    request.headers.add(name: "Accept", value: "application/json")
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    request.headers.add(name: "Grove-Name", value: Self.encoded(name))
    if let form {
      request.method = .POST
      request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
      request.body = .bytes(
        ByteBuffer(string: form.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")))
    }
    let (status, data) = try await answer(to: request)
    guard let view = try? JSONDecoder().decode(DeskView.self, from: data) else {
      switch status {
      case 401: throw Failure("the desk at \(address) does not know you: give your token with --token-file")
      case 403: throw Failure("the desk at \(address) does not let you decide: it takes the role overseer")
      default: throw Failure("the desk at \(address) answered with HTTP \(status)")
      }
    }
    return view
  }

  /// Sends it until it is answered: the same said twice counts once.
  private func answer(to request: HTTPClientRequest) async throws -> (UInt, Data) {
    let started = ContinuousClock.now
    while true {
      do {
        let response = try await client.execute(request, timeout: Self.timeout)
        return (response.status.code, Data(buffer: try await response.body.collect(upTo: Self.largest)))
      } catch  where started.duration(to: .now) < Self.patience && !(error is CancellationError) {
        try await Task.sleep(for: .seconds(1))
      } catch {
        let host = URL(string: address)?.host().map { Address(host: $0, port: nil) }
        throw Gone(address: address, whyUnknown: await host?.whyUnknown)
      }
    }
  }

  /// Nobody answers any more.
  struct Gone: Error, CustomStringConvertible {
    let address: String
    /// Why the name of the host stands for no address.
    var whyUnknown: String?
    var description: String {
      if let whyUnknown { return "nobody can be at \(address): the host's name is not known (\(whyUnknown))" }
      return "nobody answers at \(address): has the run ended?"
    }
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
