internal import Drivers
internal import Logging
internal import RawImport

/// What a slot of the ring holds: an image GL writes and Vulkan reads, shared or copied.
protocol FrameImage: AnyObject, Sendable {
  var turns: HandoverTurns { get }
  var vkImage: VkImage { get }
  var size: PixelSize { get }
  var format: PixelFormat { get }
  /// What row 0 is for Vulkan.
  var orientation: ImageOrientation { get }

  /// Waits for Vulkan, on the GPU where possible.
  func beginGLAccess() throws(InteropError)
  /// Hands over what GL has written.
  func endGLAccess() throws(InteropError)
  /// GL wrote nothing of use; it is GL's turn again.
  func abandonGLAccess() throws(InteropError)
  /// Before destruction, on the GL thread.
  func retire() throws(InteropError)
  /// Before the GL context may go away while a frame is out, on the GL thread.
  func detach() throws(InteropError)
}

extension SharedImage: FrameImage {
  /// The memory is Vulkan's; what GL drew must be in it.
  func detach() throws(InteropError) {
    try context.enter("detach a frame from its context")
    context.gl.glFinish()
  }
}
extension HostCopyImage: FrameImage {}

/// One place of the ring. A frame keeps its slot alive, so a resize cannot take the memory from under it.
final class FrameSlot: Sendable {
  let image: any FrameImage
  /// What the application draws into.
  let target: DrawTarget
  let signal: SlotSignal
  let logger: Logger

  init(image: any FrameImage, target: DrawTarget, signal: SlotSignal, logger: Logger) {
    self.image = image
    self.target = target
    self.signal = signal
    self.logger = logger
  }

  var turns: HandoverTurns { image.turns }
  var policyView: RingPolicy.Slot { RingPolicy.Slot(state: turns.current, frame: turns.tag) }
}
