package import Drivers

/// One side's "done" for the other side's queue: signalled once for each turn, waited for once, by the other side.
package protocol HandoverSignal: AnyObject, Sendable {
  /// What a submission of Vulkan's waits for or signals.
  var vkSemaphore: VkSemaphore { get }
  /// Before a submission waits for ``vkSemaphore``. Can be called again for a wait that was not submitted after all.
  func prepareWaitInVulkan() throws(InteropError)
  /// GL waits for what Vulkan has submitted, on its GPU, before it touches `texture` again. If it throws, the wait is
  /// still due. On the GL thread.
  func waitInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
  /// Stands for everything GL was told so far, and flushes. On the GL thread.
  func signalInGL(_ context: GLContext, texture: GLuint) throws(InteropError)
}
