import ArgumentParser
import Foundation

/// `grove dashboard`
struct DashboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Serves pages about the runs of a folder, finished or not, until Ctrl-C.",
    discussion: """
      While a run goes on, its coordinator serves them, too, at dashboard.bind: live, with the cluster.

      Example: grove dashboard
               grove dashboard --set run.folder=studies/depth/runs \\
                 --set "dashboard.bind=http://127.0.0.1:*"
      """)

  @OptionGroup var options: PlaceOptions

  func run() async throws {
    Signals.outliveReaders()
    let file = try options.read()
    guard let web = try Web(file, source: RunFolder(folder: file.run.folder), log: Logs.named("dashboard")) else {
      throw Failure("dashboard.bind is off; choose an address with --set dashboard.bind=http://127.0.0.1:5580")
    }
    try await web.serve { address in
      print("The runs in \(file.run.folder) are at \(address) until Ctrl-C.")
      fflush(nil)
    }
  }
}
