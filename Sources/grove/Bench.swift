import ArgumentParser

/// `grove bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures Grove beside its peers, in the same run.",
    discussion: """
      Build in release for this, on an idle machine.

      Example: grove bench actors
               grove bench distil
      """,
    subcommands: [])
}
