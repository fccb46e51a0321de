import Foundation
import Reference
import Testing

@testable import ModelFiles

/// Numbers that are computed once on a machine are those of the model, whatever stands in the file.
struct UnpackedMatricesTests {
  private let folder: ScratchFolder
  private let files: ModelFiles

  init() throws {
    folder = try ScratchFolder()
    files = try ModelFiles(folder.write(TinyModel().gguf, to: "tiny.gguf"))
  }

  private func expectTheModel(_ unpacked: UnpackedMatrices?, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let unpacked = try #require(unpacked, sourceLocation: sourceLocation)
    for tensor in files.tensors {
      let numbers = unpacked.withBytes(of: tensor.name) { Array($0.bindMemory(to: UInt16.self)) }
      #expect(numbers == (tensor.shape.count == 2 ? tensor.bfloat16() : nil), sourceLocation: sourceLocation)
    }
  }

  @Test func theSecondFindsWhatTheFirstComputed() throws {
    let path = "\(folder.path)/tiny.gguf.grove-bf16"
    try expectTheModel(UnpackedMatrices(files, as: .bfloat16))
    let first = try MappedFile(path).identity
    try expectTheModel(UnpackedMatrices(files, as: .bfloat16))
    #expect(try MappedFile(path).identity == first)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "tiny.gguf", "tiny.gguf.grove-bf16",
      ])
  }

  @Test func whatIsWrongInTheFileIsReplaced() throws {
    let path = "\(folder.path)/tiny.gguf.grove-bf16"
    try expectTheModel(UnpackedMatrices(files, as: .bfloat16))
    let right = try Data(contentsOf: URL(filePath: path))
    var other = right
    other[1] ^= 1
    for wrong in [other, right.dropLast(), right + [0], Data()] {
      try folder.write(Data(wrong), to: "tiny.gguf.grove-bf16")
      try expectTheModel(UnpackedMatrices(files, as: .bfloat16))
      #expect(try Data(contentsOf: URL(filePath: path)) == right)
    }
  }

  @Test func whereThereIsNoPlaceThereIsNone() throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/tiny.gguf.grove-bf16", withIntermediateDirectories: false)
    #expect(UnpackedMatrices(files, as: .bfloat16) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test func onlyWhatTheFileHasOtherwiseIsComputed() throws {
    // Of 32-bit floats, only the rows of queries and keys are in another order.
    let unpacked = try #require(UnpackedMatrices(files, as: .float32))
    let names = files.tensors.map(\.name).filter { name in unpacked.withBytes(of: name) { _ in } != nil }
    #expect(names.sorted() == ["k", "q"].map { "model.layers.0.self_attn.\($0)_proj.weight" })
    try TinyModel().writeFolder(folder)
    #expect(try UnpackedMatrices(ModelFiles(folder.path), as: .float32) == nil)
    #expect(try UnpackedMatrices(ModelFiles(folder.path), as: .bfloat16) != nil)
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/grove-bf16"))
  }
}
