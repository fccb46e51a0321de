/// Rows whose columns line up.
package struct Table {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  /// - Parameter rightAligned: columns of numbers.
  package init(_ head: [String], rightAligned: Set<Int>) {
    rows = [head]
    self.rightAligned = rightAligned
  }

  package mutating func add(_ row: [String]) { rows.append(row) }

  package func lines(colours: Bool) -> [String] {
    let widths = widths
    return rows.enumerated().map { index, row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.columns)
        return rightAligned.contains(column) ? padding + cell : cell + padding
      }
      var line = "  " + cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return index == 0 ? Terminal.dim(line, colours) : line
    }
  }

  private var widths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { $0.count > column ? $0[column].columns : 0 }.max() ?? 0
    }
  }

  /// What is counted of the last column, whose cells may be cut: else columns would come and go with its words.
  private static let leastOfLast = 12

  /// A table that is no wider, but for the ends of its last column's cells.
  ///
  /// - Parameter dispensable: columns, the one that is left out first at the beginning.
  func fitting(_ most: Int, without dispensable: [Int]) -> Table {
    var widths = widths
    if let last = widths.indices.last { widths[last] = min(widths[last], Self.leastOfLast) }
    var kept = Array(widths.indices)
    for column in dispensable where kept.reduce(0, { $0 + widths[$1] + 2 }) > most {
      kept.removeAll { $0 == column }
    }
    var table = Table(
      kept.map { rows[0][$0] }, rightAligned: Set(kept.indices.filter { rightAligned.contains(kept[$0]) }))
    for row in rows.dropFirst() { table.add(kept.map { row[$0] }) }
    return table
  }
}
