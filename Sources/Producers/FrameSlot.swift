internal import InteropDrivers
internal import Logging
internal import RawImport

/// What a slot of a ring holds: an image that GL and Vulkan use in turn, shared or copied.
protocol RingImage: AnyObject, Sendable {
  var turns: ImageOwnership { get }
  var vkImage: VkImage { get }
  var size: PixelSize { get }
  var format: PixelFormat { get }
  /// What row 0 is for Vulkan.
  var orientation: ImageOrientation { get }
  /// Whether there is an alpha channel that nobody is to look at.
  var isOpaque: Bool { get }
  /// The buffer, where the memory is shared as one.
  var dmaBuf: DMABuf? { get }
  var life: ImageLifetime { get }

  /// Kept by the image.
  func view(format: VkFormat?, components: VkComponentMapping) throws(InteropError) -> VkImageView

  /// GL's turn ends: Vulkan may have the image when what GL was told so far is done.
  func endGLAccess() throws(InteropError)
  /// Before destruction, on the GL thread.
  func retire() throws(InteropError)
}

extension RingImage {
  var componentMapping: VkComponentMapping { VkComponentMapping(isOpaque: isOpaque) }
}

/// An image that GL writes and Vulkan reads.
protocol FrameImage: RingImage {
  /// Waits for Vulkan, on the GPU where possible.
  func beginGLAccess() throws(InteropError)
  /// GL wrote nothing of use; it is GL's turn again.
  func abandonGLAccess() throws(InteropError)
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
extension HostCopyImage: FrameImage {
  var dmaBuf: DMABuf? { nil }
}

/// What the application draws into, made when it first does: one that hands over framebuffers of its own never needs
/// it. Used on the GL thread.
final class SlotTarget: @unchecked Sendable {
  private var made: DrawTarget?
  private let make: () throws(InteropError) -> DrawTarget
  /// Which framebuffer it is: names come back.
  let id = ImageID.next()
  /// Whether it draws into the image that Vulkan gets.
  let isOfImage: Bool

  init(_ target: DrawTarget, isOfImage: Bool = false) {
    self.isOfImage = isOfImage
    made = target
    make = { () throws(InteropError) in target }
  }

  /// A framebuffer of our own, with the samples that were asked for.
  init(_ plan: FramePlan) {
    isOfImage = false
    let (format, size, samples, context) = (
      plan.options.format.glInternalFormat, plan.size, plan.options.samples, plan.context
    )
    make = { () throws(InteropError) in try DrawTarget(format, size, samples: samples, context) }
  }

  func get() throws(InteropError) -> DrawTarget {
    if let made { return made }
    let target = try make()
    made = target
    return target
  }
}

/// One place of the ring. A frame keeps its slot alive, so a resize cannot take the memory from under it.
final class FrameSlot: Sendable {
  let image: any FrameImage
  /// What the application draws into.
  let target: SlotTarget
  let signal: SlotSignal
  let logger: Logger
  /// What went wrong on the consumer's side, for the producer to draw its conclusion.
  let consumerFailure = Mutex<InteropError?>(nil)
  private let isRetired = Atomic<Bool>(false)

  init(image: any FrameImage, target: SlotTarget, notice: RetirementNotice, signal: SlotSignal, logger: Logger) {
    image.life.belongs(to: notice)
    self.image = image
    self.target = target
    self.signal = signal
    self.logger = logger
  }

  /// Where the producer went first nobody has waited for what a host submitted itself, which may use views of the
  /// image.
  deinit { if !isRetired.load(ordering: .acquiring) { turns.waitForQueue() } }

  var turns: ImageOwnership { image.turns }

  /// Of what the application draws into: the image itself, or a framebuffer that is copied from.
  var targetID: ImageID { target.isOfImage ? image.life.id : target.id }

  /// Nobody has it any more. On the GL thread.
  func retire() throws(InteropError) {
    try image.retire()
    isRetired.store(true, ordering: .releasing)
  }

  /// Runs a step of the consumer's and remembers the failure of the way, as opposed to a misuse.
  func noting<Result>(_ step: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    do throws(InteropError) {
      return try step()
    } catch {
      if error.isTransferFailure { consumerFailure.withLock { $0 = error } }
      throw error
    }
  }
  var policyView: SlotSelection.Slot {
    SlotSelection.Slot(state: turns.current, frame: turns.tag, isDone: turns.isVulkanDone)
  }
}

extension InteropError {
  /// The drivers did not do what they did before, and another way may work: not a misuse, nor a wait that took too
  /// long.
  var isTransferFailure: Bool {
    switch code {
    case .driverFailure, .wrongPixels, .unsupported: true
    default: false
    }
  }
}
