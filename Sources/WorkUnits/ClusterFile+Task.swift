import ClusterFile
import Tasks

extension ClusterFile {
  /// The task that the configuration says: the same one for coordinator and workers.
  ///
  /// - Throws: `NotationError` if there is none of that name, or none of that size.
  public func makeTask(from catalog: TaskCatalog = .grove) throws -> any TaskDefinition {
    try catalog.task(task.name, size: task.size, task.settings)
  }
}
