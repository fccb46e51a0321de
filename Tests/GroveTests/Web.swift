import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat

/// Requests to servers of this machine.
enum Web {
  private static let patience = TimeAmount.seconds(60)
  private static let largest = 16 << 20

  /// - Returns: the status, and what was answered, whole.
  static func get(_ address: String) async throws -> (status: Int, body: Data) {
    try await send(HTTPClientRequest(url: address))
  }

  /// - Parameter json: nil: no body.
  static func send(_ address: String, _ method: String, json: [String: Any]?) async throws -> Data {
    var request = HTTPClientRequest(url: address)
    request.method = .init(rawValue: method)
    if let json {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(data: try JSONSerialization.data(withJSONObject: json)))
    }
    return try await send(request).body
  }

  /// What the desk answers. - Parameters: - form: nil: one only looks. - accept: what a program wants; a browser `text/html`.
  static func desk(
    _ address: String, _ form: [String: String]?, headers: [String: String], accept: String = "application/json"
  ) async throws -> (status: Int, body: Data) {
    var request = HTTPClientRequest(url: address)
    request.headers.add(name: "Accept", value: accept)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let form {
      request.method = .POST
      let fields = form.map { name, value in
        "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
      }
      request.body = .bytes(ByteBuffer(string: fields.joined(separator: "&")))
    }
    return try await send(request)
  }

  private static func send(_ request: HTTPClientRequest) async throws -> (status: Int, body: Data) {
    let response = try await HTTPClient.shared.execute(request, timeout: patience * 3)
    return (Int(response.status.code), Data(buffer: try await response.body.collect(upTo: largest)))
  }
}
