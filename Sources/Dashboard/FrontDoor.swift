import Descriptors
import NIOCore
import Synchronization

/// The dashboard's ``Door``: all of its connections stand there, as a page in a browser comes back by itself.
final class FrontDoor: Sendable {
  private struct State: Sendable {
    var door: Door<ObjectIdentifier>
    var channels: [ObjectIdentifier: any Channel] = [:]
  }

  private let state: Mutex<State>
  private let room: Int

  /// Connections that are being opened and closed beside those that stand there.
  private static let passing = 32

  init(room: Int) {
    self.room = room
    state = Mutex(State(door: Door(room: room)))
  }

  /// No further connection is taken in as long as there are so many.
  var limit: Int { room + Self.passing }

  /// For one connection.
  func handler() -> any RemovableChannelHandler { FrontDoorHandler(self) }

  fileprivate func entered(_ channel: any Channel) {
    let silent = state.withLock { state -> (any Channel)? in
      state.channels[ObjectIdentifier(channel)] = channel
      return state.door.entered(ObjectIdentifier(channel)).flatMap { state.channels.removeValue(forKey: $0) }
    }
    silent?.close(promise: nil)
  }

  fileprivate func stirred(_ channel: any Channel) {
    state.withLock { $0.door.stirred(ObjectIdentifier(channel)) }
  }

  fileprivate func left(_ channel: any Channel) {
    state.withLock { state in
      state.door.left(ObjectIdentifier(channel))
      state.channels[ObjectIdentifier(channel)] = nil
    }
  }
}

/// Tells the door of a connection: that it is there, that something is said, that it is gone.
private final class FrontDoorHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = Never
  typealias OutboundIn = Never

  private let door: FrontDoor

  init(_ door: FrontDoor) {
    self.door = door
  }

  func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { door.entered(context.channel) } }

  func channelActive(context: ChannelHandlerContext) {
    door.entered(context.channel)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    door.stirred(context.channel)
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    door.stirred(context.channel)
    context.write(data, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    door.left(context.channel)
    context.fireChannelInactive()
  }
}
