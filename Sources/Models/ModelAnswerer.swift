import Amplification
import Distillation
import Torch

/// X as an answerer: answers what the network finds likeliest.
public final class ModelAnswerer: Answerer {
  private let network: AnswererNetwork
  private let parameters: Parameters
  public let author: Author
  /// Encoded facts of the contexts asked about last: an amplification asks several times about the same ones.
  private var encoded: (contexts: [Context], facts: Tensor, memory: Tensor)?

  /// - Parameters:
  ///   - role: `student` or `teacher`.
  ///   - step: training steps that the parameters have seen.
  public init(_ network: AnswererNetwork, _ parameters: Parameters, role: String, step: Int) {
    self.network = network
    self.parameters = parameters
    author = .answerer(role: role, step: step)
  }

  public func reply(to asked: [Asked], in contexts: [Context]) throws -> [Reply] {
    guard !asked.isEmpty else { return [] }
    return try withoutGradients {
      var (facts, memory) = try encode(contexts)
      var rows = asked.map(\.context)
      if network.readsFacts {
        // Filler would cost as much as a question: each has a row of its own.
        let copies = try parameters.tokens(rows.map(Int32.init), shape: [rows.count])
        (facts, memory) = (try facts.rows(copies), try memory.rows(copies))
        rows = Array(asked.indices)
      }
      // Questions become a rectangle: a row a context, filled up with zeros.
      var columns = [Int](repeating: 0, count: facts.shape[0])
      let places = rows.map { row in
        defer { columns[row] += 1 }
        return columns[row]
      }
      let width = columns.max() ?? 0
      let length = network.shape.questionLength
      var tokens = [Token](repeating: 0, count: columns.count * width * length)
      for (asked, (row, place)) in zip(asked, zip(rows, places)) {
        let start = (row * width + place) * length
        for (offset, token) in asked.question.tokens.prefix(length).enumerated() { tokens[start + offset] = token }
      }
      let questions = try parameters.tokens(tokens, shape: [columns.count, width, length])
      let positions = try network.answer(questions, facts: facts, memory: memory, parameters).map(likeliest)
      return zip(rows, places).map { row, place in
        let row = row * width + place
        return Reply(
          Answer(positions.map { $0.tokens[row] }), by: author,
          doubt: positions.reduce(.none) { $0 + Doubt(-Double($1.logP[row])) })
      }
    }
  }

  /// The likeliest token of each row, with log p of it. Where `?` was learned as what is not known, it is no answer, and what
  /// it takes of the probability is doubt.
  private func likeliest(_ logP: Tensor) throws -> (tokens: [Token], logP: [Float]) {
    let abstains = network.abstention > 0
    let known = abstains ? try logP.narrowed(2, 1..<network.shape.vocabulary) : logP
    let likeliest = try known.argmax()
    return (try likeliest.tokens().map { abstains ? $0 + 1 : $0 }, try known.chosen(likeliest).floats())
  }

  public func logProbabilities(of answer: Answer, to question: Question, in context: Context) throws -> [Float] {
    try withoutGradients {
      let (facts, memory) = try encode([context])
      let asked = try parameters.tokens(question.tokens, shape: [1, 1, question.tokens.count])
      let positions = try network.answer(asked, facts: facts, memory: memory, parameters)
      return try zip(positions, answer.tokens).map { logP, token in
        try logP.chosen(parameters.tokens([token], shape: [1])).floats()[0]
      }
    }
  }

  public func negativeLogLikelihood(of examples: Examples) throws -> [Float] {
    try network.negativeLogLikelihood(of: examples, parameters)
  }

  private func encode(_ contexts: [Context]) throws -> (facts: Tensor, memory: Tensor) {
    if let encoded, encoded.contexts == contexts { return (encoded.facts, encoded.memory) }
    let facts = try parameters.facts(of: contexts, length: network.shape.factLength)
    let memory = try network.encode(facts, parameters)
    encoded = (contexts, facts, memory)
    return (facts, memory)
  }
}

extension Parameters {
  /// Facts as tokens [contexts, most facts, length]; shorter contexts are filled up with `?`.
  func facts(of contexts: [Context], length: Int) throws -> Tensor {
    let most = contexts.map(\.facts.count).max() ?? 0
    var tokens: [Token] = []
    tokens.reserveCapacity(contexts.count * most * length)
    for context in contexts {
      for fact in context.facts { tokens += fact }
      tokens += [Token](repeating: 0, count: (most - context.facts.count) * length)
    }
    return try self.tokens(tokens, shape: [contexts.count, most, length])
  }
}
