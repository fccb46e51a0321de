import Amplification
import Foundation
import Randomness
import Synchronization
import Testing

/// Questions in words: whatever begins with “fact” is looked up.
private struct Words: Facts {
  let unknown = Answer.unknownText

  func lookUp(_ question: Question, in context: Context, using key: RandomKey) -> LookUp {
    guard let text = question.content.text, !text.isEmpty else { return .malformed }
    return text.hasPrefix("fact") ? .primitive(Answer(text: "true")) : .open
  }
}

/// Answers “yes” to what is asked, when it is let: a server elsewhere.
private final class Server: WaitingAnswerer {
  let author = Author.answerer(role: "server", step: 0)
  private let slow: String?
  private let gate = AsyncStream.makeStream(of: Void.self)
  private let heard = Mutex<[String]>([])

  /// - Parameter slow: the question whose answer waits for ``letGo()``.
  init(slow: String? = nil) { self.slow = slow }

  var asked: [String] { heard.withLock { $0 } }
  func letGo() { gate.continuation.finish() }

  func reply(to asked: Asked, in context: Context) async throws -> Reply {
    let text = asked.question.content.text ?? ""
    heard.withLock { $0.append(text) }
    if text == slow { for await _ in gate.stream {} }
    return Reply(Answer(text: "yes"), by: author, cost: Cost(calls: 1, tokensIn: 5))
  }
}

/// Says always the same at the same point of a conversation.
private struct Player: Speaker {
  let author: Author
  let says: @Sendable (Conversation) -> Utterance.Words

  func speak(in conversation: Conversation) -> Utterance { Utterance(says(conversation), cost: Cost(calls: 1)) }
}

/// Two argue in turn, seeing the text; who has not seen it judges.
private struct Debate: Procedure {
  func next(after turns: [Turn]) -> Floor {
    turns.count < 4 ? Floor(.debater(1 + turns.count % 2), seesContext: true) : Floor(.judge)
  }
}

struct ConversationTests {
  private let context = Context(passages: ["It was in 1843."])
  private let key = RandomKey(seed: 0, purpose: .questions)

  private func asked(_ texts: String...) -> [Asked] {
    texts.map { Asked(Question(text: $0), about: 0, key: key) }
  }

  /// Asks whether, and then whether it is a fact; answers what it heard.
  private let overseer = ScriptedOverseer { transcript, _ in
    let about = transcript.question.content.text ?? ""
    return switch transcript.steps.count {
    case 0: .ask(Question(text: "whether \(about)"))
    case 1: .ask(Question(text: "fact: \(about)"))
    default: .answer(Answer(text: transcript.steps.compactMap(\.answer.content.text).joined(separator: " and ")))
    }
  }

  private func talk(_ asked: [Asked], _ server: Server, depth: Int = 1) async throws -> [AmplificationTree] {
    try await Amplifier(overseer: overseer, answerer: server, facts: Words(), mostSteps: 3)
      .amplify(asked, in: [context], depth: depth)
  }

  @Test func textsAreAmplifiedAsTokensAre() async throws {
    let tree = try #require(try await talk(asked("a"), Server()).first)
    #expect(tree.answer == Answer(text: "yes and true") && tree.author == .scripted)
    #expect(tree.children.map(\.author) == [.answerer(role: "server", step: 0), .lookUp])
    #expect(tree.totalCost == Cost(calls: 1, tokensIn: 5))
    let deep = try #require(try await talk(asked("a"), Server(), depth: 2).first)
    #expect(deep.subQuestions == 4 && deep.answer == Answer(text: "yes and true and true"))
  }

  /// The first one's answer comes last: the others have theirs, to the end.
  @Test func aSlowAnswerHoldsUpNobodyElse() async throws {
    let server = Server(slow: "whether a")
    async let trees = talk(asked("a", "b", "c"), server)
    while Set(server.asked) != ["whether a", "whether b", "whether c"] { await Task.yield() }
    server.letGo()
    #expect(try await trees.map(\.answer) == [Answer](repeating: Answer(text: "yes and true"), count: 3))
  }

  /// What one question has heard it is not told again; another has to ask for itself, whoever is first.
  @Test func whatWasHeardIsNotAskedAgain() async throws {
    let twice = ScriptedOverseer { transcript, _ in
      transcript.steps.count < 2 ? .ask(Question(text: "whether")) : .answer(Answer(text: "done"))
    }
    let server = Server()
    let trees = try await Amplifier(overseer: twice, answerer: server, facts: Words(), mostSteps: 3)
      .amplify(asked("a", "b"), in: [context])
    #expect(server.asked.count == 2 && trees.allSatisfy { $0.memoHits == 1 && $0.answer == Answer(text: "done") })
  }

