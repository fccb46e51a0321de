import ArgumentParser
import ClusterFile

/// A judgment on the command line: `first:12`.
struct JudgmentName: ExpressibleByArgument {
  let run: String
  let number: Int64

  init?(argument: String) {
    guard let match = argument.wholeMatch(of: /(.+):(\d{1,15})/), ClusterFile.isName(String(match.1)),
      let number = Int64(match.2)
    else { return nil }
    (run, self.number) = (String(match.1), number)
  }
}
