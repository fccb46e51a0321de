import Foundation

/// What a worker did, and how fast it went lately.
package struct Meter {
  package static let host = ProcessInfo.processInfo.hostName
  package static let processID = Int(ProcessInfo.processInfo.processIdentifier)
  private static let window = Duration.seconds(10)

  private struct Sample {
    let time: ContinuousClock.Instant
    let questions: Int
    let gradients: Int
  }

  private(set) var shards = 0
  private var questions = 0
  private var gradients = 0
  private var samples: [Sample] = []

  mutating func count(questions: Int = 0, gradients: Int = 0, shards: Int = 0) {
    self.questions += questions
    self.gradients += gradients
    self.shards += shards
  }

  /// Questions answered and gradients computed a second, over the last ten seconds.
  mutating func rates(at now: ContinuousClock.Instant) -> (questions: Double, gradients: Double) {
    samples.append(Sample(time: now, questions: questions, gradients: gradients))
    while samples.count > 2, samples[1].time.duration(to: now) >= Self.window { samples.removeFirst() }
    let first = samples[0]
    let seconds = first.time.duration(to: now) / .seconds(1)
    guard seconds > 0 else { return (0, 0) }
    return (Double(questions - first.questions) / seconds, Double(gradients - first.gradients) / seconds)
  }
}
