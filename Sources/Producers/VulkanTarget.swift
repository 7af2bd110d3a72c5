public import InteropDrivers
public import RawImport

/// An image that Vulkan draws the next frame into, for a GL application to show.
///
/// Drawing into it yields a ``GLFrame``. If the application discards the target, no frame is shown.
///
/// An application uses a target in one of three ways:
/// - ``access(_:on:presentationTime:damage:_:)``: the package submits commands that the caller records;
/// - ``acquire(_:on:)`` … the application's own submissions to the same queue …
///   ``release(_:presentationTime:damage:)``;
/// - ``acquireBarrier(_:on:)`` and ``releaseBarrier(_:)`` into the application's own command buffers (an
///   engine's, a WebGPU implementation's), then ``didSubmitRelease(presentationTime:damage:)``.
///
/// An access ends with the calls of the way in which it began, each called once. Any other order is
/// ``InteropError/Code/invalidState``. The target is then as it was; a call that consumes the target discards it all
/// the same.
///
/// The previous content of the image is undefined. A target may be used on any thread, on one at a time.
public struct VulkanTarget: ~Copyable, Sendable {
  private let slot: ConsumerSlot
  private let options: ConsumerOptions
  /// The number of the frame that the target becomes. It counts targets from 1. A discarded target leaves a gap.
  public let number: UInt64
  /// Whether a frame has taken over the slot.
  private var isPassedOn = false

  init(slot: ConsumerSlot, number: UInt64, options: ConsumerOptions) {
    self.slot = slot
    self.number = number
    self.options = options
  }

  deinit { if !isPassedOn { slot.abandonTarget(number) } }

  /// The image, valid while the target is held.
  public var image: VkImage { slot.image.vkImage }
  /// Width and height in pixels.
  public var size: PixelSize { slot.image.size }
  /// Pixel format of the image.
  public var format: PixelFormat { slot.image.format }
  /// The end of the picture that readers take row 0 of the image for.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// The usage that the image was made with.
  public var usage: VkImageUsageFlags { slot.image.usage }
  /// The path on which the frame gets to GL.
  public var path: TransferPath { slot.configuration.path }
  /// How GL waits until Vulkan is done.
  public var sync: SyncKind { slot.configuration.sync }

  // MARK: Objects that the application makes for the image

  /// Identifies the image, for objects that the application caches for it, such as views and descriptor sets.
  ///
  /// A handle such as ``image`` is reused for another image, of another size; an identifier is never reused. A ring has
  /// one identifier per slot, until its size or its combination changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Calls `handler` once, with ``imageID``, when the image retires.
  ///
  /// It works as ``RawGLConsumer/onImageRetired``, for this image alone and before that closure. Register it when
  /// something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// Returns a view of the image.
  ///
  /// The first call makes the view; later calls return the same one for every target in this image. The view lives as
  /// long as the image, which destroys it: see ``SharedImage/view(format:components:)``.
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
  ///   - queues: where to submit, and which queue takes the image from GL and gives it back.
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  ///   - body: records commands for `queue` that draw into the image.
  /// - Throws: what `body` throws, with nothing submitted; ``InteropError/Code/driverFailure`` if the device takes no
  ///   work; ``InteropError/Code/invalidArgument`` for an invalid use (layout UNDEFINED or PREINITIALIZED, no stages),
  ///   and for a queue of another device. The slot is free again.
  public consuming func access(
    _ use: VulkanAccess, on queues: AccessQueues = .first,
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil,
    _ body: (VkCommandBuffer, VkImage) throws -> Void
  ) throws -> GLFrame {
    var thrown: (any Error)?
    do throws(InteropError) {
      try accessKeeping(use, on: queues) { (commands, image) throws(InteropError) in
        do { try body(commands, image) } catch {
          thrown = error
          throw .ofClosure
        }
      }
    } catch {
      throw thrown ?? error
    }
    return passOn(presentationTime, damage)
  }

