import Addresses
import Fetching
import Foundation
import Oversight

/// The desk of a run, over HTTP.
struct DeskClient: Sendable {
  /// The dashboard's address, with `/` at its end.
  let address: String
  /// Who decides: by name where names need no tokens, else by token.
  let name: String
  let token: String?

  private let fetcher = Fetcher()

  /// A coordinator that is started again is back after less.
  private static let patience = Duration.seconds(15)

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
    var fetch = Fetch(address + path)
    fetch.headers["Accept"] = "application/json"
    if let token { fetch.headers["Authorization"] = "Bearer \(token)" }
    fetch.headers["Grove-Name"] = Fetch.encoded(name)
    if let form { fetch.post(form) }
    let reply = try await reply(to: fetch)
    guard let view = try? JSONDecoder().decode(DeskView.self, from: reply.body) else {
      switch reply.status {
      case 401: throw Failure("the desk at \(address) does not know you: give your token with --token-file")
      case 403: throw Failure("the desk at \(address) does not let you decide: it takes the role overseer")
      default: throw Failure("the desk at \(address) answered with HTTP \(reply.status)")
      }
    }
    return view
  }

  /// Sends it until it is answered: the same said twice counts once.
  private func reply(to fetch: Fetch) async throws -> Fetch.Reply {
    let started = ContinuousClock.now
    while true {
      do {
        return try await fetcher.reply(to: fetch)
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
}
