import ArgumentParser
import ClusterFile
import Coordinator
import Foundation
import Oversight
import RunStore
import Status

/// `grove retract`
struct Retract: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Withdraws a judgment, and trains anew from the last round that had not learned from it.",
    discussion: """
      The run ends in the bits of a run that never had that judgment. What other people decided while they heard \
      models that had learned from it counts again where the new models answer the same; else the question is asked \
      anew.

      Example: grove retract first:12
               grove retract first:12 --later   # run --continue first trains anew
      """)

  @Argument(help: ArgumentHelp("As grove provenance names it, such as first:12.", valueName: "run:number"))
  var judgment: JudgmentName
  @OptionGroup var taking: TakingUpOptions
  @OptionGroup var logging: LogOptions
  @OptionGroup var place: FolderOptions
  @Option(help: "Worker processes; by default as before.") var workers: Int?
  @Flag(help: "Only withdraw it.") var later = false

  func validate() throws {
    guard !later || workers == nil && !taking.acceptBuild else {
      throw ValidationError("--later trains nothing: --workers and --accept-build are for what does")
    }
  }

  func run() async throws {
    logging.apply()
    let folder = try place.path()
    var file = try await KeptRun(judgment.run, in: folder).file
    let consequences = try await withdraw(in: folder)
    print(consequences.sentences(of: judgment.run).joined(separator: "\n"))
    guard !later, consequences.first != nil else { return }
    file.run.folder = folder
    if let workers { try set(workers, in: &file) }
    let training = try await Training(
      file, name: judgment.run, title: "\(judgment.run) without judgment \(judgment.number)", isShown: true,
      taking: taking, logging: logging)
    let (result, history) = try await training.run()
    if let result {
      print(TextReport.text(result, history: history, colours: Terminal.colours))
    } else {
      let round = await training.status.run.round
      print("Stopped after round \(round). grove run --continue \(judgment.run) goes on from there.")
      throw Ending.stopped
    }
  }

  private func set(_ workers: Int, in file: inout ClusterFile) throws {
    do {
      try file.set("cluster.workers=\(workers)")
    } catch {
      throw ValidationError("\(error)".replacingOccurrences(of: "--set cluster.workers=", with: "--workers "))
    }
  }

  private func withdraw(in folder: String) async throws -> Provenance.Consequences {
    let store = try await RunStore.open(judgment.run, in: folder)
    // Nothing is withdrawn before it is known that training can go on.
    if !later && !taking.acceptBuild { try await BuildChange.check(Build.fingerprint, goesOnWith: store) }
    let provenance = try await Provenance(store.journal)
    guard let entry = provenance.entries.first(where: { $0.number == judgment.number }) else {
      throw Failure(
        "the run \(judgment.run) has no judgment \(judgment.number); there is 1 to \(provenance.entries.last?.number ?? 0)"
      )
    }
    guard entry.record.standing != .withdrawn else {
      throw Failure("judgment \(judgment.number) of the run \(judgment.run) is withdrawn already")
    }
    let consequences = provenance.consequences(of: [entry])
    try await store.withdraw(entry.number, from: consequences.first, derived: consequences.derived.map(\.number))
    return consequences
  }
}
