internal import InteropDrivers
internal import Logging
internal import RawImport

/// The image in a slot of a ring, which GL and Vulkan access alternately, shared or copied.
protocol RingImage: AnyObject, Sendable {
  var ownership: ImageOwnership { get }
  var vkImage: VkImage { get }
  var size: PixelSize { get }
  var format: PixelFormat { get }
  /// How the image was created.
  var usage: VkImageUsageFlags { get }
  var tiling: ImageTiling { get }
  var createFlags: VkImageCreateFlags { get }
  /// The end of the picture that row 0 holds for Vulkan.
  var orientation: ImageOrientation { get }
  /// Whether readers ignore the alpha channel.
  var isOpaque: Bool { get }
  /// The DMA-BUF, where the memory is shared as one.
  var dmaBuf: DMABuf? { get }
  var life: ImageLifetime { get }

  /// Returns a view that the image owns.
  func view(format: VkFormat?, components: VkComponentMapping) throws(InteropError) -> VkImageView

  /// Exports the memory and the semaphores.
  func externalBundle() throws(InteropError) -> ExternalImageBundle

  /// Ends GL's access: Vulkan may access the image once GL has executed all earlier commands.
  func releaseFromGL(naming tag: UInt64?) throws(InteropError)
  /// Prepares for destruction, on the GL thread.
  func retire() throws(InteropError)
}

extension RingImage {
  var componentMapping: VkComponentMapping { VkComponentMapping(isOpaque: isOpaque) }

  /// The error of a copied image that is to be given away.
  static var noBundle: InteropError {
    InteropError(
      .unsupported, step: "export a bundle", reason: "on path host-copy the image is in memory of Vulkan's own",
      missing: ["memory that GL and Vulkan share"], advice: "Use another path")
  }
}

/// An image that GL writes and Vulkan reads.
protocol FrameImage: RingImage {
  /// Begins GL's access: waits for Vulkan, on the GPU where possible.
  func acquireForGL() throws(InteropError)
  /// Makes the image independent of the GL context, which may end while the application holds a frame. On the GL
  /// thread.
  func detach() throws(InteropError)
}

extension SharedImage: FrameImage {
  /// Finishes GL's drawing into the memory, which is Vulkan's and outlives the context.
  func detach() throws(InteropError) {
    try context.enter("detach a frame from its context")
    try finishGL()
  }
}
extension HostCopyImage: FrameImage {
  var dmaBuf: DMABuf? { nil }
  func externalBundle() throws(InteropError) -> ExternalImageBundle { throw Self.noBundle }
}

/// The framebuffer that the application draws into, made on its first use: an application that submits its own
/// framebuffers never needs it. Used on the GL thread.
final class SlotTarget: @unchecked Sendable {
  private var made: DrawTarget?
  private let make: () throws(InteropError) -> DrawTarget
  /// Identifies the framebuffer, since GL reuses names.
  let id = ImageID.next()
  /// Whether the framebuffer draws into the image that Vulkan reads.
  let isOfImage: Bool

  init(_ target: DrawTarget, isOfImage: Bool = false) {
    self.isOfImage = isOfImage
    made = target
    make = { () throws(InteropError) in target }
  }

  /// Prepares a framebuffer of the package, with the samples of the options.
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

/// One slot of a producer's ring. A frame keeps its slot alive, so a resize cannot free the memory in use.
final class FrameSlot: Sendable {
  let image: any FrameImage
  /// The framebuffer that the application draws into.
  let target: SlotTarget
  let signal: SlotSignal
  let logger: Logger
  /// The last failure of the combination on the consumer's side, for the producer to act on.
  let consumerFailure = Mutex<InteropError?>(nil)
  private let isRetired = Atomic<Bool>(false)

  init(image: any FrameImage, target: SlotTarget, notice: RetirementNotice, signal: SlotSignal, logger: Logger) {
    image.life.belongs(to: notice)
    self.image = image
    self.target = target
    self.signal = signal
    self.logger = logger
  }

  /// If the producer ended first, no call has waited for the application's own submissions, which may use views of the
  /// image.
  deinit { if !isRetired.load(ordering: .acquiring) { ownership.waitForQueue() } }

  var ownership: ImageOwnership { image.ownership }

  /// Identifies the framebuffer that the application draws into: the image itself, or a framebuffer that the package
  /// copies from.
  var targetID: ImageID { target.isOfImage ? image.life.id : target.id }

  /// Retires the image, which neither API uses any more. On the GL thread.
  func retire() throws(InteropError) {
    try image.retire()
    isRetired.store(true, ordering: .releasing)
  }

  /// Runs a step of the consumer and remembers a failure of the combination, as opposed to a misuse.
  func noting<Result: ~Copyable>(_ step: () throws(InteropError) -> Result) throws(InteropError) -> Result {
    do throws(InteropError) {
      return try step()
    } catch {
      if error.isTransferFailure { consumerFailure.withLock { $0 = error } }
      throw error
    }
  }
  var policyView: SlotSelection.Slot {
    SlotSelection.Slot(state: ownership.current, frame: ownership.tag, isDone: ownership.isVulkanDone)
  }
}

extension InteropError {
  /// Whether the error is a failure of the drivers after which another combination may work. A misuse is not, nor is a
  /// wait that took too long.
  var isTransferFailure: Bool {
    switch code {
    case .driverFailure, .wrongPixels, .unsupported: true
    default: false
    }
  }
}
