import Glibc

/// Whether the process can start so many threads more at this moment.
///
/// It is tried, as many things limit it: what a user may have, a control group (`pids.max`), the address space. A process
/// that can't start a thread when it has to ends at once or waits for ever, as libraries do.
public func areThreadsLeft(_ count: Int) -> Bool {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  // As few as there may be: they do nothing but wait to be let go.
  pthread_attr_setstacksize(&attributes, 64 << 10)
  let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  pthread_mutex_init(gate, nil)
  defer {
    pthread_mutex_destroy(gate)
    gate.deallocate()
  }
  pthread_mutex_lock(gate)
  var started: [pthread_t] = []
  while started.count < count {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { gate in
        guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
        pthread_mutex_lock(gate)
        pthread_mutex_unlock(gate)
        return nil
      }, gate)
    guard code == 0 else { break }
    started.append(thread)
  }
  pthread_mutex_unlock(gate)
  for thread in started { pthread_join(thread, nil) }
  return started.count == count
}
