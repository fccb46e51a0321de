import Amplification
import Distillation
import Foundation
import Models
import Randomness
import Tasks
import Torch

let arguments = CommandLine.arguments
func option(_ name: String, _ value: Int) -> Int {
  guard let i = arguments.firstIndex(of: "--" + name) else { return value }
  return Int(arguments[i + 1])!
}
let size = option("size", 8)
let bits = option("bits", 3)
let seed = UInt64(option("seed", 1))
let steps = option("steps", 10)
let rounds = option("rounds", 300)
let micro = option("micro", 4)
let learned = option("learned", 1) == 1
let shardCount = option("shards", 4)
print(Engine.start())
let task = try TaskCatalog.task("permutation", size: size, bits: bits)
var configuration = ModelConfiguration()
configuration.width = option("width", 64)
configuration.shareLayers = option("share", 1) == 1
configuration.factLayers = option("fact", 4)
configuration.questionLayers = option("question", 4)
configuration.overseerWidth = option("ow", 64)
configuration.overseerLayers = option("ol", 2)
let shape = TaskShape(task)
let xNet = AnswererNetwork(shape, configuration)
let hNet = OverseerNetwork(shape, configuration)
let x = try Learner(xNet.layout, seed: seed, purpose: .initialAnswerer, rate: Float(option("lr", 1000)) * 1e-6, horizon: Float(option("horizon", 300)), device: .cpu)
let h = try Learner(hNet.layout, seed: seed, purpose: .initialOverseer, rate: Float(option("lr", 1000)) * 1e-6, horizon: Float(option("horizon", 300)), device: .cpu)
let teacher = try Parameters(xNet.layout, start: x.state().average)
print("X", x.parameters.count, "H'", h.parameters.count)
let clock = ContinuousClock()
func seconds(_ d: Duration) -> Double { Double(d.components.attoseconds) / 1e18 + Double(d.components.seconds) }
var curriculum = Curriculum(from: 8, to: size)
var buffer = ReplayBuffer<[Lesson]>(capacity: 200)
var transcripts: [Transcript] = []
func sample(_ round: Int, _ purpose: Purpose, contexts: Int, elements: Int, questions: Int = 16) -> ([Context], [Asked]) {
  var c: [Context] = []
  var a: [Asked] = []
  for i in 0..<contexts {
    var r = CounterGenerator(seed: seed, purpose: purpose, round: round, index: i)
    let context = task.sampleContext(elements: elements, using: &r)
    for _ in 0..<questions { a.append(Asked(task.sampleQuestion(about: context, using: &r), about: i)) }
    c.append(context)
  }
  return (c, a)
}
// H' first
var tH = Duration.zero, tA = Duration.zero, tD = Duration.zero
do {
  let (c, a) = sample(0, .decompositions, contexts: option("transcripts", 300), elements: min(8, size), questions: 1)
  let amp = Amplifier(overseer: task.scriptedOverseer, answerer: ModelAnswerer(xNet, teacher, role: "teacher", step: 0), facts: task, mostSteps: task.mostSteps)
  transcripts = try amp.amplify(a, in: c).map(\.transcript)
  let (vc, va) = sample(1, .decompositions, contexts: 100, elements: min(8, size), questions: 1)
  let validation = try amp.amplify(va, in: vc).map(\.transcript)
  for s in 0..<400 {
    let t0 = clock.now
    var r = CounterGenerator(seed: seed, purpose: .transcripts, round: s)
    let batch = (0..<50).map { _ in transcripts[Int.random(in: transcripts.indices, using: &r)] }
    let tree = ReductionTree(leaves: micro)
    var parts: [Range<Int>: [Float]] = [:]
    for (i, share) in shares(of: 50, among: micro).enumerated() {
      parts[i..<i + 1] = try hNet.gradient(of: Array(batch[share]), total: 50, h.parameters).gradient
    }
    try h.apply(tree.sum(from: parts) { a, b in var s = a; b.withUnsafeBufferPointer { add($0, to: &s) }; return s }!)
    tH += clock.now - t0
    if s % 50 == 49 { print("H' step", s + 1, "validation loss", try hNet.loss(of: validation, h.parameters), "ms/step", seconds(tH) * 1000 / Double(s + 1)) }
  }
}
let start = clock.now
for round in 1...rounds {
  if try !buffer.isEmpty || true {
    try teacher.withValues { v in let a = try x.state().average; _ = v.update(fromContentsOf: a) }
    let t0 = clock.now
    let (c, a) = sample(round, .contexts, contexts: 50, elements: curriculum.elements)
    let X = ModelAnswerer(xNet, teacher, role: "teacher", step: x.step)
    let H: any Overseer = learned ? LearnedOverseer(hNet, h.parameters, step: h.step) : task.scriptedOverseer
    let amp = Amplifier(overseer: H, answerer: X, facts: task, mostSteps: task.mostSteps)
    var lessons: [Lesson] = []
    var agree = 0
    for share in shares(of: 50, among: shardCount) {
      let cc = Array(c[share]); let aa = a[(share.lowerBound * 16)..<(share.upperBound * 16)].map { Asked($0.question, about: $0.context - share.lowerBound) }
      let trees = try amp.amplify(aa, in: cc)
      let direct = try X.answer(aa, in: cc)
      agree += zip(trees, direct).count { $0.answer == $1 }
      for i in cc.indices { lessons.append(Lesson(context: cc[i], questions: aa[i * 16..<i * 16 + 16].map(\.question), answers: trees[i * 16..<i * 16 + 16].map(\.answer))) }
    }
    curriculum.observe(agreement: Double(agree) / 800)
    buffer.append(lessons)
    tA += clock.now - t0
  }
  let t1 = clock.now
  for s in 0..<steps {
    var r = CounterGenerator(seed: seed, purpose: .replay, round: round, index: s)
    let batch = buffer.sample(using: &r)
    let tree = ReductionTree(leaves: micro)
    var parts: [Range<Int>: [Float]] = [:]
    for (i, share) in shares(of: 50, among: micro).enumerated() {
      parts[i..<i + 1] = try xNet.gradient(of: Array(batch[share]), total: 800, x.parameters).gradient
    }
    try x.apply(tree.sum(from: parts) { a, b in var s = a; b.withUnsafeBufferPointer { add($0, to: &s) }; return s }!)
  }
  tD += clock.now - t1
  if round % option("log", 20) == 0 {
    let (c, a) = sample(0, .heldOut, contexts: 200, elements: size)
    try teacher.withValues { v in let a = try x.state().average; _ = v.update(fromContentsOf: a) }
    let T = ModelAnswerer(xNet, teacher, role: "teacher", step: x.step)
    let S = ModelAnswerer(xNet, x.parameters, role: "student", step: x.step)
    let H: any Overseer = learned ? LearnedOverseer(hNet, h.parameters, step: h.step) : task.scriptedOverseer
    let amp = Amplifier(overseer: H, answerer: T, facts: task, mostSteps: task.mostSteps)
    func score(_ answers: [Answer]) -> Double { Double(zip(answers, a).count { task.isRight($0, to: $1.question, in: c[$1.context]) }) / Double(a.count) }
    print("round", round, "elements", curriculum.elements, String(format: "student %.3f teacher %.3f amplified %.3f  %.1f s; amplify %.1f ms/round distil %.2f ms/step", score(try S.answer(a, in: c)), score(try T.answer(a, in: c)), score(try amp.amplify(a, in: c).map(\.answer)), seconds(clock.now - start), seconds(tA) * 1000 / Double(round), seconds(tD) * 1000 / Double(round * steps)))
  }
}
