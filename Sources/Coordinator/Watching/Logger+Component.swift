import Logging

extension Logger {
  /// The same logger for one part of the coordinator, whose level can be set by this name.
  func component(_ name: String) -> Logger {
    var logger = self
    logger[metadataKey: "component"] = "\(name)"
    return logger
  }
}
