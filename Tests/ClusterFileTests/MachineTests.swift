import Testing

@testable import ClusterFile

/// How many workers a machine, or a container, has room for.
struct MachineTests {
  @Test(
    arguments: [
      (8, 64 << 30, nil, nil, 8), (8, 64 << 30, "200000 100000\n", "max\n", 2), (8, 64 << 30, "max 100000\n", nil, 8),
      (8, 64 << 30, nil, "1073741824\n", 2), (1, 1 << 20, nil, nil, 1), (4, 0, "damaged", "damaged", 4),
    ] as [(Int, Int, String?, String?, Int)])
  func workers(_ cores: Int, _ memory: Int, _ cpuMax: String?, _ memoryMax: String?, _ workers: Int) {
    #expect(Machine(cores: cores, memory: memory, cpuMax: cpuMax, memoryMax: memoryMax).workers == workers)
  }

  @Test func autoIsANumberFromThenOn() throws {
    let file = try ClusterFile.read(path: nil, overrides: ["cluster.workers=auto"])
    #expect(file.cluster.workers == Machine.this.workers && file.yaml.contains("workers: \(file.cluster.workers)\n"))
  }
}
