import ZeroMQ

/// A way to a peer: by the connection that it made, under its routing identity, or by one that this node made.
enum Link: Sendable {
  case incoming(identity: Frame)
  case outgoing(Int)
}

/// What comes out of a node's sockets.
enum SocketEvent: Sendable {
  /// `descriptor` names an incoming message's connection, until it is lost.
  case received([Frame], over: Link, descriptor: Int32)
  case established(outgoing: Int)
  /// The peer does not admit this node, or has other keys.
  case refused(outgoing: Int)
  /// The connection can't even be tried.
  case unusable(outgoing: Int, because: ZeroMQError)
  /// Somebody asked to come in who may not.
  case turnedAway(address: String, key: CurveKey?)
  case lost(outgoing: Int)
  case closed(descriptor: Int32)
  /// So many strangers in all did not say who they are, and had to make room for others.
  case shownOut(Int)
}
