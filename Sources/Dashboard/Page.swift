/// A page before it is framed.
struct Page: Sendable {
  let title: String
  let main: HTML
  /// Whether it changes while one looks at it.
  var isLive = false

  /// The whole page. - Parameter place: at which it is shown.
  func framed(at place: Place?) -> String {
    let live: HTML? = isLive ? " data-live=\"\(place?.path ?? "/")\"" : nil
    func link(_ to: Place, _ name: String) -> HTML {
      let current: HTML? = to == place?.chapter ? " aria-current=\"page\"" : nil
      return "<a href=\"\(to.path)\"\(current)>\(name)</a>"
    }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) · Grove</title>
      <link rel="icon" href="/favicon.ico" type="image/svg+xml">
      <link rel="stylesheet" href="/style.css">
      <script src="/live.js" defer></script>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the content</a>
      <header><a class="brand" href="/"><img src="/favicon.ico" alt="" width="20" height="20">Grove</a><nav>\(link(.overview, "Overview"))\(link(.runs, "Runs"))\(link(.desk, "Desk"))\(link(.documents, "Documents"))</nav>
      <span id="connection" role="status"></span></header>
      <main id="main"\(live)>\(main)</main>
      </body>
      </html>

      """
    return page.text
  }

  /// A page in one file, with all that it needs.
  var alone: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>\(trusted: Assets.style)</style>
      </head>
      <body>
      <main>
      \(main)
      </main>
      </body>
      </html>

      """
    return page.text
  }

  static func error(_ error: PageError) -> Page {
    Page(
      title: "\(error.status.code)",
      main: """
        <h1>\(error.status.reasonPhrase)</h1><p>\(error.sentence)</p>
        <p class="actions"><a class="button" href="/">To the overview</a></p>
        """)
  }
}

extension HTML {
  /// A table that is scrolled sideways where there is no room for it.
  ///
  /// - Parameter numbers: columns that are aligned to the right.
  static func table(_ caption: String, _ head: [String], numbers: Set<Int> = [], _ rows: [[HTML]]) -> HTML {
    table(caption, head.map { "\($0)" as HTML }, numbers: numbers, rows)
  }

  static func table(_ caption: String, _ head: [HTML], numbers: Set<Int> = [], _ rows: [[HTML]]) -> HTML {
    func row(_ cells: [HTML], _ tag: HTML) -> HTML {
      let cells = cells.enumerated().map { column, cell -> HTML in
        numbers.contains(column) ? "<\(tag) class=\"number\">\(cell)</\(tag)>" : "<\(tag)>\(cell)</\(tag)>"
      }
      return "<tr>\(cells)</tr>"
    }
    return """
      <div class="table"><table><caption>\(caption)</caption>
      <thead>\(row(head, "th"))</thead>
      <tbody>\(rows.map { row($0, "td") })</tbody></table></div>
      """
  }

  /// A section that is replaced when it changes.
  static func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    "<section id=\"\(id)\"><h2>\(title)</h2>\n\(content)</section>"
  }

  /// A section of which one sees the title, until one wants more.
  static func folded(_ id: String, _ title: String, _ content: HTML) -> HTML {
    "<section id=\"\(id)\"><details><summary><h2>\(title)</h2></summary>\n\(content)</details></section>"
  }

  /// Names with what they are.
  static func facts(_ facts: [(String, HTML)]) -> HTML {
    "<dl>\(facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl>"
  }

  /// What something is at the moment, in a word.
  static func badge(_ kind: String, _ word: String) -> HTML { "<span class=\"badge phase \(kind)\">\(word)</span>" }

  /// Ways on.
  static func actions(_ links: [HTML]) -> HTML { "<p class=\"actions\">\(links)</p>" }

  /// - Parameter isHere: whether that is what is shown.
  static func button(_ path: String, _ text: String, isHere: Bool = false) -> HTML {
    "<a class=\"button\" href=\"\(path)\"\(isHere ? " aria-current=\"true\"" as HTML : nil)>\(text)</a>"
  }

  /// An accuracy as people read it, with all of its digits for machines.
  static func accuracy(_ value: Double) -> HTML { "<data value=\"\("\(value)")\">\(value.threeDigits)</data>" }

  static func link(_ place: Place, _ text: String) -> HTML { "<a href=\"\(place.path)\">\(text)</a>" }
}
