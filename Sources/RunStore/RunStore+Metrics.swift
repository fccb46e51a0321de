import Foundation

/// `metrics.jsonl`: what was measured, one JSON object a line, oldest first.
extension RunStore {
  private static let metrics = "metrics.jsonl"
  /// Where lines go that can't be read.
  private static let unreadable = "metrics.unreadable"

  /// The lines, and what is wrong with those that can't be read, one without an end among them.
  public func metrics<Line: Decodable & Sendable>(
    _: Line.Type = Line.self
  ) async throws -> (lines: [Line], problems: [String]) {
    let data = try await contents(of: Self.metrics) ?? Data()
    let end = data.lastIndex(of: UInt8(ascii: "\n")) ?? data.startIndex
    let read = Self.read(data.prefix(upTo: end), as: Line.self)
    var problems = read.problems.map(\.sentence)
    if data.suffix(from: end) != Data("\n".utf8), !data.isEmpty {
      let number = 1 + data.count { $0 == UInt8(ascii: "\n") }
      problems.append("\(Self.metrics), line \(number), has no end: it was cut off, or is being written")
    }
    return (read.lines.map(\.line), problems)
  }

  /// Adds a line.
  public func appendMetrics(_ line: Data) async throws {
    let url = folder.appendingPathComponent(Self.metrics)
    try await disk.run { try DurableFile.append(line + [UInt8(ascii: "\n")], to: url) }
  }

  /// Drops lines that are not to be kept. Those that can't be read are put aside into `metrics.unreadable`.
  ///
  /// - Returns: the lines that are left, and what is wrong with those that were put aside.
  public func keepMetrics<Line: Decodable & Sendable>(
    where isKept: @escaping @Sendable (Line) -> Bool
  ) async throws -> (lines: [Line], problems: [String]) {
    let (url, aside) = (folder.appendingPathComponent(Self.metrics), folder.appendingPathComponent(Self.unreadable))
    return try await disk.run {
      let data = try DurableFile.contents(of: url) ?? Data()
      let read = Self.read(data, as: Line.self)
      let kept = read.lines.filter { isKept($0.line) }
      let bytes = Data(kept.flatMap { $0.bytes + [UInt8(ascii: "\n")] })
      if !read.problems.isEmpty {
        try DurableFile.append(Data(read.problems.flatMap { $0.bytes + [UInt8(ascii: "\n")] }), to: aside)
      }
      if bytes != data { try DurableFile.replace(url) { add in try bytes.withUnsafeBytes(add) } }
      let problems = read.problems.map { "\($0.sentence); it is kept in \(aside.path)" }
      return (kept.map(\.line), problems)
    }
  }

  private static func read<Line: Decodable>(
    _ data: Data, as: Line.Type
  ) -> (lines: [(line: Line, bytes: Data)], problems: [(sentence: String, bytes: Data)]) {
    var lines: [(Line, Data)] = []
    var problems: [(String, Data)] = []
    let decoder = JSONDecoder()
    for (number, bytes) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !bytes.isEmpty {
      do {
        lines.append((try decoder.decode(Line.self, from: bytes), bytes))
      } catch {
        problems.append(("\(metrics), line \(number + 1), can't be read: \(error.reason)", bytes))
      }
    }
    return (lines, problems)
  }
}
