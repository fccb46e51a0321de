import Foundation
import Subprocess
import SystemPackage

extension Child {
  /// Where what a process writes goes.
  package enum Output: Sendable {
    case nothing
    /// Where this process's own goes.
    case inherited
    /// Behind what is in a file.
    case file(String)
  }

  /// Runs a command to its end, which being cancelled asks for.
  ///
  /// - Parameters:
  ///   - command: the program, by its path or as the shell would find it, and its arguments.
  ///   - input: what it reads, which ends at the latest when this process does; nil: nothing.
  ///   - lines: is told each line of its standard output, which then goes nowhere else.
  ///   - patience: from being asked to end until it is killed.
  ///   - started: is told its process id.
  /// - Throws: ``ChildError`` if it can't be started.
  package static func run(
    _ command: [String], input: Pipe? = nil, output: Output = .nothing, errors: Output = .nothing,
    lines: (@Sendable (String) -> Void)? = nil, patience: Duration = .zero, started: (Int32) -> Void = { _ in }
  ) async throws -> Ending {
    try await sentence(command) {
      var configuration = configuration(command)
      configuration.platformOptions.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: patience)]
      let own = (
        input: try input?.reading ?? .nothing(.readOnly), errors: try errors.descriptor(FileDescriptor.standardError)
      )
      let (reads, says): (FileDescriptorInput, FileDescriptorOutput) = (
        .fileDescriptor(own.input, closeAfterSpawningProcess: true),
        .fileDescriptor(own.errors, closeAfterSpawningProcess: errors.isOwn)
      )
      defer { withExtendedLifetime(input) {} }
      guard let lines else {
        let writes = FileDescriptorOutput.fileDescriptor(
          try output.descriptor(FileDescriptor.standardOutput), closeAfterSpawningProcess: output.isOwn)
        return try await Subprocess.run(configuration, input: reads, output: writes, error: says) { child in
          started(child.processIdentifier.value)
        }.terminationStatus.ending
      }
      return try await Subprocess.run(configuration, input: reads, output: .sequence, error: says) { child in
        started(child.processIdentifier.value)
        for try await line in child.standardOutput.strings() { lines(line) }
      }.terminationStatus.ending
    }
  }

  /// Runs a command to its end, and returns what it wrote: at most a mebibyte of each.
  ///
  /// - Throws: ``ChildError`` if it can't be started.
  package static func output(
    of command: [String]
  ) async throws -> (ending: Ending, output: String, errors: String) {
    try await sentence(command) {
      let result = try await Subprocess.run(
        configuration(command), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      return (result.terminationStatus.ending, result.standardOutput, result.standardError)
    }
  }

  private static func configuration(_ command: [String]) -> Configuration {
    let program = command.first ?? ""
    var configuration = Configuration(
      executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(Array(command.dropFirst())))
    configuration.platformOptions.processGroupID = 0
    return configuration
  }

  private static func sentence<Result>(_ command: [String], _ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw ChildError(description: "there is no program \(command.first ?? "")")
    } catch let error as SubprocessError {
      throw ChildError(description: error.underlyingError.map { "\($0)" } ?? "\(error)")
    } catch let error as Errno {
      throw ChildError(description: "\(error)")
    }
  }
}

extension Child.Output {
  /// Whether its descriptor is nobody else's.
  fileprivate var isOwn: Bool { if case .inherited = self { false } else { true } }

  fileprivate func descriptor(_ inherited: FileDescriptor) throws -> FileDescriptor {
    switch self {
    case .nothing: try .nothing(.writeOnly)
    case .inherited: inherited
    case .file(let path):
      try .open(
        path, .writeOnly, options: [.append, .create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }
  }
}

extension FileDescriptor {
  fileprivate static func nothing(_ mode: AccessMode) throws -> FileDescriptor {
    try .open("/dev/null", mode, options: .closeOnExec)
  }
}

extension Pipe {
  /// A descriptor of its reading end, for a child alone.
  fileprivate var reading: FileDescriptor {
    get throws {
      let descriptor = try FileDescriptor(rawValue: fileHandleForReading.fileDescriptor).duplicate()
      try fileHandleForReading.close()
      return descriptor
    }
  }
}

extension TerminationStatus {
  fileprivate var ending: Child.Ending {
    switch self {
    case .exited(let code): .exit(code)
    case .signaled(let number): .signal(number)
    }
  }
}
