public import InteropDrivers
public import RawImport

/// An image that Vulkan draws the next frame into, for a GL host to show: draw into it and get a ``GLFrame``, or let it
/// go, and nothing is shown.
///
/// Three ways to use one:
/// - ``render(_:queue:via:presentationTime:damage:_:)``: the package submits commands that the caller records;
/// - ``acquire(_:queue:via:)`` … the host's own submissions to the same queue …
///   ``release(_:presentationTime:damage:)``;
/// - ``acquireBarrier(_:queue:via:)`` and ``releaseBarrier(_:)`` into the host's own command buffers (an engine's, a
///   WebGPU implementation's), then ``didSubmitRelease(presentationTime:damage:)``.
///
/// A turn ends as it began, each call once. Any other order is ``InteropError/Code/invalidState``; the target is as it
/// was, and let go by a call that takes it.
///
/// What the image held before is undefined. Used on any thread, one at a time.
public struct VulkanTarget: ~Copyable, Sendable {
  private let slot: ConsumerSlot
  private let options: ConsumerOptions
  /// Of the frame to come: counts targets from 1 on. One that is let go leaves a gap.
  public let number: UInt64
  /// Whether the slot is somebody else's business.
  private var isPassedOn = false

  init(slot: ConsumerSlot, number: UInt64, options: ConsumerOptions) {
    self.slot = slot
    self.number = number
    self.options = options
  }

  deinit { if !isPassedOn { slot.abandonTarget(number) } }

  /// The image; valid while the target is held.
  public var image: VkImage { slot.image.vkImage }
  /// Width and height in pixels.
  public var size: PixelSize { slot.image.size }
  /// Pixel format of the image.
  public var format: PixelFormat { slot.image.format }
  /// What row 0 of the image will be taken for.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// What the image was made for.
  public var usage: VkImageUsageFlags { slot.image.usage }
  /// How the frame will get to GL.
  public var path: TransferPath { slot.candidate.path }
  /// How GL will know that Vulkan is done.
  public var sync: SyncKind { slot.candidate.sync }

  // MARK: What a host makes of it

  /// Which image it is, for what a program keeps for it: views, descriptor sets. ``image`` comes back as another
  /// image's, with another size, this does not. A ring has as many as it has slots, until its size or its way changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Called once, with ``imageID``, when the image goes: as ``RawGLConsumer/onImageRetired``, for this image alone and
  /// before that. Register it when something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// A view of the image, made when it is asked for the first time and the same for each target that is in this image.
  /// It lives as long as the image and is the image's to destroy: see ``SharedImage/view(format:components:)``.
  ///
  /// The corresponding C function is `vkCreateImageView`, here `glvk_target_get_view`.
  public borrowing func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView { try slot.image.view(format: format, components: components) }

  // MARK: Submitted by the package

  /// Acquires, runs the caller's commands and releases in one submission.
  ///
  /// - Parameters:
  ///   - use: the layout the image has while `body`'s commands run, and after them.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - handoverQueue: takes the image from GL and gives it back, as in ``Frame/access(_:queue:via:waitingUpTo:_:)``.
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  ///   - body: records commands for `queue` that draw into the image.
  /// - Throws: what `body` throws, nothing is submitted then; ``InteropError/Code/driverFailure`` if the device takes
  ///   no work; ``InteropError/Code/invalidArgument`` for a use that is none (layout UNDEFINED or PREINITIALIZED, no
  ///   stages), and for a queue that is none of the host's. The slot is free again.
  public consuming func render(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil,
    _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) -> GLFrame {
    try renderKeeping(use, queue: queue, via: handoverQueue, body)
    return passOn(presentationTime, damage)
  }

