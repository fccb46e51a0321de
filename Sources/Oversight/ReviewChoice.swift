import Amplification
import Randomness

/// Which of some amplified answers people are to check before X learns from them: those that weigh most.
public struct ReviewChoice: Sendable {
  /// One for each answer, uniform in 0…1, by its key.
  public let draws: [Double]
  /// How many are to be checked.
  public let count: Int
  private let known: [Int]

  /// - Parameters:
  ///   - keys: of the trees' questions.
  ///   - share: of the answers, 0…1, in the mean, also where it comes to less than one of these.
  public init(of trees: [AmplificationTree], keys: [RandomKey], share: Double) {
    func draw(_ key: RandomKey) -> Double {
      var random = key.generator(.review)
      return Double.random(in: 0..<1, using: &random)
    }
    guard share > 0, !trees.isEmpty, let first = keys.first else {
      (draws, count, known) = ([], 0, [])
      return
    }
    // Nothing is learned from `?` anyway.
    known = trees.indices.filter { !trees[$0].answer.isUnknown }
    draws = keys.map(draw)
    count = min(known.count, Int(share * Double(trees.count) + draw(first.child(0))))
  }

  /// The places of those that weigh most, in order; of equals the first.
  public func places(by weights: [Double]) -> [Int] {
    known.sorted { (weights[$0], $1) > (weights[$1], $0) }.prefix(count).sorted()
  }
}
