import Foundation
import HTTPTypes

/// A page of the dashboard, by its address.
enum Place: Hashable, Sendable {
  case overview
  case list(RunList)
  case compare(Comparison)
  case run(String)
  case report(String)
  /// `round` nil: the newest that has trees.
  case trees(run: String, round: Int?, kind: String?, wrongOnly: Bool)
  case tree(run: String, round: Int, place: Int)
  case worker(String)
  /// Where people decide.
  case desk
  case documents
  case document(String)

  /// - Throws: ``PageError`` if there is no such page, or a parameter is wrong.
  init(path: String, query: [String: String]) throws(PageError) {
    let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    var query = query
    switch parts.count {
    case 0: self = .overview
    case 1 where parts[0] == "runs": self = .list(try RunList(&query))
    case 1 where parts[0] == "documents": self = .documents
    case 2 where parts[0] == "documents": self = .document(parts[1])
    case 1 where parts[0] == "compare": self = .compare(try Comparison(&query))
    case 2 where parts[0] == "runs": self = .run(parts[1])
    case 2 where parts[0] == "workers": self = .worker(parts[1])
    case 3 where parts[0] == "runs" && parts[2] == "report": self = .report(parts[1])
    case 3 where parts[0] == "runs" && parts[2] == "trees":
      let round = try query.removeValue(forKey: "round").map { text throws(PageError) in
        try Self.number(text, "round", from: 0)
      }
      let wrong = query.removeValue(forKey: "wrong")
      guard wrong == nil || wrong == "1" else {
        throw PageError(.badRequest, "wrong is “\(wrong?.prefix(80) ?? "")”; allowed is 1, or to leave it out.")
      }
      // A form sends spaces as +.
      let kind = query.removeValue(forKey: "class").flatMap { $0.isEmpty ? nil : $0.replacing("+", with: " ") }
      self = .trees(run: parts[1], round: round, kind: kind, wrongOnly: wrong != nil)
    case 5 where parts[0] == "runs" && parts[2] == "trees":
      self = .tree(
        run: parts[1], round: try Self.number(parts[3], "the round", from: 0),
        place: try Self.number(parts[4], "the number of the tree", from: 1) - 1)
    default: throw PageError(.notFound, "There is no page “\(path.prefix(200))” here.")
    }
    try Self.check(query)
  }

  /// - Parameter query: what is left of it when all that is known is taken out.
  static func check(_ query: [String: String]) throws(PageError) {
    if let unknown = query.keys.sorted().first {
      throw PageError(.badRequest, "This page has no parameter “\(unknown.prefix(80))”.")
    }
  }

  /// The runs, the newest first.
  static var runs: Place { .list(RunList()) }

  /// Where one comes from to it, of what every page leads to.
  var chapter: Place {
    switch self {
    case .overview, .worker: .overview
    case .desk: .desk
    case .documents, .document: .documents
    default: .runs
    }
  }

  static func number(_ text: String, _ name: String, from least: Int) throws(PageError) -> Int {
    guard let number = Int(text), (least...1_000_000_000).contains(number) else {
      throw PageError(.badRequest, "\(name) is “\(text.prefix(80))”; allowed are whole numbers from \(least).")
    }
    return number
  }

  var path: String {
    switch self {
    case .overview: "/"
    case .desk: "/desk"
    case .documents: "/documents"
    case .document(let name): "/documents/\(Self.part(name))"
    case .list(let list): "/runs" + Self.query(list.query)
    case .compare(let comparison): "/compare" + Self.query(comparison.query)
    case .run(let name): "/runs/\(Self.part(name))"
    case .report(let name): "/runs/\(Self.part(name))/report"
    case .worker(let name): "/workers/\(Self.part(name))"
    case .tree(let run, let round, let place): "/runs/\(Self.part(run))/trees/\(round)/\(place + 1)"
    case .trees(let run, let round, let kind, let wrongOnly):
      "/runs/\(Self.part(run))/trees"
        + Self.query([
          round.map { "round=\($0)" }, kind.map { "class=\(Self.part($0))" }, wrongOnly ? "wrong=1" : nil,
        ])
    }
  }

  /// A name or value, as it stands in an address.
  static func part(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-_."))) ?? ""
  }

  private static func query(_ parts: [String?]) -> String {
    let parts = parts.compactMap(\.self)
    return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
  }
}

/// Why a page can't be shown: the status, and a sentence for the person.
struct PageError: Error {
  let status: HTTPResponse.Status
  let sentence: String

  init(_ status: HTTPResponse.Status, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }
}
