import ModelFiles

/// An object of `tokenizer.json`, whose keys must be known.
struct Component {
  let file: String
  /// Where it is, for sentences.
  let place: String
  let json: JSON

  func error(_ fault: String) -> ModelFileError { ModelFileError(file, "\(place) \(fault)") }

  var type: String { json["type"]?.text ?? "" }

  /// - Throws: if it has other keys that say something.
  func allow(_ keys: String...) throws(ModelFileError) {
    guard case .object(let members) = json else { throw error("is not an object") }
    for (key, value) in members where !keys.contains(key) && key != "type" {
      if value.isNull || value.truth == false { continue }
      throw error("has the key “\(key.prefix(80))”, which is not known here")
    }
  }

  func text(_ key: String) throws(ModelFileError) -> String {
    guard let text = json[key]?.text else { throw error("has no text under “\(key)”") }
    return text
  }

  func truth(_ key: String, or standard: Bool) throws(ModelFileError) -> Bool {
    guard let value = json[key], !value.isNull else { return standard }
    guard let truth = value.truth else { throw error("has neither true nor false under “\(key)”") }
    return truth
  }

  func child(_ key: String) -> Component? {
    guard let value = json[key], !value.isNull else { return nil }
    return Component(file: file, place: "\(place)/\(key)", json: value)
  }

  func children(_ key: String) throws(ModelFileError) -> [Component] {
    guard let values = json[key]?.array else { throw error("has no list under “\(key)”") }
    return values.enumerated().map { Component(file: file, place: "\(place)/\(key)/\($0)", json: $1) }
  }

  /// Itself, or the parts of a sequence of such.
  func flat(_ key: String) throws(ModelFileError) -> [Component] {
    guard type == "Sequence" else { return [self] }
    try allow(key)
    var all: [Component] = []
    for child in try children(key) { all += try child.flat(key) }
    return all
  }

  /// A text or a regular expression that is looked for.
  func pattern() throws(ModelFileError) -> (text: String, isRegex: Bool) {
    guard let pattern = json["pattern"] else { throw error("has no pattern") }
    if let text = pattern["String"]?.text, !text.isEmpty { return (text, false) }
    if let text = pattern["Regex"]?.text { return (text, true) }
    throw error("has no pattern that is a text or a regular expression")
  }
}
