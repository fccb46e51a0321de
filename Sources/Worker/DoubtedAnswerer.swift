import Amplification
import Randomness
import Tasks

/// X, with a share of its answers replaced by random ones of the kind that the question asks for: a vertex for a vertex.
///
/// An early X answers nearly everything alike, so that H's decompositions would teach H′ nothing of what to do with the
/// answers of a later one, nor of the rare case in which X's answer is not the best at hand. Noise in the demonstrations
/// does (Laskey et al., *DART*, CoRL 2017).
struct DoubtedAnswerer: Answerer {
  let answerer: any Answerer
  let task: any TaskDefinition
  /// Of the answers that are made up, 0…1.
  let share: Double
  var author: Author { answerer.author }

  func answer(_ asked: [Asked], in contexts: [Context]) throws -> [Answer] {
    zip(asked, try answerer.answer(asked, in: contexts)).map { asked, answer in
      var random = asked.key.generator(.doubts)
      guard Double.random(in: 0..<1, using: &random) < share else { return answer }
      return task.sampleAnswer(to: asked.question, in: contexts[asked.context], using: &random)
    }
  }
}
