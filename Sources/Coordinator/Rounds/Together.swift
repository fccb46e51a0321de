/// Does three things at once. The first that fails ends the others: what one of them still waits for, such as people, is of
/// no use any more.
func together<A: Sendable, B: Sendable, C: Sendable>(
  _ a: @escaping @Sendable () async throws -> A, _ b: @escaping @Sendable () async throws -> B,
  _ c: @escaping @Sendable () async throws -> C
) async throws -> (A, B, C) {
  try await withThrowingTaskGroup(of: Part<A, B, C>.self) { group in
    group.addTask { .a(try await a()) }
    group.addTask { .b(try await b()) }
    group.addTask { .c(try await c()) }
    var results: (a: A?, b: B?, c: C?) = (nil, nil, nil)
    while let part = try await group.next() {
      switch part {
      case .a(let result): results.a = result
      case .b(let result): results.b = result
      case .c(let result): results.c = result
      }
    }
    guard let a = results.a, let b = results.b, let c = results.c else { throw CancellationError() }
    return (a, b, c)
  }
}

private enum Part<A: Sendable, B: Sendable, C: Sendable>: Sendable { case a(A), b(B), c(C) }
