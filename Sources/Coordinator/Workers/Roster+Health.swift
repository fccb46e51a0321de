import ActorCluster
import Foundation
import Status
import WorkUnits

/// How workers are: what they say of themselves, who hangs, who is slow.
extension Roster {
  /// Asks every worker how it is, so that a stuck one is seen although its connection lives.
  func refresh(within timeout: Duration) async {
    let asked = ContinuousClock.now
    await withTaskGroup(of: (NodeID, WorkerStatus?).self) { group in
      for entry in table.entries.values {
        guard let worker = try? reference(entry.member) else { continue }
        group.addTask {
          (entry.member.node, try? await RemoteCall.with(timeout: timeout) { try await worker.status() })
        }
      }
      for await (node, status) in group {
        guard let status else {
          table.missed(node, isAlive: system.member(node).map { $0.heard > asked - system.heartbeat * 2 } ?? false)
          continue
        }
        table.heard(status, from: node, at: .now)
        if let memoryLimit, status.residentBytes > memoryLimit, table.entries[node]?.isDraining == false {
          await note(
            .warning, node,
            "has \(status.residentBytes >> 20) MiB in RAM, its limit is \(memoryLimit >> 20): it starts again")
          _ = table.drain(node.name, restarting: true)
        }
      }
    }
    meters.saw(statuses())
    for entry in table.entries.values {
      if let objection = entry.pulse.objection { await end(entry.member, because: objection) }
    }
  }

  /// Does without a worker that hangs. It is told to end; one that does not is a member no longer after a while, and its
  /// process has to be ended from outside.
  private func end(_ member: Member, because objection: String) async {
    guard let told = toldToEnd[member.node] else {
      toldToEnd[member.node] = .now
      // Processes hang for many reasons: another of its name is welcome.
      return await expel(member.node, because: objection, counts: false)
    }
    guard told.duration(to: .now) > Self.patience, system.member(member.node) != nil else { return }
    system.banish(member.node, because: "it \(objection)")
    if member.host == ProcessInfo.processInfo.hostName { foundStuck.yield(member.processID) }
  }

  /// Has slow workers take part in the next round.
  func callInTheSlow() { table.calledInTheSlow() }

  /// Lets slow workers show whether they still are.
  func rehearse() async {
    guard let rehearsal else { return }
    for member in table.slow {
      guard
        let pace = try? await RemoteCall.with(
          timeout: .seconds(60), { try await reference(member).rehearse(rehearsal) })
      else { continue }
      if table.rehearsed(member.node, pace: pace) { await note(.notice, member.node, "is fast enough again") }
    }
  }

  /// What a person is told of a worker that could not be made ready; nil the first time.
  private func warning(of member: Member, _ setback: Setbacks.Setback) -> Warning? {
    guard setback.count > 1 else { return nil }
    return Warning(
      .notice,
      "\(member.node.name) could not be made ready, \(setback.count) times in a row, and the others go on without it: "
        + setback.cause,
      remedy: "look at \(member.host), and at the network between it and the coordinator: it may lose large packets")
  }

  /// All workers as people see them, by name.
  func statuses() -> [WorkerStatus] {
    let cutOff = table.cutOff
    let heard = Dictionary(system.members.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    return table.entries.values.sorted { $0.member.node.name < $1.member.node.name }.map { entry in
      var status = entry.status
      let member = heard[entry.member.node] ?? entry.member
      status.state =
        if entry.isDraining {
          "draining"
        } else if cutOff[member.node] != nil {
          "cut off"
        } else if entry.round == nil && !entry.isSlow {
          "joining"
        } else {
          member.status.rawValue
        }
      status.warnings = [
        cutOff[member.node].map { warning(of: member, $0) }, entry.advice,
        setbacks.all[member.node.name].flatMap { warning(of: member, $0) },
      ].compactMap(\.self)
      status.isSlow = entry.isSlow
      status.modelVersion = entry.round ?? 0
      status.lastSeenMilliseconds = Int(member.heard.duration(to: .now) / .milliseconds(1))
      return status
    }
  }
}
