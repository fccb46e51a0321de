import Glibc

/// What a process finds where it is started.
package enum Surroundings {
  /// Looks whether what was typed, and where, can be written down again as it is: paths in configurations, in other
  /// processes' arguments and on pages are text.
  ///
  /// - Throws: a sentence.
  package static func check() throws {
    for index in 0..<Int(CommandLine.argc) {
      guard let word = CommandLine.unsafeArgv[index] else { continue }
      try check(word, "“\(String(cString: word).prefix(80))” on the command line")
    }
    guard let folder = getcwd(nil, 0) else {
      throw Failure("the current folder can't be used (\(String(cString: strerror(errno)))): change to another")
    }
    defer { free(folder) }
    try check(folder, "the path of the current folder, \(String(cString: folder)),")
  }

  private static func check(_ bytes: UnsafeMutablePointer<CChar>, _ what: String) throws {
    guard String(validatingCString: bytes) == nil else { return }
    throw Failure("\(what) is no UTF-8 text, which names and paths have to be: rename it, or take another")
  }
}
