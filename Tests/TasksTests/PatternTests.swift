import Testing

@testable import Tasks

struct PatternTests {
  @Test(arguments: [
    ("edge _ _", "edge 12 7", ["12", "7"]), ("edge _ _", "edge  12\t7", ["12", "7"]), ("edge _ _", "edge 12", nil),
    ("edge _ _", "edge 12 7 ", nil), ("edge _ _", "edge12 7", nil), ("x_", "x7", ["7"]), ("x_", "x 7", nil),
    ("f(_,_)", "f(2,4)", ["2", "4"]), ("f(_,_)", "f( 2 , 4 )", ["2", "4"]), ("f(_,_)", "f (2,4)", nil),
    ("label? _", "label? 3", ["3"]), ("label _", "label? 3", nil), ("arg1 x_", "arg1 x10", ["10"]), ("a _", "", nil),
  ])
  func numbersAreReadFromTheirPlaces(_ pattern: String, _ text: String, _ numbers: [String]?) {
    #expect(Pattern(pattern).read(text)?.map(String.init) == numbers)
  }

  @Test func numbersAreWrittenIntoThem() {
    #expect(Pattern("f(_,_)").write(["2", "4"]) == "f(2,4)")
    #expect(Pattern("arg1 x_").write(["3"]) == "arg1 x3")
  }
}
