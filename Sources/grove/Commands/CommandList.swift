import ArgumentParser

/// The commands, in the order in which they are listed.
package enum CommandList {
  /// What people do with runs.
  package static var ofRuns: [any ParsableCommand.Type] {
    [
      Run.self, CoordinatorCommand.self, WorkerCommand.self, StatusCommand.self, PsCommand.self, Drain.self, Stop.self,
      Ask.self, Eval.self, Review.self, ProvenanceCommand.self, Retract.self, Export.self, DashboardCommand.self,
      ReportCommand.self, KeysCommand.self, TasksCommand.self, ModelsCommand.self, StudyCommand.self,
      Plot.self,
    ]
  }
  /// What they try the machine with.
  package static var ofMachine: [any ParsableCommand.Type] { [ChaosCommand.self, Doctor.self] }
}
