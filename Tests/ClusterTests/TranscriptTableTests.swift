import ActorCluster
import Amplification
import ClusterFile
import Distillation
import Foundation
import RunStore
import Safetensors
import Testing
import WorkUnits

@testable import Coordinator

/// Many transcripts in checkpoints, as files.
final class TranscriptTableTests: Sendable {
  private let folder = NSTemporaryDirectory() + "grove-transcripts-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Of any shape: with none to four sub-questions, and some without an answer.
  private func transcript(_ number: Int) -> Transcript {
    var transcript = Transcript(Question([Token(number), 2]))
    for step in 0..<number % 5 {
      transcript.steps.append(.init(Question([Token](repeating: Token(step), count: step)), Answer([Token(number)])))
    }
    if !number.isMultiple(of: 7) { transcript.answer = Answer([Token(number), 3]) }
    return transcript
  }

  private func state(_ count: Int, round: Int) throws -> TrainingState {
    var state = TrainingState(ClusterFile())
    state.round = round
    try state.transcripts.append((0..<count).lazy.map(transcript))
    state.replay.append(
      Examples(
        factCounts: [1], questionCounts: [2], facts: Contents(count: 1, numbers: [1, 2]),
        questions: Contents(count: 2, numbers: [3, 4]), answers: Contents(count: 2, numbers: [5, 6])))
    state.replay.append(
      Examples(
        factCounts: [1], questionCounts: [1], facts: Contents(count: 1, numbers: [7, 8]),
        questions: Contents(count: 1, numbers: [9]), answers: Contents(count: 1, numbers: [10])))
    return state
  }

  private var models: ModelSnapshot {
    get throws {
      let bulk = Bulk([Float](repeating: 1, count: 6))
      let vectors = ModelVectors(
        parameters: [.init(name: "a", shape: [2, 3])], values: bulk, first: bulk, second: bulk, average: bulk)
      return ModelSnapshot(
        round: 1, models: ModelName.all.map { ModelState(name: $0, step: 4, weights: .vectors(vectors)) })
    }
  }

  private func read(_ store: RunStore, _ report: (String) -> Void = { _ in }) async throws -> TrainingState? {
    guard let (_, checkpoint) = try await store.latestCheckpoint(report: report) else { return nil }
    return try RunCheckpoint.decode(checkpoint, ClusterFile()).0
  }

