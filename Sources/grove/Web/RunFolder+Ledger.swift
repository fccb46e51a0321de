import ClusterFile
import Oversight
import RunStore

extension RunFolder {
  package func ledger(of run: String) async -> Ledger? {
    // Names from addresses go no further than this folder.
    guard ClusterFile.isName(run) else { return nil }
    return try? await KeptRun(run, in: folder).ledger()
  }
}

extension KeptRun {
  /// What people judged. What can't be read of it is left out.
  func ledger() async throws -> Ledger { Ledger(try await Provenance(store.journal), of: store.name, task) }
}
