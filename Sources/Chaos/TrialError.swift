/// Why a trial could not be made or went wrong, as a sentence.
public struct TrialError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
