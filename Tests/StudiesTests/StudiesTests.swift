import ClusterFile
import Foundation
import FoundationXML
import Plots
import Status
import Studies
import Testing

struct StudiesTests {
  private let yaml = """
    name: errors
    question: Who errs?
    seeds: [1, 2]
    settings: {run.rounds: 100}
    tasks:
      permutation: {}
      wildcard: {run.rounds: 50}
    variants:
      exact: {}
      errs: {overseer.error_rate: 0.1}

    """

  @Test func everyCombinationIsARun() throws {
    let study = try StudyFile(yaml: yaml, named: "a.yaml", overrides: ["model.width=32"])
    #expect(study.runs.count == 2 * 2 * 2)
    #expect(study.runs[0].name == "errors_permutation_exact_seed-1")
    #expect(Set(study.runs.map(\.name)).count == 8)
    #expect(study.runs.map(\.file.run.rounds) == [100, 100, 100, 100, 50, 50, 50, 50])
    #expect(study.runs.map(\.file.overseer.errorRate) == [0, 0, 0.1, 0.1, 0, 0, 0.1, 0.1])
    #expect(study.runs.allSatisfy { $0.file.model.width == 32 && $0.file.task.name == $0.task })
    #expect(study.runs.map(\.file.run.seed) == [1, 2, 1, 2, 1, 2, 1, 2])
  }

  @Test(arguments: [
    (
      "error_rate: 0.1", "eror_rate: 0.1", "a.yaml, line 10: there is no key overseer.eror_rate; there is overseer.kind"
    ),
    ("error_rate: 0.1", "error_rate: 7", "a.yaml, line 10: overseer.error_rate is “7”; allowed is a number"),
    ("seeds: [1, 2]", "seeds: [1, 1]", "a.yaml, line 3: “1” is no seed, or is there twice"),
    ("seeds: [1, 2]", "seeds: []", "a.yaml, line 3: seeds is a list"),
    ("variants:", "variant:", "a.yaml, line 8: there is no key variant; there is name"),
    ("exact: {}", "ex act: {}", "a.yaml, line 9: “ex act” is no name"),
    ("name: errors", "name: [", "a.yaml, line"),
    ("settings: {run.rounds: 100}", "settings: 100", "a.yaml, line 4: settings has settings such as"),
    (
      "error_rate: 0.1", "error_rate: 0.1, run.seed: 7",
      "a.yaml, line 10: run.seed can't differ between the runs of a study: seeds"
    ),
    ("overseer.error_rate: 0.1", "run.folder: x", "a.yaml, line 10: run.folder can't differ"),
    ("overseer.error_rate: 0.1", "dashboard.bind: off", "a.yaml, line 10: dashboard.bind can't differ"),
    ("wildcard: {run.rounds: 50}", "wildcard: {cluster.bind: x}", "a.yaml, line 7: cluster.bind can't differ"),
    ("{run.rounds: 100}", "{run.folder: x}", "a.yaml, line 4: run.folder is not set in a study: runs are in"),
    ("wildcard: {run.rounds: 50}", "wildcard: {run.rounds: [5]}", "a.yaml, line 7: run.rounds takes one value"),
  ])
  func whatIsWrongIsSaidWithItsLine(_ right: String, _ wrong: String, _ start: String) {
    do {
      _ = try StudyFile(yaml: yaml.replacing(right, with: wrong), named: "a.yaml")
      Issue.record("“\(wrong)” was taken")
    } catch {
      #expect("\(error)".hasPrefix(start), "\(error)")
    }
  }

  private func finished(_ run: StudyFile.Run, _ student: [Double]) -> StudyReport.Finished {
    let history = student.enumerated().map { index, value in
      MetricsLine(
        round: index, steps: 10 * index, wallSeconds: Double(index), elements: 8, agreement: 0, loss: nil,
        overseerLoss: nil, humanDecompositions: index, amplifiedQuestions: 0, subQuestions: 0, memoHits: 0,
        accuracy: Accuracy(
          .init(student: value, teacher: 0.5, amplified: 1),
          byClass: ["<easy>": .init(student: value, teacher: 0.5, amplified: 1)]))
    }
    return .init(
      run: run,
      result: RunResult(
        name: run.name, task: run.task, seed: run.seed, workers: 1, rounds: 3, steps: 30, wallSeconds: 60,
        humanDecompositions: 5, amplifiedQuestions: 0, subQuestions: 0, memoHits: 0,
        accuracy: history[history.count - 1].accuracy, weightsSHA256: "abc", finished: true), history: history)
  }

  @Test func theTableHasMeansAndRanges() throws {
    let study = try StudyFile(yaml: yaml, named: "a.yaml")
    let report = StudyReport(study, [finished(study.runs[0], [0.1, 0.4]), finished(study.runs[1], [0.3, 0.8])])
    #expect(report.markdown.contains("2 of 8 runs are finished"))
    #expect(
      report.markdown.contains(
        "| permutation | exact | 0.600 (0.400–0.800) | 0.500 (0.500–0.500) | 1.000 (1.000–1.000) | 30 (30–30) | 1.0 (1.0–1.0) | 5 (5–5) |"
      ))
    #expect(report.markdown.contains("| wildcard | errs |  |  |"))
    #expect(report.csv.split(separator: "\n").count == 1 + 2 * 2)
    #expect(report.csv.contains("permutation,exact,2,all,0.8,0.5,1.0,3,30,60.0,5,0,0,0,abc"))
  }

  @Test func figuresAreXMLWithALineForEachVariantAndTheirTextEscaped() throws {
    let study = try StudyFile(yaml: yaml, named: "a.yaml")
    let one = finished(study.runs[0], [0.1, 0.4])
    let report = StudyReport(study, [one, finished(study.runs[2], [0.3, 0.8])])
    #expect(report.figures.map(\.name) == ["curves-permutation", "curves-wildcard", "summary"])
    for (name, figure) in report.figures {
      #expect(XMLParser(data: Data(figure.svg.utf8)).parse(), "\(name)")
    }
    let curves = report.figures[0].figure
    #expect(curves.rows.count == 3 && curves.rows[0].count == 3)
    #expect(curves.rows[0][0].lines.map(\.label) == ["exact", "errs"])
    #expect(curves.rows[0][0].lines[0].points.map(\.y) == [0.1, 0.4])
    let run = Figure(title: "a & b", rows: [Figure.run("r", one.history, against: .steps)])
    #expect(XMLParser(data: Data(run.svg.utf8)).parse())
    #expect(run.svg.contains("&lt;easy&gt;") && run.svg.contains("a &amp; b"))
  }

  @Test func aRunThatEndedEarlyStaysWhereItWas() throws {
    let study = try StudyFile(yaml: yaml, named: "a.yaml")
    let report = StudyReport(study, [finished(study.runs[0], [0, 1]), finished(study.runs[1], [0, 0, 0])])
    let points = report.figures[0].figure.rows[0][0].lines[0].points
    #expect(points.map(\.x) == [0, 10, 20])
    #expect(points.map(\.y) == [0, 0.5, 0.5])
    #expect(points.map(\.high) == [0, 1, 1])
  }
}
