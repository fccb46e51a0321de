import Foundation
import FoundationXML
import Plots
import Status
import Testing

struct FigureTests {
  private let history = (0..<5).map { index in
    let row = Accuracy.Row(student: Double(index) / 4, teacher: 0.5, amplified: 1)
    return MetricsLine(
      round: index, steps: 10 * index, wallSeconds: Double(60 * index), elements: 8, agreement: 0, loss: nil,
      overseerLoss: nil, humanDecompositions: index, amplifiedQuestions: 0, subQuestions: 0, memoHits: 0,
      accuracy: Accuracy(row, byClass: ["<easy>": row]))
  }

  @Test func aPartOfAPageHasThePagesColours() throws {
    let figure = Figure(title: "a & b", rows: [Figure.run("r", history, against: .steps)])
    for svg in [figure.svg, figure.embeddedSVG] {
      #expect(XMLParser(data: Data(svg.utf8)).parse())
      #expect(svg.contains("&lt;easy&gt;") && svg.contains("a &amp; b"))
    }
    #expect(figure.svg.contains(#"fill="white""#) && figure.svg.contains(#"color="black""#))
    #expect(!figure.embeddedSVG.contains("white") && !figure.embeddedSVG.contains("black"))
  }

  @Test func aCurveIsDrawnAgainstWhatIsAsked() {
    let xs = Against.allCases.map { against in
      mean(of: [history], against: against) { $0.accuracy.student }.map(\.x)
    }
    #expect(xs == [[0, 10, 20, 30, 40], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]])
  }

  @Test func runsLieOverEachOtherOnOneAxis() throws {
    let late = history.map { line in
      var line = line
      line.steps += 100
      line.loss = 0.25
      line.memoryBytes = 3 << 20
      return line
    }
    let runs = [(name: "early", history: history), (name: "late", history: late), (name: "one", history: [late[0]])]
    let figure = Figure.overlay(runs, y: [.accuracy, .loss, .memory])
    #expect(figure.rows.map(\.count) == [2, 1])
    let plots = figure.rows.flatMap(\.self)
    for plot in plots { #expect(plot.lines.map(\.label) == ["early", "late", "one"]) }
    #expect(plots[0].lines[1].points.map(\.x) == [100, 110, 120, 130, 140])
    #expect(plots[1].lines.map(\.points.count) == [0, 5, 1] && plots[2].lines[2].points[0].y == 3)
    let missing = Figure.unmeasured(runs, y: [.loss, .accuracy])
    #expect(missing.map(\.name) == ["early"] && missing.map(\.quantity) == [.loss])
    // Told apart without colours, too.
    let looks = plots[0].lines.map { [$0.dash, $0.mark ?? -1] }
    #expect(Set(looks).count == runs.count)
    #expect(figure.svg.contains(">nats (−log p)<") && figure.svg.contains(">MiB<") && figure.svg.contains("rotate(-90"))
    #expect(XMLParser(data: Data(figure.svg.utf8)).parse())
  }

  /// A study of thirteen variants has names that would lie over each other, and more lines than there are colours.
  @Test func manyNamesAndManyLinesAreToldApart() {
    let points = (0..<13).map { Figure.Line.Point(x: Double($0), y: 0.5, low: 0.5, high: 0.5) }
    func svg(_ names: [String]) -> String {
      let lines = [Figure.Line(label: "student", colour: 0, points: Array(points.prefix(names.count)))]
      return Figure(title: "", rows: [[.init(title: "", xLabel: "", lines: lines, names: names)]]).svg
    }
    let slanted = svg((0..<13).map { "all-errs-\($0)" })
    #expect(slanted.matches(of: /class="x" transform="rotate/).count == 13)
    #expect(!svg(["doubt", "truth"]).contains(/class="x" transform/))
    let curves = (0..<20).map { Figure.Line(label: "\($0)", colour: $0, points: points) }
    let looks = Figure(title: "", rows: [[.init(title: "", xLabel: "steps", lines: curves)]]).svg
      .matches(of: /<polyline .*?fill="none" (.*?)>/).map { String($0.1) }
    #expect(looks.count == 20 && Set(looks).count == 20, "\(looks)")
  }

  @Test func onePointIsAMarkAndNoneIsSaid() {
    let one = Figure(title: "", rows: [Figure.run("r", [history[2]], against: .steps)]).svg
    #expect(one.contains("<circle"))
    #expect(!Figure(title: "", rows: [Figure.run("r", history, against: .steps)]).svg.contains("<circle"))
    #expect(Figure.overlay([(name: "r", history: history)], y: [.memory]).svg.contains("nothing was measured"))
  }

  /// People decide at the beginning, and all that is measured afterwards is at one x: no cliff from 0 up to there.
  @Test func decompositionsBeginWithTheFirstAndAreSteps() throws {
    let asked = [40, 60, 60].enumerated().map { index, count in
      var line = history[index]
      line.humanDecompositions = count
      return line
    }
    let svg = Figure(title: "", rows: [[Figure.run("r", asked, against: .decompositions)[0]]]).svg
    let points = try #require(svg.firstMatch(of: /<polyline points="([^"]+)"/)?.1).split(separator: " ")
    // Along at the old height, then up.
    #expect(points.map { String($0.prefix { $0 != "," }) } == ["0", "330", "330"])
    #expect(points[0].split(separator: ",")[1] == points[1].split(separator: ",")[1])
    #expect(svg.contains(">40<") && !svg.contains(">0<"))
  }
}
