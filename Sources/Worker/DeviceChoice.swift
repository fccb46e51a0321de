/// Which device a worker computes on: one of the kind that the run asks for, and of several of that kind the one in the
/// worker's own settings.
///
/// Numbers of two kinds of device differ in their last bits, and those of a team have to agree in all.
enum DeviceChoice {
  /// - Parameters:
  ///   - run: `model.device` of the run, as libtorch writes it: `cpu`, `cuda`, `cuda:1`.
  ///   - own: that of the worker's own settings; empty: it leaves it to the run.
  /// - Throws: ``DeviceError`` if they are of two kinds.
  static func device(of run: String, own: String) throws(DeviceError) -> String {
    guard !own.isEmpty else { return run }
    guard kind(of: own) == kind(of: run) else { throw DeviceError(run: run, own: own) }
    return own.contains(":") ? own : run
  }

  private static func kind(of device: String) -> Substring { device.prefix { $0 != ":" } }
}

/// A worker is to compute on another kind of device than the run.
struct DeviceError: Error, Hashable, CustomStringConvertible {
  let run, own: String

  var description: String {
    "model.device is \(own) here and \(run) in the run, and the two don't come to the same bits: start the worker with "
      + "--set model.device=\(run)"
  }
}
