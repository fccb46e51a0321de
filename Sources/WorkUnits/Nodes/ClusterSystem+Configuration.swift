import ActorCluster
import Addresses
import ClusterFile

extension ClusterSystem.Configuration {
  /// A node of the cluster that the file describes.
  ///
  /// - Throws: ``NameError``; ``KeyError`` if its keys can't be read, or others could reach it without any.
  public init(
    _ file: ClusterFile, name: String, role: String, bind: String?, advertised: String? = nil, _ fingerprint: String
  ) throws {
    try ClusterFile.checkName(name, of: "a \(role)")
    self.init(name: name, role: role, bind: bind)
    self.advertised = advertised
    let machine = Machine.this
    capabilities.cores = machine.cores
    capabilities.memoryBytes = machine.memoryBytes
    capabilities.device = file.model.device
    mostCallsPerSecond = ActorNames.mostCallsPerSecond
    keyring = try Keyring(file)
    if let bind, keyring == nil, Address(bind)?.isOfThisMachine != true, file.security.withoutKeys == .refused {
      throw KeyError(
        "whoever reaches \(bind) could join, without keys: make some with grove keys and set security.key_file, or set "
          + "security.without_keys to “\(ClusterFile.Security.WithoutKeys.open.rawValue)”")
    }
    self.fingerprint = fingerprint
    heartbeat = .milliseconds(file.cluster.heartbeatMilliseconds)
    failureTimeout = .milliseconds(file.cluster.failureTimeoutMilliseconds)
    types = ActorNames.types
  }
}
