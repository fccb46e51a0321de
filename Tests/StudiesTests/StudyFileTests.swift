import ClusterFile
import Foundation
import Mutation
import Studies
import Testing

struct StudyFileTests {
  /// Those that are shipped.
  private static func shipped() throws -> [URL] {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try FileManager.default.contentsOfDirectory(
      at: project.appendingPathComponent("deploy/studies"), includingPropertiesForKeys: nil)
  }

  @Test func whatIsShippedIsRead() throws {
    let files = try Self.shipped()
    #expect(!files.isEmpty)
    for file in files {
      #expect(try StudyFile.read(path: file.path).name == file.deletingPathExtension().lastPathComponent)
    }
  }

  @Test func whatIsLeftOutIsTheDefault() throws {
    let study = "name: a\nseeds: [1]\nsettings:\n  # none\ntasks:\n  path:\n    # none\nvariants:\n  plain: ~\n"
    #expect(try StudyFile(yaml: study, named: "study.yaml").runs.count == 1)
  }

  @Test func fuzzedStudiesAreReadOrRefusedWithASentence() throws {
    let studies = try Self.shipped().map { try String(contentsOf: $0, encoding: .utf8) }
    var understood = 0
    for mutated in Mutation(of: studies) {
      do {
        _ = try StudyFile(yaml: String(decoding: mutated, as: UTF8.self), named: "fuzzed.yaml")
        understood += 1
      } catch {
        #expect(error is ClusterFileError, "\(error)")
      }
    }
    #expect(understood > 0)
  }
}
