import Amplification
import ArgumentParser
import Coordinator
import Foundation
import Oversight
import RunStore
import Status
import Tasks

/// `grove export`
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what a run has: its judgments, what X learns from, its weights, or its adapter.",
    discussion: """
      Transcripts are JSON Lines, a judgment each, with who decided and who answered every step. The dataset is JSON \
      Lines, a question each that X learns from, and the weights are safetensors, with the student, the teacher and \
      H′: both as of the newest checkpoint, whose round is said on standard error. The metadata of the weights name \
      the task, its vocabulary, the round and the configuration.

      The adapter is what a language model has learned: a folder as PEFT has it, or a GGUF file for llama.cpp if the \
      path ends with .gguf.

      Example: grove export first --what transcripts --out first.jsonl
               grove export sums --what adapter --out sums-lora
               grove export sums --what adapter --of teacher --out sums.gguf
      """)

  enum What: String, ExpressibleByArgument, CaseIterable { case transcripts, dataset, weights, adapter }
  enum Model: String, ExpressibleByArgument, CaseIterable { case student, teacher }

  @Argument(help: ArgumentHelp("The run's name.", valueName: "run"), completion: Completions.runs) var name: String
  @Option(help: "transcripts, dataset, weights or adapter.") var what: What
  @Option(
    help: "Whose adapter: the student's, or the teacher's, which is the average of its last; by default the student's.")
  var of: Model?
  @Option(help: ArgumentHelp("The file to write, of an adapter the folder or file.", valueName: "path")) var out: String
  @OptionGroup var options: FolderOptions

  func validate() throws {
    guard of == nil || what == .adapter else {
      throw ValidationError("--of says whose adapter is written, and --what \(what) is none: leave it out")
    }
  }

  func run() async throws {
    let kept = try await KeptRun(name, in: options.path())
    if what == .adapter { return try await writeAdapter(of: kept) }
    let (data, round) = try await data(of: kept)
    try write(data, to: out)
    if let round { Terminal.warn("the \(what) of \(name) as of the checkpoint after round \(round)") }
    if data.isEmpty {
      let why = what == .dataset ? "X has learned from nothing yet" : "nobody has decided anything yet"
      Terminal.warn("\(out) is empty: \(why)")
    }
    print(out)
  }

  private static func lines(_ values: [some Encodable]) throws -> Data {
    let encoder = JSONEncoder.forPeople
    return Data(try values.flatMap { try encoder.encode($0) + [UInt8(ascii: "\n")] })
  }

  /// - Returns: also the round that it is of; nil if it is of all rounds.
  private func data(of kept: KeptRun) async throws -> (data: Data, round: Int?) {
    if what == .transcripts { return (try Self.lines(await transcripts(kept)), nil) }
    let (round, file) = try await kept.checkpoint()
    let data =
      if what == .dataset { try Self.lines(RunCheckpoint.examples(in: file, kept.task, kept.file)) } else {
        try await weights(kept, file, round)
      }
    return (data, round)
  }

  private func weights(_ kept: KeptRun, _ file: RunStore.Checkpoint, _ round: Int) async throws -> Data {
    var metadata = [
      "grove.format": "1", "grove.task": kept.file.task.name, "grove.task_size": "\(kept.file.task.size)",
      "grove.round": "\(round)", "grove.steps": "\(try RunCheckpoint.steps(in: file))",
      "grove.configuration": kept.file.yaml, "grove.run": kept.store.name,
      "grove.builds": try await kept.store.journal.builds().joined(separator: " "),
    ]
    if let task = kept.task as? any TokenTask { metadata["grove.vocabulary"] = try String(json: task.words) }
    return try RunCheckpoint.weights(in: file, metadata: metadata).file
  }

  private func transcripts(_ kept: KeptRun) async throws -> [ExportedJudgment] {
    var judgments: [ExportedJudgment] = []
    for entry in try await kept.provenance().entries {
      judgments.append(
        ExportedJudgment(entry, context: try await kept.context(of: entry), of: kept.store.name, kept.task))
    }
    return judgments
  }
}

/// A judgment in a file.
private struct ExportedJudgment: Encodable {
  struct Node: Encodable {
    var question, answer, by: String
    var verdict: String?
    var steps: [Node]

    init(_ tree: AmplificationTree, _ verdicts: [Int: NodeVerdict], _ number: inout Int, _ task: any TaskDefinition) {
      number += 1
      (question, answer, by) = (task.write(tree.question), task.write(tree.answer), tree.author.description)
      verdict = verdicts[number].map { verdict in
        switch verdict {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .corrected(let answer): "= \(task.write(answer))"
        }
      }
      steps = []
      for child in tree.children { steps.append(Node(child, verdicts, &number, task)) }
    }
  }

  var judgment, run, task, kind, person, verdict, standing: String
  /// Who decided: a person, the script in H's place, or the policy for what nobody checked.
  var source: String
  /// Of the question; nil if it is not known any more what it was about.
  var `class`, truth: String?
  var round, place, elements: Int
  /// The round that learned from it.
  var taken: Int?
  /// Seconds since 1970.
  var time: Double
  var facts: [String]?
  var tree: Node

  init(_ entry: Provenance.Entry, context: Context?, of run: String, _ task: any TaskDefinition) {
    judgment = "\(run):\(entry.number)"
    (self.run, self.task, kind, person) = (run, task.kind.name, entry.record.kind, entry.record.person)
    standing = entry.record.standing.rawValue
    (round, place, taken, time) = (entry.record.round, entry.record.place + 1, entry.record.taken, entry.record.time)
    elements = entry.judgment.elements
    source = ["script": "script", "nobody": "policy"][entry.record.person] ?? "person"
    let question = entry.judgment.subject.question
    `class` = context.map { task.questionClass(of: question, in: $0) }
    truth = context.map { task.write(task.truth(of: question, in: $0)) }
    facts = context.map(task.write)
    var number = 0
    switch entry.judgment.verdict {
    case .decomposed(let decomposition):
      verdict = "decomposed"
      tree = Node(decomposition, [:], &number, task)
    case .reviewed(let verdicts):
      verdict = "reviewed"
      tree = Node(entry.judgment.subject, verdicts, &number, task)
    case .passed:
      verdict = "passed"
      tree = Node(entry.judgment.subject, [:], &number, task)
    case .flagged(let reason):
      verdict = "flagged: \(reason)"
      tree = Node(entry.judgment.subject, [:], &number, task)
    case .unreviewed(let isLearned):
      verdict = isLearned ? "learned without review" : "dropped without review"
      tree = Node(entry.judgment.subject, [:], &number, task)
    }
  }
}
