import Hashing
import Synchronization

/// SHA-256 of files: computed once, remembered in memory as long as size, time and inode are what they were.
enum FileHashes {
  private static let known = Mutex<[MappedFile.Identity: Digest]>([:])
  private static let most = 1024

  static func digest(of file: MappedFile) -> Digest {
    if let digest = known.withLock({ $0[file.identity] }) { return digest }
    let digest = file.withBytes { bytes in
      var hash = SHA256()
      hash.update(bytes)
      return hash.digest
    }
    known.withLock { known in
      if known.count >= most { known = [:] }
      known[file.identity] = digest
    }
    return digest
  }
}
