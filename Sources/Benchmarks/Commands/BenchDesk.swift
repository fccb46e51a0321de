import Amplification
import ArgumentParser
import ClusterFile
import Commands
import Foundation
import Oversight
import RunStore
import Safetensors
import Status
import Tasks

/// `grove bench desk`
struct BenchDesk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "desk",
    abstract: "How long people wait for the desk when many decide at once, while a run writes what runs write.",
    discussion: """
      People and run are in this process, over a real journal: the script decides in people's places and X answers \
      at once, so that all time is the desk's and the disk's. Meanwhile rounds go on: each keeps answers that are \
      held back and takes note of judgments, and some write a checkpoint.

      Example: grove bench desk
               grove bench desk --people 200 --pause-ms 0
      """)

  @Option(help: "Who decide at once, 1 to 1000.") var people = 50
  @Option(help: "Questions that each decides, 1 to 1000.") var questions = 20
  @Option(help: "Milliseconds that a person thinks about a step, 0 to 60000.") var pauseMs = 20
  @Option(help: "Megabytes of a checkpoint, 0 to 1000.") var checkpoint = 16

  func validate() throws {
    for (name, value, range) in [
      ("--people", people, 1...1000), ("--questions", questions, 1...1000), ("--pause-ms", pauseMs, 0...60_000),
      ("--checkpoint", checkpoint, 0...1000),
    ] where !range.contains(value) {
      throw ValidationError("\(name) is \(value); allowed is \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grove-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await RunStore.open("bench", in: folder.path)
    let task = Permutation(size: 8, bits: 3)
    let desk = Desk(
      .init(run: "bench", lease: .seconds(600), twice: 0, showsFacts: false), task, journal: store.journal
    ) { _, _ in Reply(Answer([1]), by: .answerer(role: "teacher", step: 1)) }
    try await desk.open(items(task))
    let run = Task { try await rounds(store) }
    let started = ContinuousClock.now
    let times = try await withThrowingTaskGroup(of: [Double].self) { group in
      for number in 1...people { group.addTask { try await decide(as: "person-\(number)", at: desk, task) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let seconds = started.duration(to: .now) / .seconds(1)
    run.cancel()
    show(times, seconds: seconds, rounds: try await run.value)
  }

  private func items(_ task: Permutation) -> [DeskItem] {
    let places = 0..<people * questions
    let batch = task.sample(.decompositions, seed: 1, round: 1, places, elements: 8, questions: 1)
    return zip(places, batch.asked).map { place, asked in
      DeskItem(
        QuestionID(.decomposition, round: 1, place: place), about: batch.contexts[asked.context], elements: 8,
        asked: asked)
    }
  }

  /// - Returns: milliseconds until each thing said was answered.
  private func decide(as person: String, at desk: Desk, _ task: Permutation) async throws -> [Double] {
    let script = ScriptedPerson(task)
    var times: [Double] = []
    var view = try await desk.look(person)
    while view.own < questions, let item = view.item {
      try await Task.sleep(for: .milliseconds(pauseMs))
      let line = try script.line(about: item)
      let started = ContinuousClock.now
      view = try await desk.say(line, about: item.id, step: item.step, by: person)
      times.append(started.duration(to: .now) / .milliseconds(1))
      if let problem = view.problem { throw Failure("the desk did not take “\(line)”: \(problem)") }
    }
    return times
  }

  // MARK: The run

  /// Milliseconds that a round takes beside what it writes, the answers of it that are held back, and rounds between
  /// checkpoints.
  private static let (round, held, every) = (20, 8, 10)

  /// - Returns: rounds that were done until it was cancelled.
  private func rounds(_ store: RunStore) async throws -> Int {
    var round = 0
    var file = Safetensors()
    file.append("weights", [Int32](repeating: 1, count: checkpoint << 18))
    while !Task.isCancelled {
      round += 1
      try await store.journal.record(
        held: Dictionary(uniqueKeysWithValues: (0..<Self.held).map { ($0, String(repeating: "x", count: 1000)) }),
        round: round)
      try await store.journal.take([1], round: round)
      if round.isMultiple(of: Self.every) { try await store.save(.init(file), round: round) }
      try? await Task.sleep(for: .milliseconds(Self.round))
    }
    return round
  }

  private func show(_ times: [Double], seconds: Double, rounds: Int) {
    print(
      "  \(people) people said \(times.count) things in \(String(format: "%.1f", seconds)) s, over \(rounds) rounds\n")
    let colours = Terminal.colours
    for promise in [
      Promise(name: "the desk's answer, median, ms", value: times.median, most: 100),
      Promise(name: "the desk's answer, longest, ms", value: times.max() ?? .nan, most: 1000),
    ] { print(promise.line(colours: colours)) }
  }
}
