import Foundation
import Plots
import Processes

extension Figure {
  /// Writes `path.svg`, and `path.png` by librsvg's own command.
  package func write(to path: String) async throws {
    var isFolder: ObjCBool = false
    guard !(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue) else {
      throw Failure("\(path) is a folder: give the name of the files in it, too, without .svg and .png")
    }
    try Commands.write(Data(svg.utf8), to: "\(path).svg")
    let ending = try? await Child.run(
      [
        "rsvg-convert", "--zoom=2", "--output=\(path).png", "--", "\(path).svg",
      ], output: .inherited)
    guard ending == .exit(0) else {
      throw Failure(
        "\(path).svg is written, but not the PNG: rsvg-convert is missing or failed (apt install librsvg2-bin)")
    }
  }
}
