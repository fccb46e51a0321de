import Amplification
import Randomness
import Tasks

/// Answers at random, but with what the question asks for: a vertex where it asks for a vertex.
///
/// An early X answers nearly everything alike, so that H's decompositions would teach H′ nothing of what to do with the
/// answers of a later one. Noise in the demonstrations does (Laskey et al., *DART*, CoRL 2017).
struct RandomAnswerer: Answerer {
  let author: Author
  let task: any TaskDefinition

  func answer(_ asked: [Asked], in contexts: [Context]) -> [Answer] {
    asked.map { asked in
      var random = asked.key.generator(.doubts)
      return task.sampleAnswer(to: asked.question, in: contexts[asked.context], using: &random)
    }
  }
}
