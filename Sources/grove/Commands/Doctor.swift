import ActorCluster
import ArgumentParser
import ClusterFile
import Descriptors
import Foundation
import RunStore
import Status
import Worker
import WorkUnits
import ZeroMQ

/// `grove doctor`
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks whether this machine and the configuration are fit for a run, and says how to mend what is not.",
    discussion: """
      Ends with 1 if a run can't be made here.

      Example: grove doctor
               grove doctor --config cluster.yaml --json
      """)

  @OptionGroup var options: CoordinatorOptions
  @Flag(help: "Print one JSON array, with an object for each finding.") var json = false

  func run() async throws {
    var diagnoses = [await swift(), transport, engine, processors, await clock()]
    do {
      let file = try options.place.read().settled()
      diagnoses.append(Diagnosis("configuration", .good, "\(file.task.name) of size \(file.task.size)"))
      diagnoses += [device(file), workers(file), descriptors(file), folder(file)]
      let footprint = try Footprint(file)
      diagnoses.append(memory(file, footprint))
      if let remark = footprint.remark { diagnoses.append(Diagnosis("model", .good, remark)) }
      let (coordinator, answers) = await coordinator()
      let isThere = LiveRun.all(in: file.run.folder).allSatisfy { $0.coordinator == file.cluster.bind }
      let isUp = answers && options.coordinator == nil && isThere
      diagnoses += [port(file, isUp), dashboard(file, isUp), coordinator]
    } catch {
      diagnoses.append(
        Diagnosis("configuration", .bad, "\(error)", remedy: "mend the file, or choose another with --config"))
    }
    if json {
      print(try String(json: diagnoses))
    } else {
      print(lines(diagnoses).joined(separator: "\n"))
    }
    if diagnoses.contains(where: { $0.verdict == .bad }) { throw Ending(status: .failed) }
  }

  private func lines(_ diagnoses: [Diagnosis]) -> [String] {
    let colours = Terminal.colours
    return diagnoses.flatMap { finding in
      let (mark, colour) =
        switch finding.verdict {
        case .good: ("ok ", 32)
        case .poor: ("so-so", 33)
        case .bad: ("bad", 31)
        }
      let line =
        "  \(Terminal.coloured(mark.padding(to: 5), colour, colours))  \(finding.what.padding(to: 14)) \(finding.found)"
      return [line] + (finding.remedy.map { [String(repeating: " ", count: 24) + $0] } ?? [])
    }
  }

  // MARK: The configuration

  private func descriptors(_ file: ClusterFile) -> Diagnosis {
    let found = "\(DescriptorLimit.present.count.grouped) at a time"
    do {
      try DescriptorLimit.checkRun(file)
      try DescriptorLimit.checkWorker(file)
      return Diagnosis("open files", .good, found)
    } catch {
      return Diagnosis("open files", .bad, found, remedy: "\(error)")
    }
  }

  private func folder(_ file: ClusterFile) -> Diagnosis {
    let folder = file.run.folder
    // The folder itself, or the nearest of those that it would be made in.
    var place = URL(fileURLWithPath: folder)
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
    let trial = place.appendingPathComponent("." + UniqueName.of("grove-doctor")).path
    guard mkdir(trial, 0o700) == 0, rmdir(trial) == 0 else {
      return Diagnosis(
        "folder", .bad, "\(place.path) can't be written: \(String(cString: strerror(errno)))",
        remedy: "change its owner, or choose another with --set run.folder=…")
    }
    var space = statvfs()
    guard statvfs(place.path, &space) == 0 else { return Diagnosis("folder", .good, folder) }
    let free = (Int(space.f_bavail) * Int(space.f_frsize)) >> 20
    return free > 1024
      ? Diagnosis("folder", .good, "\(folder), \(free.grouped) MiB free")
      : Diagnosis("folder", .poor, "\(folder), only \(free.grouped) MiB free", remedy: "make room for checkpoints")
  }

  private func port(_ file: ClusterFile, _ isUp: Bool) -> Diagnosis {
    if isUp { return Diagnosis("cluster.bind", .good, "\(file.cluster.bind), held by the coordinator") }
    do throws(ZeroMQError) {
      let context = try ZeroMQContext()
      _ = try Socket(.router, in: context).bind(file.cluster.bind)
      return Diagnosis("cluster.bind", .good, "\(file.cluster.bind) is free")
    } catch {
      if error.isAddressInUse, file.cluster.bind == ClusterFile().cluster.bind {
        return Diagnosis(
          "cluster.bind", .poor, "\(file.cluster.bind) is in use",
          remedy: "grove run takes another port and says which; for grove coordinator choose one with --set "
            + "cluster.bind=…")
      }
      return Diagnosis(
        "cluster.bind", .bad, "\(error)",
        remedy: (error.isAddressInUse ? "end what holds it, or " : "")
          + "choose another address with --set cluster.bind=tcp://127.0.0.1:PORT")
    }
  }

  private func dashboard(_ file: ClusterFile, _ isUp: Bool) -> Diagnosis {
    do {
      guard let web = try Web(file, source: RunFolder(folder: file.run.folder), log: Logs.quiet) else {
        return Diagnosis("dashboard", .good, "off")
      }
      guard let obstacle = isUp ? nil : web.obstacle else { return Diagnosis("dashboard", .good, file.dashboard.bind) }
      guard obstacle.isAddressInUse else {
        return Diagnosis("dashboard", .bad, "\(obstacle)", remedy: "choose another address with --set dashboard.bind=…")
      }
      return Diagnosis(
        "dashboard", .poor, "\(file.dashboard.bind) is in use",
        remedy: "a run takes another port and says which; or choose one with --set dashboard.bind=…")
    } catch {
      return Diagnosis("dashboard", .bad, "\(error)", remedy: "see dashboard in cluster.yaml")
    }
  }

  /// None is as it should be before a run, unless one was asked for by its address.
  private func coordinator() async -> (Diagnosis, answers: Bool) {
    do {
      let live = options.coordinator == nil ? LiveRun.all(in: try options.place.path()).map(\.name) : []
      guard live.count < 2 else {
        return (Diagnosis("coordinator", .good, "several runs are under way: \(live.joined(separator: ", "))"), false)
      }
      let status = try await options.withCoordinator { try await $0.status() }
      let workers = "\(status.workers.count) workers"
      return (Diagnosis("coordinator", .good, "answers: run \(status.run.name), \(workers)"), true)
    } catch  where error is Failure || error is ValidationError {
      guard let address = options.coordinator else {
        return (Diagnosis("coordinator", .good, "none is there now; grove run or grove coordinator starts one"), false)
      }
      return (
        Diagnosis("coordinator", .poor, "\(error)", remedy: "start one at \(address), or give another address"),
        false
      )
    } catch {
      return (Diagnosis("coordinator", .bad, "\(error)", remedy: "see the coordinator's log"), false)
    }
  }
}

/// What was found of one thing, and what to do about it.
struct Diagnosis: Encodable {
  enum Verdict: String, Encodable { case good, poor, bad }

  let what: String
  let verdict: Verdict
  let found: String
  let remedy: String?

  init(_ what: String, _ verdict: Verdict, _ found: String, remedy: String? = nil) {
    self.what = what
    self.verdict = verdict
    self.found = found
    self.remedy = remedy
  }
}
