import Foundation

/// This program.
package enum Executable {
  /// What is being run, also if the file that it was has gone or is another one by now.
  package static let image = URL(fileURLWithPath: "/proc/self/exe")

  /// Where its file is, whatever links led to it.
  package static var url: URL { image.resolvingSymlinksInPath() }

  package static var path: String { url.path }
}
