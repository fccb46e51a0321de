import ArgumentParser
import Commands
import Foundation
import Language
import ModelFiles
import Processes
import Randomness
import Torch

/// `grove bench language`
struct BenchLanguage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "language",
    abstract: "A language model's answers and training steps, beside transformers, peft and llama.cpp.",
    discussion: """
      The peer is a model of the same sizes on one thread, language_peer.py. It needs a Python with PyTorch, \
      transformers and peft, and is left out without --python. With --llama, llama.cpp answers from the same GGUF \
      file on one thread, llama_cpp_peer.py.

      Example: grove bench language SmolLM2-135M-Instruct.Q4_1.gguf
               grove bench language models/smollm2 --type float32 --python python3
               grove bench language models/smollm2 --device cuda
               grove bench language models/smollm2.gguf --llama venv/bin/python
      """)

  @Argument(help: "A GGUF file, or a folder of Hugging Face's.") var weights: String
  @Option(help: "As libtorch writes it: cpu, cuda, cuda:1.") var device = "cpu"
  @Option(help: "float32, bfloat16, or auto: what the device multiplies quickest.") var type = "auto"
  @Option(help: "Tokens of a question, 1 to 1000.") var question = 16
  @Option(help: "Tokens of an answer, 2 to 1000.") var answer = 16
  @Option(help: "Rank of the adapter, 1 to 256.") var rank = 16
  @Option(help: "How often each is measured, 1 to 100.") var repeats = 3
  @Option(help: "A Python that has PyTorch, transformers and peft.") var python: String?
  @Option(help: "The script that runs the peer.") var peer = "Sources/Benchmarks/Peers/language_peer.py"
  @Option(help: "A Python that has cyllama, which is llama.cpp.") var llama: String?
  @Option(help: "The script that runs llama.cpp.") var llamaPeer = "Sources/Benchmarks/Peers/llama_cpp_peer.py"

  private static let batches = [1, 16, 64]
  private static let stepBatch = 32
  private static let answerRows = 4

  func validate() throws {
    for (name, value, allowed) in [
      ("question", question, 1...1000), ("answer", answer, 2...1000), ("rank", rank, 1...256),
      ("repeats", repeats, 1...100),
    ] where !allowed.contains(value) {
      throw ValidationError("--\(name) is \(value); allowed is \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    guard type == "auto" || NumberType(name: type) != nil else {
      throw ValidationError("--type is \(type); allowed are auto, float32 and bfloat16")
    }
  }

  func run() async throws {
    try Engine.start()
    let device = Device(name: device)
    let chosen = NumberType(name: type).map { ($0, "\($0), as asked for") } ?? NumberType.quickest(on: device)
    print("\(chosen.1), on \(device.name)")
    let files = try ModelFiles(weights)
    let start = ContinuousClock.now
    let weights = try DecoderWeights(files, chosen.0, device: device)
    print(
      "\(files.parameters) numbers in", String(format: "%.1f s,", start.duration(to: .now) / .seconds(1)),
      "\(ResidentMemory.bytes >> 20) MB resident")
    var peer: LanguagePeer?
    if let python {
      peer = try await LanguagePeer(python, script: self.peer, arguments(files.configuration, chosen.0))
    }
    var llamaCpp: LanguagePeer?
    if let llama {
      guard files.kind == .gguf else { throw Failure("llama.cpp reads GGUF files, and \(files.path) is a folder") }
      let sizes = ["--question", "\(question)", "--answer", "\(answer)"]
      llamaCpp = try await LanguagePeer(llama, script: llamaPeer, [files.path] + sizes)
    }

    var table = Table(
      ["medians of \(repeats)", "Grove", peer?.version ?? "no peer", llamaCpp?.version ?? ""], rightAligned: [1, 2, 3])
    let decoder = Decoder(weights)
    var ratio = 0.0
    for batch in Self.batches {
      let own = try median { try seconds(generating: batch, decoder) }
      let other = try await peer?.seconds("generate \(batch)", repeats)
      func rate(_ seconds: Double) -> String {
        String(format: "%.0f tokens a second", Double(batch * answer) / seconds)
      }
      let llamaCpp = try await llamaCpp?.seconds("generate \(batch)", repeats)
      table.add(["\(batch) questions at once", rate(own), other.map(rate) ?? "", llamaCpp.map(rate) ?? ""])
      if let llamaCpp { ratio = llamaCpp / own }
    }
    let adapter = LowRankAdapter(.init(rank: rank, alpha: Double(2 * rank)), for: files.configuration)
    let p = try Parameters(adapter.layout, start: values(adapter.layout), device: device)
    let adapted = Decoder(weights, adapter)
    let own = try median { try seconds(ofAStep: adapted, p) }
    let other = try await peer?.seconds("step", repeats)
    func step(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }
    table.add(["gradient of \(Self.stepBatch) questions", step(own), other.map(step) ?? "", ""])
    table.add(["resident", "\(ResidentMemory.bytes >> 20) MB", "", ""])
    try await peer?.stop()
    try await llamaCpp?.stop()
    print(table.lines(colours: Terminal.colours).joined(separator: "\n"), "", separator: "\n")
    var promises: [Promise] = []
    if let other { promises.append(Promise(name: "a gradient, times peft", value: other / own, least: 1)) }
    if llamaCpp != nil {
      promises.append(Promise(name: "64 questions at once, times llama.cpp", value: ratio, least: 4))
    }
    for promise in promises { print(promise.line(colours: Terminal.colours)) }
  }

  private func arguments(_ configuration: DecoderConfiguration, _ type: NumberType) -> [String] {
    [
      "--type", "\(type)", "--question", "\(question)", "--answer", "\(answer)", "--rank", "\(rank)", "--batch",
      "\(Self.stepBatch)", "--rows", "\(Self.answerRows)", "--device", device, "--sizes",
      "\(configuration.layers),\(configuration.width),\(configuration.heads),\(configuration.keyValueHeads),"
        + "\(configuration.headWidth),\(configuration.feedForward),\(configuration.vocabulary)",
    ]
  }

  private func median(_ body: () throws -> Double) throws -> Double {
    _ = try body()
    return try (0..<repeats).map { _ in try body() }.sorted()[repeats / 2]
  }

  private func tokens(_ count: Int, _ index: Int) -> [Int32] {
    var random = CounterGenerator(seed: 0, purpose: .questions, index: index)
    return (0..<count).map { _ in Int32.random(in: 100..<1000, using: &random) }
  }

  private func seconds(generating batch: Int, _ decoder: Decoder) throws -> Double {
    let prompts = (0..<batch).map { tokens(question, $0) }
    return try seconds { _ = try decoder.generate(prompts, most: answer, stops: []) }
  }

  private func seconds(ofAStep decoder: Decoder, _ p: Parameters) throws -> Double {
    let exchanges = (0..<Self.stepBatch).map { index in
      let all = tokens(17, index)
      return Exchange(prompt: Array(all.dropLast(Self.answerRows)), answer: Array(all.suffix(Self.answerRows)))
    }
    return try seconds {
      _ = try decoder.gradient(of: exchanges, total: Self.stepBatch * Self.answerRows, p).gradient.numbers()
    }
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return start.duration(to: .now) / .seconds(1)
  }

  private func values(_ layout: ParameterLayout) -> [Float] {
    layout.entries.enumerated().flatMap { index, entry in
      var random = CounterGenerator(seed: 0, purpose: .contexts, index: index)
      return entry.range.map { _ in Float.random(in: -0.01...0.01, using: &random) }
    }
  }
}

extension NumberType {
  fileprivate init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = type
  }
}

/// The peer's process.
private final class LanguagePeer {
  let version: String
  private let child: BenchChild

  init(_ python: String, script: String, _ arguments: [String]) async throws {
    guard FileManager.default.fileExists(atPath: script) else {
      throw Failure("there is no \(script): run this in the project's folder, or say --peer")
    }
    child = try await BenchChild(command: [python, script] + arguments)
    version = child.firstLine
  }

  /// The median of a task's times.
  func seconds(_ task: String, _ repeats: Int) async throws -> Double {
    guard let value = Double(try await child.ask("\(task) \(repeats)")) else {
      throw Failure("the peer said no time of \(task)")
    }
    return value
  }

  func stop() async throws { try await child.end() }
}
