/// A page that people read, in Markdown.
public struct Document: Hashable, Sendable {
  /// That of its file, such as `Runs.md`.
  public var name: String
  public var text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// Its first heading.
  var title: String {
    text.split(separator: "\n").first { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) } ?? name
  }

  /// Its first paragraph, which says what it is about.
  var summary: String {
    let paragraph = text.split(separator: "\n\n").first { !$0.hasPrefix("#") } ?? ""
    return String(paragraph).replacing("`", with: "").replacing("\n", with: " ").replacing(Self.link) { $0.output.1 }
  }

  private static var link: Regex<(Substring, Substring, Substring)> { /\[([^\]]*)\]\(([^)\s]*)\)/ }

  /// Its text as it was written, but that what leads to others can be followed.
  func html(among others: [Document]) -> HTML {
    var (html, place): (HTML, String.Index) = ("", text.startIndex)
    for match in text.matches(of: Self.link) {
      let file = match.output.2.prefix { $0 != "#" }.split(separator: "/").last.map(String.init)
      guard let file, others.contains(where: { $0.name == file }) else { continue }
      let before = String(text[place..<match.range.lowerBound])
      html = "\(html)\(before)\(.link(.document(file), String(match.output.1)))"
      place = match.range.upperBound
    }
    return "\(html)\(String(text[place...]))"
  }
}

/// What people read about Grove, where the run is.
enum DocumentPages {
  static func list(_ documents: [Document]) -> Page {
    let entries = documents.map { document -> HTML in
      "<h3>\(.link(.document(document.name), document.title))</h3><p>\(document.summary)</p>"
    }
    let none: HTML =
      "<p>This program lies alone: its documents are beside one that was installed, and in the source.</p>"
    return Page(title: "Documents", main: "<h1>Documents</h1>\(documents.isEmpty ? none : HTML(entries))")
  }

  /// - Throws: ``PageError`` if there is none of that name.
  static func page(_ name: String, among documents: [Document]) throws(PageError) -> Page {
    guard let document = documents.first(where: { $0.name == name }) else {
      throw PageError(.notFound, "There is no document “\(name.prefix(80))”.")
    }
    return Page(title: document.title, main: "<pre class=\"document\">\(document.html(among: documents))</pre>")
  }
}
