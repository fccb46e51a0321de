import Foundation
import Randomness
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
    let read = try Safetensors(file: example().file)
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
    #expect(try Safetensors(file: file.file).values("none", .int32, as: Int32.self) == [])
  }

  @Test func mutatedFilesAreReadOrRefusedButNeverCrash() {
    let file = example().file
    var random = CounterGenerator(seed: 3, purpose: .contexts)
    for _ in 0..<20_000 {
      var mutated = file
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { mutated = mutated.prefix(Int.random(in: 0...mutated.count, using: &random)) }
      guard let read = try? Safetensors(file: mutated) else { continue }
      for entry in read.entries { #expect(entry.range.upperBound <= read.bytes.count) }
      _ = read.values("", .float32, as: Float.self)
    }
  }
}
