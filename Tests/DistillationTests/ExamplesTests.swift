import Amplification
import Distillation
import Testing

/// Questions taken out of examples, and put into them.
struct ExamplesTests {
  /// Two contexts of one fact, with two questions about the first and three about the second.
  private let examples = Examples(
    factCounts: [1, 1], questionCounts: [2, 3], facts: Contents(count: 2, numbers: [1, 2, 3, 4]),
    questions: Contents(count: 5, numbers: [10, 11, 20, 21, 30, 31, 40, 41, 50, 51]),
    answers: Contents(count: 5, numbers: [1, 2, 3, 4, 5]))

  /// The same questions about passages.
  private var texts: Examples {
    var texts = Examples()
    for (question, answer) in [("Who?", "Ada"), ("When did she?", ""), ("Where?", "Lovelace’s — 🌳")] {
      texts.append(Question(text: question), Answer(text: answer), about: Context(passages: ["One.", "Another one."]))
    }
    return texts
  }

  @Test func whatIsHeldBackIsLeftOut() {
    let rest = examples.without([1, 2, 4])
    #expect(rest.questionCounts == [1, 1] && rest.answers.numbers == [1, 4])
    #expect(rest.questions.numbers == [10, 11, 40, 41])
    #expect(rest.facts == examples.facts && examples.without([]) == examples)
  }

  @Test func whatIsPassedIsAContextOfItsOwn() {
    var rest = examples.without([0, 1])
    rest.append(Question([60, 61]), Answer([6]), about: Context(facts: [[7, 8], [9, 9]]))
    #expect(rest.factCounts == [1, 1, 2] && rest.questionCounts == [0, 3, 1])
    let last = rest.contexts(2..<3)
    #expect(last.facts.numbers == [7, 8, 9, 9])
    #expect(last.questions.all == [.tokens([60, 61])] && last.answers.all == [.tokens([6])])
  }

  @Test func rowsAreWhatWentIn() {
    let rows = examples.rows
    #expect(rows.map(\.context) == [Context(facts: [[1, 2]]), Context(facts: [[3, 4]])])
    #expect(rows[1].questions == [Question([30, 31]), Question([40, 41]), Question([50, 51])])
    #expect(rows[1].answers == [3, 4, 5].map { Answer([$0]) })
    #expect(texts.isWhole && texts.isText)
    #expect(texts.rows.map { $0.questions[0].content.text } == ["Who?", "When did she?", "Where?"])
    #expect(texts.rows.map { $0.answers[0].content.text } == ["Ada", "", "Lovelace’s — 🌳"])
    #expect(texts.rows.allSatisfy { $0.context.passages == ["One.", "Another one."] })
    #expect(texts.contexts(1..<3).rows.map { $0.answers[0].isUnknown } == [true, false])
    #expect(texts.without([0]).rows.flatMap(\.questions).count == 2)
  }

  @Test func columnsThatDoNotFitTogetherAreNotWhole() {
    #expect(examples.isWhole && Examples().isWhole)
    for spoil in [
      { $0.factCounts = [1, 2] }, { $0.questionCounts = [-1, 6] }, { $0.questionCounts = [5] },
      { $0.answers = Contents(count: 4, numbers: [1, 2, 3, 4]) },
      { $0.facts = Contents(count: 2, numbers: [1, 2, 3]) },
      { $0.facts = Contents(count: 2, lengths: [1, -1], numbers: []) },
      { $0.facts = Contents(count: 2, lengths: [1], numbers: [1]) },
      { $0.facts = Contents(count: -2, numbers: []) }, { $0.facts = Contents(count: 2, numbers: []) },
    ] as [(inout Examples) -> Void] {
      var examples = examples
      spoil(&examples)
      #expect(!examples.isWhole)
    }
  }

  @Test func nothingIsAContentToo() {
    for contents in [
      [Content.tokens([]), .tokens([])], [.text(""), .text("")], [.tokens([1]), .tokens([])], [.text("a"), .text("")],
    ] {
      let columns = Contents(contents)
      #expect(columns.isWhole && columns.count == 2 && columns.all == contents && columns[1] == contents[1])
      #expect(columns[1..<2].isWhole && columns[1..<2].all == [contents[1]])
    }
  }

  @Test func microbatchesAreContextsOrTranscriptsInOrder() {
    let parts = TrainingData.examples(texts).microbatches(2)
    #expect(parts[0] == .examples(texts.contexts(0..<2)) && parts[1] == .examples(texts.contexts(2..<3)))
    let transcripts = (0..<2).map { Transcript(Question([$0])) }
    #expect(TrainingData.transcripts(transcripts).microbatches(4).keys.sorted() == [0, 1])
  }
}
