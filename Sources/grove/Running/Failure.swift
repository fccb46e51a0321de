import Status

/// The end of a command that is neither done nor failed.
package struct Ending: Error {
  package let status: ExitStatus
  /// For the person; nil: all is said.
  package let sentence: String?

  package init(status: ExitStatus, sentence: String? = nil) {
    self.status = status
    self.sentence = sentence
  }

  static let stopped = Ending(status: .stopped)
}

/// A sentence for the person, and the end of the command.
package struct Failure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
