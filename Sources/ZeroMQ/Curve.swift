import CZeroMQ

/// A key of libzmq's CURVE, which encrypts and authenticates connections (Curve25519, through libsodium): 32 bytes,
/// written as 64 hexadecimal digits.
public struct CurveKey: Hashable, Sendable, CustomStringConvertible {
  static let size = 32
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// - Returns: nil if the text is not 64 hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    let digits = text.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
    guard digits.count == 2 * Self.size, text.count == digits.count else { return nil }
    bytes = (0..<Self.size).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
  }

  public var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// libzmq's own notation.
  fileprivate init?(z85: [CChar]) {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    guard zmq_z85_decode(&bytes, z85) != nil else { return nil }
    self.bytes = bytes
  }
}

/// A public key and the secret one that belongs to it.
public struct CurveKeyPair: Sendable {
  public let publicKey: CurveKey
  public let secretKey: CurveKey

  /// A new pair. - Throws: ``ZeroMQError`` if libzmq was built without CURVE.
  public static func generate() throws(ZeroMQError) -> CurveKeyPair {
    var (open, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
    guard zmq_curve_keypair(&open, &secret) == 0, let publicKey = CurveKey(z85: open),
      let secretKey = CurveKey(z85: secret)
    else { throw .last("making keys") }
    return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
  }

  private init(publicKey: CurveKey, secretKey: CurveKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// The pair of a secret key.
  public init(secretKey: CurveKey) throws(ZeroMQError) {
    var (open, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
    guard zmq_z85_encode(&secret, secretKey.bytes, CurveKey.size) != nil, zmq_curve_public(&open, secret) == 0,
      let publicKey = CurveKey(z85: open)
    else { throw .last("reading a key") }
    self.init(publicKey: publicKey, secretKey: secretKey)
  }
}

extension Socket {
  /// Admits only peers that know the public key and that a ``Doorkeeper`` of the same context lets in. Before binding.
  public func serve(as pair: CurveKeyPair) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVER, Int32(1))
    try set(ZMQ_CURVE_SECRETKEY, pair.secretKey.bytes, "key")
    try set(ZMQ_ZAP_DOMAIN, Array("grove".utf8), "domain")
  }

  /// Connects only to the peer that has the secret key of `server`. Before connecting.
  public func enter(as pair: CurveKeyPair, to server: CurveKey) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVERKEY, server.bytes, "key")
    try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.bytes, "key")
    try set(ZMQ_CURVE_SECRETKEY, pair.secretKey.bytes, "key")
  }
}

/// Decides whom the sockets of a context that ``Socket/serve(as:)`` let in, by libzmq's ZAP protocol
/// (https://rfc.zeromq.org/spec/27).
public struct Doorkeeper {
  /// Who asked to come in, and could not.
  public struct TurnedAway: Hashable, Sendable {
    public let address: String
    public let key: CurveKey?
  }

  public let socket: Socket

  /// There is at most one in a context, from before the first socket is bound.
  public init(of context: ZeroMQContext) throws(ZeroMQError) {
    socket = try Socket(.router, in: context)
    _ = try socket.bind("inproc://zeromq.zap.01")
  }

  /// Answers all that have asked. - Returns: those that may not come in.
  public func answer(_ admits: (CurveKey) -> Bool) throws(ZeroMQError) -> [TurnedAway] {
    var turnedAway: [TurnedAway] = []
    while let request = try socket.receive() {
      // Identity, empty, version, number, domain, address, routing id, mechanism, key.
      guard request.count >= 8 else { continue }
      let key = request.count == 9 ? CurveKey(bytes: request[8].bytes) : nil
      let isAdmitted = key.map { $0.bytes.count == CurveKey.size && admits($0) } ?? false
      if !isAdmitted { turnedAway.append(TurnedAway(address: request[5].text, key: key)) }
      let texts = isAdmitted ? ["200", "", key.map(\.description) ?? ""] : ["400", "the key is not authorised", ""]
      _ = try socket.send(
        Array(request[0...1]) + [Frame("1.0".utf8), request[3]] + texts.map { Frame($0.utf8) } + [Frame([])])
    }
    return turnedAway
  }
}

extension Frame {
  /// The key of the peer that a received frame came from; nil if its connection needed none.
  public var sender: CurveKey? { property("User-Id").flatMap { CurveKey($0) } }

  fileprivate var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
