import Addresses
import ArgumentParser
import ClusterFile

/// An address of a node on the command line; anything else is a usage error.
extension Address: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    guard scheme != .http else { return nil }
  }
}

extension ClusterFile {
  /// Where the coordinator listens, as this machine connects to it. - Parameter given: on the command line, over the file.
  ///
  /// - Throws: a sentence, if that tells no port.
  func coordinator(_ given: Address?) throws -> Address {
    guard let address = given ?? Address(cluster.bind), address.scheme == .ipc || address.port != nil else {
      throw ValidationError(
        "\(given?.description ?? cluster.bind) says no port: name the coordinator's with --coordinator")
    }
    return address.fromHere
  }
}
