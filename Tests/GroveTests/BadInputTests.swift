import Foundation
import Testing

struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let status: Int32
    let says: [String]
    var file: String?
    var testDescription: String { arguments.joined(separator: " ") + (file.map { " with “\($0)”" } ?? "") }

    init(_ arguments: String, _ status: Int32, _ says: String..., file: String? = nil) {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.status = status
      self.says = says
      self.file = file
    }
  }

  @Test(arguments: [
    Case("run --config c.yaml", 1, "c.yaml, line 2", "many", "2 to 64", file: "task:\n  size: many\n"),
    Case("run --config c.yaml", 1, "c.yaml, line 2", "colour", file: "task:\n  colour: red\n"),
    Case("run --config c.yaml", 1, "c.yaml, line", file: "task: [\n"),
    Case("run --config c.yaml", 1, "chess", "permutation", file: "task:\n  name: chess\n"),
    Case("run --config none.yaml", 1, "none.yaml"),
    Case("run --set task.size=100", 2, "task.size", "2 to 64"),
    Case("run --set task.start=3", 2, "task.start is 3", "4 elements at least"),
    Case("run --set task.name=addition", 1, "model.kind is network", "model.kind=language", "scripts/language"),
    Case(
      "run --set task.name=addition --set model.kind=language --set overseer.kind=scripted", 1,
      "model.weights names no model"),
    Case(
      "run --set task.name=addition --set model.kind=language --set overseer.kind=scripted --set model.weights=c.yaml",
      1,
      "c.yaml", file: "task: {name: addition}\n"),
    Case("run --set model.kind=language", 1, "model.kind is language", "permutation"),
    Case("run --set task.taught=none.txt", 1, "none.txt", "about facts"),
    Case("run --set task.size", 2, "key=value"),
    Case("run --set task.name=chess", 2, "chess", "permutation"),
    Case("run --set task.size=5 --config c.yaml", 1, "colour", file: "task:\n  colour: red\n"),
    Case("run --workers 2000", 2, "--workers 2000", "0 to 1024"),
    Case("run --workers 1.5", 2, "--workers 1.5", "0 to 1024"),
    Case("run --workers -1", 2, "--workers -1", "0 to 1024"),
    Case("run --seed -3", 2, "'-3' is invalid", "a whole number from 0"),
    Case("ask none f(3) --seed -1", 2, "'-1' is invalid", "a whole number from 0"),
    Case("ask none f(3) --depth -1", 2, "--depth is -1", "0 to 16"),
    Case("ask a/b f(3)", 2, "a/b", "letters"),
    Case("run --name ../up", 2, "../up", "letters"),
    Case("coordinator --name ../up", 2, "../up", "letters"),
    Case("chaos --minutes -0.5", 2, "--minutes is -0.5"),
    Case("doctor --json -1", 2, "--json"),
    Case("run --set run.folder=/proc/none", 1, "/proc/none"),
    Case("run --set cluster.bind=tcp://127.0.0.1:70000", 2, "cluster.bind"),
    Case(
      "study c.yaml --set run.rounds=x", 2, "run.rounds",
      file: "name: a\nseeds: [1]\ntasks: {permutation: {}}\nvariants: {b: {}}\n"),
    Case("coordinator --set cluster.bind=tcp://192.0.2.1:5570", 1, "192.0.2.1"),
    Case("worker --coordinator nowhere", 2, "nowhere"),
    Case("status --coordinator tcp://127.0.0.1:1", 1, "tcp://127.0.0.1:1"),
    Case("stop --coordinator tcp://127.0.0.1:1", 1, "tcp://127.0.0.1:1"),
    Case("ask none f^5(3)", 1, "none"),
    Case("ask none f^5(3) --depth 99", 2, "0 to 16"),
    Case("eval none", 1, "none"),
    Case("eval none --count 0", 2, "1 to 100000"),
    Case("tasks sample chess --size 8 --count 1", 2, "chess"),
    Case("tasks sample permutation --size 1000 --count 1", 2, "size"),
    Case("tasks check permutation --count 0", 2, "count", "Usage: grove tasks check", "grove tasks check --help"),
    Case("tasks sample path --size 3 --count 1", 2, "size 3", "4 to 64"),
    Case("tasks sample addition --size 18", 2, "size 18", "2 to 17"),
    Case("tasks sample path --reversed", 2, "path has none"),
    Case("study none.yaml", 1, "none.yaml"),
    Case(
      "study c.yaml", 1, "c.yaml, line 4", "overseer.eror_rate", "overseer.error_rate",
      file: "name: a\nseeds: [1]\ntasks: {permutation: {}}\nvariants: {b: {overseer.eror_rate: 0.1}}\n"),
    Case(
      "study c.yaml", 1, "chess", "permutation",
      file: "name: a\nseeds: [1]\ntasks: {chess: {}}\nvariants: {b: {}}\n"),
    Case("plot none", 1, "none"),
    Case("plot none --against colours", 2, "against"),
    Case("bench distil --peer none.py", 1, "none.py"),
    Case("run --seed 3 --set run.seed=4", 2, "give one of them"),
    Case("status r --coordinator tcp://127.0.0.1:1", 2, "give one of them"),
    Case("review r --scripted --mine", 2, "exclude each other"),
    Case("review r --dashboard http://127.0.0.1:1 --coordinator tcp://127.0.0.1:1", 2, "give one of them"),
    Case("provenance r --answer f(3) --without 12", 2, "give one of them"),
    Case("study c.yaml --report-only --accept-build", 2, "--accept-build"),
    Case("nonsense", 2, "nonsense"),
  ]) func oneSentenceAndTheRightStatus(_ bad: Case) async throws {
    let program = try Program()
    if let file = bad.file { try program.write(file, to: "c.yaml") }
    let ended = try await program(bad.arguments)
    #expect(ended.status == bad.status, "\(ended.errors)")
    for text in bad.says { #expect(ended.errors.contains(text), "\(ended.errors)") }
    if bad.status == 2, let command = bad.arguments.first, command != "nonsense" {
      #expect(ended.errors.contains("Usage: grove \(command)"), "\(ended.errors)")
    }
    if bad.status == 1 { #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)") }
    #expect(ended.output.isEmpty, "\(ended.output)")
  }

  @Test func aPortInUseIsNamed() async throws {
    let program = try Program()
    let address = try Program.freeAddress()
    let first = try program.start(["coordinator", "--name", "first", "--set", "cluster.bind=\(address)"])
    #expect(await first.line(containing: address, ofErrors: true) != nil)
    let second = try await program("run", "--name", "second", "--set", "cluster.bind=\(address)")
    #expect(second.status == 1 && second.errors.contains(address))
    first.signal(SIGTERM)
    #expect(await first.ended().status == 4)
  }
}
