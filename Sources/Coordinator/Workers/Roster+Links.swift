import ActorCluster
import Addresses
import Status
import WorkUnits

/// Who can reach whom.
extension Roster {
  /// Time that a worker has to answer besides what it is asked to wait for.
  private static let answer = Duration.seconds(2)
  /// A link that is whole by then was broken for a moment only.
  private static let moment = Duration.milliseconds(400)

  /// Has a newcomer and the others try to reach each other, before it is anybody's to work with.
  func check(_ member: Member) async {
    let others = table.entries.values.map(\.member).filter { $0.node != member.node }
    for fault in await faults(between: member, and: others) { table.links.failed(fault, at: .now) }
    table.checked(member.node)
    await advise()
    if let fault = table.cutOff[member.node] { await report(fault, of: member) }
  }

  /// What is broken of the links between a worker and others.
  private func faults(between member: Member, and others: [Member]) async -> [LinkFault] {
    guard !others.isEmpty else { return [] }
    let patience = system.failureTimeout
    let first = await asked(member, toReach: others, within: patience / 4)
    let unreached = others.filter { other in first.contains { $0.to == other.node } }
    guard !unreached.isEmpty else { return [] }
    // A wall may let through the other way only.
    return await withTaskGroup(of: [LinkFault]?.self) { group in
      for other in unreached {
        group.addTask {
          _ = await self.asked(other, toReach: [member], within: patience * 3 / 4)
          return nil
        }
      }
      group.addTask { await self.asked(member, toReach: unreached, within: patience * 3 / 4) }
      for await faults in group { if let faults { return faults } }
      return []
    }
  }

  /// What a worker finds of its links to others; nothing if it does not answer, which others find out.
  private func asked(_ member: Member, toReach others: [Member], within patience: Duration) async -> [LinkFault] {
    let list = TeamList(others.map { TeamMember(node: $0.node, endpoint: $0.endpoint) })
    let faults = try? await RemoteCall.with(timeout: patience + Self.answer) {
      try await reference(member).reach(list, milliseconds: Int(patience / .milliseconds(1)))
    }
    return believable(faults ?? [], of: member.node)
  }

  /// Without what a worker can't know, and those that have left meanwhile.
  private func believable(_ faults: [LinkFault], of node: NodeID) -> [LinkFault] {
    faults.compactMap { fault in
      guard fault.from == node, fault.to != node, table.entries[node] != nil,
        let other = table.entries[fault.to]?.member
      else { return nil }
      return LinkFault(from: node, to: TeamMember(node: other.node, endpoint: other.endpoint), cause: fault.cause.shown)
    }
  }

  /// Members of a team could not reach each other.
  func found(_ told: [LinkFault]) async {
    let faults = told.flatMap { believable([$0], of: $0.from) }
    let before = Set(table.cutOff.keys)
    let ends = Set(faults.flatMap { [$0.from, $0.to] }).compactMap { table.entries[$0]?.member }
    // Who does not answer here either is lost, not its link; and one that broke for a moment may be whole again.
    async let present = answering(ends)
    let (again, answering) = (await tried(faults, within: Self.moment), await present)
    for fault in again where answering.isSuperset(of: [fault.from, fault.to]) { table.links.failed(fault, at: .now) }
    // Of both ends, one says it for the link.
    let links = Dictionary(faults.map { (LinkTable.Pair($0.from, $0.to), $0) }, uniquingKeysWith: { first, _ in first })
    for fault in links.values where answering.isSuperset(of: [fault.from, fault.to]) {
      guard !table.links.isBroken(fault.from, fault.to) else { continue }
      var held = fault
      held.cause =
        "it answers, but not all that a round sends arrives, as where large packets are lost (\(fault.cause))"
      table.links.held(held, at: .now)
    }
    for (node, fault) in table.cutOff where !before.contains(node) {
      if let member = table.entries[node]?.member { await report(fault, of: member) }
    }
  }