  @Test func anOverseerWithoutEndAnswersUnknown() async throws {
    let endless = ScriptedOverseer { transcript, _ in .ask(Question(text: "and \(transcript.steps.count)")) }
    let trees = try await Amplifier(overseer: endless, answerer: Server(), facts: Words(), mostSteps: 4)
      .amplify(asked("a"), in: [context], depth: 2)
    #expect(trees[0].answer.isUnknown && trees[0].turns.count == 4)
  }

  @Test func whoIsCancelledWaitsNoLonger() async throws {
    let server = Server(slow: "whether a")
    let talking = Task { try await talk(asked("a", "b"), server) }
    while server.asked.count < 2 { await Task.yield() }
    talking.cancel()
    await #expect(throws: CancellationError.self) { _ = try await talking.value }
  }

  @Test func aDebateIsAProcedure() async throws {
    func debater(_ number: Int) -> Player {
      Player(author: .answerer(role: "debater \(number)", step: 0)) { conversation in
        .states(.text("\(number): \(conversation.context?.passages.first ?? "nothing to be seen")"))
      }
    }
    let judge = Player(author: .person("ada")) { conversation in
      .answers(Answer(text: conversation.context == nil ? "\(conversation.turns.count) turns" : "saw the text"))
    }
    let trees = try await Conversations(
      Debate(), [.debater(1): debater(1), .debater(2): debater(2), .judge: judge], answerer: Server(), facts: Words(),
      mostTurns: 9
    ).talk(about: asked("when?"), in: [context])
    let tree = try #require(trees.first)
    #expect(tree.answer == Answer(text: "4 turns") && tree.author == .person("ada"))
    #expect(tree.turns.map(\.role) == [.debater(1), .debater(2), .debater(1), .debater(2)])
    #expect(tree.turns[1].said == .stated(.text("2: It was in 1843.")))
    #expect(tree.totalCost.calls == 5 && tree.children.isEmpty)
    let again = try JSONDecoder().decode(AmplificationTree.self, from: JSONEncoder().encode(tree))
    #expect(again == tree)
  }

  @Test(arguments: [1, 2]) func amplificationIsAProcedure(depth: Int) async throws {
    let conversations = Conversations(
      Amplification(), [.overseer: overseer], answerer: Server(), facts: Words(), mostTurns: 3)
    let trees = try await conversations.talk(about: asked("a", "b"), in: [context], depth: depth)
    #expect(try await trees == talk(asked("a", "b"), Server(), depth: depth))
  }

  @Test func aConversationWithoutEndIsAnsweredUnknown() async throws {
    let chatter = Player(author: .scripted) { _ in .states(.text("…")) }
    let trees = try await Conversations(
      Amplification(), [.overseer: chatter], answerer: Server(), facts: Words(), mostTurns: 5
    ).talk(about: asked("a"), in: [context])
    #expect(trees[0].answer.isUnknown && trees[0].turns.count == 5)
    await #expect(throws: NobodySpeaksError.self) {
      _ = try await Conversations(Debate(), [:], answerer: Server(), facts: Words(), mostTurns: 5)
        .talk(about: asked("a"), in: [context])
    }
  }
}

/// What is in journals and checkpoints already.
struct WrittenTreeTests {
  private let old = """
    {"answer":{"tokens":[7]},"author":{"scripted":{}},"children":[{"answer":{"tokens":[3]},"author":{"lookUp":{}},\
    "children":[],"question":{"tokens":[2,1]}}],"question":{"tokens":[2,5]}}
    """

  @Test func treesOfBeforeAreRead() throws {
    let tree = try JSONDecoder().decode(AmplificationTree.self, from: Data(old.utf8))
    #expect(tree.question == Question([2, 5]) && tree.answer == Answer([7]) && tree.author == .scripted)
    #expect(tree.turns == [Turn(.overseer, by: .scripted, .asked(tree.children[0]))])
    #expect(tree.children[0].author == .lookUp && tree.children[0].answer == Answer([3]))
  }

  @Test func treesOfAmplificationAreWrittenAsBefore() throws {
    let tree = try JSONDecoder().decode(AmplificationTree.self, from: Data(old.utf8))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(tree), as: UTF8.self) == old)
  }

  @Test func contextsAreReadWithFactsAndWithPassages() throws {
    let facts = try JSONDecoder().decode(Context.self, from: Data("{\"facts\":[[1,2],[3]]}".utf8))
    #expect(facts == Context(facts: [[1, 2], [3]]) && facts.contents == [.tokens([1, 2]), .tokens([3])])
    let texts = Context(passages: ["One.", "🌳"])
    #expect(try JSONDecoder().decode(Context.self, from: JSONEncoder().encode(texts)) == texts)
    #expect(try String(decoding: JSONEncoder().encode(facts), as: UTF8.self) == "{\"facts\":[[1,2],[3]]}")
  }
}
