public import InteropDrivers

/// An image's memory and semaphores with their description, for another implementation: an engine, a WebGPU device,
/// CUDA, another process.
///
/// ``SharedImage/externalBundle()`` gives one out; ``ExternalImage`` takes one in. Of the two sides, the *giver* made the
/// memory and the *taker* imports it. Each side signals its own semaphore when its access ends, and waits for the
/// other's before its next one; an ``ExternalPoint`` says at which value, and goes along with each access.
///
/// The bundle owns its descriptors and closes those that nobody took.
public struct ExternalImageBundle: ~Copyable, Sendable {
  /// The description.
  public var description: ExternalImageDescription
  /// The memory: an OPAQUE_FD descriptor (`vkGetMemoryFdKHR`), or a DMA-BUF with its planes and modifier.
  public var memory: Memory
  /// The semaphore that the giver signals (`vkGetSemaphoreFdKHR`, OPAQUE_FD); nil where the sync has none.
  ///
  /// Binary with ``SyncKind/semaphoreFD``, a timeline with ``SyncKind/timelineSemaphore``.
  public var giverDone: FileDescriptorOwner?
  /// The semaphore that the taker signals; nil where the sync has none.
  public var takerDone: FileDescriptorOwner?

  /// The memory of an image.
  public enum Memory: ~Copyable, Sendable {
    /// A descriptor of `vkGetMemoryFdKHR`, which only the same device and driver take.
    case opaqueFD(FileDescriptorOwner)
    /// A buffer that other devices take, too.
    case dmaBuf(DMABuf)
  }

  /// Puts a bundle together, which takes the descriptors over.
  public init(
    _ description: ExternalImageDescription, memory: consuming Memory, giverDone: consuming FileDescriptorOwner? = nil,
    takerDone: consuming FileDescriptorOwner? = nil
  ) {
    self.description = description
    self.memory = memory
    self.giverDone = giverDone
    self.takerDone = takerDone
  }

  /// Whether both semaphores are there.
  var hasSemaphores: Bool { giverDone != nil && takerDone != nil }

  /// Makes a second bundle of the same memory and semaphores, for another API or process.
  ///
  /// - Throws: ``InteropError/Code/driverFailure`` where no descriptor is free.
  public borrowing func duplicate() throws(InteropError) -> ExternalImageBundle {
    let memory: Memory =
      switch memory {
      case .opaqueFD(let descriptor): .opaqueFD(try descriptor.duplicate())
      case .dmaBuf(let buffer): .dmaBuf(try buffer.duplicate())
      }
    return ExternalImageBundle(
      description, memory: memory, giverDone: try Self.duplicate(giverDone), takerDone: try Self.duplicate(takerDone))
  }

  private static func duplicate(
    _ descriptor: borrowing FileDescriptorOwner?
  ) throws(InteropError) -> FileDescriptorOwner? {
    switch descriptor {
    case .some(let owner): try owner.duplicate()
    case .none: nil
    }
  }
}
