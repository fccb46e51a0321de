import ArgumentParser
import Chaos
import ClusterFile
import Foundation
import Plots
import Processes
import Status
import UnixSignals

/// `grove chaos`
struct ChaosCommand: AsyncParsableCommand {
  private static let needs =
    "faults of the network need network namespaces, which root may make on Linux"

  static let configuration = CommandConfiguration(
    commandName: "chaos",
    abstract: "Trains twice, once while faults strike, and compares the bits.",
    discussion: """
      First a run that is left alone, for --minutes; then the same rounds with a coordinator and workers that are \
      killed, stopped, slowed down and cut off. Both must end in the same weights and counts. Ends with 1 if they do \
      not.

      Faults: \(names(Fault.allCases.filter { !$0.isOfNetwork })); and \
      \(names(Fault.allCases.filter(\.isOfNetwork))), which are left out where they are not possible: \(needs).

      Example: grove chaos --minutes 2
               sudo grove chaos --faults one-way,island,hang,flood \\
                 --set cluster.workers=3
               grove chaos --faults kill,coordinator --every 3 --minutes 30 \\
                 --set run.checkpoint_every=20
      """)

  /// Rounds: a coordinator that is killed every few seconds has to get on all the same.
  private static let checkpointEvery = 5

  @OptionGroup var options: ConfigurationOptions
  @Option(help: ArgumentHelp("Which, with commas between them.", valueName: "fault,…"))
  var faults = "kill,pause,slow,coordinator,hang,flood,log"
  @Option(help: "Of the schedule of faults; a whole number from 0.") var seed: UInt64 = 1
  @Option(help: "Of undisturbed training, more than 0; the whole takes two to three times as long.") var minutes = 1.0
  @Option(help: "Seconds between two faults, 0.1 to 600, give or take half.") var every = 5.0
  @Option(
    help: ArgumentHelp("For the two runs, logs and memory.svg; by default one that is removed.", valueName: "path"))
  var folder: String?
  @Flag(help: .hidden) var inNamespace = false

  func validate() throws {
    guard minutes > 0, minutes <= 100_000 else {
      throw ValidationError("--minutes is \(minutes); allowed is more than 0")
    }
    guard (0.1...600).contains(every) else { throw ValidationError("--every is \(every); allowed is 0.1 to 600") }
    _ = try chosen()
    guard !options.sets("run.folder") else {
      throw ValidationError("the two runs are in --folder: --set run.folder can't be given")
    }
  }

