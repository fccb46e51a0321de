import ArgumentParser
import ClusterFile
import Foundation
import Oversight
import RunStore
import Status
import Tasks

/// `grove review`
struct Review: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has you decide: take questions apart for H′, and check answers before X learns them.",
    discussion: """
      The same desk as on the dashboard's page, in the terminal. A question is yours for oversight.lease_s after \
      your last step. “help” says what can be said; “quit” or Ctrl-D leaves.

      Example: grove review first --as ada
               grove review first --token-file ada.token \\
                 --coordinator tcp://10.0.0.5:5570
               grove review first --scripted --count 20   # the script decides
               grove review first --mine --as ada         # what became of it
               grove review first --disagreements --json  # where two differ
      """)

  @Argument(help: "The run's name.", completion: Completions.runs) var run: String
  @OptionGroup var options: CoordinatorOptions
  @Option(name: .customLong("as"), help: "Your name, where names need no tokens.") var name: String?
  @Option(help: ArgumentHelp("A file whose first line is your token.", valueName: "file"), completion: .file())
  var tokenFile: String?
  @Option(help: ArgumentHelp("The dashboard's address; by default the coordinator tells.", valueName: "url"))
  var dashboard: String?
  @Option(help: "Judgments after which to leave.") var count: Int?
  @Flag(help: "Let the task's script decide in your place, until the run ends.") var scripted = false
  @Flag(help: "Show what you decided, the newest first, and what became of it.") var mine = false
  @Flag(help: "Show where two people judged the same question differently.") var disagreements = false
  @Flag(help: "With --mine or --disagreements: as JSON.") var json = false

  func validate() throws {
    if [scripted, mine, disagreements].count(where: \.self) > 1 {
      throw ValidationError("--scripted, --mine and --disagreements exclude each other")
    }
    if mine || disagreements,
      tokenFile != nil || dashboard != nil || count != nil || options.coordinator != nil || disagreements && name != nil
    {
      throw ValidationError(
        "--mine and --disagreements read the run's folder: --token-file, --dashboard, --count and --coordinator, and with "
          + "--disagreements --as, say nothing there")
    }
    if json, !mine, !disagreements { throw ValidationError("--json goes with --mine or --disagreements") }
    if let count, count < 1 { throw ValidationError("--count is \(count); allowed are whole numbers from 1") }
    guard dashboard == nil || options.coordinator == nil else {
      throw ValidationError("--dashboard says where the desk is, so that --coordinator is not asked: give one of them")
    }
    guard name == nil || tokenFile == nil else {
      throw ValidationError("a token says whose it is: give --token-file, or --as where names need no tokens")
    }
    if let name, !People.isName(name) {
      throw ValidationError("--as is “\(name)”: a name has letters, digits, - and _, 32 at most")
    }
  }

  func run() async throws {
    if mine || disagreements { return try await show() }
    let client = try await DeskClient(
      address: address(), name: name ?? (scripted ? "scripted" : NSUserName()), token: token())
    if scripted { try await decide(client) } else { try await talk(client) }
  }

  private func address() async throws -> String {
    if let dashboard { return dashboard.hasSuffix("/") ? dashboard : dashboard + "/" }
    let live = options.coordinator == nil ? LiveRun.at(run, in: try options.place.read().run.folder) : nil
    if let dashboard = live?.dashboard { return dashboard }
    let isElsewhere = try live == nil && LiveRun.all(in: options.place.path()).isEmpty
    let status = try await options.withCoordinator(of: isElsewhere ? nil : run) { try await $0.status() }
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
    let colours = Terminal.colours
    let start = view.own
    var lines = Terminal.lines().makeAsyncIterator()
    var last = ""
    StandardStreams.say("“help” says what can be said, “quit” leaves.\n")
    while count.map({ view.own - start < $0 }) ?? true {
      if view.item == nil, view.undo == nil { view = try await question(for: client, view) }
      say(DeskText.lines(view, colours: colours))
      StandardStreams.say("> ")
      guard let line = await lines.next()?.trimmingCharacters(in: .whitespaces) else { break }
      switch line {
      case "quit", "exit":
        return farewell(view, since: start)
      case "help":
        say(DeskText.help(view))
        continue
      case "" where view.item == nil:
        view = try await client.say("sure", about: nil)
      default:
        // What was typed ahead is for the next question, unless it is about what was decided before.
        let isApart = line == "undo" || line == "sure" || line.hasPrefix("undo ")
        if view.item == nil, !isApart { view = try await question(for: client, view) }
        view = try await client.say(line, about: view.item, isAgain: view.doubt != nil && line == last)
        last = line
      }
    }
    farewell(view, since: start)
  }

  /// Says lines; at a terminal, in as many as they need there.
  private func say(_ lines: [String]) {
    let fitting = Terminal.isInteractive ? lines.flatMap { $0.folded(to: WindowSize.present.columns) } : lines
    StandardStreams.say(fitting.joined(separator: "\n") + "\n")
  }

  /// Waits for the next question.
  private func question(for client: DeskClient, _ view: DeskView) async throws -> DeskView {
    var view = view
    guard view.item == nil else { return view }
    StandardStreams.say("Nothing waits for you. \(view.all) judgments so far; Ctrl-C leaves.\n")
    while view.item == nil {
      try await Task.sleep(for: Self.pause)
      view = try await client.look()
    }
    return view
  }

  private func farewell(_ view: DeskView, since start: Int) {
    StandardStreams.say("\nYou decided \(view.own - start), \(view.own) in all. Thank you.\n")
  }

  // MARK: What was decided

  private func show() async throws {
    let kept = try await KeptRun(run, in: options.place.read().run.folder)
    let ledger = try await kept.ledger()
    let own = ledger.own(name ?? NSUserName())
    if json {
      let data = mine ? try JSONEncoder.forPeople.encode(own) : try JSONEncoder.forPeople.encode(ledger.disagreements)
      return print(String(decoding: data, as: UTF8.self))
    }
    let lines = mine ? LedgerText.lines(own, of: name ?? NSUserName()) : LedgerText.lines(ledger)
    print(lines.joined(separator: "\n"))
  }

  // MARK: The script

  private func decide(_ client: DeskClient) async throws {
    var decided = 0
    do {
      var view = try await client.look()
      let start = view.own
      let store = try await RunStore.read(run, in: options.place.path())
      let script = ScriptedPerson(try await task(of: store))
      while count.map({ view.own - start < $0 }) ?? true {
        if let item = view.item {
          view = try await client.say(try script.line(about: item), about: item, isFinal: true)
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
    var file = try options.place.read()
    if let data = try await store.contents(of: "config.yaml") {
      try file.take(yaml: String(decoding: data, as: UTF8.self), named: "config.yaml of the run \(run)")
    }
    return try file.makeTask()
  }
}
