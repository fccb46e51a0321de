import Foundation
import Testing

@testable import Tasks

/// A task is a folder and a line: ``Maximum`` is the template that there is for new ones, filled in, and here is its line.
struct TaskCatalogTests {
  private let catalog = TaskCatalog(TaskCatalog.grove.kinds + [Maximum.kind])

  @Test func aTaskThatWasEnteredIsThereLikeAnyOther() throws {
    #expect(catalog.names == TaskCatalog.grove.names + ["maximum"])
    let task = try catalog.task("maximum", size: 4).inTokens()
    let context = try task.readContext("x(1)=3  x(2)=7  x(3)=5  x(4)=8")
    #expect(task.write(context) == ["x(1)=3", "x(2)=7", "x(3)=5", "x(4)=8"])
    #expect(task.write(task.truth(of: try task.readQuestion("highest 3"), in: context)) == "7")
  }

  @Test func theTemplateIsWhatIsTriedHere() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let template = try String(
      contentsOf: tests.appending(path: "../../Sources/Tasks/Documentation.docc/NewTask.swift.template"),
      encoding: .utf8)
    let tried = try String(contentsOf: tests.appending(path: "Maximum.swift"), encoding: .utf8)
    let lines = template.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
      !$0.contains("<#")
    }
    #expect(lines.count > 90)
    for line in lines { #expect(tried.contains(line)) }
  }

  @Test func whatIsNotThereIsRefusedWithWhatIs() {
    let error = #expect(throws: NotationError.self) { try catalog.task("minimum", size: 4) }
    #expect(error?.description.hasSuffix("multiplication, maximum") == true)
  }

  @Test func aTaskIsToldItsOwnSettingsAlone() throws {
    func bits(_ settings: [String: Int]) throws -> Int? {
      (try catalog.task("permutation", size: 8, settings) as? Permutation)?.bits
    }
    #expect(try bits([:]) == 3 && bits(["bits": 5]) == 5 && bits(["colours": 99]) == 3)
    _ = try catalog.task("path", size: 8, ["bits": 99])
  }
}
