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
}
