import Foundation
import Status
import Testing

struct LessonsTests {
  @Test func calibrationIsHowFarConfidenceIsFromTheTruth() {
    var reliability = Reliability()
    #expect(reliability.calibrationError == nil && reliability.accuracy == nil)
    // Surely right, and right; believed by 0.75, right half of the time.
    for _ in 0..<4 { reliability.add(confidence: 1, isRight: true) }
    for isRight in [true, false, true, false] { reliability.add(confidence: 0.75, isRight: isRight) }
    #expect(reliability.calibrationError == 0.125 && reliability.accuracy == 0.75)
    #expect(reliability.bins.map(\.count) == [0, 0, 0, 0, 0, 0, 0, 4, 0, 4])
    reliability.add(confidence: 0, isRight: false)
    #expect(reliability.bins[0].count == 1)
  }

  @Test func theyAddUpAndSurviveTheirFile() throws {
    var lessons = Lessons()
    #expect(lessons.acceptedShare == nil && lessons.accuracy == nil)
    lessons.accepted = 3
    lessons.refused = ["doubt": 1]
    (lessons.judged, lessons.right) = (3, 2)
    lessons.reliability.add(confidence: 0.5, isRight: true)
    var sum = lessons
    sum += lessons
    #expect(sum.accepted == 6 && sum.acceptedShare == 0.75 && sum.refused == ["doubt": 2] && sum.reliability.count == 2)
    #expect(sum.accuracy == 2.0 / 3)
    let written = try JSONEncoder().encode(sum)
    #expect(try JSONDecoder().decode(Lessons.self, from: written) == sum)
    // Nothing that a file says is counted on.
    var most = sum
    most.refused = ["doubt": .max, "surest": .max]
    #expect(try #require(most.acceptedShare) < 1e-6)
    let fewer = Data(#"{"bins":[{"count":1,"confidence":1,"right":1}]}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Reliability.self, from: fewer) }
  }
}
