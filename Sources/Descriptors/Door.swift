/// Who stands at a door: connections that came in by themselves, whoever made them.
///
/// There is room for so many. When one more comes, the one that has been silent for longest is shown out, so that however
/// many come and stay, the next one finds room for a while. Who is known by name is taken off the list with ``left(_:)``,
/// and is then no concern of the door's.
public struct Door<Visitor: Hashable & Sendable>: Sendable {
  /// How many may stand there.
  public let room: Int
  /// When each was last heard, as places in one order.
  private var heard: [Visitor: UInt64] = [:]
  private var last: UInt64 = 0

  public init(room: Int) {
    self.room = max(1, room)
  }

  /// How many stand there.
  public var count: Int { heard.count }

  /// - Returns: who is to be shown out for it, and is off the list already.
  public mutating func entered(_ visitor: Visitor) -> Visitor? {
    let isNew = heard[visitor] == nil
    hear(visitor)
    guard isNew, heard.count > room, let silent = heard.min(by: { $0.value < $1.value })?.key else { return nil }
    heard[silent] = nil
    return silent
  }

  /// It said something, or was told something.
  public mutating func stirred(_ visitor: Visitor) {
    if heard[visitor] != nil { hear(visitor) }
  }

  /// It is gone, or it is known.
  public mutating func left(_ visitor: Visitor) { heard[visitor] = nil }

  private mutating func hear(_ visitor: Visitor) {
    last += 1
    heard[visitor] = last
  }
}
