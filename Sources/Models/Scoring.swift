import Amplification
import Distillation

/// An answerer that can tell how likely it finds an answer, its own or another's.
public protocol ScoringAnswerer: Answerer {
  /// log p of each token of an answer.
  func logProbabilities(of answer: Answer, to question: Question, in context: Context) throws -> [Float]
  /// −log p of each answer, row behind row; 0 where the answer is `?`.
  func negativeLogLikelihood(of examples: Examples) throws -> [Float]
}

/// An overseer that can tell how likely it finds what another decided.
public protocol ScoringOverseer: Overseer {
  /// Mean −log p of whole transcripts.
  func loss(of transcripts: [Transcript]) throws -> Float
  /// −log p of all that was decided in each transcript.
  func negativeLogLikelihood(of transcripts: [Transcript]) throws -> [Float]
}

extension ModelAnswerer: ScoringAnswerer {}
extension LearnedOverseer: ScoringOverseer {}
