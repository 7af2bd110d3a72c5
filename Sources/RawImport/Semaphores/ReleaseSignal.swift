package import InteropDrivers

/// The signal by which one API tells the other's queue that its access has ended: signalled once for each access,
/// waited for by the other API.
package protocol ReleaseSignal: AnyObject, Sendable {
  /// The last signal given, for a Vulkan submission to wait for.
  var waitInVulkan: SemaphorePoint { get }
  /// The signal for the next Vulkan submission that ends an access. The same until ``didSignalInVulkan()``.
  var signalInVulkan: SemaphorePoint { get }
  /// Records that such a submission was made.
  func didSignalInVulkan()
  /// Prepares a submission that waits for ``waitInVulkan``. Can be called again if that wait was not submitted.
  func prepareWaitInVulkan() throws(InteropError)
  /// Whether the next signal may follow one that was not waited for.
  var mayGoUnwaited: Bool { get }
  /// Lets GL wait on its GPU for the work that Vulkan has submitted, before GL touches `texture` again.
  ///
  /// If it throws, the wait is still due. On the GL thread.
  func waitInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
  /// Signals once everything that GL has been given so far is done, and flushes. On the GL thread.
  func signalInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
}

/// A binary semaphore, which counts nothing.
package protocol BinaryReleaseSignal: ReleaseSignal {
  var vkSemaphore: VkSemaphore { get }
}

extension BinaryReleaseSignal {
  package var waitInVulkan: SemaphorePoint { SemaphorePoint(vkSemaphore) }
  package var signalInVulkan: SemaphorePoint { SemaphorePoint(vkSemaphore) }
  package func didSignalInVulkan() {}
  package var mayGoUnwaited: Bool { false }
}
