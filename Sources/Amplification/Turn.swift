/// What somebody is in a conversation about a question.
public struct Role: RawRepresentable, Hashable, Sendable, Codable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// Takes the question apart, and answers it from the sub-answers.
  public static let overseer = Role(rawValue: "overseer")
  /// Decides what others have argued about.
  public static let judge = Role(rawValue: "judge")
  /// Argues for one of the answers. - Parameter number: from 1.
  public static func debater(_ number: Int) -> Role { Role(rawValue: "debater \(number)") }
}

/// What somebody says in a conversation about a question.
public struct Turn: Hashable, Sendable, Codable {
  public enum Said: Hashable, Sendable, Codable {
    /// A sub-question, with what it came to.
    case asked(AmplificationTree)
    /// An argument, an objection, a proof.
    case stated(Content)
  }

  public let role: Role
  public let author: Author
  public let said: Said
  /// What it cost to say it; what a sub-question came to cost is in its tree.
  public var cost = Cost.nothing

  public init(_ role: Role, by author: Author, _ said: Said, cost: Cost = .nothing) {
    self.role = role
    self.author = author
    self.said = said
    self.cost = cost
  }
}

/// What answers cost: calls of a model, its tokens, money.
public struct Cost: Hashable, Sendable, Codable {
  public var calls: Int
  /// Read and written by the model.
  public var tokensIn, tokensOut: Int
  /// In millionths of whatever money is counted in.
  public var micros: Int

  public static let nothing = Cost()

  public init(calls: Int = 0, tokensIn: Int = 0, tokensOut: Int = 0, micros: Int = 0) {
    self.calls = calls
    self.tokensIn = tokensIn
    self.tokensOut = tokensOut
    self.micros = micros
  }

  public static func + (one: Cost, other: Cost) -> Cost {
    Cost(
      calls: one.calls + other.calls, tokensIn: one.tokensIn + other.tokensIn,
      tokensOut: one.tokensOut + other.tokensOut, micros: one.micros + other.micros)
  }
}
