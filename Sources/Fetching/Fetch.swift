import Foundation

/// What is asked of a server over HTTP.
public struct Fetch: Sendable {
  /// With `http://` or `https://`; a server of the latter has a certificate that the system trusts.
  public var address: String
  public var method = "GET"
  public var headers: [String: String] = [:]
  /// Nil: nothing is sent with it.
  public var body: Data?
  /// To whom nobody answers in this time, nobody is there.
  public var patience = Duration.seconds(1)
  /// For all of it.
  public var timeout = Duration.seconds(60)
  /// Bytes of the longest reply that is read, with its head.
  public var largest = 1 << 20

  public init(_ address: String) { self.address = address }

  /// Sends these fields, as a page's form.
  public mutating func post(_ form: [String: String]) {
    method = "POST"
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = Data(form.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&").utf8)
  }

  /// As it may stand in a form, and in a header.
  public static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  /// What was answered, whole.
  public struct Reply: Sendable {
    public let status: Int
    /// By their names in small letters.
    public let headers: [String: String]
    public let body: Data

    public var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Why there is no reply.
  public struct Failure: Error, CustomStringConvertible {
    public let address: String
    public let reason: String
    public var description: String { "asking \(address) failed: \(reason)" }
  }
}
