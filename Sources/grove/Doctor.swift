import ActorCluster
import ArgumentParser
import ClusterFile
import Coordinator
import Descriptors
import Foundation
import RunStore
import Status
import Tasks
import Torch
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
  @Flag(help: "Print facts as JSON.") var json = false

  func run() async throws {
    var findings = [swift, transport, engine, processors, clock]
    do {
      let file = try options.configuration.read()
      _ = try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
      findings.append(Finding("configuration", .good, "\(file.task.name) of size \(file.task.size)"))
      findings += [workers(file), memory(file), descriptors(file), folder(file)]
      let coordinator = await coordinator(file)
      let isUp = coordinator.verdict == .good && options.coordinator == nil
      findings += [port(file, isUp), dashboard(file, isUp), coordinator]
    } catch {
      findings.append(
        Finding("configuration", .bad, "\(error)", remedy: "mend the file, or choose another with --config"))
    }
    if json {
      print(String(decoding: try JSONEncoder.forPeople.encode(findings), as: UTF8.self))
    } else {
      print(lines(findings).joined(separator: "\n"))
    }
    if findings.contains(where: { $0.verdict == .bad }) { throw ExitCode.failure }
  }

  private func lines(_ findings: [Finding]) -> [String] {
    let colours = Terminal.isInteractive
    return findings.flatMap { finding in
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

  // MARK: The machine

  private var swift: Finding {
    let output = Self.output(of: ["swift", "--version"])
    guard let version = output?.firstMatch(of: /Swift version (\S+)/)?.1 else {
      return Finding("Swift", .poor, "not found", remedy: "only building needs it: see https://swift.org/install")
    }
    return Finding("Swift", .good, String(version))
  }

  private var transport: Finding {
    let (version, hasCurve) = (ZeroMQLibrary.version, ZeroMQLibrary.has("curve"))
    return hasCurve
      ? Finding("libzmq", .good, "\(version) with CURVE")
      : Finding("libzmq", .poor, "\(version) without CURVE", remedy: "connections can't be encrypted: install libzmq5")
  }

  private var engine: Finding {
    let engine = Engine.start()
    return Finding("libtorch", engine.warning == nil ? .good : .poor, "computes with \(engine)", remedy: engine.warning)
  }

  private var processors: Finding {
    Finding("processors", .good, "\(ProcessInfo.processInfo.activeProcessorCount)")
  }

  private var clock: Finding {
    let program = try? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
    if let program, program > Date() + 60 {
      return Finding("clock", .bad, "earlier than this program was built", remedy: "set it: timedatectl set-time")
    }
    return Self.output(of: ["timedatectl", "show", "--property", "NTPSynchronized", "--value"])?.hasPrefix("yes")
      == true
      ? Finding("clock", .good, "synchronised with others")
      : Finding(
        "clock", .poor, "not known to be synchronised with others",
        remedy: "a run does not mind, but the times in logs of several machines may not fit: start an NTP service")
  }

  // MARK: The configuration

  private func workers(_ file: ClusterFile) -> Finding {
    let (workers, cores) = (file.cluster.workers, ProcessInfo.processInfo.activeProcessorCount)
    return workers <= cores
      ? Finding("workers", .good, "\(workers), with a processor each")
      : Finding(
        "workers", .poor, "\(workers) for \(cores) processors",
        remedy: "they only take turns: --set cluster.workers=\(cores)")
  }

  private func memory(_ file: ClusterFile) -> Finding {
    // What a process takes that computes with the default sizes.
    let needed = (file.cluster.workers + 1) * 300
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    guard let free = text.firstMatch(of: /MemAvailable:\s+(\d+)/).flatMap({ Int($0.1) }).map({ $0 / 1024 }) else {
      return Finding("memory", .poor, "unknown", remedy: "/proc/meminfo can't be read")
    }
    return free >= needed
      ? Finding("memory", .good, "\(free.grouped) MiB free")
      : Finding(
        "memory", .poor, "\(free.grouped) MiB free, \(file.cluster.workers) workers may need \(needed.grouped)",
        remedy: "start fewer workers, or end something else")
  }

  private func descriptors(_ file: ClusterFile) -> Finding {
    let found = "\(DescriptorLimit.present.count.grouped) at a time"
    do {
      try DescriptorLimit.checkRun(file)
      try DescriptorLimit.checkWorker(file)
      return Finding("open files", .good, found)
    } catch {
      return Finding("open files", .bad, found, remedy: "\(error)")
    }
  }

  private func folder(_ file: ClusterFile) -> Finding {
    let folder = file.run.folder
    let root = URL(fileURLWithPath: folder)
    let exists = FileManager.default.fileExists(atPath: folder)
    // The folder itself, or the one that it would be made in.
    let place = exists ? root : root.deletingLastPathComponent()
    let trial = place.appendingPathComponent("." + UniqueName.of("grove-doctor")).path
    guard mkdir(trial, 0o700) == 0, rmdir(trial) == 0 else {
      return Finding(
        "folder", .bad, "\(place.path) can't be written: \(String(cString: strerror(errno)))",
        remedy: "change its owner, or choose another with --set run.folder=…")
    }
    var space = statvfs()
    guard statvfs(place.path, &space) == 0 else { return Finding("folder", .good, folder) }
    let free = (Int(space.f_bavail) * Int(space.f_frsize)) >> 20
    return free > 1024
      ? Finding("folder", .good, "\(folder), \(free.grouped) MiB free")
      : Finding("folder", .poor, "\(folder), only \(free.grouped) MiB free", remedy: "make room for checkpoints")
  }

  private func port(_ file: ClusterFile, _ isUp: Bool) -> Finding {
    if isUp { return Finding("cluster.bind", .good, "\(file.cluster.bind), held by the coordinator") }
    do throws(ZeroMQError) {
      let context = try ZeroMQContext()
      _ = try Socket(.router, in: context).bind(file.cluster.bind)
      return Finding("cluster.bind", .good, "\(file.cluster.bind) is free")
    } catch {
      return Finding(
        "cluster.bind", .bad, "\(error)",
        remedy: (error.isAddressInUse ? "end what holds it, or " : "")
          + "choose another address with --set cluster.bind=tcp://127.0.0.1:PORT")
    }
  }

  private func dashboard(_ file: ClusterFile, _ isUp: Bool) -> Finding {
    do {
      guard let web = try Web(file, source: RunFolder(folder: file.run.folder), log: Logs.quiet) else {
        return Finding("dashboard", .good, "off")
      }
      guard let obstacle = isUp ? nil : web.obstacle else { return Finding("dashboard", .good, file.dashboard.bind) }
      guard obstacle.isAddressInUse else {
        return Finding("dashboard", .bad, "\(obstacle)", remedy: "choose another address with --set dashboard.bind=…")
      }
      return Finding(
        "dashboard", .poor, "\(file.dashboard.bind) is in use",
        remedy: "a run takes another port and says which; or choose one with --set dashboard.bind=…")
    } catch {
      return Finding("dashboard", .bad, "\(error)", remedy: "see dashboard in cluster.yaml")
    }
  }

  private func coordinator(_ file: ClusterFile) async -> Finding {
    do {
      let status = try await options.withCoordinator { try await $0.status() }
      return Finding("coordinator", .good, "answers: run \(status.run.name), \(status.workers.count) workers")
    } catch let error as Failure {
      return Finding("coordinator", .poor, "\(error)", remedy: "start one with grove run or grove coordinator")
    } catch {
      return Finding("coordinator", .bad, "\(error)", remedy: "see the coordinator's log")
    }
  }

  private static func output(of command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}

/// What was found of one thing, and what to do about it.
private struct Finding: Encodable {
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
