import Distillation
import Randomness
import Testing

struct ReductionTreeTests {
  private func bracket(_ sum: inout String, _ other: String) { sum = "(\(sum)+\(other))" }

  private func leaves(_ run: Range<Int>) -> [Range<Int>: String] {
    Dictionary(uniqueKeysWithValues: run.map { ($0..<$0 + 1, "\($0)") })
  }

  private func text(_ count: Int) -> String? {
    var parts = leaves(0..<count)
    return ReductionTree(leaves: count).sum(from: &parts, adding: bracket)
  }

  @Test func theOrderOfSummation() {
    #expect(text(1) == "0")
    #expect(text(4) == "((0+1)+(2+3))")
    #expect(text(5) == "(((0+1)+(2+3))+4)")
    #expect(text(6) == "(((0+1)+(2+3))+(4+5))")
  }

  @Test(arguments: 1...9, 1...9) func anyNumberOfMembersSumsInTheSameOrder(_ count: Int, _ members: Int) {
    let tree = ReductionTree(leaves: count)
    var parts: [Range<Int>: String] = [:]
    for run in shares(of: count, among: members) {
      var own = leaves(run)
      for node in tree.nodes(covering: run) { parts[node] = tree.sum(of: node, from: &own, adding: bracket) }
    }
    #expect(tree.sum(from: &parts, adding: bracket) == text(count))
  }

  @Test func aMissingPartIsNoSumAndTheOthersStay() {
    var parts = [0..<2: "a", 2..<3: "b"]
    #expect(ReductionTree(leaves: 4).sum(from: &parts, adding: bracket) == nil)
    #expect(parts == [0..<2: "a", 2..<3: "b"])
  }
}

struct SharesTests {
  @Test(arguments: 0...17, 1...7) func sharesAreContiguousAndEven(_ count: Int, _ parts: Int) {
    let all = shares(of: count, among: parts)
    #expect(all.count == parts)
    #expect(all.flatMap(Array.init) == Array(0..<count))
    let sizes = all.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }
}

struct ReplayBufferTests {
  @Test func theOldestGoesFirst() {
    var buffer = ReplayBuffer<Int>(capacity: 3)
    for value in 1...5 { buffer.append(value) }
    #expect(buffer.batches == [3, 4, 5])
    #expect(ReplayBuffer(capacity: 2, batches: [1, 2, 3]).batches == [2, 3])
  }

  @Test func samplesAreUniformAndRepeatable() {
    let buffer = ReplayBuffer(capacity: 4, batches: [0, 1, 2, 3])
    func draws() -> [Int] {
      var random = CounterGenerator(seed: 1, purpose: .replay)
      return (0..<4000).map { _ in buffer.sample(using: &random) }
    }
    #expect(draws() == draws())
    for value in 0..<4 { #expect((850...1150).contains(draws().count { $0 == value })) }
  }

  @Test(arguments: [
    (4, [1.0, 1.0], [2, 2]), (4, [1.0, 1.1], [2, 2]), (8, [3.0, 1.0], [6, 2]),
    (3, [1.0, 1.0, 1.0, 1.0], [1, 1, 0, 1]),
    (0, [1.0], [0]), (5, [1.0, 1e9], [0, 5]),
  ])
  func sharesGoByWeight(_ count: Int, _ weights: [Double], _ sizes: [Int]) {
    let runs = shares(of: count, weights: weights)
    #expect(runs.reduce(0) { $0 + $1.count } == count && runs.last?.upperBound == count)
    #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(runs.map(\.count) == sizes)
  }
}
