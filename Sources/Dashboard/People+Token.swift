import Oversight

extension People {
  /// Whose token it is. All are compared, in a time that does not tell where they differ.
  func person(withToken token: String) -> Person? { persons.filter { Gate.isEqual($0.token, token) }.first }
}

extension PageError {
  static var noPerson: PageError {
    PageError(.unauthorized, "That is nobody's token here: it is the second word of your line in the file of people.")
  }
}
