import ClusterFile
import Foundation
import Processes
import Status
import Torch
import Worker
import ZeroMQ

/// What the machine has, and what it leaves to this process.
extension Doctor {
  func swift() async -> Diagnosis {
    let output = await Self.output(of: ["swift", "--version"])
    guard let version = output?.firstMatch(of: /Swift version (\S+)/)?.1 else {
      return Diagnosis("Swift", .poor, "not found", remedy: "only building needs it: see https://swift.org/install")
    }
    return Diagnosis("Swift", .good, String(version))
  }

  var transport: Diagnosis {
    let (version, hasCurve) = (ZeroMQLibrary.version, ZeroMQLibrary.has("curve"))
    return hasCurve
      ? Diagnosis("libzmq", .good, "\(version) with CURVE")
      : Diagnosis(
        "libzmq", .poor, "\(version) without CURVE", remedy: "connections can't be encrypted: install libzmq5")
  }

  var engine: Diagnosis {
    let engine: Engine
    do {
      engine = try Engine.start()
    } catch {
      return Diagnosis("libtorch", .bad, "\(error)", remedy: "install it: scripts/setup")
    }
    return Diagnosis(
      "libtorch", engine.warning == nil ? .good : .poor, "computes with \(engine)", remedy: engine.warning)
  }

  var processors: Diagnosis {
    let machine = Machine.this
    let found =
      machine.cores < machine.allCores ? "\(machine.cores) of the machine's \(machine.allCores)" : "\(machine.cores)"
    return Diagnosis("processors", .good, found)
  }

  func clock() async -> Diagnosis {
    let program = try? Executable.url
      .resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
    if let program, program > Date() + 60 {
      return Diagnosis("clock", .bad, "earlier than this program was built", remedy: "set it: timedatectl set-time")
    }
    return await Self.output(of: ["timedatectl", "show", "--property", "NTPSynchronized", "--value"])?.hasPrefix("yes")
      == true
      ? Diagnosis("clock", .good, "synchronised with others")
      : Diagnosis(
        "clock", .poor, "not known to be synchronised with others",
        remedy: "a run does not mind, but the times in logs of several machines may not fit: start an NTP service")
  }

  // MARK: What the configuration needs of it

  func device(_ file: ClusterFile) -> Diagnosis {
    let name = file.model.device
    do {
      _ = try Tensor(zeros: [1], device: Device(name: name))
      return Diagnosis("device", .good, name)
    } catch {
      return Diagnosis(
        "device", .bad, "model.device is \(name), and \(error)", remedy: "compute with --set model.device=cpu")
    }
  }

  func workers(_ file: ClusterFile) -> Diagnosis {
    let (workers, machine) = (file.cluster.workers, Machine.this)
    guard workers > machine.cores else { return Diagnosis("workers", .good, "\(workers), with a processor each") }
    return Diagnosis(
      "workers", .poor, "\(workers) for \(machine.cores) \(machine.cores == 1 ? "processor" : "processors")",
      remedy: "they only take turns: --set cluster.workers=\(machine.workers)")
  }

  func memory(_ file: ClusterFile, _ need: Footprint) -> Diagnosis {
    let (machine, workers) = (Machine.this, file.cluster.workers)
    let whole = need.coordinatorBytes + workers * need.workerBytes
    let takes =
      "\(workers) workers and the coordinator take about \(whole.mebibytes) with \(need.parameters.grouped) parameters"
    guard let free = machine.freeBytes else {
      return Diagnosis("memory", .poor, "unknown; \(takes)", remedy: "see that there is so much")
    }
    let limited = machine.memoryBytes < machine.allMemoryBytes ? " of the \(machine.memoryBytes.mebibytes) allowed" : ""
    let limit = file.cluster.workerMemoryMegabytes << 20
    if limit > 0, need.workerBytes > limit {
      return Diagnosis(
        "memory", .poor, "a worker takes about \(need.workerBytes.mebibytes), and leaves at \(limit.mebibytes)",
        remedy: "set cluster.worker_memory_mb to more, or to 0")
    }
    if whole <= free { return Diagnosis("memory", .good, "\(free.mebibytes) free\(limited); \(takes)") }
    // Others may end and leave theirs; beyond what is allowed at all a process is killed.
    return Diagnosis(
      "memory", machine.memoryBytes > 0 && whole > machine.memoryBytes ? .bad : .poor,
      "\(free.mebibytes) free\(limited), but \(takes)",
      remedy: "start fewer workers, make the models smaller (model.width, layers), or end something else")
  }

  private static func output(of command: [String]) async -> String? {
    guard let run = try? await Child.output(of: command), run.ending == .exit(0) else { return nil }
    return run.output
  }
}

extension Int {
  /// Bytes as people read them.
  fileprivate var mebibytes: String { "\((self >> 20).grouped) MiB" }
}
