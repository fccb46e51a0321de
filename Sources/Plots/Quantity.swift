import Status

/// A number that is measured again and again while a run goes on.
public enum Quantity: String, CaseIterable, Sendable {
  case accuracy, teacher, amplified, agreement, loss
  case overseerLoss = "overseer-loss"
  case accepted, lessons, calibration, rate, speed, memory

  /// What it is.
  public var title: String {
    switch self {
    case .accuracy: "accuracy of the student on held-out questions"
    case .teacher: "accuracy of the teacher on held-out questions"
    case .amplified: "accuracy of amplified answers on held-out questions"
    case .agreement: "agreement of the teacher with amplified answers"
    case .loss: "loss of X"
    case .overseerLoss: "loss of H′ on decompositions that it had not seen"
    case .accepted: "amplified answers that became lessons"
    case .lessons: "lessons that are right"
    case .calibration: "expected calibration error of amplified answers"
    case .rate: "learning rate of X"
    case .speed: "speed of distillation"
    case .memory: "memory of the coordinator and the workers"
    }
  }

  /// What the axis says: the unit.
  public var label: String {
    switch self {
    case .accuracy, .teacher, .amplified: "share of right answers"
    case .agreement: "share of questions"
    case .accepted: "share of amplified answers"
    case .lessons: "share of lessons"
    case .calibration: "difference of confidence and accuracy"
    case .loss, .overseerLoss: "nats (−log p)"
    case .rate: "learning rate"
    case .speed: "steps a second"
    case .memory: "MiB"
    }
  }

  /// Whether it lies from 0 to 1.
  var isShare: Bool { [.accuracy, .teacher, .amplified, .agreement, .accepted, .lessons, .calibration].contains(self) }

  /// - Parameter before: what was measured before that; nil: it is the first.
  /// - Returns: nil if it was not measured then.
  func value(_ line: MetricsLine, after before: MetricsLine?) -> Double? {
    switch self {
    case .accuracy: line.accuracy.student
    case .teacher: line.accuracy.teacher
    case .amplified: line.accuracy.amplified
    case .agreement: line.agreement
    case .accepted: line.lessons?.acceptedShare
    case .lessons: line.lessons?.accuracy
    case .calibration: line.lessons?.reliability.calibrationError
    case .loss: line.loss
    case .overseerLoss: line.overseerLoss
    case .rate: line.learningRate
    case .speed: speed(line, after: before)
    case .memory: line.memoryBytes.map { Double($0) / Double(1 << 20) }
    }
  }

  private func speed(_ line: MetricsLine, after before: MetricsLine?) -> Double? {
    let (steps, seconds) = (line.steps - (before?.steps ?? 0), line.wallSeconds - (before?.wallSeconds ?? 0))
    return steps >= 0 && seconds > 0 ? Double(steps) / seconds : nil
  }
}
