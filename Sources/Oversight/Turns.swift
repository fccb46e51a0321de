/// Who may go on with something, one at a time, in the order in which they came.
///
/// It suspends nobody itself: who is told to wait leaves a continuation.
struct Turns<Thing: Hashable> {
  /// Those that are taken, with who waits for them.
  private var waiting: [Thing: [CheckedContinuation<Void, Never>]] = [:]

  /// Takes a turn if it is free. - Returns: whether it was.
  mutating func take(_ thing: Thing) -> Bool {
    guard waiting[thing] == nil else { return false }
    waiting[thing] = []
    return true
  }

  /// The turn is theirs when the continuation is resumed.
  mutating func wait(for thing: Thing, _ continuation: CheckedContinuation<Void, Never>) {
    waiting[thing, default: []].append(continuation)
  }

  /// Gives it to the next, or to nobody.
  mutating func end(_ thing: Thing) {
    guard var rest = waiting[thing], !rest.isEmpty else {
      waiting[thing] = nil
      return
    }
    let next = rest.removeFirst()
    waiting[thing] = rest
    next.resume()
  }
}
