import Foundation
import Processes
import Synchronization
import Testing

/// Processes of this one: how they are started, seen, and end.
@Suite(.timeLimit(.minutes(1))) struct ChildTests {
  @Test func anEndingIsAnExitCodeOrASignal() async throws {
    #expect(try await Child.run(["sh", "-c", "exit 7"]) == .exit(7))
    #expect(try await Child.run(["sh", "-c", "kill -9 $$"]) == .signal(9))
    #expect(Child.Ending.signal(9).status == -9)
  }

  @Test func whatCannotBeStartedIsASentence() async {
    await #expect(throws: ChildError.self) { try await Child.run(["there-is-no-such-program"]) }
    await #expect(throws: ChildError.self) { try await Child("none", ["/there/is/none"]) }
  }

  @Test func outputAndErrorsAreReadApart() async throws {
    let run = try await Child.output(of: ["sh", "-c", "echo one; echo two >&2; exit 3"])
    #expect(run == (.exit(3), "one\n", "two\n"))
  }

  @Test func linesAreReadAsTheyCome() async throws {
    let (input, (lines, found)) = (Pipe(), AsyncStream.makeStream(of: String.self))
    let child = try await Child("cat", ["cat"], input: input) { found.yield($0) }
    var said = lines.makeAsyncIterator()
    for word in ["one", "two"] {
      input.fileHandleForWriting.write(Data("\(word)\n".utf8))
      #expect(await said.next() == word)
    }
    #expect(child.isRunning)
    try input.fileHandleForWriting.close()
    #expect(try await child.end() == .exit(0))
    #expect(!child.isRunning)
  }

  /// All that was written before the end is read, however much that is.
  @Test func noLineIsLostAtTheEnd() async throws {
    let count = Mutex(0)
    let ending = try await Child.run(["sh", "-c", "seq 20000"], lines: { _ in count.withLock { $0 += 1 } })
    #expect(ending == .exit(0))
    #expect(count.withLock(\.self) == 20_000)
  }

  /// Its log is written behind what is there.
  @Test func aFileIsContinued() async throws {
    let path = NSTemporaryDirectory() + "child-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for word in ["one", "two"] {
      _ = try await Child.run(["sh", "-c", "echo \(word); echo \(word) >&2"], output: .file(path), errors: .file(path))
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\none\ntwo\ntwo\n")
  }

  /// It has this process's standard streams at most, none of its files and connections, and a group of its own.
  @Test func nothingElseIsInherited() async throws {
    let file = try #require(FileHandle(forReadingAtPath: "/dev/null"))
    let run = try await Child.output(of: ["sh", "-c", "ls /proc/$$/fd; ps -o pgid= -p $$; echo $$"])
    try file.close()
    let words = run.output.split(whereSeparator: \.isWhitespace)
    #expect(words.dropLast(2).allSatisfy { ["0", "1", "2"].contains($0) }, "\(run.output)")
    #expect(words.suffix(2).first == words.last)
  }

  @Test func whoeverIsCancelledEndsWhatItRuns() async throws {
    let (started, found) = AsyncStream.makeStream(of: Int32.self)
    let running = Task {
      try await Child.run(["sleep", "60"], patience: .seconds(30)) { found.yield($0) }
    }
    let processID = try #require(await started.first { _ in true })
    running.cancel()
    #expect(try await running.value == .signal(SIGTERM))
    #expect(kill(processID, 0) != 0)
  }

  @Test func whatDoesNotHearThatItIsAskedIsKilled() async throws {
    let (ready, found) = AsyncStream.makeStream(of: String.self)
    let running = Task {
      try await Child.run(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], lines: { found.yield($0) },
        patience: .milliseconds(50))
    }
    #expect(await ready.first { _ in true } == "ready")
    running.cancel()
    #expect(try await running.value == .signal(SIGKILL))
  }

  @Test func allWhoWaitHearOfTheEnd() async throws {
    let child = try await Child("sleep", ["sleep", "60"])
    async let one = child.end()
    async let other = child.end()
    let cancelled = Task { try await child.end() }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    child.signal(SIGKILL)
    #expect(try await one == .signal(SIGKILL))
    #expect(try await other == .signal(SIGKILL))
    #expect(try await child.end() == .signal(SIGKILL))
  }

  @Test func oneThatStaysTooLongIsKilled() async throws {
    let (stays, goes) = (try await Child("sleep", ["sleep", "60"]), try await Child("true", ["true"]))
    #expect(try await stays.ends(within: .milliseconds(50)))
    #expect(try await !goes.ends(within: .seconds(30)))
  }

  @Test func itIsKilledWithTheObject() async throws {
    let input = Pipe()
    // The reading end is the child's alone: writing fails when that has ended.
    try await { _ = try await Child("cat", ["cat"], input: input) }()
    signal(SIGPIPE, SIG_IGN)
    while (try? input.fileHandleForWriting.write(contentsOf: Data("x".utf8))) != nil { await Task.yield() }
  }

  @Test func whatItTakesIsKnownWhileItRuns() async throws {
    let child = try await Child("sleep", ["sleep", "60"])
    #expect(child.residentBytes ?? 0 > 0)
    #expect(child.processorSeconds != nil)
    #expect(ResidentMemory.bytes > 1 << 20)
    child.signal(SIGKILL)
    _ = try await child.end()
    #expect(child.residentBytes == nil)
  }
}
