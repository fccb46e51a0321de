import Foundation

extension Child {
  /// Processor time that it has taken; nil if it has ended.
  package var processorSeconds: Double? {
    guard let line = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return nil }
    // Behind the name, which may have spaces: state, parent, …, user time, system time.
    let fields = line.split(separator: ")").last?.split(separator: " ").map { Int($0) ?? 0 } ?? []
    return fields.count > 12 ? Double(fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK))) : nil
  }

  /// Memory of it that is in RAM; nil if it has ended.
  package var residentBytes: Int? { ResidentMemory.bytes(of: processID) }
}