  /// As ``access(_:on:presentationTime:damage:_:)``, but does not consume the target.
  ///
  /// After an error the owner decides whether to discard the target; after success it turns the target into a frame
  /// (``passOn(_:_:)``).
  ///
  /// - Parameter timeout: wait at most this long until the device is done; nil does not wait. After
  ///   ``InteropError/Code/timeout`` discarding the target drops what was drawn.
  package borrowing func accessKeeping(
    _ use: VulkanAccess, on queues: AccessQueues = .first,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) {
    let image = image
    // An error of `body` is no failure of the combination.
    var failure: InteropError?
    let slot = slot
    let number = number
    try slot.noting { () throws(InteropError) in
      do throws(InteropError) {
        try slot.ownership.access(
          use, on: queues, tag: number, waitingUpTo: timeout
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
  /// - Throws: ``InteropError/Code/invalidState`` if the target is acquired already.
  public borrowing func acquire(
    _ use: VulkanAccess, on queues: AccessQueues = .first
  ) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in
      try slot.ownership.acquire(use, on: queues, tag: number)
    }
  }

  /// Releases in a submission of its own, after all earlier submissions to the queue.
  ///
  /// - Parameters:
  ///   - use: the layout the image is in by now; nil if it is that of ``acquire(_:on:)``.
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  public consuming func release(
    _ use: VulkanAccess? = nil, presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> GLFrame {
    try releaseKeeping(use)
    return passOn(presentationTime, damage)
  }

  /// As ``release(_:presentationTime:damage:)``, but does not consume the target, like
  /// ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func releaseKeeping(_ use: VulkanAccess?) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in try slot.ownership.release(use, tag: number) }
  }

  // MARK: Submitted by the application

  /// Returns the acquire operation for the application's own submission.
  ///
  /// The application puts the barrier, the semaphore, and the value of a timeline semaphore
  /// (``OwnershipTransferBarrier/semaphoreValue``) into its submission before it uses the image. It must then submit
  /// it, or call ``cancelAcquire()``.
  public borrowing func acquireBarrier(
    _ use: VulkanAccess, on queues: AccessQueues = .first
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let (slot, number) = (slot, number)
    return try slot.noting { () throws(InteropError) in
      try slot.ownership.acquireBarrier(use, on: queues, tag: number)
    }
  }

  /// Returns the release operation for the application's own submission, after it used the image.
  ///
  /// Call it once for each ``acquireBarrier(_:on:)``.
  ///
  /// - Throws: as ``Frame/releaseBarrier(_:)``.
  public borrowing func releaseBarrier(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    try slot.ownership.releaseBarrier(use, tag: number)
  }

  /// Tells the package that the application has submitted both barriers to the queue it acquired with.
  ///
  /// - Throws: as ``Frame/didSubmitRelease()``.
  public consuming func didSubmitRelease(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> GLFrame {
    try didSubmitReleaseKeeping()
    return passOn(presentationTime, damage)
  }

  /// As ``didSubmitRelease(presentationTime:damage:)``, but does not consume the target, like
  /// ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func didSubmitReleaseKeeping() throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in try slot.ownership.didSubmitRelease(tag: number) }
  }

  /// Cancels ``acquireBarrier(_:on:)``, only while the application has submitted nothing of it.
  public borrowing func cancelAcquire() throws(InteropError) { try slot.ownership.cancelAcquire(tag: number) }

  // MARK: Another implementation

  /// Gives the image to another implementation that draws into it: memory, semaphores, and how the image was created.
  ///
  /// Export it once for each ``imageID`` and taker; the bundle is good for every target in that image. For each target
  /// ``acquireForExternal()`` says what the taker waits for.
  ///
  /// - Throws: as ``SharedImage/externalBundle()``; ``InteropError/Code/unsupported`` on path `host-copy`.
  ///
  /// The corresponding C functions are `vkGetMemoryFdKHR` and `vkGetSemaphoreFdKHR`.
  public borrowing func externalBundle() throws(InteropError) -> ExternalImageBundle {
    try slot.image.externalBundle()
  }

  /// Gives the access to the taker of a bundle, instead of Vulkan on this device.
  ///
  /// - Returns: what the taker waits for.
  /// - Throws: as ``SharedImage/acquireForExternal()``.
  public borrowing func acquireForExternal() throws(InteropError) -> ExternalPoint {
    let (slot, number) = (slot, number)
    return try slot.noting { () throws(InteropError) in try slot.ownership.acquireForExternal(tag: number) }
  }

  /// Ends the access that ``acquireForExternal()`` began: what the taker drew becomes a frame.
  ///
  /// - Parameters:
  ///   - point: what the taker's release returned; see ``SharedImage/releaseFromExternal(after:layout:)``.
  ///   - layout: the layout in which the taker released the image.
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  /// - Throws: as ``SharedImage/releaseFromExternal(after:layout:)``; the target is discarded all the same, and its slot lost to
  ///   the ring where the taker still has it.
  public consuming func releaseFromExternal(
    after point: consuming ExternalPoint, layout: VkImageLayout = VK_IMAGE_LAYOUT_GENERAL,
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> GLFrame {
    try releaseFromExternalKeeping(after: point, layout: layout)
    return passOn(presentationTime, damage)
  }

  /// As ``releaseFromExternal(after:layout:presentationTime:damage:)``, but does not consume the target, like
  /// ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func releaseFromExternalKeeping(
    after point: consuming ExternalPoint, layout: VkImageLayout
  ) throws(InteropError) {
    try slot.ownership.releaseFromExternal(after: point, layout: layout, sync: sync, tag: number)
  }

  /// Drops the target without drawing a frame. Discarding it does the same.
  public consuming func drop() {}

  /// The device that the image belongs to.
  package var host: VulkanHost { slot.ownership.host }

  /// Turns the target into a frame, after Vulkan's access. From here on the frame frees the slot.
  package consuming func passOn(_ presentationTime: Duration?, _ damage: [PixelRect]?) -> GLFrame {
    var target = self
    target.isPassedOn = true
    let slot = target.slot
    slot.isTaken.store(false, ordering: .releasing)
    // A thread may wait for a frame that it can drop.
    slot.duties.signal.notify()
    return GLFrame(
      slot: slot, number: target.number, alphaMode: target.options.alphaMode, colorSpace: target.options.colorSpace,
      presentationTime: presentationTime, damage: damage)
  }
}
