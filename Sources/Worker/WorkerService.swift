import ActorCluster
import Logging
import WorkUnits

/// A worker process from joining to leaving.
public struct WorkerService: Sendable {
  /// How a worker ends.
  public enum Ending: Sendable {
    /// It is wanted no more.
    case end
    /// Whoever started it is to start it again.
    case startAgain
    /// It can't do what the run asks, for that reason, nor could another in its place.
    case unfit(String)
  }

  /// What is computed as the worker ends may take so long; a thread that hangs is not waited for.
  private static let patience = Duration.seconds(5)

  private let configuration: ClusterSystem.Configuration
  private let coordinator: String
  private let log: Logger

  /// - Parameter coordinator: where it listens, such as `tcp://10.0.0.1:5570`.
  public init(_ configuration: ClusterSystem.Configuration, coordinator: String, log: Logger) {
    self.configuration = configuration
    self.coordinator = coordinator
    self.log = log
  }

  /// Works until the coordinator asks it to leave, or the task is cancelled. A coordinator that is not there, or no
  /// longer, is waited for.
  ///
  /// - Parameter hangs: is called if its computing thread does not end, with how the worker ended, nil if it was refused; the
  ///   process can then only be ended as it is.
  /// - Throws: ``RemoteCallError/Reason/refused`` if the coordinator does not want this worker.
  public func run(hangs: @escaping @Sendable (Ending?) -> Void = { _ in }) async throws -> Ending {
    let system = try ClusterSystem(configuration, log: log)
    let (leaving, continuation) = AsyncStream.makeStream(of: Ending.self)
    let worker = Worker(actorSystem: system, leaving: continuation, log: log)
    system.export(
      worker, as: ActorNames.worker, answering: [(any WorkerNode).self],
      to: [ActorNames.coordinator, ActorNames.worker])
    let ending: Result<Ending, any Error>
    do {
      ending = .success(
        try await withThrowingTaskGroup(of: Ending.self) { group in
          group.addTask { await leaving.first { _ in true } ?? .end }
          group.addTask {
            try await stayJoined(system)
            return .end
          }
          defer { group.cancelAll() }
          return try await group.next() ?? .end
        })
    } catch {
      ending = .failure(error)
    }
    await system.shutdown()
    let watch = Task {
      try await Task.sleep(for: Self.patience)
      log.error("what is computed does not end; the process ends without it")
      hangs(try? ending.get())
    }
    await worker.whenLocal { await $0.end() }
    watch.cancel()
    return try ending.get()
  }

  /// Joins, and joins again when the coordinator was away, until cancelled. - Throws: if it is wanted no more.
  private func stayJoined(_ system: ClusterSystem) async throws {
    let events = system.events()
    try await join(system)
    for await event in events {
      switch event {
      case .down(let member, _) where member.role == ActorNames.coordinator,
        .left(let member) where member.role == ActorNames.coordinator:
        try await join(system)
      case .up, .suspect, .down, .left: break
      }
    }
  }

  private func join(_ system: ClusterSystem) async throws {
    let started = ContinuousClock.now
    var said = Duration.zero
    while !Task.isCancelled {
      do {
        _ = try await system.connect(to: coordinator, timeout: .seconds(5))
        log.info("joined the coordinator at \(coordinator)")
        return
      } catch let error as RemoteCallError where error.reason == .unreachable {
        let waited = started.duration(to: .now)
        // What fails at once, as for want of descriptors, would do so again.
        try? await Task.sleep(for: .milliseconds(250))
        guard waited >= said * 2 else { continue }
        said = waited
        log.notice("no coordinator answers at \(coordinator) (for \(waited.inSeconds)); still trying")
      } catch let error as RemoteCallError where error.reason == .cancelled {
        return
      }
    }
  }
}