  private func chosen() throws -> [Fault] {
    let names = faults.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw ValidationError("--faults names none") }
    return try names.map { name in
      guard let fault = Fault(rawValue: name) else {
        throw ValidationError(
          "--faults: there is no fault “\(name.prefix(80))”; there is \(Self.names(Fault.allCases))")
      }
      return fault
    }
  }

  private static func names(_ faults: [Fault]) -> String { faults.map(\.rawValue).joined(separator: ", ") }

  func run() async throws {
    var faults = try chosen()
    if faults.contains(where: \.isOfNetwork) {
      let leftOut = await Trial.canDisturbNetwork() ? [] : faults.filter(\.isOfNetwork)
      faults.removeAll(where: leftOut.contains)
      if faults.contains(where: \.isOfNetwork), !inNamespace { Namespace.runAgain() }
      if !leftOut.isEmpty { print("\(Self.names(leftOut)) left out: \(Self.needs)") }
    }
    guard !faults.isEmpty else { return }
    var file = try options.read()
    file.run.stopAt = 2
    file.run.rounds = 10_000_000
    file.run.steps = 100_000_000
    file.run.checkpointEvery = min(file.run.checkpointEvery, Self.checkpointEvery)
    guard file.cluster.workers > 0 else { throw Failure("cluster.workers is 0: there is nobody to disturb") }
    let folder = folder ?? NSTemporaryDirectory() + UniqueName.of("grove-chaos")
    defer { if self.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
    file.run.folder = "\(folder)/runs"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let trial = try await Trial(
      executable: Executable.path, folder: folder,
      configuration: file, fingerprint: Build.fingerprint, hosts: faults.contains(where: \.isOfNetwork),
      isFlooded: faults.contains(.flood)
    ) { line in
      print("  \(line)")
      fflush(nil)
    }
    do {
      let (chosen, file) = (faults, file)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await compare(trial, chosen, file, folder) }
        group.addTask {
          for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            throw Ending(status: .stopped, sentence: "the trial was stopped before its end")
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      await trial.end()
      throw error
    }
    await trial.end()
  }

  private func compare(_ trial: Trial, _ faults: [Fault], _ file: ClusterFile, _ folder: String) async throws {
    let colours = Terminal.colours
    print("Undisturbed, with \(file.cluster.workers) workers, for \((minutes * 60).asTime) …")
    fflush(nil)
    let calm = try await trial.undisturbed(for: .seconds(minutes * 60))
    print("\(calm.rounds.grouped) rounds. The same, disturbed …")
    fflush(nil)
    let schedule = FaultSchedule(faults, seed: seed, every: every, workers: file.cluster.workers)
    let outcome = try await trial.disturbed(by: schedule, rounds: calm.rounds)

    var table = Table(["fault", "times", "recovered after: median", "longest"], rightAligned: [1, 2, 3])
    for fault in Fault.allCases {
      let struck = outcome.incidents.filter { $0.fault == fault }
      guard !struck.isEmpty else { continue }
      let times = struck.compactMap(\.recovered)
      func write(_ seconds: Double?) -> String {
        seconds.map { String(format: "%.1f s", $0) } ?? "the run ended before"
      }
      table.add([
        fault.rawValue, "\(struck.count)", write(times.isEmpty ? nil : times.median), write(times.max()),
      ])
    }
    print("\n" + table.lines(colours: colours).joined(separator: "\n"))
    if !outcome.incidents.isEmpty { print("  recovered: a round was done that began after the fault\n") }
    try await memory(outcome).write(to: "\(folder)/memory")

    var comparison = Table(["", "undisturbed", "disturbed"], rightAligned: [1, 2])
    let disturbed = outcome.result
    var isSame = true
    for (name, value) in [
      ("rounds", \RunResult.rounds), ("steps", \.steps), ("human decompositions", \.humanDecompositions),
      ("amplified questions", \.amplifiedQuestions), ("sub-questions", \.subQuestions),
    ] {
      comparison.add([name, calm[keyPath: value].grouped, disturbed[keyPath: value].grouped])
      isSame = isSame && calm[keyPath: value] == disturbed[keyPath: value]
    }
    comparison.add(["weights", "\(calm.weightsSHA256.prefix(12))", "\(disturbed.weightsSHA256.prefix(12))"])
    isSame = isSame && calm.weightsSHA256 == disturbed.weightsSHA256
    comparison.add(["time", (minutes * 60).asTime, outcome.seconds.asTime])
    print(comparison.lines(colours: colours).joined(separator: "\n") + "\n")
    for surprise in outcome.surprises { print("  \(Terminal.coloured(surprise, 31, colours))") }
    guard isSame, outcome.surprises.isEmpty else {
      throw Failure("the disturbed run is not what the undisturbed one is; --folder keeps their logs")
    }
    print("  \(Terminal.coloured("The same bits, and nothing counted twice.", 32, colours))")
  }

  /// Memory in RAM of each process over time.
  private func memory(_ outcome: Trial.Outcome) -> Figure {
    let most = outcome.memory.values.joined().map(\.bytes).max() ?? 0
    let lines = outcome.memory.sorted { $0.key < $1.key }.enumerated().map { index, process in
      Figure.Line(
        label: process.key, colour: index,
        points: process.value.map { sample in
          let megabytes = Double(sample.bytes) / 1_048_576
          return .init(x: sample.seconds / 60, y: megabytes, low: megabytes, high: megabytes)
        })
    }
    let plot = Figure.Plot(
      title: "memory in RAM, MiB", xLabel: "minutes", lines: lines, top: max(1, Double(most) / 1_048_576 * 1.1))
    return Figure(title: "\(outcome.incidents.count) faults in \(outcome.seconds.asTime)", rows: [[plot]])
  }
}
