import Foundation
import Mutation
import Safetensors
import Testing

struct SafetensorsTests {
  private func example() -> Safetensors {
    var file = Safetensors()
    [Float](arrayLiteral: 1, 2, 3, 4, 5, 6).withUnsafeBytes {
      file.append([("a/x", [2, 2]), ("a/y", [2])], type: .float32, data: $0)
    }
    file.append("tokens", [7, 8, -9])
    file.metadata["note"] = "a “note”"
    return file
  }

  @Test func whatIsWrittenIsRead() throws {
    let read = try Safetensors(file: try example().file)
    #expect(read.entries.map(\.name) == ["a/x", "a/y", "tokens"])
    #expect(read.entries.map(\.shape) == [[2, 2], [2], [3]])
    #expect(read.values("a/", .float32, as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(read.values("tokens", .int32, as: Int32.self) == [7, 8, -9])
    #expect(read.metadata == ["note": "a “note”"])
    #expect(read.values("missing", .int32, as: Int32.self) == nil)
    #expect(read.values("tokens", .float32, as: Float.self) == nil)
  }

  @Test func emptyArraysSurvive() throws {
    var file = Safetensors()
    file.append("none", [])
    file.append("some", [1])
    #expect(try Safetensors(file: try file.file).values("none", .int32, as: Int32.self) == [])
  }

  @Test func whatCouldNotBeReadAgainIsNotWritten() throws {
    var file = example()
    file.metadata["note"] = String(repeating: "x", count: 100 << 20)
    var pieces = 0
    let error = #expect(throws: SafetensorsError.self) { try file.write { _ in pieces += 1 } }
    #expect(pieces == 0 && error?.description.contains("can be read again") == true)
  }

  @Test func fuzzedFilesAreReadOrRefused() throws {
    var understood = 0
    for mutated in Mutation(of: [Array(try example().file)]) {
      guard let read = try? Safetensors(file: Data(mutated)) else { continue }
      understood += 1
      for entry in read.entries { #expect(entry.range.upperBound <= read.bytes.count) }
      _ = read.values("", .float32, as: Float.self)
    }
    #expect(understood > 0)
  }
}
