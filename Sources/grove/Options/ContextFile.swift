import Amplification
import Foundation
import Tasks

/// A file with the facts of a context, as people write them and as Grove prints them.
struct ContextFile {
  private let path: String
  private let text: String

  private static let largest = 1 << 20

  /// - Throws: a sentence if it can't be read.
  init(_ path: String) throws {
    guard let data = FileManager.default.contents(atPath: path), data.count < Self.largest else {
      throw Failure("\(path) can't be read: is there such a file, of less than 1 MiB?")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw Failure("\(path) can't be read: it is no UTF-8 text")
    }
    (self.path, self.text) = (path, text)
  }

  /// - Throws: a sentence with the line, if the facts are none of the task's, or don't belong together.
  func context(of task: any TaskDefinition) throws -> Context {
    do {
      return try task.readContext(try printed().map { $0.joined(separator: "\n") } ?? text)
    } catch let error as NotationError {
      throw Failure("\(path), \(error)")
    }
  }

  private struct Printed: Decodable { var facts: [String] }

  /// The facts, if they are JSON: a list, or an object with such a list under `facts`, on one line or several.
  private func printed() throws -> [String]? {
    let bare = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    guard bare.first == "{" || bare.first == "[" else { return nil }
    if let facts = Self.facts(bare) { return facts }
    let objects = bare.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    guard objects.count > 1, objects.allSatisfy({ Self.facts($0) != nil }) else {
      throw Failure("\(path) can't be read: JSON of a context is {\"facts\": [\"…\", \"…\"]}, or the list alone")
    }
    throw Failure("\(path) has \(objects.count) contexts, one a line: a question is about one, so leave one line")
  }

  private static func facts(_ json: Substring) -> [String]? {
    let (data, decoder) = (Data(json.utf8), JSONDecoder())
    return (try? decoder.decode(Printed.self, from: data))?.facts ?? (try? decoder.decode([String].self, from: data))
  }
}
