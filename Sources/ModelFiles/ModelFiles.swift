import Foundation
import Hashing

/// A language model's files, mapped and checked: what it looks like, and its tensors.
public struct ModelFiles: Sendable {
  public enum Kind: String, Sendable {
    case gguf = "GGUF"
    /// Hugging Face's: `config.json`, safetensors files, `tokenizer.json`.
    case folder = "safetensors"
  }

  /// As it was given.
  public let path: String
  public let kind: Kind
  public let configuration: DecoderConfiguration
  /// From the embeddings to the last layer: all that the configuration asks for, and no others.
  public let tensors: [ModelTensor]
  /// Where the tokenizer is described: the keys of a GGUF file, or nil for the folder's `tokenizer.json`.
  public let metadata: [String: Metadata]?
  private let files: [MappedFile]

  /// - Parameter path: of a GGUF file, or of a folder.
  /// - Throws: ``ModelFileError``, a sentence that names the file and what is wrong in it.
  public init(_ path: String) throws(ModelFileError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      try self.init(gguf: MappedFile(path))
      return
    }
    try self.init(folder: ModelFolder(path), path)
  }

  private init(folder: ModelFolder, _ path: String) throws(ModelFileError) {
    (self.path, kind, configuration, files) = (path, .folder, folder.configuration, folder.files)
    tensors = try folder.tensors()
    metadata = nil
  }

  /// The model of a GGUF file.
  package init(gguf file: MappedFile) throws(ModelFileError) {
    let gguf = try GGUF(file)
    (path, kind, configuration, files) = (file.path, .gguf, try DecoderConfiguration(gguf), [file])
    tensors = try Self.tensors(of: configuration, gguf)
    metadata = gguf.metadata
  }

  /// The tensor of this name; nil if the model has none.
  public subscript(name: String) -> ModelTensor? { tensors.first { $0.name == name } }

  /// All tensors' numbers.
  public var parameters: Int { tensors.reduce(0) { $0 + $1.count } }
  /// All tensors' bytes in the files.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// What tells these files from all others: the SHA-256 of a GGUF file; of a folder, that of a line for each file, in order of
  /// names, as `sha256sum` writes it. Computed when it is first asked for: a second for 300 MB or more.
  public var digest: Digest {
    if kind == .gguf, let file = files.first { return FileHashes.digest(of: file) }
    let lines = files.map {
      "\(FileHashes.digest(of: $0).hexadecimal)  \(URL(fileURLWithPath: $0.path).lastPathComponent)\n"
    }
    return SHA256.hash(lines.joined())
  }

  /// Takes the files' bytes out of this process's memory, until they are read again.
  func forget() { for file in files { file.forget() } }

  private static func tensors(of configuration: DecoderConfiguration, _ gguf: GGUF) throws(ModelFileError)
    -> [ModelTensor]
  {
    var stored = Dictionary(uniqueKeysWithValues: gguf.tensors.map { ($0.name, $0) })
    var tensors: [ModelTensor] = []
    for expected in configuration.tensors {
      guard let tensor = stored.removeValue(forKey: expected.ggufName) else {
        throw ModelFileError(gguf.file.path, "the tensor \(expected.ggufName.quoted) is missing")
      }
      tensors.append(
        try tensor.checked(as: expected, neighboursOf: expected.turnsNeighbours ? configuration.headWidth : nil))
    }
    if let other = stored.keys.min() {
      throw ModelFileError(
        gguf.file.path, "the tensor \(other.quoted) is not known in the architecture \(configuration.family.rawValue)")
    }
    return tensors
  }
}

extension StoredTensor {
  /// - Throws: ``ModelFileError`` if its shape is another.
  func checked(as expected: ExpectedTensor, neighboursOf: Int? = nil, addend: Float = 0) throws(ModelFileError)
    -> ModelTensor
  {
    guard shape == expected.shape else {
      throw ModelFileError(
        file.path, "the tensor \(name.quoted) has the shape \(shape), and the configuration asks for \(expected.shape)")
    }
    return ModelTensor(
      name: expected.name, shape: shape, stored: self, neighboursOf: neighboursOf, addend: addend)
  }
}
