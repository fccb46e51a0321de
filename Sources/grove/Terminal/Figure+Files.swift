import Foundation
import Plots

extension Figure {
  /// Writes `path.svg`, and `path.png` by librsvg's own command.
  package func write(to path: String) throws {
    var isFolder: ObjCBool = false
    guard !(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue) else {
      throw Failure("\(path) is a folder: give the name of the files in it, too, without .svg and .png")
    }
    try Commands.write(Data(svg.utf8), to: "\(path).svg")
    let converter = Process()
    converter.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    converter.arguments = ["rsvg-convert", "--zoom=2", "--output=\(path).png", "--", "\(path).svg"]
    converter.standardError = FileHandle.nullDevice
    try converter.run()
    converter.waitUntilExit()
    guard converter.terminationStatus == 0 else {
      throw Failure(
        "\(path).svg is written, but not the PNG: rsvg-convert is missing or failed (apt install librsvg2-bin)")
    }
  }
}
