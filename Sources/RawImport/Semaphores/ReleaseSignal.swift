package import InteropDrivers

/// One side's "done" for the other side's queue: signalled once for each turn, waited for by the other side.
package protocol ReleaseSignal: AnyObject, Sendable {
  /// What a submission of Vulkan's waits for: the last signal that was given.
  var waitInVulkan: SemaphorePoint { get }
  /// What the next submission of Vulkan's signals that ends a turn. The same until ``didSignalInVulkan()``.
  var signalInVulkan: SemaphorePoint { get }
  /// Such a submission was made.
  func didSignalInVulkan()
  /// Before a submission waits for ``waitInVulkan``. Can be called again for a wait that was not submitted after all.
  func prepareWaitInVulkan() throws(InteropError)
  /// Whether a signal that nobody has waited for may be followed by the next.
  var mayGoUnwaited: Bool { get }
  /// GL waits for what Vulkan has submitted, on its GPU, before it touches `texture` again. If it throws, the wait is
  /// still due. On the GL thread.
  func waitInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
  /// Stands for everything GL was told so far, and flushes. On the GL thread.
  func signalInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
}

/// A binary semaphore, which has nothing to count.
package protocol BinaryReleaseSignal: ReleaseSignal {
  var vkSemaphore: VkSemaphore { get }
}

extension BinaryReleaseSignal {
  package var waitInVulkan: SemaphorePoint { SemaphorePoint(vkSemaphore) }
  package var signalInVulkan: SemaphorePoint { SemaphorePoint(vkSemaphore) }
  package func didSignalInVulkan() {}
  package var mayGoUnwaited: Bool { false }
}
