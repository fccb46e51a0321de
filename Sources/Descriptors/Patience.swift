import Foundation

/// How long a file of the process's own is waited for while strangers hold all descriptors: they are being shown out.
private let patience = Duration.seconds(10)
private let pause: UInt32 = 20_000

/// Does what opens files, and does it again and again for a while if the process has no descriptors left for them.
///
/// It blocks meanwhile; which is rare, and better than the end of a run.
public func withDescriptors<Result>(_ body: () throws -> Result) throws -> Result {
  let start = ContinuousClock.now
  while true {
    do {
      return try body()
    } catch  where error.isForWantOfDescriptors && start.duration(to: .now) < patience {
      usleep(pause)
    }
  }
}

/// Whether the process can open so many files at this moment.
public func areDescriptorsLeft(_ count: Int) -> Bool {
  let opened = (0..<count).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
  for descriptor in opened where descriptor >= 0 { close(descriptor) }
  return !opened.contains { $0 < 0 }
}

extension Error {
  fileprivate var isForWantOfDescriptors: Bool {
    let reason = ((self as? CocoaError)?.underlying as? POSIXError) ?? self as? POSIXError
    return reason?.code == .EMFILE || reason?.code == .ENFILE
  }
}
