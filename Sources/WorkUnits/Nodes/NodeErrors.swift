/// A unit of work was for the models of another round than the worker's.
public struct ModelVersionError: Error, Hashable, Codable, CustomStringConvertible {
  public var wanted: Int
  public var have: Int

  public init(wanted: Int, have: Int) {
    self.wanted = wanted
    self.have = have
  }

  public var description: String { "models after round \(wanted) are needed, those here are after round \(have)" }
}

/// There is no worker of a name.
public struct UnknownWorkerError: Error, Hashable, Codable, CustomStringConvertible {
  public var name: String
  /// Those that there are.
  public var workers: [String]

  public init(name: String, workers: [String]) {
    self.name = name
    self.workers = workers
  }

  public var description: String {
    "there is no worker “\(name.prefix(80))”"
      + (workers.isEmpty ? "; there is none at all" : "; there is \(workers.joined(separator: ", "))")
  }
}

/// A training attempt was given up for a newer one.
public struct SupersededError: Error, Hashable, Codable, CustomStringConvertible {
  public init() {}
  public var description: String { "the training attempt was given up for a newer one" }
}
