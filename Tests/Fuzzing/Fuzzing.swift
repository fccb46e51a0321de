import ClusterFile
import Foundation
import ModelFiles
import Safetensors
import Studies
import Tasks
import WorkUnits
import ZeroMQ

@testable import ActorCluster

/// What libFuzzer calls with bytes that it makes up, led by what they reach: the first byte chooses a parser of what
/// comes from sockets, files and people, which reads the others. Whatever it does but return or throw is found.
@_cdecl("LLVMFuzzerTestOneInput") public func parse(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let text = String(decoding: bytes, as: UTF8.self)
  switch start[0] % 9 {
  case 0: _ = try? Envelope([Frame(bytes)])
  case 1: try? decode(TrainingAssignment.self, bytes)
  case 2: try? decode(ModelSnapshot.self, bytes)
  case 3: _ = try? Safetensors(file: Data(bytes))
  case 4:
    var file = ClusterFile()
    try? file.take(yaml: text, named: "fuzzed.yaml")
    _ = try? StudyFile(yaml: text, named: "fuzzed.yaml")
  case 5: try? decode(Work.self, bytes)
  case 6: try? decode(Finding.self, bytes)
  case 7: _ = try? ModelFiles(gguf: MappedFile(of: bytes, as: "fuzzed.gguf"))
  default:
    for task in tasks {
      _ = try? task.readQuestion(text)
      _ = try? task.readContext(text)
    }
  }
  return 0
}

private let tasks = TaskCatalog.grove.kinds.compactMap { try? $0.task(size: 8) }

private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws {
  let frame = Frame(bytes)
  var reader = WireReader(frame)
  _ = try WireDecoder.decode(type, from: &reader, frame, [])
}
