import Glibc

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

/// Runs `background` on a thread of its own while `body` runs here, and joins it.
package func withThread<Result>(
  _ background: @escaping () -> Void, during body: () throws -> Result
) throws -> Result {
  var thread = pthread_t()
  let work = Unmanaged.passRetained(Work(background))
  let status = pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, work.toOpaque())
  precondition(status == 0, "pthread_create failed with \(status)")
  defer { pthread_join(thread, nil) }
  return try body()
}
