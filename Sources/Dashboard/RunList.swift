import Foundation

/// Which runs are listed, and in which order.
struct RunList: Hashable, Sendable {
  /// Columns that are always there, by what they are called in an address.
  static let columns = ["name", "task", "state", "started", "duration", "rounds", "steps", "student", "amplified"]
  /// Runs on one page.
  static let most = 50

  /// A column, or the path of a setting.
  var sort = "started"
  var isDescending = true
  /// Words that a run's name, task, state or settings have.
  var filter = ""
  /// From 1.
  var page = 1

  init() {}

  /// - Parameter query: what is taken out of it.
  init(_ query: inout [String: String]) throws(PageError) {
    if let text = query.removeValue(forKey: "sort"), !text.isEmpty {
      isDescending = text.hasPrefix("-")
      sort = isDescending ? String(text.dropFirst()) : text
      guard Self.columns.contains(sort) || sort.contains(".") else {
        throw PageError(
          .badRequest,
          "sort is “\(text.prefix(80))”; allowed are \(Self.columns.joined(separator: ", ")) and settings such as task.size, "
            + "with a - before them for the greatest first.")
      }
    }
    // A form sends spaces as +.
    filter = (query.removeValue(forKey: "filter") ?? "").replacing("+", with: " ")
    page =
      try query.removeValue(forKey: "page").map { text throws(PageError) in
        try Place.number(text, "page", from: 1)
      } ?? 1
  }

  var query: [String?] {
    let isUsual = sort == "started" && isDescending
    return [
      isUsual ? nil : "sort=\(isDescending ? "-" : "")\(Place.part(sort))",
      filter.isEmpty ? nil : "filter=\(Place.part(filter))", page == 1 ? nil : "page=\(page)",
    ]
  }

  /// As it is, but for the order: that by this column, or, if it is that already, the other way round.
  func sorted(by column: String) -> RunList {
    var other = self
    other.page = 1
    other.isDescending = sort == column ? !isDescending : !["name", "task", "state"].contains(column)
    other.sort = column
    return other
  }

  func turned(to page: Int) -> RunList {
    var other = self
    other.page = page
    return other
  }

  // MARK: What it comes to

  /// Those of the runs that are asked for, in order; all pages of them.
  func chosen(of runs: [RunSummary]) -> [RunSummary] {
    let words = filter.split(separator: " ")
    let found = runs.filter { run in words.allSatisfy { run.has($0) } }
    guard !(sort == "started" && isDescending) else {
      return found.sorted { ($0.started ?? .distantPast, $0.name) > ($1.started ?? .distantPast, $1.name) }
    }
    let keys = Dictionary(found.map { ($0.name, $0.key(sort)) }, uniquingKeysWith: { first, _ in first })
    return found.sorted { one, other in
      let (first, second) = (keys[one.name] ?? .nothing, keys[other.name] ?? .nothing)
      if first == second { return one.name.compare(other.name, options: .numeric) == .orderedAscending }
      // What has no value comes last, whatever the order.
      if first == .nothing || second == .nothing { return second == .nothing }
      return isDescending ? second < first : first < second
    }
  }
}

/// By which runs are ordered.
private enum SortKey: Comparable {
  case number(Double)
  case text(String)
  case nothing

  static func < (one: SortKey, other: SortKey) -> Bool {
    switch (one, other) {
    case (.number(let one), .number(let other)): one < other
    case (.text(let one), .text(let other)): one.compare(other, options: .numeric) == .orderedAscending
    case (.number, _): true
    case (.text, .nothing): true
    default: false
    }
  }
}

extension RunSummary {
  fileprivate func key(_ column: String) -> SortKey {
    switch column {
    case "name": .text(name)
    case "task": .text(task)
    case "state": .text(state.rawValue)
    case "started": started.map { .number($0.timeIntervalSince1970) } ?? .nothing
    case "duration": .number(seconds)
    case "rounds": .number(Double(rounds))
    case "steps": .number(Double(steps))
    case "student": accuracy.map { .number($0.student) } ?? .nothing
    case "amplified": accuracy.map { .number($0.amplified) } ?? .nothing
    default: settings[column].map { value in Double(value).map { .number($0) } ?? .text(value) } ?? .nothing
    }
  }

  /// Whether a word is in what is listed of it: `digits`, `unfinished`, `model.width=32`.
  fileprivate func has(_ word: Substring) -> Bool {
    if word.contains("=") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return settings.contains { key, value in
        value == parts[1] && (key == parts[0] || key.hasSuffix("." + parts[0]))
      }
    }
    return name.localizedStandardContains(word) || task == word || state.rawValue == word
  }
}
