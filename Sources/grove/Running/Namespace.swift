import Foundation
import Processes

/// A network of this process alone, in which hosts can be made.
package enum Namespace {
  /// Becomes this command in a network namespace of its own; returns only if that is not possible.
  package static func runAgain() {
    // Before this program begins: Foundation cannot wait for a process where there is no loopback.
    let words =
      ["unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", Executable.path]
      + CommandLine.arguments.dropFirst() + ["--in-namespace"]
    var pointers = words.map { strdup($0) } + [nil]
    execvp("unshare", &pointers)
  }
}
