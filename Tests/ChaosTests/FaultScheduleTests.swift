import Chaos
import Testing

struct FaultScheduleTests {
  private func entries(_ count: Int, seed: UInt64 = 1) -> [FaultSchedule.Entry] {
    Array(FaultSchedule(Fault.allCases, seed: seed, every: 4, workers: 3).prefix(count))
  }

  @Test func theSameSeedGivesTheSameFaults() {
    #expect(entries(50) == entries(50))
    #expect(entries(50) != entries(50, seed: 2))
  }

  @Test func inEachTurnEveryFaultStrikesOnce() {
    let faults = entries(5 * Fault.allCases.count).map(\.fault)
    for turn in 0..<5 {
      #expect(Set(faults.dropFirst(turn * Fault.allCases.count).prefix(Fault.allCases.count)) == Set(Fault.allCases))
    }
  }

  @Test func timesAndWorkersAreInTheirRange() {
    for entry in entries(500) {
      #expect((.seconds(2) ..< .seconds(6)).contains(entry.after) && (0..<3).contains(entry.worker))
    }
    #expect(Set(entries(100).map(\.worker)) == [0, 1, 2])
  }
}