  private func parts(of store: RunStore) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: store.folder.path + "/checkpoints/parts")
  }

  @Test func whatWasWrittenIsRead() async throws {
    let store = try await RunStore.open("r", in: folder)
    let count = 2 * TranscriptTable.blockSize + 3
    let state = try state(count, round: 1)
    try await store.save(RunCheckpoint.encode(state, models), round: 1)
    let again = try #require(try await read(store))
    #expect(again.transcripts.count == count)
    #expect((0..<count).allSatisfy { again.transcripts[$0] == transcript($0) })
    #expect(again.replay.batches == state.replay.batches)
  }

  /// Of a task of texts.
  @Test func textsAreKeptToo() async throws {
    let store = try await RunStore.open("r", in: folder)
    var transcript = Transcript(Question(text: "Who wrote it?"))
    transcript.steps = [
      .init(Question(text: "§3: who?"), Answer(text: "")), .init(Question(text: ""), Answer(text: "🌳é")),
    ]
    var state = TrainingState(ClusterFile())
    state.round = 1
    try state.transcripts.append([transcript, Transcript(Question(text: "And?"))])
    var examples = Examples()
    examples.append(Question(text: "Who?"), Answer(text: "Ada"), about: Context(passages: ["One.", "Two, longer."]))
    state.replay.append(examples)
    state.replay.append(Examples())
    state.made[.answerer] = ModelReference(model: "adapter-1", digest: "ab12")
    var models = try models
    models.models[0].weights = .reference(ModelReference(model: "adapter-1", digest: "ab12"))
    try await store.save(RunCheckpoint.encode(state, models), round: 1)
    let (_, checkpoint) = try #require(try await store.latestCheckpoint(report: { _ in }))
    let (again, kept) = try RunCheckpoint.decode(checkpoint, ClusterFile())
    #expect(again.transcripts[0] == transcript && again.transcripts[1] == Transcript(Question(text: "And?")))
    #expect(
      again.replay.batches == state.replay.batches
        && again.replay.batches[0].rows[0].questions[0].content.text == "Who?")
    #expect(again.made == state.made && kept.weightsHash == models.weightsHash)
  }

  @Test func whatIsFullIsWrittenOnce() async throws {
    let store = try await RunStore.open("r", in: folder)
    var state = try state(2 * TranscriptTable.blockSize, round: 1)
    try await store.save(RunCheckpoint.encode(state, models), round: 1)
    let before = try parts(of: store)
    // What is there is not written again: it would be found if it were.
    let long = Date(timeIntervalSince1970: 1)
    func path(_ part: String) -> String { store.folder.path + "/checkpoints/parts/\(part)" }
    for part in before { try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path(part)) }
    try state.transcripts.append((1...TranscriptTable.blockSize).lazy.map(transcript))
    try await store.save(RunCheckpoint.encode(state, models), round: 2)
    let after = try parts(of: store)
    #expect(before.count == 2 && after.count == 3 && Set(before).isSubset(of: after))
    for part in before {
      #expect(try FileManager.default.attributesOfItem(atPath: path(part))[.modificationDate] as? Date == long)
    }
  }

  @Test func partsOfAnotherFutureAreDropped() async throws {
    let store = try await RunStore.open("r", in: folder)
    try await store.save(RunCheckpoint.encode(state(2 * TranscriptTable.blockSize, round: 2), models), round: 2)
    try await store.save(RunCheckpoint.encode(state(TranscriptTable.blockSize, round: 1), models), round: 1)
    #expect(try parts(of: store).count == 1)
    #expect(try await read(store)?.transcripts.count == TranscriptTable.blockSize)
  }

  @Test(arguments: ["flipped", "missing"]) func aDamagedPartIsNamedAndTheCheckpointBeforeIsUsed(_ damage: String)
    async throws
  {
    let store = try await RunStore.open("r", in: folder)
    var state = try state(TranscriptTable.blockSize, round: 1)
    try await store.save(RunCheckpoint.encode(state, models), round: 1)
    let first = try parts(of: store)
    try state.transcripts.append((1...TranscriptTable.blockSize).lazy.map(transcript))
    try await store.save(RunCheckpoint.encode(state, models), round: 2)
    let newer = try #require(try parts(of: store).first { !first.contains($0) })
    let url = store.folder.appendingPathComponent("checkpoints/parts/\(newer)")
    if damage == "flipped" {
      var data = try Data(contentsOf: url)
      data[data.count - 1] ^= 1
      try data.write(to: url)
    } else {
      try FileManager.default.removeItem(at: url)
    }
    var reports: [String] = []
    let again = try await read(store) { reports.append($0) }
    #expect(again?.transcripts.count == TranscriptTable.blockSize)
    #expect(reports.count == 1 && reports[0].contains(newer) && reports[0].contains("round-0000002"))
  }

  /// As they were until transcripts became columns.
  @Test func earlierCheckpointsAreRead() async throws {
    struct Small: Encodable {
      let curriculum: Curriculum, imitation: Imitation, transcripts: [Transcript], modelSteps: [String: Int]
      let round = 3, steps = 5, amplifiedQuestions = 6, subQuestions = 7, memoHits = 8, goodEvaluations = 0
      let wallSeconds = 1.5
    }
    let state = try state(9, round: 3)
    let small = Small(
      curriculum: state.curriculum, imitation: state.imitation, transcripts: (0..<9).map(transcript), modelSteps: [:])
    var file = Safetensors()
    for entry in try RunCheckpoint.encode(state, models).arrays.entries where entry.type == .float32 {
      [Float](repeating: 1, count: entry.range.count / 4).withUnsafeBytes {
        file.append([(entry.name, entry.shape)], type: .float32, data: $0)
      }
    }
    for (number, batch) in state.replay.batches.enumerated() {
      file.append("replay/\(number)/fact_counts", batch.factCounts)
      file.append("replay/\(number)/question_counts", batch.questionCounts)
      file.append("replay/\(number)/facts", batch.facts.numbers)
      file.append("replay/\(number)/questions", batch.questions.numbers)
      file.append("replay/\(number)/answers", batch.answers.numbers)
    }
    file.metadata["grove"] = String(decoding: try JSONEncoder().encode(small), as: UTF8.self)
    let again = try RunCheckpoint.decode(RunStore.Checkpoint(file), ClusterFile()).0
    #expect(again.round == 3 && again.transcripts.count == 9)
    #expect((0..<9).allSatisfy { again.transcripts[$0] == transcript($0) })
    #expect(again.replay.batches == state.replay.batches)
  }

  @Test func columnsThatDoNotFitTogetherAreRefused() throws {
    for (steps, lengths, tokens) in [
      ([1], [1, 1], [1, 1]), ([0], [1, 2], [1]), ([0], [1, 0], [1, 1]), ([-1], [], []), ([0], [-1, 1], [1]),
      ([0], [1, -2], [1]), ([Int32.max], [1, 1], [1, 1]),
    ] as [([Int32], [Int32], [Int32])] {
      var file = Safetensors()
      file.append("transcripts/steps", steps)
      file.append("transcripts/lengths", lengths)
      file.append("transcripts/tokens", tokens)
      #expect(throws: CheckpointError.self) { try TranscriptBlock(file) }
    }
  }
}
