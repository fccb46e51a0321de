import ClusterFile
import Oversight

extension People {
  /// Those of the configuration's file. - Throws: a sentence.
  static func named(in file: ClusterFile) throws -> People {
    file.oversight.peopleFile == "none" ? People() : try People(path: file.oversight.peopleFile)
  }

  /// Those of the configuration's file, if some of them may decide what its run asks people.
  static func deciding(in file: ClusterFile) throws -> People {
    let people = try named(in: file)
    if file.overseer.kind == .human { try people.checkOverseers(neededFor: "overseer.kind=human") }
    if file.oversight.review > 0 { try people.checkOverseers(neededFor: "oversight.review") }
    return people
  }
}
