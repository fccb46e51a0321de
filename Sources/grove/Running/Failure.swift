import Status

/// The end of a command that is neither done nor failed.
struct Ending: Error {
  let status: ExitStatus
  /// For the person; nil: all is said.
  var sentence: String?

  static let stopped = Ending(status: .stopped)
}

/// A sentence for the person, and the end of the command.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
