import Testing

@testable import Worker

struct DeviceChoiceTests {
  @Test(arguments: [
    ("cpu", "cpu", "cpu"), ("cpu", "", "cpu"), ("cuda", "cuda", "cuda"),
    // Of several of a kind, each worker's own.
    ("cuda", "cuda:1", "cuda:1"), ("cuda:0", "cuda:1", "cuda:1"), ("cuda:1", "cuda", "cuda:1"),
  ])
  func ofOneKindTheWorkersOwnIsTaken(_ run: String, _ own: String, _ device: String) throws {
    #expect(try DeviceChoice.device(of: run, own: own) == device)
  }

  @Test(arguments: [("cuda", "cpu"), ("cpu", "cuda:1")]) func anotherKindIsRefused(_ run: String, _ own: String) {
    let error = #expect(throws: DeviceError.self) { try DeviceChoice.device(of: run, own: own) }
    let said = error?.description ?? ""
    #expect(said.contains("is \(own) here and \(run) in the run") && said.hasSuffix("--set model.device=\(run)"))
  }
}
