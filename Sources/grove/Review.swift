import ArgumentParser
import ClusterFile
import Foundation
import Oversight
import RunStore
import Tasks

/// `grove review`
struct Review: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has you decide: take questions apart for H′, and check answers before X learns them.",
    discussion: """
      The same desk as on the dashboard's page, in the terminal. A question is yours for oversight.lease_s after your last
      step. “help” says what can be said; Ctrl-D leaves.

      Example: grove review first --as ada
               grove review first --token-file ada.token --coordinator tcp://10.0.0.5:5570
               grove review first --scripted --count 20    let the task's script decide, to try a run
      """)

  @Argument(help: "The run's name.") var run: String
  @OptionGroup var options: CoordinatorOptions
  @Option(name: .customLong("as"), help: "Your name, where names need no tokens.") var name: String?
  @Option(help: ArgumentHelp("A file whose first line is your token.", valueName: "file")) var tokenFile: String?
  @Option(help: ArgumentHelp("The dashboard's address; by default the coordinator tells.", valueName: "url"))
  var dashboard: String?
  @Option(help: "Judgments after which to leave.") var count: Int?
  @Flag(help: "Let the task's script decide in your place, until the run ends.") var scripted = false

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is \(count); allowed are whole numbers from 1") }
    if let name, !People.isName(name) {
      throw ValidationError("--as is “\(name)”: a name has letters, digits, - and _, 32 at most")
    }
  }

  func run() async throws {
    try await DeskClient.with(
      address: address(), name: name ?? (scripted ? "scripted" : NSUserName()), token: token()
    ) { client in
      if scripted { try await decide(client) } else { try await talk(client) }
    }
  }

  private func address() async throws -> String {
    if let dashboard { return dashboard.hasSuffix("/") ? dashboard : dashboard + "/" }
    let status = try await options.withCoordinator { try await $0.status() }
    guard status.run.name == run else {
      throw Failure("the coordinator runs \(status.run.name), not \(run): choose another with --coordinator")
    }
    guard let address = status.cluster.dashboard else {
      throw Failure("the run \(run) has no dashboard to decide at: start it with dashboard.bind set to an address")
    }
    return address
  }

  private func token() throws -> String? {
    guard let tokenFile else { return nil }
    let text = (try? String(contentsOfFile: tokenFile, encoding: .utf8)) ?? ""
    let line = SecretFile.firstLine(of: text)
    guard !line.isEmpty else { throw Failure("--token-file: \(tokenFile) can't be read, or is empty") }
    return line
  }

  /// Seconds between looks for the next question.
  private static let pause = Duration.milliseconds(500)

  // MARK: A person

  private func talk(_ client: DeskClient) async throws {
    var view = try await client.look()
    let colours = Terminal.isInteractive
    let start = view.own
    var lines = Terminal.lines().makeAsyncIterator()
    while count.map({ view.own - start < $0 }) ?? true {
      if view.item == nil, view.undo == nil {
        StandardStreams.say("Nothing waits for you. \(view.all) judgments so far; Ctrl-C leaves.\n")
        while view.item == nil {
          try await Task.sleep(for: Self.pause)
          view = try await client.look()
        }
      }
      StandardStreams.say(DeskText.lines(view, colours: colours).joined(separator: "\n") + "\n> ")
      guard let line = await lines.next() else { break }
      if line.trimmingCharacters(in: .whitespaces) == "help" {
        StandardStreams.say(DeskText.help(view).joined(separator: "\n") + "\n")
        continue
      }
      view = try await client.say(line, about: view.item)
    }
    StandardStreams.say("\nYou decided \(view.own - start), \(view.own) in all. Thank you.\n")
  }

  // MARK: The script

  private func decide(_ client: DeskClient) async throws {
    var decided = 0
    do {
      var view = try await client.look()
      let start = view.own
      let store = try await RunStore.read(run, in: options.configuration.read().run.folder)
      let script = ScriptedPerson(try await task(of: store))
      while count.map({ view.own - start < $0 }) ?? true {
        if let item = view.item {
          view = try await client.say(try script.line(about: item), about: item)
          if let problem = view.problem { throw Failure("the desk did not take what the script said: \(problem)") }
        } else {
          try await Task.sleep(for: Self.pause)
          view = try await client.look()
        }
        decided = view.own - start
      }
    } catch is DeskClient.Gone {
      // The run is over.
    }
    print("The script decided \(decided).")
  }

  /// The run's task, as the run's own configuration says.
  private func task(of store: RunStore) async throws -> any TaskDefinition {
    var file = try options.configuration.read()
    if let data = try await store.contents(of: "config.yaml") {
      try file.take(yaml: String(decoding: data, as: UTF8.self), named: "config.yaml of the run \(run)")
    }
    return try TaskCatalog.task(file.task.name, size: file.task.size, bits: file.task.bits)
  }
}

/// The desk as text.
enum DeskText {
  static func lines(_ view: DeskView, colours: Bool) -> [String] {
    var lines = [""]
    var facts = "\(view.own) decided by you, \(view.all) by all, \(view.waiting) waiting"
    if let agreement = view.agreement {
      facts += ", agreement κ = \(agreement.threeDigits) over \(view.compared) decisions"
    }
    if let notice = view.notice { lines.append(notice) }
    if let problem = view.problem { lines.append(Terminal.coloured(problem, 31, colours)) }
    guard let item = view.item else {
      return lines + ["Nothing to decide now; “undo” takes back \(view.undo ?? "nothing")."]
    }
    lines.append(Terminal.dim("\(item.id) · \(facts)", colours))
    if let facts = item.facts { lines.append(Terminal.dim(facts.joined(separator: "  "), colours)) }
    lines.append(Terminal.bold("\(item.question) = ?", colours))
    for step in item.steps {
      lines.append("  \(step.question) = \(step.answer)  \(Terminal.dim("by \(step.by)", colours))")
    }
    for node in item.nodes {
      let verdict = node.verdict.map { verdict in
        switch verdict {
        case "accepted": "  " + Terminal.coloured("stands", 32, colours)
        case "rejected": "  " + Terminal.coloured("rejected", 31, colours)
        default: "  " + Terminal.coloured("should be \(verdict)", 31, colours)
        }
      }
      let number = String(repeating: " ", count: max(0, 3 - "\(node.number)".count)) + "\(node.number)"
      lines.append(
        "\(number)  \(String(repeating: "   ", count: node.depth))\(node.question) = \(node.answer)  "
          + Terminal.dim("by \(node.by)", colours) + (verdict ?? ""))
    }
    return lines
  }

  static func help(_ view: DeskView) -> [String] {
    let ends = [
      "  undo         take back \(view.undo ?? "your last step")", "  pass         leave it to somebody else",
      "  flag REASON  it is a bad question",
    ]
    if view.item?.kind == .review {
      return [
        "  ok           accept what is not marked", "  2 no         node 2 is wrong, and what was derived from it",
        "  2 = 7        the answer of node 2 is 7", "  1 ok         node 1 stands, whatever is below it",
      ] + ends
    }
    return [
      "  \(view.forms.joined(separator: ", "))", "               ask an easier question", "  = 3          the answer",
    ]
      + ends
  }
}
