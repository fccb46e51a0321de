import ClusterFile
import Foundation
import Plots
import Status

/// What the runs of a study came to: tables and figures.
public struct StudyReport: Sendable {
  /// A finished run with all that was measured on its way.
  public struct Finished: Sendable {
    public var run: StudyFile.Run
    public var result: RunResult
    public var history: [MetricsLine]

    public init(run: StudyFile.Run, result: RunResult, history: [MetricsLine]) {
      self.run = run
      self.result = result
      self.history = history
    }
  }

  private let study: StudyFile
  private let finished: [Finished]

  public init(_ study: StudyFile, _ finished: [Finished]) {
    self.study = study
    self.finished = finished
  }

  private func runs(_ task: String, _ variant: String) -> [Finished] {
    finished.filter { $0.run.task == task && $0.run.variant == variant }
  }

  // MARK: Tables

  /// A row for each task and variant: means over the seeds, with the range where there are several.
  public var markdown: String {
    var lines = ["# \(study.name)", ""]
    if !study.question.isEmpty { lines += [study.question, ""] }
    lines += [
      "Means over \(study.seeds.count) seed\(study.seeds.count == 1 ? "" : "s") (\(study.seeds.map { "\($0)" }.joined(separator: ", ")))"
        + "\(study.seeds.count == 1 ? "" : ", least and most in brackets"); \(finished.count) of \(study.runs.count) runs are finished.",
      "",
      "| task | variant | student | teacher | amplified | steps | minutes | human decompositions |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for task in study.tasks {
      for variant in study.variants {
        let runs = runs(task, variant).map(\.result)
        let cells = [
          cell(runs.map(\.accuracy.student), 3), cell(runs.map(\.accuracy.teacher), 3),
          cell(runs.map(\.accuracy.amplified), 3), cell(runs.map { Double($0.steps) }, 0),
          cell(runs.map { $0.wallSeconds / 60 }, 1), cell(runs.map { Double($0.humanDecompositions) }, 0),
        ]
        lines.append("| \(task) | \(variant) | \(cells.joined(separator: " | ")) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func cell(_ values: [Double], _ digits: Int) -> String {
    guard let low = values.min(), let high = values.max() else { return "" }
    func write(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
    let mean = write(values.reduce(0, +) / Double(values.count))
    return values.count > 1 ? "\(mean) (\(write(low))–\(write(high)))" : mean
  }

  /// A row for each run and class of question, and one for all questions of a run.
  public var csv: String {
    let head =
      "task,variant,seed,class,student,teacher,amplified,rounds,steps,wall_seconds,human_decompositions,"
      + "amplified_questions,sub_questions,memo_hits,weights_sha256"
    let rows = finished.flatMap { finished -> [String] in
      let (run, result) = (finished.run, finished.result)
      let all = Accuracy.Row(
        student: result.accuracy.student, teacher: result.accuracy.teacher, amplified: result.accuracy.amplified)
      let classes = [("all", all)] + result.accuracy.classes
      return classes.map { name, row in
        [
          run.task, run.variant, "\(run.seed)", name, "\(row.student)", "\(row.teacher)", "\(row.amplified)",
          "\(result.rounds)", "\(result.steps)", "\(result.wallSeconds)", "\(result.humanDecompositions)",
          "\(result.amplifiedQuestions)", "\(result.subQuestions)", "\(result.memoHits)", result.weightsSHA256,
        ].joined(separator: ",")
      }
    }
    return ([head] + rows).joined(separator: "\n") + "\n"
  }

  // MARK: Figures

  /// By file name without ending: the learning curves of each task, and how the runs ended.
  public var figures: [(name: String, figure: Figure)] {
    study.tasks.map { ("curves-\($0)", curves(of: $0)) } + [("summary", summary)]
  }

  /// Student, teacher and amplified against steps, time and decompositions; a colour a variant.
  private func curves(of task: String) -> Figure {
    Figure(
      title: "\(study.name): \(task)",
      rows: Against.allCases.map { against in
        Subject.allCases.map { subject in
          Figure.Plot(
            title: subject.rawValue, against: against, yLabel: "accuracy",
            lines: study.variants.enumerated().map { index, variant in
              Figure.Line(
                label: variant, colour: index,
                points: mean(of: runs(task, variant).map(\.history), against: against) {
                  subject.accuracy($0.accuracy)
                })
            })
        }
      })
  }

  /// The accuracies at the end by variant; three tasks a row.
  private var summary: Figure {
    let plots = study.tasks.map { task in
      Figure.Plot(
        title: task, xLabel: "", yLabel: "accuracy",
        lines: Subject.allCases.enumerated().map { index, subject in
          Figure.Line(
            label: subject.rawValue, colour: [0, 4, 2][index], isDashed: subject == .teacher,
            points: study.variants.enumerated().compactMap { place, variant in
              let values = runs(task, variant).map { subject.accuracy($0.result.accuracy) }
              guard let low = values.min(), let high = values.max() else { return nil }
              return .init(x: Double(place), y: values.reduce(0, +) / Double(values.count), low: low, high: high)
            })
        }, names: study.variants)
    }
    return Figure(
      title: "\(study.name): accuracy at the end",
      rows: stride(from: 0, to: plots.count, by: 3).map { Array(plots[$0..<min($0 + 3, plots.count)]) })
  }
}
