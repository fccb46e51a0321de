import Amplification
import RunStore
import Safetensors

/// What H decided so far, as columns of numbers.
///
/// It only grows: as soon as a block is full it never changes again, so that a checkpoint writes it once, and a copy of the
/// table costs no more than its newest block.
package struct TranscriptTable: Sendable {
  /// Transcripts in a block.
  static let blockSize = 8192

  /// Those that are full, as checkpoints keep them.
  private(set) var full: [(block: TranscriptBlock, part: CheckpointPart)] = []
  /// The one that is not.
  private(set) var newest = TranscriptBlock()

  init() {}

  /// - Parameter full: blocks of ``blockSize``.
  init(full: [(block: TranscriptBlock, part: CheckpointPart)], newest: TranscriptBlock) {
    self.full = full
    self.newest = newest
  }

  package var count: Int { full.count * Self.blockSize + newest.count }
  var indices: Range<Int> { 0..<count }

  package subscript(index: Int) -> Transcript {
    let (block, place) = index.quotientAndRemainder(dividingBy: Self.blockSize)
    return block < full.count ? full[block].block[place] : newest[place]
  }

  /// - Throws: if a block could not be read again.
  package mutating func append(_ transcripts: some Sequence<Transcript>) throws {
    for transcript in transcripts {
      newest.append(transcript)
      guard newest.count == Self.blockSize else { continue }
      let block = newest
      full.append((block, try CheckpointPart { block.arrays }))
      newest = TranscriptBlock()
    }
  }
}

/// Some transcripts, as three columns.
struct TranscriptBlock: Sendable {
  /// Sub-questions of each transcript.
  private var steps: [Int32] = []
  /// Q, q₁, a₁, …, qₖ, aₖ, A of each, one behind the other; ``undecided`` for an A that is not there.
  private var lengths: [Int32] = []
  /// Their tokens, or the scalars of their texts.
  private var numbers: [Int32] = []
  private var areTexts = false
  /// Where each transcript begins in `lengths` and in `numbers`.
  private var starts: [(length: Int32, number: Int32)] = []

  private static let undecided: Int32 = -1
  private static let names = (
    steps: "transcripts/steps", lengths: "transcripts/lengths", tokens: "transcripts/tokens",
    scalars: "transcripts/scalars"
  )

  init() {}

  var count: Int { steps.count }

  mutating func append(_ transcript: Transcript) {
    starts.append((Int32(lengths.count), Int32(numbers.count)))
    steps.append(Int32(transcript.steps.count))
    append(transcript.question.content)
    for step in transcript.steps {
      append(step.question.content)
      append(step.answer.content)
    }
    if let answer = transcript.answer { append(answer.content) } else { lengths.append(Self.undecided) }
  }

  private mutating func append(_ content: Content) {
    let one = Contents([content])
    lengths.append(Int32(one.numbers.count))
    numbers += one.numbers
    areTexts = areTexts || one.areTexts
  }

  subscript(place: Int) -> Transcript {
    var (length, number) = (Int(starts[place].length), Int(starts[place].number))
    func next() -> Content? {
      let count = Int(lengths[length])
      length += 1
      guard count >= 0 else { return nil }
      defer { number += count }
      return Contents(count: 1, areTexts: areTexts, numbers: Array(numbers[number..<number + count]))[0]
    }
    func known() -> Content { next() ?? .tokens([]) }
    var transcript = Transcript(Question(known()))
    for _ in 0..<steps[place] { transcript.steps.append(.init(Question(known()), Answer(known()))) }
    transcript.answer = next().map { Answer($0) }
    return transcript
  }
}

extension TranscriptBlock {
  /// The columns, as a file has them.
  var arrays: Safetensors {
    var file = Safetensors()
    add(to: &file)
    return file
  }

  func add(to file: inout Safetensors) {
    file.append(Self.names.steps, steps)
    file.append(Self.names.lengths, lengths)
    file.append(areTexts ? Self.names.scalars : Self.names.tokens, numbers)
  }

  /// - Throws: ``CheckpointError`` if the columns do not fit together.
  init(_ file: Safetensors) throws {
    func column(_ name: String) throws -> [Int32] {
      guard let values = file.values(name, .int32, as: Int32.self) else {
        throw CheckpointError(description: "it lacks \(name)")
      }
      return values
    }
    areTexts = file.entries.contains { $0.name == Self.names.scalars }
    (steps, lengths, numbers) = (
      try column(Self.names.steps), try column(Self.names.lengths),
      try column(areTexts ? Self.names.scalars : Self.names.tokens)
    )
    var (length, number) = (0, 0)
    for count in steps {
      // Q and A, and a question and an answer each.
      guard count >= 0, lengths.count - length >= 2 + 2 * Int(count) else { throw Self.misfit }
      starts.append((Int32(length), Int32(number)))
      let own = lengths[length..<length + 2 + 2 * Int(count)]
      guard own.dropLast().allSatisfy({ $0 >= 0 }), own.last ?? 0 >= Self.undecided else { throw Self.misfit }
      number += own.reduce(0) { $0 + max(0, Int($1)) }
      length += own.count
      guard number <= numbers.count else { throw Self.misfit }
    }
    guard length == lengths.count, number == numbers.count else { throw Self.misfit }
  }

  private static var misfit: CheckpointError {
    CheckpointError(description: "the columns of its transcripts do not fit together")
  }
}