  /// Has links tried once more. - Returns: those that are broken still.
  private func tried(_ faults: [LinkFault], within patience: Duration) async -> [LinkFault] {
    let ends = faults.compactMap { fault in
      table.entries[fault.from].flatMap { from in table.entries[fault.to].map { (from.member, $0.member) } }
    }
    return await withTaskGroup(of: [LinkFault].self) { group in
      for (from, to) in ends { group.addTask { await self.asked(from, toReach: [to], within: patience) } }
      var broken: [LinkFault] = []
      for await faults in group { broken += faults }
      return broken
    }
  }

  private nonisolated func answering(_ members: [Member]) async -> Set<NodeID> {
    await withTaskGroup(of: NodeID?.self) { group in
      for member in members {
        group.addTask {
          let status = try? await RemoteCall.with(timeout: Self.answer) { try await self.reference(member).status() }
          return status == nil ? nil : member.node
        }
      }
      return await group.reduce(into: Set()) { if let node = $1 { $0.insert(node) } }
    }
  }

  /// Tries links again that were broken.
  func recheckLinks() async {
    await withDiscardingTaskGroup { group in
      for fault in table.links.due(at: .now) {
        guard let one = table.entries[fault.from]?.member, let other = table.entries[fault.to]?.member else { continue }
        group.addTask { await self.recheck(one, other) }
      }
    }
  }

  private func recheck(_ one: Member, _ other: Member) async {
    let wasCutOff = table.cutOff[one.node] != nil ? one : other
    if let again = await faults(between: one, and: [other]).first { return table.links.failed(again, at: .now) }
    table.links.mended(.init(one.node, other.node))
    changes.notify()
    if table.cutOff[wasCutOff.node] == nil { await note(.notice, wasCutOff.node, "can be reached by the others again") }
  }

  // MARK: What people are told

  private func report(_ fault: LinkFault, of member: Member) async {
    let warning = warning(of: member, fault)
    await note(.warning, member.node, "is cut off: \(fault); the others go on without it")
    await tell(member, "\(warning.what): \(warning.remedy)")
  }

  /// What a person is told of a worker without which the others go on.
  func warning(of member: Member, _ fault: LinkFault) -> Warning {
    let named = table.entries[fault.to]?.member
    let remedy =
      if let named, named.isAtHomeOnly {
        "start \(fault.to.name) with --advertise and an address by which the other machines reach it"
      } else {
        "let \(named?.host ?? "its machine") be reached at \(fault.address), or start \(fault.to.name) with --advertise and an "
          + "address by which the others reach it; it is taken back as soon as it is reached"
      }
    return Warning(.notice, "\(member.node.name) is cut off, and the others go on without it: \(fault)", remedy: remedy)
  }

  /// Tells those that gave an address which leads back to themselves on any other machine, if there are others.
  private func advise() async {
    guard Set(table.entries.values.map(\.member.host)).count > 1 else { return }
    for entry in table.entries.values where entry.advice == nil && entry.member.isAtHomeOnly {
      let member = entry.member
      let warning = Warning(
        .notice,
        "\(member.node.name) says that it can be reached at \(member.address), which other machines take for themselves",
        remedy: "start it with --advertise and an address by which the other machines reach \(member.host)")
      table.advised(member.node, warning)
      await note(.warning, member.node, "can't be reached at \(member.address) from other machines: \(warning.remedy)")
      await tell(member, "\(warning.what): \(warning.remedy)")
    }
  }

  private func tell(_ member: Member, _ sentence: String) async {
    try? await RemoteCall.with(timeout: Self.answer) { try await reference(member).advise(sentence) }
  }
}

extension String {
  /// What of a worker's words can be shown: one line, and not more than that.
  var shown: String {
    String(String.UnicodeScalarView(unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(300)))
  }
}

extension Member {
  /// Where it can be reached, without the key that its endpoint may have behind it.
  var address: String { TeamMember(node: node, endpoint: endpoint).address }

  /// Whether what it calls its address means something on its own machine only.
  var isAtHomeOnly: Bool { Address(endpoint)?.isOfThisMachine ?? false }
}
