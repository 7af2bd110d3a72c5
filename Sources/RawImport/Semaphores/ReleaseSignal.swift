package import InteropDrivers

/// The signal by which one API tells the other that its access has ended: given once for each access, waited for by the
/// other API.
package protocol ReleaseSignal: AnyObject, Sendable {
  /// The last signal given, for a Vulkan submission to wait for; nil where the CPU waits.
  var waitInVulkan: SemaphorePoint? { get }
  /// The signal for the next Vulkan submission that ends an access; nil where that submission's fence tells. The same
  /// until ``didSignalInVulkan()``.
  var signalInVulkan: SemaphorePoint? { get }
  /// Records that such a submission was made.
  func didSignalInVulkan()
  /// Prepares a submission that waits for ``waitInVulkan``. Can be called again if that wait was not submitted.
  func prepareWaitInVulkan() throws(InteropError)
  /// Whether the next signal may follow one that was not waited for.
  var mayGoUnwaited: Bool { get }
  /// Whether one queue at a time may wait: a second wait that is submitted before the first has been executed could take
  /// its signal (VUID-vkQueueSubmit-pWaitSemaphores-00068).
  var takesOneWaiter: Bool { get }
  /// Whether the submission that signals carries a fence, and the next Vulkan access waits for it first.
  var needsFence: Bool { get }

  /// Lets GL wait for the work that Vulkan has submitted, before GL touches the image again.
  ///
  /// If it throws, the wait is still due. On the GL thread.
  ///
  /// - Parameter waitOnCPU: waits for the fence of that work.
  func waitInGL(_ image: ImageInGL, _ waitOnCPU: () throws(InteropError) -> Void) throws(InteropError)
  /// Signals once everything that GL has been given so far is done, and flushes. On the GL thread.
  func signalInGL(_ image: ImageInGL) throws(InteropError)

  /// Returns the signal as a file, for a foreign user to wait for; nil if it is done.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` where others cannot wait for it.
  func takeFile(_ step: String) throws(InteropError) -> SyncFile?
  /// Takes the signal of a foreign user: done once the file is, or already for nil.
  func put(_ syncFile: consuming SyncFile?) throws(InteropError)

  /// Exports the payload for the taker of a bundle; nil where there is none that lasts.
  func exportPayload() throws(InteropError) -> FileDescriptorOwner?
  /// Returns the last signal given, as the taker of a bundle waits for it.
  func takePoint(_ step: String) throws(InteropError) -> ExternalPoint
  /// The least value that a taker may signal here; 0 for other syncs than timelines.
  var nextValue: UInt64 { get }
  /// Takes the signal of the taker, which has been checked against the sync.
  func put(_ point: consuming ExternalPoint) throws(InteropError)
}

/// What GL needs to know of an image for a signal.
package struct ImageInGL {
  package let context: GLContext
  package let texture: GLuint
  /// A framebuffer on the texture; 0 for none.
  package let framebuffer: GLuint
  package let isFloat: Bool
  package let glIsWriter: Bool

  package init(context: GLContext, texture: GLuint, framebuffer: GLuint, isFloat: Bool, glIsWriter: Bool) {
    self.context = context
    self.texture = texture
    self.framebuffer = framebuffer
    self.isFloat = isFloat
    self.glIsWriter = glIsWriter
  }

  /// Makes GL execute what it has deferred, on drivers whose `glFinish` and fences leave it out.
  func completePendingWork() throws(InteropError) {
    try context.completePendingWork(of: framebuffer, isFloat: isFloat)
  }

  /// Waits until GL has completed its work with the image. The corresponding C function is `glFinish`, which does not
  /// wait for everything on some drivers.
  package func finish() throws(InteropError) {
    try completePendingWork()
    context.gl.glFinish()
    try context.check("glFinish", "GL did not finish")
  }
}

extension ReleaseSignal {
  package func exportPayload() throws(InteropError) -> FileDescriptorOwner? { nil }
  package var nextValue: UInt64 { 0 }
  package var takesOneWaiter: Bool { false }

  package func takePoint(_ step: String) throws(InteropError) -> ExternalPoint {
    if let file = try takeFile(step) { .syncFile(file) } else { .done }
  }

  package func put(_ point: consuming ExternalPoint) throws(InteropError) {
    if case .syncFile(let file) = consume point { try put(file) } else { try put(SyncFile?.none) }
  }

  package func takeFile(_ step: String) throws(InteropError) -> SyncFile? { throw Self.onlyOurs(step) }
  package func put(_ syncFile: consuming SyncFile?) throws(InteropError) { throw Self.onlyOurs("take the image back") }

  private static func onlyOurs(_ step: String) -> InteropError {
    InteropError(
      .unsupported, step: step, reason: "others cannot wait for a semaphore of GL's and Vulkan's",
      missing: [SyncKind.syncFile.rawValue], advice: "Use sync-file or cpu-wait")
  }
}

/// A binary semaphore, which counts nothing.
package protocol BinaryReleaseSignal: ReleaseSignal {
  var vkSemaphore: VkSemaphore { get }
}

extension BinaryReleaseSignal {
  package var waitInVulkan: SemaphorePoint? { SemaphorePoint(vkSemaphore) }
  package var signalInVulkan: SemaphorePoint? { SemaphorePoint(vkSemaphore) }
  package func didSignalInVulkan() {}
  package var mayGoUnwaited: Bool { false }
}
