import Distillation
import Testing

struct LearningRateTests {
  private func shares(_ rate: LearningRate, _ steps: Int...) -> [Double] { steps.map { rate.share(ofStep: $0) } }

  @Test func itRisesAndStays() {
    #expect(shares(LearningRate(peak: 1, warmUp: 4), 1, 2, 4, 5, 1_000_000) == [0.25, 0.5, 1, 1, 1])
  }

  @Test func whenItFallsFourTimesTheStepsAreHalfTheRate() {
    let rate = LearningRate(peak: 1, warmUp: 4, falling: 100)
    #expect(shares(rate, 1, 100, 400, 10_000) == [0.25, 1, 0.5, 0.1])
  }
}
