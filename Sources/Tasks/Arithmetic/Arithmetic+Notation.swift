import Amplification

extension Arithmetic {
  public var guide: String {
    func sum(_ a: Int, _ b: Int, _ isCarried: Bool = false) -> String {
      Calculation.sum(a, b, isCarried: isCarried).write(numerals)
    }
    func product(_ a: Int, _ b: Int) -> String { Calculation.product(a, b).write(numerals) }
    let order = numerals.areReversed ? "All numbers are written from the units up: \(numerals.write(347)) is 347. " : ""
    let sums = """
      \(sum(347, 289)) asks for a sum, and \(sum(347, 289, true)) for one more. Ask for the last column first, \(sum(7, 9)), \
      then for what stands before it, with the 1 if there is one to carry, \(sum(34, 28, true)); the answer is the second sum, \
      and at its units' end the last digit of the first. Ask for what has one digit as it stands.
      """
    guard multiplies else { return order + sums }
    return """
      \(order)\(product(347, 28)) asks for a product. Ask for that by the last digit, \(product(347, 8)), and by what stands before \
      it, \(product(347, 2)); then for the sum of ten times the second and the first. If the second number has one digit, take the \
      first apart so. \(sums)
      """
  }

  public func meaning(of question: Question) -> String {
    guard let calculation = calculation(question) else { return "no question" }
    let order = numerals.areReversed ? ", all written from the units up" : ""
    switch calculation {
    case .sum(let a, let b, let isCarried):
      return "the sum of \(numerals.write(a)) and \(numerals.write(b))\(isCarried ? " and 1" : "")\(order)"
    case .product(let a, let b): return "the product of \(numerals.write(a)) and \(numerals.write(b))\(order)"
    }
  }

  public var forms: [String] { ["34+28=", "34+28+1="] + (multiplies ? ["34*28="] : []) }

  public func readQuestion(_ text: String) throws -> Question {
    let bare = text.filter { !$0.isWhitespace }
    let question = Question(text: bare.hasSuffix("=") ? bare : bare + "=")
    guard isQuestion(question) else {
      let most = multiplies ? ", \(Calculation.longestFactor) digits at most in a product" : ""
      throw NotationError(
        "“\(text.prefix(80))” is no question: questions are written \(forms.joined(separator: " or ")), with numbers of "
          + "\(Calculation.longestTerm) digits at most\(most), whose highest is not 0")
    }
    return question
  }

  public func readAnswer(_ text: String, to question: Question) throws -> Answer {
    let text = String(text.trimmed)
    if text == "?" { return unknown }
    let answer = answer(written: text, to: question)
    guard !answer.isUnknown else {
      throw NotationError(
        "“\(text.prefix(80))” is no answer to this question: write a number, of digits alone of which the highest is not 0, "
          + "such as \(numerals.write(62)), or ?")
    }
    return answer
  }
}
