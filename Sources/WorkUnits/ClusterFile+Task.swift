import ClusterFile
import Tasks

extension ClusterFile {
  /// The task that the configuration says: the same one for coordinator and workers.
  ///
  /// - Throws: `NotationError` if there is none of that name, or none of that size, or it can't begin with so few elements.
  public func makeTask(from catalog: TaskCatalog = .grove) throws -> any TaskDefinition {
    let made = try catalog.task(task.name, size: task.size, task.settings)
    let least = made.kind.sizes.lowerBound
    guard task.start >= least else {
      throw NotationError("task.start is \(task.start), and \(task.name) has \(least) elements at least")
    }
    return made
  }
}
