import Foundation

/// The Markdown pages of a folder: what they link to, and what they show on a command line.
struct Pages {
  struct Page {
    /// Within the folder.
    let path: String
    let text: String

    var folder: String { (path as NSString).deletingLastPathComponent }

    /// Targets of its links and pictures, but for those on the web.
    var links: [String] {
      text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }.filter { !$0.hasPrefix("http") }
    }

    /// As GitHub makes them of headings.
    var anchors: Set<String> {
      let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
      return Set(
        headings.map { heading in
          let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
          return String(words.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }).replacing(" ", with: "-")
        })
    }

    /// What stands in fenced blocks after a prompt, continued lines joined.
    var commandLines: [String] {
      let blocks = text.matches(of: /(?s)```console\n(.*?)```/).map { $0.1.replacing(/\s*\\\n\s*/, with: " ") }
      return blocks.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("$ ") || $0.hasPrefix("# ") }.map {
        String($0.dropFirst(2))
      }
    }

    /// `task.size`, wherever code names it.
    var settings: Set<String> {
      let code = text.matches(of: /(?s)```.*?```|`[^`\n]+`/).map { String($0.0) }.filter { !$0.hasPrefix("```python") }
      let sections =
        /\b(cluster|security|dashboard|task|run|overseer|oversight|amplification|distillation|model)\.[a-z_0-9]+/
      return Set(code.flatMap { $0.matches(of: sections).map { String($0.0) } }).filter { !$0.hasSuffix(".yaml") }
    }
  }

  let folder: String
  let all: [Page]

  init(in folder: String) throws {
    self.folder = folder
    let files = FileManager.default.enumerator(atPath: folder)
    var pages: [Page] = []
    while let path = files?.nextObject() as? String {
      // What else is there was made by the program.
      if path.hasPrefix(".") || ["runs", "studies"].contains(path) { files?.skipDescendants() }
      guard path.hasSuffix(".md"), !path.hasPrefix(".") else { continue }
      pages.append(Page(path: path, text: try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)))
    }
    all = pages
  }

  subscript(path: String) -> Page? { all.first { $0.path == path } }

  /// The file that a link of a page leads to, within the folder.
  func target(of link: String, on page: Page) -> String {
    let path = String(link.prefix { $0 != "#" })
    guard !path.isEmpty else { return page.path }
    var parts = page.folder.split(separator: "/").map(String.init)
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// Links that lead to no file, or to no heading of one.
  func brokenLinks() -> [String] {
    all.flatMap { page in
      page.links.filter { link in
        let target = target(of: link, on: page)
        guard FileManager.default.fileExists(atPath: "\(folder)/\(target)") else { return true }
        guard let anchor = link.split(separator: "#", omittingEmptySubsequences: false).dropFirst().first else {
          return false
        }
        return self[target]?.anchors.contains(String(anchor)) != true
      }.map { "\(page.path): \($0)" }
    }
  }
}
