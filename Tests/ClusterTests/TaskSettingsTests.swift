import ClusterFile
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

  @Test func aRunsTaskIsAsItsConfigurationSays() throws {
    let file = try ClusterFile().setting(["task.size=12", "task.bits=5"])
    let task = try #require(try file.makeTask() as? Permutation)
    #expect(task.size == 12 && task.bits == 5)
    let other = try ClusterFile().setting(["task.name=chess"])
    #expect(throws: NotationError.self) { try other.makeTask() }
  }
}
