import ActorCluster
import ClusterFile
import Foundation
import Synchronization
import ZeroMQ

extension AccessRole {
  /// What those may be in a cluster, and whose actors they may call.
  var admissions: Set<String> {
    let rights = Set(rights.map(\.rawValue))
    // Whoever may look does so as a client.
    return self.rights.contains(.viewer) ? rights.union([ActorNames.client]) : rights
  }
}

/// The keys that may enter a cluster: lines “NAME ROLE KEY”.
public struct AuthorizedKeys: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var name: String
    public var role: AccessRole
    public var key: CurveKey

    public init(name: String, role: AccessRole, key: CurveKey) {
      self.name = name
      self.role = role
      self.key = key
    }

    public var line: String { "\(name) \(role.rawValue) \(key)" }
  }

  public var entries: [Entry] = []

  public init() {}

  /// - Parameter path: by which errors call the text.
  /// - Throws: ``KeyError`` with the line.
  public init(reading text: String, path: String) throws(KeyError) {
    for (number, words) in WordLines(text) {
      entries.append(try Self.entry(words) { KeyError("\(path), line \(number): \($0)") })
    }
  }

  /// One line.
  public static func entry(_ line: String) throws(KeyError) -> Entry {
    try entry(line.split(whereSeparator: \.isWhitespace).map(String.init)) { KeyError("“\(line.prefix(200))”: \($0)") }
  }

  private static func entry(_ parts: [String], _ wrong: (String) -> KeyError) throws(KeyError) -> Entry {
    guard parts.count == 3 else { throw wrong("a line has a name, a role and a key, with spaces between them") }
    guard ClusterFile.isName(parts[0]) else {
      throw wrong("“\(parts[0].prefix(80))” can't be a name; allowed are \(ClusterFile.nameRule)")
    }
    guard let role = AccessRole(rawValue: parts[1]) else {
      throw wrong(
        "“\(parts[1].prefix(80))” is no role; there is \(AccessRole.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let key = CurveKey(parts[2]) else {
      throw wrong("“\(parts[2].prefix(80))” is no key: it has 64 hexadecimal digits")
    }
    return Entry(name: parts[0], role: role, key: key)
  }

  /// - Throws: ``KeyError`` if there is no such file.
  public init(path: String) throws(KeyError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw KeyError("security.authorized_file: \(path) can't be read: is there such a file, of text?")
    }
    try self.init(reading: text, path: path)
  }

  /// Makes a key, and writes the secret one to a new file that only its owner can read. - Returns: what authorises it.
  ///
  /// - Throws: ``KeyError`` if there is such a file: keys are never written over.
  public static func generate(_ name: String, _ role: AccessRole, to path: String) throws -> Entry {
    let pair = try CurveKeyPair.generate()
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw KeyError("\(path) can't be made (\(String(cString: strerror(errno)))): keys are never written over")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data("\(pair.secretKey)\n".utf8))
    try handle.close()
    return Entry(name: name, role: role, key: pair.publicKey)
  }

  public var text: String { entries.map { $0.line + "\n" }.joined() }
}

/// A file of authorised keys that is looked at again when it changes, so that what is revoked there is revoked at once.
final class AuthorizedFile: Sendable {
  private struct State {
    var keys: [CurveKey: Keyring.Admitted]
    var version: Version?
    var looked = ContinuousClock.now
  }

  /// Which file it is, and as of when. Of the file itself: where the path is a link, as in Kubernetes, the link stays as it
  /// is when it leads to another file.
  private struct Version: Equatable {
    let device: UInt
    let file: UInt
    let bytes: Int
    let modified: [Int]

    init?(_ path: String) {
      var facts = stat()
      guard stat(path, &facts) == 0 else { return nil }
      (device, file, bytes) = (UInt(facts.st_dev), UInt(facts.st_ino), Int(facts.st_size))
      modified = [facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
    }
  }

  private static let pause = Duration.milliseconds(500)
  private let path: String
  private let state: Mutex<State>

  init(path: String) throws {
    self.path = path
    // What changes between the two is seen at the next look.
    let version = Version(path)
    state = Mutex(State(keys: Self.admitted(try AuthorizedKeys(path: path)), version: version))
  }

  private static func admitted(_ keys: AuthorizedKeys) -> [CurveKey: Keyring.Admitted] {
    Dictionary(
      keys.entries.map { ($0.key, Keyring.Admitted(name: $0.name, roles: $0.role.admissions)) },
      uniquingKeysWith: { first, _ in first })
  }

  func admits(_ key: CurveKey) -> Keyring.Admitted? {
    state.withLock { state in
      if state.looked.duration(to: .now) > Self.pause {
        state.looked = .now
        let version = Version(path)
        if version != state.version {
          state.version = version
          // A file that is gone or damaged admits nobody.
          state.keys = (try? AuthorizedKeys(path: path)).map(Self.admitted) ?? [:]
        }
      }
      return state.keys[key]
    }
  }
}

extension Keyring {
  /// The keys that a configuration names; nil: none.
  ///
  /// - Throws: ``KeyError``, a sentence.
  public init?(_ file: ClusterFile) throws {
    guard file.security.keyFile != "none" else { return nil }
    guard file.security.authorizedFile != "none" else {
      throw KeyError("security.key_file is set, but security.authorized_file is none: it says whose keys may enter")
    }
    let authorized = try AuthorizedKeys(path: file.security.authorizedFile)
    let admitting = try AuthorizedFile(path: file.security.authorizedFile)
    self.init(
      try Self.pair(path: file.security.keyFile), server: authorized.entries.first { $0.role == .coordinator }?.key,
      admits: admitting.admits)
  }

  /// Reads a secret key.
  private static func pair(path: String) throws -> CurveKeyPair {
    let text = try SecretFile.read(path, for: "security.key_file", secret: "secret key")
    guard let key = CurveKey(SecretFile.firstLine(of: text)) else {
      throw KeyError("security.key_file: \(path) is no secret key: it has 64 hexadecimal digits")
    }
    return try CurveKeyPair(secretKey: key)
  }
}

/// What is wrong with keys, as a sentence.
public struct KeyError: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
