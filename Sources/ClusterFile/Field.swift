import Foundation

/// One key of `cluster.yaml`: its path, what it may be, and where its value lives.
public struct Field: Sendable {
  /// `task.size`
  public let path: String
  /// `4 to 64`
  public let allowed: String
  /// What a run is to which the key is given another value.
  private(set) var role = Role.computes
  let set: @Sendable (inout ClusterFile, String) -> Bool
  let get: @Sendable (ClusterFile) -> String

  /// What a key has to say in whether two runs are one.
  enum Role {
    /// What is computed: with another value it is another run.
    case computes
    /// The same, and the name of a run to which nobody gave one says it in any case.
    case names
    /// When the run ends: one that is not finished may be given another.
    case ends
    /// Where the run is made and how it is looked at: any run may be given another.
    case circumstance
  }

  /// The same key with a role of its own.
  private func that(_ role: Role) -> Field {
    var field = self
    field.role = role
    return field
  }
  var names: Field { that(.names) }
  var ends: Field { that(.ends) }
  var circumstance: Field { that(.circumstance) }

  static func integer(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    Field(
      path: path, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      set: { file, text in
        guard let value = Int(text), range.contains(value) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  /// `auto` is as many as this machine has room for, from then on as a number.
  static func workers(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    let number = integer(path, place, range)
    return Field(
      path: path, allowed: "auto, or \(number.allowed)",
      set: { number.set(&$0, $1 == "auto" ? "\(Machine.this.workers)" : $1) }, get: number.get)
  }

  static func seed(_ path: String, _ place: WritableKeyPath<ClusterFile, UInt64> & Sendable) -> Field {
    Field(
      path: path, allowed: "a whole number from 0 to \(UInt64.max)",
      set: { file, text in
        guard let value = UInt64(text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func number(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Double> & Sendable, _ range: ClosedRange<Double>
  ) -> Field {
    Field(
      path: path, allowed: "a number from \(range.lowerBound) to \(range.upperBound)",
      set: { file, text in
        guard let value = Double(text), range.contains(value) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func flag(_ path: String, _ place: WritableKeyPath<ClusterFile, Bool> & Sendable) -> Field {
    Field(
      path: path, allowed: "true or false",
      set: { file, text in
        guard let value = Bool(text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { "\($0[keyPath: place])" })
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ path: String, _ place: WritableKeyPath<ClusterFile, Value> & Sendable
  ) -> Field {
    Field(
      path: path, allowed: Value.allCases.map(\.rawValue).joined(separator: " or "),
      set: { file, text in
        guard let value = Value(rawValue: text) else { return false }
        file[keyPath: place] = value
        return true
      }, get: { $0[keyPath: place].rawValue })
  }

  static func text(
    _ path: String, _ place: WritableKeyPath<ClusterFile, String> & Sendable, allowed: String,
    _ isAllowed: @escaping @Sendable (String) -> Bool
  ) -> Field {
    Field(
      path: path, allowed: allowed,
      set: { file, text in
        guard isAllowed(text) else { return false }
        file[keyPath: place] = text
        return true
      }, get: { $0[keyPath: place] })
  }
}

extension Field {
  /// `~` and what follows it is written out as the folder that it stands for, as a shell does.
  static func path(
    _ path: String, _ place: WritableKeyPath<ClusterFile, String> & Sendable, of what: String
  ) -> Field {
    Field(
      path: path, allowed: "the path of \(what); a ~ before it is somebody's home folder",
      set: { file, text in
        let whole = withHome(text)
        // Of no byte-order mark Foundation says whether it is part of a text.
        guard !whole.isEmpty, !whole.hasPrefix("~"), !whole.utf8.contains(0), text.unicodeScalars.first != "\u{feff}"
        else { return false }
        file[keyPath: place] = text.hasPrefix("~") ? whole : text
        return true
      }, get: { $0[keyPath: place] })
  }

  /// `~/x` is in the folder that HOME names, as for a shell, and `~ada/x` in that of ada.
  private static func withHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"], !home.isEmpty
    else { return (path as NSString).expandingTildeInPath }
    return home + path.dropFirst()
  }
}
