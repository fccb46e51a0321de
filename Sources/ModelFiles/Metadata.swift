/// What a file says under one key.
public enum Metadata: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case truth(Bool)
  case text(String)
  case integers([Int])
  case numbers([Double])
  case truths([Bool])
  case texts([String])
  case object([String: Metadata])
  case nothing
  /// Of another form, such as a list of unlike things.
  case other
}
