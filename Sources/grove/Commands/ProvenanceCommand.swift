import Amplification
import ArgumentParser
import Foundation
import Oversight
import Randomness
import RunStore
import Status
import Tasks

/// `grove provenance`
struct ProvenanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provenance",
    abstract: "Shows which judgments a run rests on, and what would follow if some were withdrawn.",
    discussion: """
      Judgments are called by the run and their number, as in first:12; grove retract withdraws one.

      Example: grove provenance first
               grove provenance first --answer "f^5(3)"   # what supports the answer
               grove provenance first --without ada   # what would be learned anew
               grove provenance first --without 12
      """)

  @OptionGroup var options: RunOptions
  @Option(help: ArgumentHelp("A question that the model is asked.", valueName: "question")) var answer: String?
  @Option(help: ArgumentHelp("A person, or the number of a judgment.", valueName: "who")) var without: String?
  @Option(help: "Of the random context of --answer, a whole number from 0; by default 0.") var seed: UInt64?
  @Flag(help: "Print one JSON object.") var json = false

  private static let nearest = 3

  func validate() throws {
    guard answer == nil || without == nil else {
      throw ValidationError("--answer and --without ask two things: give one of them")
    }
    guard seed == nil || answer != nil else {
      throw ValidationError("--seed is of the random context of --answer, which is missing")
    }
  }

  func run() async throws {
    let kept = try await options.kept()
    let provenance = try await kept.provenance()
    if let without { return try show(consequences: without, provenance) }
    if let answer { return try await show(support: answer, provenance, kept.task) }
    if json {
      let facts = Facts(
        run: options.run,
        people: provenance.shares.map {
          Facts.Person(
            name: $0.person, decompositions: $0.decompositions, reviews: $0.reviews, learned: $0.learned,
            withdrawn: $0.withdrawn, first: $0.first, last: $0.last)
        }, checkpoints: provenance.supports.map { Facts.Checkpoint(round: $0.round, judgments: $0.judgments) })
      return print(try String(json: facts))
    }
    guard !provenance.entries.isEmpty else { return print("The run \(options.run) rests on no judgments.") }
    var people = Table(
      ["by", "decompositions", "reviews", "learned from", "withdrawn", "in rounds"], rightAligned: [1, 2, 3, 4])
    for share in provenance.shares {
      let rounds = share.first.map { first in "\(first) to \(share.last ?? first)" } ?? "–"
      people.add([
        share.person, "\(share.decompositions)", "\(share.reviews)", "\(share.learned)", "\(share.withdrawn)", rounds,
      ])
    }
    var checkpoints = Table(["checkpoint after round", "rests on"], rightAligned: [0])
    for support in provenance.supports {
      checkpoints.add(["\(support.round)", "\(support.judgments) judgment\(support.judgments == 1 ? "" : "s")"])
    }
    let colours = Terminal.colours
    print((people.lines(colours: colours) + [""] + checkpoints.lines(colours: colours)).joined(separator: "\n"))
  }

  // MARK: What would follow

  private func show(consequences without: String, _ provenance: Provenance) throws {
    let chosen =
      Int64(without).map { number in provenance.entries.filter { $0.number == number } }
      ?? provenance.entries.filter { $0.record.person == without }
    guard !chosen.isEmpty else {
      let people = provenance.shares.map(\.person).joined(separator: ", ")
      throw Failure(
        "the run \(options.run) has no judgment “\(without.prefix(80))”; there is 1 to \(provenance.entries.last?.number ?? 0)"
          + (people.isEmpty ? "" : ", by \(people)"))
    }
    let consequences = provenance.consequences(of: chosen)
    if json {
      let facts = Facts.Consequences(
        judgments: chosen.map(\.number), first: consequences.first, derived: consequences.derived.map(\.number),
        from: consequences.from, checkpoints: consequences.checkpoints)
      return print(try String(json: facts))
    }
    print(consequences.sentences(of: options.run).joined(separator: "\n"))
  }

  // MARK: What supports an answer

  private func show(support question: String, _ provenance: Provenance, _ task: any TaskDefinition) async throws {
    let seed = seed ?? 0
    var random = CounterGenerator(seed: seed, purpose: .contexts)
    let context = task.sampleContext(elements: task.size, using: &random)
    let tree = try await options.models().ask(task.typed(question), about: context, depth: 1, seed: seed)
      .tree
    let decisions = tree.nodes.filter(\.node.author.isOverseer).map { entry in
      Facts.Support(
        depth: entry.depth, question: task.write(entry.node.question), answer: task.write(entry.node.answer),
        by: entry.node.author.description,
        nearest: provenance.nearest(to: entry.node.transcript, count: Self.nearest).map {
          Facts.Decision($0, of: options.run, task)
        })
    }
    if json {
      return print(try String(json: decisions))
    }
    let colours = Terminal.colours
    print(Terminal.dim(task.write(context).joined(separator: "  "), colours), "", separator: "\n")
    for decision in decisions {
      let indent = String(repeating: "   ", count: decision.depth)
      print(
        "\(indent)\(decision.question) = \(Terminal.bold(decision.answer, colours))  by \(decision.by), learned from")
      for near in decision.nearest {
        print(Terminal.dim("\(indent)  \(near.judgment)  \(near.by): \(near.text)", colours))
      }
      if decision.nearest.isEmpty { print(Terminal.dim("\(indent)  no judgment", colours)) }
    }
    let all = provenance.entries.count { $0.record.taken != nil }
    print("\nThe model rests on \(all) judgments in all; those shown are the most alike.")
  }

  /// What is printed as JSON.
  private struct Facts: Encodable {
    struct Person: Encodable {
      var name: String
      var decompositions, reviews, learned, withdrawn: Int
      var first, last: Int?
    }

    struct Checkpoint: Encodable { var round, judgments: Int }

    struct Consequences: Encodable {
      var judgments: [Int64]
      var first: Int?
      var derived: [Int64]
      var from: Int
      var checkpoints: [Int]
    }

    struct Decision: Encodable {
      var judgment: String
      var by: String
      var text: String

      init(_ entry: Provenance.Entry, of run: String, _ task: any TaskDefinition) {
        judgment = "\(run):\(entry.number)"
        by = entry.record.person
        let steps =
          entry.judgment.decomposition?.children.map { "\(task.write($0.question))=\(task.write($0.answer))" } ?? []
        let answer = entry.judgment.decomposition.map { task.write($0.answer) } ?? "?"
        text = "\(task.write(entry.judgment.subject.question)) by \(steps.joined(separator: ", ")): \(answer)"
      }
    }

    struct Support: Encodable {
      var depth: Int
      var question, answer, by: String
      var nearest: [Decision]
    }

    var run: String
    var people: [Person]
    var checkpoints: [Checkpoint]
  }
}

extension Provenance.Consequences {
  /// For people.
  func sentences(of run: String) -> [String] {
    let count = judgments.count == 1 ? "1 judgment" : "\(judgments.count) judgments"
    guard let first else { return ["Nothing was learned from \(count): nothing would be learned anew."] }
    return [
      "Round \(first) was the first to learn from \(count).",
      "Without, the run goes on \(from == 0 ? "from the beginning" : "from the checkpoint after round \(from)").",
      derived.isEmpty
        ? "No other judgment was given after hearing a model that had learned from it."
        : "\(derived.count) others were given after hearing models that had: they count again where the new models answer the "
          + "same, and are asked anew where they do not.",
    ]
  }
}
