import Foundation
import Hummingbird
import NIOCore
import Status

/// A file of a run that can be taken away, by the last part of its address.
public enum RunFile: String, CaseIterable, Sendable {
  case metrics = "metrics.jsonl"
  case table = "metrics.csv"
  case result = "result.json"
  case configuration = "config.yaml"
  case transcripts, dataset, weights

  /// What is in it.
  var title: String {
    switch self {
    case .metrics, .table, .result, .configuration: rawValue
    case .transcripts: "judgments"
    case .dataset: "dataset"
    case .weights: "weights"
    }
  }

  var type: String {
    switch self {
    case .metrics, .transcripts, .dataset: "application/jsonl"
    case .table: "text/csv"
    case .result: "application/json"
    case .configuration: "application/yaml"
    case .weights: "application/octet-stream"
    }
  }

  /// What a browser calls it.
  func name(of run: String) -> String {
    switch self {
    case .transcripts, .dataset: "\(run)-\(rawValue).jsonl"
    case .weights: "\(run)-weights.safetensors"
    default: "\(run)-\(rawValue)"
    }
  }

  func path(of run: String) -> String { "\(Place.run(run).path)/\(rawValue)" }
}

/// What is had over HTTP as a file.
struct Downloads: Sendable {
  let renderer: Renderer

  /// - Returns: nil if that is no address of a file.
  func answer(_ request: Request) async throws -> Response? {
    let parts = request.uri.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    if parts == ["runs.json"] {
      var query = request.query
      guard query["page"] == nil else {
        throw PageError(.badRequest, "This list has all runs, and no parameter “page”.")
      }
      let list = try RunList(&query)
      try Place.check(query)
      let encoder = JSONEncoder.forPeople
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.dateEncodingStrategy = .iso8601
      let runs = list.chosen(of: await renderer.source.runs())
      return .text(String(decoding: try encoder.encode(runs), as: UTF8.self), "application/json")
    }
    guard parts.count == 3, parts[0] == "runs", let file = RunFile(rawValue: parts[2]) else { return nil }
    try Place.check(request.query)
    return try await send(file, of: parts[1])
  }

  private func send(_ file: RunFile, of run: String) async throws -> Response {
    let record = try await renderer.record(run)
    let data: Data?
    do {
      data =
        file == .table ? Data(MetricsTable.csv(record.history).utf8) : try await renderer.source.file(file, of: run)
    } catch  where !(error is CancellationError) {
      throw PageError(.notFound, "The \(file.title) of the run \(run) can't be had: \(error)")
    }
    guard let data else { throw PageError(.notFound, "The run \(run) has no \(file.title) yet.") }
    let type = file == .weights ? file.type : "\(file.type); charset=utf-8"
    var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
    headers[.contentDisposition] = "attachment; filename=\"\(file.name(of: run))\""
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }
}

/// What was measured, as a table for other programs: numbers to the last digit.
enum MetricsTable {
  private typealias Column = (name: String, value: @Sendable (MetricsLine) -> String)

  private static let columns: [Column] = [
    ("round", { "\($0.round)" }), ("steps", { "\($0.steps)" }), ("wall_seconds", { "\($0.wallSeconds)" }),
    ("elements", { "\($0.elements)" }), ("agreement", { "\($0.agreement)" }), ("loss", { text($0.loss) }),
    ("overseer_loss", { text($0.overseerLoss) }), ("human_decompositions", { "\($0.humanDecompositions)" }),
    ("amplified_questions", { "\($0.amplifiedQuestions)" }), ("sub_questions", { "\($0.subQuestions)" }),
    ("memo_hits", { "\($0.memoHits)" }), ("student", { "\($0.accuracy.student)" }),
    ("teacher", { "\($0.accuracy.teacher)" }), ("amplified", { "\($0.accuracy.amplified)" }),
    ("learning_rate", { text($0.learningRate) }), ("memory_bytes", { $0.memoryBytes.map { "\($0)" } ?? "" }),
    ("lessons_accepted", { text($0.lessons?.acceptedShare) }), ("lessons_right", { text($0.lessons?.accuracy) }),
    ("calibration_error", { text($0.lessons?.reliability.calibrationError) }),
  ]

  static func csv(_ history: [MetricsLine]) -> String {
    let classes = Set(history.flatMap(\.accuracy.byClass.keys)).sorted()
    let all =
      columns
      + classes.flatMap { name -> [Column] in
        [
          ("student \(name)", { text($0.accuracy.byClass[name]?.student) }),
          ("teacher \(name)", { text($0.accuracy.byClass[name]?.teacher) }),
          ("amplified \(name)", { text($0.accuracy.byClass[name]?.amplified) }),
        ]
      }
    let rows = history.map { line in all.map { $0.value(line) } }
    return ([all.map { quoted($0.name) }] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  private static func quoted(_ text: String) -> String {
    text.contains { ",\"\r\n".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
