import Glibc

/// A file descriptor with exactly one owner: closed when the owner goes away, unless a driver took ownership.
///
/// For external memory and semaphores *a successful import takes the descriptor* (EXT_memory_object_fd,
/// EXT_semaphore_fd: "the GL takes ownership"; VK_KHR_external_memory_fd likewise), and a failed one leaves it with the
/// caller. So lend it with ``withBorrowed(_:)``, and call ``handOver()`` after success.
public struct FileDescriptorOwner: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes ownership of `descriptor`, which must be open and have no other owner.
  ///
  /// In a program that was started without stdin, stdout or stderr, a driver's new descriptor may have that number, and
  /// printing would write into shared memory. Such a descriptor gets another number here.
  public init(owning descriptor: Int32) {
    precondition(descriptor >= 0, "a file descriptor is not negative")
    let moved = descriptor > STDERR_FILENO ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    // If no other number is free, it keeps its number.
    if moved >= 0 { _ = close(descriptor) }
    self.descriptor = moved >= 0 ? moved : descriptor
  }

  /// Makes a new close-on-exec descriptor for the same file; the caller keeps `descriptor`. The corresponding C call is
  /// `fcntl(F_DUPFD_CLOEXEC)`.
  public init(duplicating descriptor: Int32) throws(InteropError) {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    guard copy >= 0 else {
      throw InteropError(
        .driverFailure, step: "fcntl(F_DUPFD_CLOEXEC)", reason: "cannot duplicate the file descriptor",
        driverCode: .posix(errno), advice: "Raise the limit of open files (ulimit -n) or close some")
    }
    self.init(owning: copy)
  }

  deinit { _ = close(descriptor) }

  /// Lends the number for the duration of `body`, which must neither close nor keep it.
  public borrowing func withBorrowed<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(descriptor)
  }

  /// Transfers ownership of the descriptor: the caller, or a driver that imported it, closes it.
  public consuming func handOver() -> Int32 {
    let number = descriptor
    discard self
    return number
  }

  /// Makes a second descriptor of the same file. See ``init(duplicating:)``.
  public borrowing func duplicate() throws(InteropError) -> FileDescriptorOwner {
    try FileDescriptorOwner(duplicating: descriptor)
  }
}
