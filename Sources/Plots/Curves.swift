import Foundation
import Status

/// Whose accuracy.
public enum Subject: String, CaseIterable, Sendable {
  case student, teacher, amplified

  public func accuracy(_ row: Accuracy.Row) -> Double {
    switch self {
    case .student: row.student
    case .teacher: row.teacher
    case .amplified: row.amplified
    }
  }

  public func accuracy(_ accuracy: Accuracy) -> Double {
    switch self {
    case .student: accuracy.student
    case .teacher: accuracy.teacher
    case .amplified: accuracy.amplified
    }
  }
}

/// Mean and range of a number over runs, as x grows. A run that has ended stays where it was.
///
/// - Parameter histories: of each run, what was measured, in order.
public func mean(
  of histories: [[MetricsLine]], against: Against, _ value: (MetricsLine) -> Double?
) -> [Figure.Line.Point] {
  let curves = histories.map { history in history.compactMap { line in value(line).map { (against.value(line), $0) } } }
    .filter { !$0.isEmpty }
  // Every x at which any run was measured, once each of them was.
  let start = curves.map { $0[0].0 }.max() ?? 0
  let xs = Set(curves.joined().map(\.0).filter { $0 >= start }).sorted()
  return thinned(xs).map { x in
    let ys = curves.map { curve in curve.last { $0.0 <= x }?.1 ?? curve[0].1 }
    return Figure.Line.Point(
      x: x, y: ys.reduce(0, +) / Double(max(1, ys.count)), low: ys.min() ?? 0, high: ys.max() ?? 0)
  }
}

/// No more points than can be seen.
func thinned<Element>(_ xs: [Element]) -> [Element] {
  let most = 200
  guard xs.count > most else { return xs }
  return (0..<most).map { xs[$0 * (xs.count - 1) / (most - 1)] }
}

extension Figure {
  /// The plots of a run: student, teacher and amplified accuracy, and that of the student by class of question.
  public static func run(_ name: String, _ history: [MetricsLine], against: Against) -> [Plot] {
    let all = Subject.allCases.enumerated().map { index, subject in
      Line(
        label: subject.rawValue, colour: [0, 4, 2][index], isDashed: subject == .teacher,
        points: mean(of: [history], against: against) { subject.accuracy($0.accuracy) })
    }
    return [Plot(title: name, against: against, yLabel: accuracy, lines: all)]
      + lessons(history, against: against)
      + classes(in: history).map { kind, classes in
        let lines = classes.enumerated().map { index, name in
          Line(
            label: name, colour: index,
            points: mean(of: [history], against: against) { $0.accuracy.byClass[name]?.student })
        }
        return Plot(
          title: "student, by class of question" + (kind.isEmpty ? "" : ": \(kind)"), against: against,
          yLabel: accuracy, lines: lines)
      }
  }

  /// How many amplified answers became lessons, how many of them are right, and how far confidence is from it.
  private static func lessons(_ history: [MetricsLine], against: Against) -> [Plot] {
    guard history.contains(where: { $0.lessons?.acceptedShare != nil }) else { return [] }
    let lines = [Quantity.accepted, .lessons, .calibration].enumerated().map { index, quantity in
      Line(
        label: ["accepted", "right", "calibration error"][index], colour: [1, 0, 3][index],
        points: mean(of: [history], against: against) { quantity.value($0, after: nil) })
    }
    return [Plot(title: "lessons: amplified answers", against: against, yLabel: "share", lines: lines)]
  }

  /// What y is where accuracy is drawn.
  public static let accuracy = "share that is right"

  /// Classes of question, easier ones first; those of a task with several kinds of question by kind, their first word.
  private static func classes(in history: [MetricsLine]) -> [(kind: String, classes: [String])] {
    let all = Set(history.flatMap { $0.accuracy.byClass.keys }).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    let kinds = Dictionary(grouping: all) { name in
      let word = name.prefix { $0 != " " }
      return word.allSatisfy(\.isLetter) ? String(word) : ""
    }
    return kinds.count == 1 ? [("", all)] : kinds.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
