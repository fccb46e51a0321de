import CoreMetrics
import Telemetry
import Testing

struct PrometheusRegistryTests {
  private let registry = PrometheusRegistry([
    Metric("things_total", .counter, "Things, \\ and\nmore."), Metric("level_bytes", .gauge, "A level."),
    Metric("wait_seconds", .histogram([0.1, 1]), "Waits."),
  ])

  @Test func whatIsCountedIsWritten() {
    Counter(label: "things_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment(by: 3)
    Counter(label: "things_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment()
    let gauge = Meter(label: "level_bytes", factory: registry)
    gauge.set(2.5)
    gauge.set(7)
    let timer = Timer(label: "wait_seconds", dimensions: [("method", "grow")], factory: registry)
    for milliseconds in [50, 100, 500, 5000] { timer.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
    #expect(
      registry.text == #"""
        # HELP things_total Things, \\ and\nmore.
        # TYPE things_total counter
        things_total{kind="a\"b\\c\nd"} 4
        # HELP level_bytes A level.
        # TYPE level_bytes gauge
        level_bytes 7
        # HELP wait_seconds Waits.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{method="grow",le="0.1"} 2
        wait_seconds_bucket{method="grow",le="1"} 3
        wait_seconds_bucket{method="grow",le="+Inf"} 4
        wait_seconds_sum{method="grow"} 5.65
        wait_seconds_count{method="grow"} 4

        """#)
  }

  @Test func whatIsGoneOrWasNotDescribedIsNotWritten() {
    let meter = Meter(label: "level_bytes", dimensions: [("worker", "one")], factory: registry)
    meter.set(1)
    #expect(registry.text.contains("worker"))
    meter.destroy()
    Counter(label: "others_total", factory: registry).increment()
    #expect(!registry.text.contains("worker") && !registry.text.contains("others"))
    Counter(label: "things_total", factory: registry).increment(by: 5)
    registry.reset()
    #expect(!registry.text.contains("things_total 5") && registry.text.contains("# TYPE things_total"))
  }

  @Test func everyMetricHasHelpAndAUnitByTheConventions() {
    for metric in GroveMetrics.all {
      #expect(metric.name.wholeMatch(of: /grove_[a-z_]+/) != nil && metric.help.hasSuffix("."))
      #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
      if case .histogram(let bounds) = metric.kind {
        #expect(metric.name.hasSuffix("_seconds") && bounds == bounds.sorted())
      }
    }
  }
}
