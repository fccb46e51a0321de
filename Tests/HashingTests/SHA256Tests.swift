import Hashing
import Testing

struct SHA256Tests {
  /// FIPS 180-4's examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func itIsTheStandard(_ text: String, _ digest: String) {
    #expect(SHA256.hash(text).hexadecimal == digest)
  }

  @Test func piecesAreAsTheWhole() {
    var hash = SHA256()
    for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes { hash.update($0) } }
    #expect(hash.digest == SHA256.hash("abc"))
  }

  @Test func aCopyGoesItsOwnWay() {
    var one = SHA256()
    let other = one
    Array("abc".utf8).withUnsafeBytes { one.update($0) }
    #expect(one.digest == SHA256.hash("abc"))
    #expect(other.digest == SHA256.hash(""))
    #expect(one.digest == SHA256.hash("abc"), "a digest ends nothing")
  }
}
