import Amplification
import Randomness

extension Assignment {
  /// √n constants, then variables whose arguments are uniform among those before.
  public func sampleContext(elements: Int, using random: inout CounterGenerator) -> Context {
    let names = (1...size).shuffled(using: &random).prefix(elements).map { variables[$0] }
    let constants = max(1, Int(Double(elements).squareRoot()))
    var facts: [[Token]] = []
    var drawn: [Token] = []
    var table: [[Token]: Token] = [:]
    for (index, name) in names.enumerated() {
      guard index >= constants else {
        drawn.append(values[Int.random(in: 1...values.count, using: &random)])
        facts.append([name, drawn[index], 0])
        continue
      }
      let (first, second) = (Int.random(in: 0..<index, using: &random), Int.random(in: 0..<index, using: &random))
      facts.append([name, names[first], names[second]])
      let pair = [drawn[first], drawn[second]]
      if table[pair] == nil {
        let result = values[Int.random(in: 1...values.count, using: &random)]
        table[pair] = result
        facts.append(pair + [result])
      }
      drawn.append(table[pair] ?? 0)
    }
    return Context(facts: facts)
  }

  /// The depth is uniform among those that occur, then the variable among those of that depth; never a constant.
  public func sampleQuestion(about context: Context, using random: inout CounterGenerator) -> Question {
    var byDepth: [Int: [Token]] = [:]
    for (name, depth) in depths(in: context) where depth > 0 { byDepth[depth, default: []].append(name) }
    guard let depth = byDepth.keys.sorted().randomElement(using: &random),
      let name = byDepth[depth]?.sorted().randomElement(using: &random)
    else { return grammar.question(.value, variables[1]) }
    return grammar.question(.value, name)
  }

  /// Of every variable whose value is determined: how many tables deep; 0 for constants.
  func depths(in context: Context) -> [Token: Int] {
    var depths: [Token: Int] = [:]
    var grows = true
    while grows {
      grows = false
      for fact in context.facts where variables.contains(fact[0]) && depths[fact[0]] == nil {
        if values.contains(fact[1]) {
          depths[fact[0]] = 0
        } else if let first = depths[fact[1]], let second = depths[fact[2]] {
          depths[fact[0]] = 1 + max(first, second)
        } else {
          continue
        }
        grows = true
      }
    }
    return depths
  }

  public func checked(_ context: Context) throws -> Context {
    var lefts: Set<[Token]> = []
    for fact in context.facts {
      let left = values.contains(fact[0]) ? Array(fact.prefix(2)) : [fact[0]]
      guard lefts.insert(left).inserted else {
        throw NotationError("\(write(fact: fact)) defines again what another fact defines")
      }
    }
    let depths = depths(in: context)
    for fact in context.facts where variables.contains(fact[0]) {
      guard depths[fact[0]] != nil else {
        throw NotationError("\(write(fact[0])) has no value: it is defined by itself, or by a variable that is not")
      }
      guard !truth(of: grammar.question(.value, fact[0]), in: context).isUnknown else {
        throw NotationError("\(write(fact[0])) has no value: the table of f lacks a row that it needs")
      }
    }
    guard lefts.contains(where: { $0.count == 1 }) else {
      throw NotationError("a context has at least one variable, such as x3:=5")
    }
    return context
  }
}
