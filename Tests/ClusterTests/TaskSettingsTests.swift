import ClusterFile
import Foundation
import Tasks
import Testing
import WorkUnits

/// What tasks have of settings, beside what the configuration has of keys.
struct TaskSettingsTests {
  @Test func eachSettingIsAKeyWithItsRangeAndDefault() throws {
    let settings = TaskCatalog.grove.kinds.flatMap(\.settings)
    #expect(Set(settings.map(\.name)) == Set(ClusterFile().task.settings.keys))
    for setting in settings {
      let field = try #require(ClusterFile.fields.first { $0.path == "task.\(setting.name)" })
      #expect(field.allowed.hasSuffix(" from \(setting.allowed.lowerBound) to \(setting.allowed.upperBound)"))
      #expect(ClusterFile().task.settings[setting.name] == setting.standard)
    }
  }

  @Test func eachSettingIsExplainedAsItsTaskDoes() throws {
    let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(contentsOf: project.appending(path: "cluster.yaml"), encoding: .utf8)
    for kind in TaskCatalog.grove.kinds {
      for setting in kind.settings {
        let range = "\(setting.allowed.lowerBound) to \(setting.allowed.upperBound)"
        let line = text.split(separator: "\n").first { $0.hasPrefix("  \(setting.name): \(setting.standard) ") }
        // Kinds that have the same setting share its key.
        let kinds = TaskCatalog.grove.kinds.filter { $0.settings.contains(setting) }.map(\.name)
        let comment = " # \(kinds.joined(separator: ", ")): \(setting.summary); \(range)"
        #expect(line?.hasSuffix(comment) == true, "\(comment)")
      }
    }
  }

  @Test func aRunsTaskIsAsItsConfigurationSays() throws {
    let file = try ClusterFile().setting(["task.size=12", "task.bits=5"])
    let task = try #require(try file.makeTask() as? Permutation)
    #expect(task.size == 12 && task.bits == 5)
    let other = try ClusterFile().setting(["task.name=chess"])
    #expect(throws: NotationError.self) { try other.makeTask() }
  }
}
