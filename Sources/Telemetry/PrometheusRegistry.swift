import CoreMetrics
import Synchronization

/// Keeps what is counted through swift-metrics, and writes it in Prometheus' text format (version 0.0.4).
///
/// Only metrics that were described can be counted; what else a library counts goes nowhere, so that nothing is exported
/// without its help.
public final class PrometheusRegistry: MetricsFactory {
  private struct State {
    /// By metric, by labels as they are written.
    var series: [String: [String: Series]] = [:]
  }

  private let described: [String: Metric]
  private let order: [Metric]
  private let state = Mutex(State())

  public init(_ metrics: [Metric]) {
    order = metrics
    described = Dictionary(metrics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// All metrics, each with its help and type, also those that have no series yet.
  public var text: String {
    let series = state.withLock(\.series)
    var lines: [String] = []
    for metric in order {
      lines.append("# HELP \(metric.name) \(metric.help.escaped(quotes: false))")
      lines.append("# TYPE \(metric.name) \(metric.type)")
      for (labels, series) in (series[metric.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
        lines += series.lines(metric, labels)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func series(_ label: String, _ dimensions: [(String, String)]) -> Series? {
    guard let metric = described[label] else { return nil }
    let labels = dimensions.map { "\($0.0)=\"\($0.1.escaped(quotes: true))\"" }.joined(separator: ",")
    return state.withLock { state in
      if let known = state.series[label]?[labels] { return known }
      let new = Series(metric, labels: labels)
      state.series[label, default: [:]][labels] = new
      return new
    }
  }

  /// Begins anew, as at the start of the process. What counts already goes on, unseen.
  public func reset() { state.withLock { $0.series = [:] } }

  private func remove(_ handler: AnyObject) {
    guard let series = handler as? Series else { return }
    _ = state.withLock { $0.series[series.name]?.removeValue(forKey: series.labels) }
  }

  // MARK: MetricsFactory

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler { series(label, dimensions) ?? NOOPMetricsHandler.instance }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}

/// One metric with one set of labels.
private final class Series: Sendable {
  private struct Value {
    var sum = 0.0
    var count = 0
    var buckets: [Int]
  }

  let name: String
  let labels: String
  private let bounds: [Double]
  private let value: Mutex<Value>

  init(_ metric: Metric, labels: String) {
    name = metric.name
    self.labels = labels
    if case .histogram(let bounds) = metric.kind { self.bounds = bounds } else { bounds = [] }
    value = Mutex(Value(buckets: [Int](repeating: 0, count: bounds.count)))
  }

  func add(_ amount: Double) { value.withLock { $0.sum += amount } }
  func become(_ new: Double) { value.withLock { $0.sum = new } }

  func observe(_ observed: Double) {
    value.withLock { value in
      value.sum += observed
      value.count += 1
      if let bucket = bounds.firstIndex(where: { observed <= $0 }) { value.buckets[bucket] += 1 }
    }
  }

  func lines(_ metric: Metric, _ labels: String) -> [String] {
    let (sum, count, buckets) = value.withLock { ($0.sum, $0.count, $0.buckets) }
    func line(_ name: String, _ labels: String, _ value: String) -> String {
      "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)"
    }
    guard case .histogram(let bounds) = metric.kind else { return [line(name, labels, sum.written)] }
    var below = 0
    let comma = labels.isEmpty ? "" : ","
    return zip(bounds, buckets).map { bound, inBucket in
      below += inBucket
      return line("\(name)_bucket", "\(labels)\(comma)le=\"\(bound.written)\"", "\(below)")
    } + [
      line("\(name)_bucket", "\(labels)\(comma)le=\"+Inf\"", "\(count)"), line("\(name)_sum", labels, sum.written),
      line("\(name)_count", labels, "\(count)"),
    ]
  }
}

extension Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  func increment(by amount: Int64) { add(Double(amount)) }
  func increment(by amount: Double) { add(amount) }
  func decrement(by amount: Double) { add(-amount) }
  func set(_ value: Int64) { become(Double(value)) }
  func set(_ value: Double) { become(value) }
  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
  func reset() { become(0) }
}

extension Double {
  /// As Prometheus reads it.
  fileprivate var written: String {
    if self == .infinity { return "+Inf" }
    if isNaN { return "NaN" }
    return self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

extension String {
  fileprivate func escaped(quotes: Bool) -> String {
    var text = replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    if quotes { text = text.replacing("\"", with: "\\\"") }
    return text
  }
}
