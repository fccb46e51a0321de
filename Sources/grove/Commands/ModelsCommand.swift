import ArgumentParser
import Foundation
import ModelFiles
import Status
import Tokenizers

/// `grove models`
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists, checks and describes language models' files.",
    discussion: """
      A path is that of a GGUF file, of a folder as Hugging Face's libraries write it (config.json, safetensors files, \
      tokenizer.json), or of a folder that holds such: all of them are listed. Every model is checked: what its files say of \
      themselves, where each tensor is, and the tokenizer.

      Example: grove models
               grove models models/SmolLM2-135M-Instruct.Q4_1.gguf
               grove models models --json
      """)

  @Argument(help: "A file, or a folder; by default this one.", completion: .file()) var path = "."
  @Flag(help: "Print JSON Lines: an object a line, for each model.") var json = false

  func run() throws {
    if ModelPaths.isModel(path) { return try show([Described(path)]) }
    let paths = try ModelPaths.models(in: path)
    var described: [Described] = []
    var refused = 0
    for path in paths {
      do {
        described.append(try Described(path))
      } catch {
        refused += 1
        Terminal.warn("\(error)")
      }
    }
    try show(described)
    guard refused == 0 else { throw Failure("\(refused) of \(paths.count) models in \(path) can't be used") }
  }

  private func show(_ models: [Described]) throws {
    if json {
      for model in models { print(try String(json: model)) }
    } else if let only = models.first, models.count == 1 {
      print(only.text)
    } else if !models.isEmpty {
      var table = Table(
        ["path", "architecture", "parameters", "types", "bytes", "vocabulary", "context", "SHA-256"],
        rightAligned: [2, 4, 5, 6])
      for model in models {
        table.add([
          model.path, model.architecture, model.parameters.grouped, model.types.keys.sorted().joined(separator: " "),
          model.bytes.grouped, model.vocabulary.grouped, model.context.grouped, String(model.sha256.prefix(12)),
        ])
      }
      print(table.lines(colours: Terminal.colours).joined(separator: "\n"))
    }
  }
}

/// Where models are in a folder.
enum ModelPaths {
  private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Whether a path is meant as that of one model.
  static func isModel(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return true }
    return !isFolder.boolValue || exists("\(path)/config.json")
  }

  /// GGUF files, and folders of models, in order of names.
  ///
  /// - Throws: ``Failure`` if there is none.
  static func models(in folder: String) throws -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw Failure("\(folder) can't be read: may it be?")
    }
    let paths = names.map { folder == "." ? $0 : "\(folder)/\($0)" }
    let models = paths.filter { $0.hasSuffix(".gguf") || exists("\($0)/config.json") }
    guard !models.isEmpty else {
      throw Failure("there is no model in \(folder): known are files that end in .gguf and folders with a config.json")
    }
    return models
  }
}

/// A model whose files are as they should be.
private struct Described: Encodable {
  var path, kind, architecture, sha256: String
  var layers, width, parameters, bytes, vocabulary, tokens, context: Int
  /// Tensors, by how they are stored.
  var types: [String: Int]

  init(_ path: String) throws {
    let files = try ModelFiles(path)
    let configuration = files.configuration
    self.path = path
    (kind, architecture) = (files.kind.rawValue, configuration.family.rawValue)
    (layers, width) = (configuration.layers, configuration.width)
    (parameters, bytes) = (files.parameters, files.byteCount)
    (vocabulary, context) = (configuration.vocabulary, configuration.context)
    types = Dictionary(files.tensors.map { ($0.type.rawValue, 1) }, uniquingKeysWith: +)
    tokens = try Tokenizer(files).count
    sha256 = files.digest.hexadecimal
  }

  var text: String {
    let stored = types.sorted { $0.value > $1.value }.map { "\($0.key) in \($0.value.grouped)" }.joined(separator: ", ")
    let lines = [
      ("kind", kind), ("architecture", "\(architecture), \(layers) layers \(width.grouped) wide"),
      ("parameters", parameters.grouped), ("types", "\(stored) tensors"), ("bytes", bytes.grouped),
      ("vocabulary", "\(vocabulary.grouped), and \(tokens.grouped) tokens"), ("context", "\(context.grouped) tokens"),
      ("SHA-256", sha256),
    ]
    return ([path] + lines.map { "  " + $0.padding(to: 14) + $1 }).joined(separator: "\n")
  }
}
