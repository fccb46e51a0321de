import ActorCluster
import Processes
import Status

/// The way between one host and all others, both ways.
public struct NetworkLink: Hashable, Sendable {
  /// That each packet takes, 0 or more.
  public let milliseconds: Int
  /// Share of the packets that are lost, 0…1.
  public let lost: Double

  public init(milliseconds: Int, lost: Double) {
    self.milliseconds = milliseconds
    self.lost = lost
  }
}

/// A run on several hosts of which one is far away, beside the same one on a single host.
extension Trial {
  /// Trains so many rounds over each link in turn. - Returns: what it came to, and the seconds of the rounds over each.
  public func far(over links: [NetworkLink], rounds each: Int) async throws -> (result: RunResult, seconds: [Double]) {
    // Joining is not measured.
    let rounds = each * (links.count + 1)
    try await startCoordinator(rounds: rounds)
    for worker in 0..<configuration.cluster.workers { try await startWorker(worker) }
    var seconds: [Double] = []
    try await watching { system in
      try await reach(each, system)
      for (place, link) in links.enumerated() {
        hosts?.make(0, link)
        let started = ContinuousClock.now
        try await reach(each * (place + 2), system)
        seconds.append(started.duration(to: .now) / .seconds(1))
      }
      try await awaitEnd()
    }
    for worker in workers.values { _ = try await worker.ends(within: .seconds(20)) }
    workers = [:]
    return (try result(of: "disturbed"), seconds)
  }

  private func reach(_ round: Int, _ system: ClusterSystem) async throws {
    while coordinator?.isRunning == true {
      let now = try? await RemoteCall.with(timeout: .seconds(1)) { try await look(system) }
      if let now, now.run.round >= round { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The same rounds in one network. - Returns: what they came to.
  public func near(rounds: Int) async throws -> RunResult {
    let training = try await calm([
      executable, "run", "--config", "\(folder)/cluster.yaml", "--set", "cluster.bind=tcp://127.0.0.1:*", "--name",
      "calm", "--set", "run.rounds=\(rounds)",
    ])
    guard try await training.end() == .exit(0) else {
      throw TrialError("the undisturbed run failed: see \(folder)/calm.log")
    }
    return try result(of: "calm")
  }
}
