import Foundation

/// What each fault does.
extension Trial {
  /// Descriptors that a process of the trial may have where it is flooded, and connections that each of its ports gets.
  static let fewDescriptors = 256
  private static let manyConnections = 300
  /// A fault that is to end by itself lasts so long.
  private static let lasting = Duration.seconds(10)

  func commit(_ entry: FaultSchedule.Entry, rounds: Int) async throws {
    let worker = entry.worker
    switch entry.fault {
    case .kill: try await replace(worker, endedBy: SIGKILL)
    case .pause:
      let process = workers[worker]
      process?.signal(SIGSTOP)
      defer { process?.signal(SIGCONT) }
      try await Task.sleep(for: timeout * 1.5)
    case .slow:
      guard let process = workers[worker] else { return }
      try await throttled(by: { process.signal($0) }) { try await Task.sleep(for: Self.lasting) }
    case .hang: try await hang(worker)
    case .coordinator: try await replaceCoordinator(rounds: rounds, errors: nil)
    case .log:
      // Something is to be said: a worker is gone.
      try await replaceCoordinator(rounds: rounds, errors: "/dev/full")
      try await Task.sleep(for: .seconds(2))
      try await replace(worker, endedBy: SIGKILL, errors: "/dev/full")
    case .flood: try await flood()
    case .delay, .loss, .cut, .oneWay, .island:
      guard let hosts else { return }
      try await hosts.begin(entry.fault, worker)
      let lasts = [.delay, .loss].contains(entry.fault) ? Self.lasting : timeout * 2
      // Whatever happens meanwhile, the fault ends.
      do { try await Task.sleep(for: lasts) } catch {
        try? await hosts.end(entry.fault, worker)
        throw error
      }
      try await hosts.end(entry.fault, worker)
    }
  }

  private var timeout: Duration { .milliseconds(configuration.cluster.failureTimeoutMilliseconds) }

  private func replace(_ worker: Int, endedBy signal: Int32?, errors: String? = nil) async throws {
    if let signal { workers[worker]?.signal(signal) }
    _ = try await workers[worker]?.end()
    try await Task.sleep(for: .milliseconds(500))
    try await startWorker(worker, errors: errors)
  }

  /// A thread that hangs is found by what it does not do, and the process then ends by itself.
  private func hang(_ worker: Int) async throws {
    guard let process = workers[worker], let thread = await FrozenThread("compute", of: process.processID) else {
      return
    }
    defer { thread.thaw() }
    try await replace(worker, endedBy: nil)
  }

  private func replaceCoordinator(rounds: Int, errors: String?) async throws {
    // One that has just finished is not begun anew.
    guard let killed = coordinator, killed.isRunning else { return }
    killed.signal(SIGKILL)
    guard try await killed.end() == .signal(SIGKILL), coordinator === killed else { return }
    try await startCoordinator(rounds: rounds, errors: errors)
  }

  private func flood() async throws {
    let own = Hosts.coordinator
    var floods: [Flood] = []
    for process in [coordinator].compactMap(\.self) {
      for port in Flood.ports(of: process.processID) {
        floods.append(Flood(Self.manyConnections, at: hosts == nil ? "127.0.0.1" : own, port: port))
      }
    }
    for (number, process) in workers {
      for port in Flood.ports(of: process.processID) {
        floods.append(
          Flood(Self.manyConnections, at: hosts == nil ? "127.0.0.1" : Hosts.address(number), port: port))
      }
    }
    try await Task.sleep(for: Self.lasting)
    withExtendedLifetime(floods) {}
  }
}
