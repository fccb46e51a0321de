import Foundation

/// Writes a file that a person asked for; whoever reads it sees the old one or the new one.
///
/// - Throws: a sentence that says what is in the way.
func write(_ data: Data, to path: String) throws {
  let (files, url) = (FileManager.default, URL(fileURLWithPath: path))
  func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return files.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
  let folder = url.deletingLastPathComponent().path
  if isFolder(path) || path.hasSuffix("/") {
    throw Failure("\(path) can't be written: it is a folder; give the name of a file, too")
  }
  guard isFolder(folder) else { throw Failure("\(path) can't be written: there is no folder \(folder)") }
  do {
    // Aside and renamed where that works; a device, or a file in a folder of others, is written as it is.
    let type = try? files.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    let isPlain = type ?? .typeRegular == .typeRegular
    try data.write(to: url, options: isPlain && files.isWritableFile(atPath: folder) ? .atomic : [])
  } catch {
    let reason = (error as? CocoaError)?.underlying as? POSIXError
    throw Failure(
      "\(path) can't be written: " + (reason.map { String(cString: strerror($0.code.rawValue)) } ?? "may it be?"))
  }
}
