import Fetching
import Foundation
import Testing

/// One question, one answer, within bounds of time and length.
struct FetcherTests {
  @Test func whatIsAskedArrivesAndWhatIsAnsweredComesBack() async throws {
    let server = try Listener(
      saying:
        "HTTP/1.1 100 Continue\r\nNot: this\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nX-Two:  b: c \r\n\r\nabc"
    )
    var fetch = Fetch(server.address + "a/../desk?x=1")
    fetch.headers = ["Grove-Name": Fetch.encoded("Zoë"), "Accept": "application/json"]
    fetch.post(["text": "= 1 & 2"])
    let reply = try await Fetcher().reply(to: fetch)
    #expect(reply.status == 404 && reply.text == "abc")
    #expect(reply.headers == ["content-length": "3", "x-two": "b: c"])
    let asked = server.asked
    #expect(asked.hasPrefix("POST /a/../desk?x=1 HTTP/1.1\r\n") && asked.hasSuffix("\r\n\r\ntext=%3D%201%20%26%202"))
    for line in ["Grove-Name: Zo%C3%AB", "Accept: application/json", "Content-Type: application/x-www-form-urlencoded"]
    {
      #expect(asked.contains("\r\n\(line)\r\n"), "\(asked)")
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nA: ",
  ])
  func aReplyWithoutEndIsNotReadToItsEnd(_ start: String) async throws {
    let server = try Listener(saying: start, isEndless: true)
    await #expect(throws: Fetch.Failure.self) { _ = try await Fetcher().reply(to: Fetch(server.address)) }
  }

  @Test func whereElseToAskIsTheAnswer() async throws {
    let other = try Listener(saying: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let server = try Listener(saying: "HTTP/1.1 302 Found\r\nLocation: \(other.address)\r\nContent-Length: 0\r\n\r\n")
    let reply = try await Fetcher().reply(to: Fetch(server.address))
    #expect(reply.status == 302 && reply.headers["location"] == other.address && other.asked.isEmpty)
  }

  @Test func aServerThatEndedIsAskedAgainOnANewConnection() async throws {
    let server = try Listener(saying: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let fetcher = Fetcher()
    for _ in 0..<3 { #expect(try await fetcher.reply(to: Fetch(server.address)).text == "ok") }
  }

  @Test(arguments: ["http://127.0.0.1:1/", "file:///etc/hostname", "localhost/", "http://nobody.invalid/", "http://"])
  func whereNobodyAnswersIsSaid(_ address: String) async throws {
    let failure = await #expect(throws: Fetch.Failure.self) { _ = try await Fetcher().reply(to: Fetch(address)) }
    #expect(failure?.description.hasPrefix("asking \(address) failed: ") == true)
  }

  @Test func nobodyIsWaitedForTooLongNorAfterOneIsCancelled() async throws {
    let (silent, away) = (try Listener(saying: nil), try Listener(saying: nil))
    var fetch = Fetch(silent.address)
    fetch.timeout = .milliseconds(50)
    let hasty = fetch
    await #expect(throws: Fetch.Failure.self) { _ = try await Fetcher().reply(to: hasty) }
    let asking = Task { try await Fetcher().reply(to: Fetch(away.address)) }
    asking.cancel()
    await #expect(throws: CancellationError.self) { _ = try await asking.value }
  }
}
