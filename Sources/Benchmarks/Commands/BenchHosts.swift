import ArgumentParser
import Chaos
import ClusterFile
import Commands
import Foundation
import Plots
import Processes
import Status

/// `grove bench hosts`
struct BenchHosts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hosts",
    abstract: "What a slow and lossy link to one of several hosts costs a run, and whether it ends in the same bits.",
    discussion: """
      A coordinator and workers, with keys, each on a host of its own: network namespaces, which root may make on \
      Linux. One worker's link is made worse and worse. Then the same rounds in one network, whose weights have to \
      be the same.

      Example: sudo grove bench hosts --out hosts
      """)

  private static let links = [
    NetworkLink(milliseconds: 0, lost: 0), NetworkLink(milliseconds: 10, lost: 0),
    NetworkLink(milliseconds: 25, lost: 0),
    NetworkLink(milliseconds: 50, lost: 0), NetworkLink(milliseconds: 50, lost: 0.05),
    NetworkLink(milliseconds: 0, lost: 0.05),
  ]

  @OptionGroup var options: ConfigurationOptions
  @Option(help: "Over each link, 1 to 100000.") var rounds = 20
  @Option(help: ArgumentHelp("Where the curve goes, as SVG and PNG.", valueName: "path")) var out: String?
  @Flag(help: .hidden) var inNamespace = false

  func validate() throws {
    guard (1...100_000).contains(rounds) else {
      throw ValidationError("--rounds is \(rounds); allowed is 1 to 100000")
    }
  }

  func run() async throws {
    if !inNamespace {
      guard await Trial.canDisturbNetwork() else {
        throw Failure("hosts need network namespaces, which root may make on Linux")
      }
      Namespace.runAgain()
    }
    var file = try options.read()
    if options.config == nil, !options.overrides.contains(where: { $0.hasPrefix("cluster.workers") }) {
      file.cluster.workers = 4
    }
    file.run.stopAt = 2
    let folder = NSTemporaryDirectory() + UniqueName.of("grove-hosts")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    file.run.folder = "\(folder)/runs"
    let trial = try await Trial(
      executable: Executable.path, folder: folder,
      configuration: file, fingerprint: Build.fingerprint, hosts: true, report: { _ in })
    do {
      let far = try await trial.far(over: Self.links, rounds: rounds)
      let near = try await trial.near(rounds: far.result.rounds)
      await trial.end()
      try await show(far.seconds, far: far.result, near: near, hosts: file.cluster.workers + 1)
    } catch {
      await trial.end()
      throw error
    }
  }

  private func show(_ seconds: [Double], far: RunResult, near: RunResult, hosts: Int) async throws {
    let colours = Terminal.colours
    print("  \(hosts) hosts with keys; the link to one of them is slow and lossy; \(rounds) rounds over each\n")
    var table = Table(["delay each way", "lost", "rounds/s", "of a good link"], rightAligned: [0, 1, 2, 3])
    for (link, time) in zip(Self.links, seconds) {
      table.add([
        "\(link.milliseconds) ms", "\(Int(link.lost * 100)) %", String(format: "%.2f", Double(rounds) / time),
        String(format: "%.2f", seconds[0] / time),
      ])
    }
    print(table.lines(colours: colours).joined(separator: "\n"), "", separator: "\n")
    let lines = [0, 0.05].enumerated().map { index, lost in
      Figure.Line(
        label: "\(Int(lost * 100)) % lost", colour: index,
        points: zip(Self.links, seconds).filter { $0.0.lost == lost }.sorted { $0.0.milliseconds < $1.0.milliseconds }
          .map { link, time in
            let rate = Double(rounds) / time
            return .init(x: Double(link.milliseconds), y: rate, low: rate, high: rate)
          })
    }
    if let out {
      let plot = Figure.Plot(
        title: "rounds a second", xLabel: "ms each way to one of \(hosts) hosts", lines: lines,
        top: 1.1 * Double(rounds) / (seconds.min() ?? 1))
      try await Figure(title: "A slow and lossy link", rows: [[plot]]).write(to: out)
    }
    guard far.weightsSHA256 == near.weightsSHA256, far.subQuestions == near.subQuestions else {
      throw Failure("the weights are not those of the run in one network: \(far.weightsSHA256), \(near.weightsSHA256)")
    }
    print("  \(Terminal.coloured("The same bits as on one host: \(far.weightsSHA256.prefix(12))", 32, colours))")
  }
}
