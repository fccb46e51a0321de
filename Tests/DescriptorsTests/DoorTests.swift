import Descriptors
import Foundation
import Randomness
import Testing

struct DoorTests {
  @Test func whoHasBeenSilentForLongestIsShownOutForTheNext() {
    var door = Door<Int>(room: 3)
    #expect([1, 2, 3].allSatisfy { door.entered($0) == nil })
    door.stirred(1)
    #expect(door.entered(4) == 2)
    #expect(door.entered(5) == 3)
    #expect(door.entered(6) == 1)
    #expect(door.count == 3)
  }

  @Test func whoIsKnownMakesRoomAndIsNeverShownOut() {
    var door = Door<Int>(room: 2)
    #expect(door.entered(1) == nil && door.entered(2) == nil)
    door.left(1)
    #expect(door.entered(3) == nil)
    #expect(door.entered(4) == 2)
    // Not at the door any more: what it says does not bring it back.
    door.stirred(1)
    #expect(door.count == 2)
    #expect(door.entered(5) == 3)
  }

  /// Against the rule in words: a list in the order in which they were heard, the first of which goes when it is too long.
  @Test func inEveryOrderItDoesWhatTheRuleSays() {
    var random = CounterGenerator(seed: 7, purpose: .keys)
    for room in 1...5 {
      var door = Door<Int>(room: room)
      var line: [Int] = []
      for _ in 0..<4000 {
        let visitor = Int(random.next() % 9)
        switch random.next() % 4 {
        case 0:
          door.left(visitor)
          line.removeAll { $0 == visitor }
        case 1:
          door.stirred(visitor)
          if line.contains(visitor) { line = line.filter { $0 != visitor } + [visitor] }
        default:
          let isNew = !line.contains(visitor)
          line = line.filter { $0 != visitor } + [visitor]
          let out = isNew && line.count > room ? line.removeFirst() : nil
          #expect(door.entered(visitor) == out)
        }
        #expect(door.count == line.count && door.count <= room)
      }
    }
  }

  @Test func everyDoorLeavesDescriptorsToTheProcess() {
    for count in [64, 80, 128, 256, 1024, 20_000, 1 << 30] {
      let limit = DescriptorLimit(count)
      #expect(limit.strangers >= 4 && limit.visitors >= 4 && limit.members >= 4)
      #expect(limit.strangers + limit.visitors <= max(8, (count - DescriptorLimit.own) / 2), "\(count)")
      #expect(limit.strangers + limit.visitors + limit.members <= max(12, count - DescriptorLimit.own), "\(count)")
    }
  }
}
