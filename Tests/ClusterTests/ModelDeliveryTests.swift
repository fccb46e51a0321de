import ActorCluster
import Testing

@testable import Coordinator

/// From whom workers get models, without workers.
struct ModelDeliveryTests {
  private let nodes = (0..<11).map { NodeID(name: "worker-\($0)", incarnation: 1) }

  /// Has everybody who lacks the models take what it is offered, a turn after the other. - Returns: the turns, and how often
  /// the coordinator gave.
  private func handOut(to lacking: Int, from holding: Int, isKept: Bool) -> (turns: Int, byCoordinator: Int)? {
    var handout = ModelDeliveryStateMachine()
    var holders = Array(nodes[..<holding])
    var waiting = Array(nodes[holding..<holding + lacking])
    var (turns, byCoordinator) = (0, 0)
    while !waiting.isEmpty {
      var served: [(NodeID, ModelDeliveryStateMachine.Source)] = []
      for node in waiting {
        switch handout.next(among: holders, isKept: isKept) {
        case .from(let source): served.append((node, source))
        case .wait: break
        case .nowhere: return nil
        }
      }
      for (node, source) in served {
        handout.ended(source)
        holders.append(node)
        waiting.removeAll { $0 == node }
        if source == .coordinator { byCoordinator += 1 }
      }
      turns += 1
    }
    return (turns, byCoordinator)
  }

  @Test func tenThatJoinAtOnceCostTheCoordinatorNothing() throws {
    let result = try #require(handOut(to: 10, from: 1, isKept: true))
    // 1, 2, 4, 8, 11 have them.
    #expect(result.turns == 4 && result.byCoordinator == 0)
  }

  @Test func whereNobodyHasThemTheCoordinatorGivesThemOnce() throws {
    let result = try #require(handOut(to: 10, from: 0, isKept: true))
    #expect(result.turns == 5 && result.byCoordinator == 1)
  }

  @Test func whatNobodyHasIsNowhere() { #expect(handOut(to: 1, from: 0, isKept: false) == nil) }
}
