import Oversight
import Testing

@testable import Coordinator

/// What is said of whom a run waits for.
struct WaitingTests {
  private func ids(_ kind: QuestionID.Kind, _ count: Int) -> [QuestionID] {
    (0..<count).map { QuestionID(kind, round: 1, place: $0) }
  }

  @Test func theDeskAndTheRunCountAlike() {
    let reviews = ids(.review, 17)
    let one = Crew.sentence([reviews[0]], of: reviews, with: ["cleo"], reconsidering: [])
    #expect(one == "17 reviews (1 of them now), with cleo")
    let all = Crew.sentence(Set(reviews), of: reviews + ids(.decomposition, 2), with: [], reconsidering: [])
    #expect(all == "17 reviews, which nobody has taken")
    let both = Crew.sentence(
      Set(ids(.review, 1) + ids(.decomposition, 2)), of: ids(.review, 1) + ids(.decomposition, 2),
      with: ["ada", "ben"],
      reconsidering: [])
    #expect(both == "2 decompositions and 1 review, with ada, ben")
  }

  @Test func whoMayTakeTheirLastJudgmentBackIsWaitedFor() {
    let sentence = Crew.sentence([], of: ids(.review, 3), with: ["ben"], reconsidering: ["ada"])
    #expect(sentence == "ada, who may take the last judgment back for a moment")
  }
}