  /// As ``render(_:queue:via:presentationTime:damage:_:)`` for an owner who decides after an error whether the target
  /// goes, and after success makes a frame of it (``passOn(_:_:)``).
  ///
  /// - Parameter timeout: wait at most this long until the device is done; nil does not wait. After
  ///   ``InteropError/Code/timeout`` letting the target go drops what was drawn.
  package borrowing func renderKeeping(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) {
    let image = image
    // An error of `body` says nothing of the way.
    var failure: InteropError?
    let slot = slot
    let number = number
    try slot.noting { () throws(InteropError) in
      do throws(InteropError) {
        try slot.turns.access(
          use, queue: queue, via: handoverQueue, tag: number, waitingUpTo: timeout
        ) { commands throws(InteropError) in
          do throws(InteropError) { try body(commands, image) } catch {
            failure = error
            throw error
          }
        }
      } catch {
        if failure == nil { throw error }
      }
    }
    if let failure { throw failure }
  }

  /// Acquires in a submission of its own: later submissions to the same queue may use the image in `use`'s layout.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if it is acquired already.
  public borrowing func acquire(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in
      try slot.turns.submitAcquire(use, queue: queue, via: handoverQueue, tag: number)
    }
  }

  /// Releases in a submission of its own, after what was submitted to the queue so far.
  ///
  /// - Parameters:
  ///   - use: the layout the image is in by now; nil if it is that of ``acquire(_:queue:via:)``.
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  public consuming func release(
    _ use: VulkanAccess? = nil, presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> GLFrame {
    try releaseKeeping(use)
    return passOn(presentationTime, damage)
  }

  /// As ``release(_:presentationTime:damage:)``, like ``renderKeeping(_:queue:via:waitingUpTo:_:)``.
  package borrowing func releaseKeeping(_ use: VulkanAccess?) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in try slot.turns.submitRelease(use, tag: number) }
  }

  // MARK: Submitted by the host

  /// What the host puts into its own submission before it uses the image: barrier, semaphore, and the value of a
  /// timeline semaphore (``OwnershipTransferBarrier/semaphoreValue``). It must then submit it, or call
  /// ``cancelAcquire()``.
  public borrowing func acquireBarrier(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let (slot, number) = (slot, number)
    return try slot.noting { () throws(InteropError) in
      try slot.turns.acquire(use, queue: queue, via: handoverQueue, tag: number)
    }
  }

  /// What the host puts into its own submission after it used the image. Once for each
  /// ``acquireBarrier(_:queue:via:)``.
  ///
  /// - Throws: as ``Frame/releaseBarrier(_:)``.
  public borrowing func releaseBarrier(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    try slot.turns.release(use, tag: number)
  }

  /// The host has submitted both to the queue it acquired with.
  ///
  /// - Throws: as ``Frame/didSubmitRelease()``.
  public consuming func didSubmitRelease(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> GLFrame {
    try didSubmitReleaseKeeping()
    return passOn(presentationTime, damage)
  }

  /// As ``didSubmitRelease(presentationTime:damage:)``, like ``renderKeeping(_:queue:via:waitingUpTo:_:)``.
  package borrowing func didSubmitReleaseKeeping() throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in try slot.turns.didSubmitRelease(tag: number) }
  }

  /// Takes ``acquireBarrier(_:queue:via:)`` back. Only while the host has submitted nothing of it.
  public borrowing func cancelAcquire() throws(InteropError) { try slot.turns.cancel(tag: number) }

  /// Nothing will be drawn. The same as letting it go.
  public consuming func drop() {}

  /// The device that the image belongs to.
  package var host: VulkanHost { slot.turns.host }

  /// After Vulkan's turn: from here on the frame decides what becomes of the slot.
  package consuming func passOn(_ presentationTime: Duration?, _ damage: [PixelRect]?) -> GLFrame {
    var target = self
    target.isPassedOn = true
    let slot = target.slot
    slot.isTaken.store(false, ordering: .releasing)
    // Somebody may wait for a frame to drop.
    slot.duties.signal.notify()
    return GLFrame(
      slot: slot, number: target.number, alphaMode: target.options.alphaMode, colorSpace: target.options.colorSpace,
      presentationTime: presentationTime, damage: damage)
  }
}
