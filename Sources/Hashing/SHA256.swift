import COpenSSL
import FoundationEssentials

/// The hash by which files and weights are compared (FIPS 180-4), as OpenSSL computes it.
public struct SHA256 {
  /// Bytes of a digest.
  public static let byteCount = 32
  private var state = State()

  public init() {}

  /// Goes on with the bytes that follow.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&state) { state = State(copying: state) }
    state.update(bytes)
  }

  /// Of all bytes so far.
  public var digest: Digest { State(copying: state).final() }

  /// Of these bytes.
  public static func hash(_ bytes: some ContiguousBytes) -> Digest {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.digest
  }

  /// Of a text, as UTF-8.
  public static func hash(_ text: String) -> Digest { hash(Array(text.utf8)) }

  /// OpenSSL's state of a hash. Its calls fail only where it has not been given what it is made for.
  private final class State {
    private let context = EVP_MD_CTX_new()

    init() { Self.check(EVP_DigestInit_ex(context, EVP_sha256(), nil)) }
    init(copying other: State) { Self.check(EVP_MD_CTX_copy_ex(context, other.context)) }
    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
      Self.check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    func final() -> Digest {
      Digest(
        bytes: [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
          Self.check(EVP_DigestFinal_ex(context, buffer.baseAddress, nil))
          count = byteCount
        })
    }

    private static func check(_ result: Int32) { precondition(result == 1, "OpenSSL computes SHA-256") }
  }
}

/// What a hash comes to.
public struct Digest: Sendable {
  public let bytes: [UInt8]

  /// Two digits a byte.
  public var hexadecimal: String {
    bytes.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
  }
}

extension Digest: Equatable {
  /// In a time that does not tell where they differ.
  public static func == (one: Digest, other: Digest) -> Bool {
    one.bytes.count == other.bytes.count && CRYPTO_memcmp(one.bytes, other.bytes, one.bytes.count) == 0
  }
}
