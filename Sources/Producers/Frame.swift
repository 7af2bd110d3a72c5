public import InteropDrivers
public import RawImport

/// One rendered frame, for one consumer: acquire it, use its image in Vulkan, release it.
///
/// A frame has exactly one owner and can be sent to another thread. Discarding it without an acquire drops it; its slot
/// is then free again. It keeps its image alive.
///
/// An application uses a frame in one of three ways:
/// - ``access(_:on:waitingUpTo:_:)``: the package submits commands that the caller records, one submission in
///   all;
/// - ``acquire(_:on:)`` … the application's own submissions to the same queue … ``release(_:)``;
/// - ``acquireBarrier(_:on:)`` and ``releaseBarrier(_:)`` into the application's own command buffers, then
///   ``didSubmitRelease()``.
///
/// An access ends with the calls of the way in which it began, each called once. Any other order is
/// ``InteropError/Code/invalidState``. The frame is then as it was; a call that consumes the frame discards it all the
/// same.
public struct Frame: ~Copyable, Sendable {
  let slot: FrameSlot
  /// The frame's number, counted from 1.
  public let number: UInt64
  /// The path on which the frame gets to Vulkan.
  public let path: TransferPath
  /// The mode in which GL's pixels got into the image.
  public let mode: TransferMode
  /// How Vulkan waits until GL has drawn. With `timeline-semaphore`, `semaphore-fd` and `sync-file` the GPU waits, on
  /// the semaphore of the acquire. With `cpu-wait` the producer's thread has already waited.
  public let sync: SyncKind
  /// The meaning of ``image``'s alpha channel. With `opaque` its content has no meaning: see ``componentMapping``.
  public let alphaMode: AlphaMode
  /// The meaning of the colour values, as the options state it.
  public let colorSpace: ColorSpace
  /// The time at which the frame is to be shown, on the caller's clock; nil if the producer was given none.
  public let presentationTime: Duration?
  /// The parts that changed since the previous frame; nil for the whole frame.
  public let damage: [PixelRect]?

  init(
    slot: FrameSlot, number: UInt64, path: TransferPath, mode: TransferMode, sync: SyncKind, alphaMode: AlphaMode,
    colorSpace: ColorSpace, presentationTime: Duration?, damage: [PixelRect]?
  ) {
    self.slot = slot
    self.number = number
    self.path = path
    self.mode = mode
    self.sync = sync
    self.alphaMode = alphaMode
    self.colorSpace = colorSpace
    self.presentationTime = presentationTime
    self.damage = damage
  }

  deinit {
    // After a release the state is idle or the slot has another tag, and this does nothing.
    switch slot.ownership.abandon(tag: number) {
    case .nothingToDo: break
    case .dropped, .released: slot.signal.notify()
    case .lost:
      slot.logger.error(
        "frame \(number) was let go while its image was out (acquireBarrier, acquireForForeign, acquireForExternal; glvk_frame_acquire_barrier, glvk_frame_acquire_for_foreign, glvk_frame_acquire_for_external): its slot is lost to the ring"
      )
    }
  }

  /// The image, valid while the frame is held.
  public var image: VkImage { slot.image.vkImage }
  /// Width and height in pixels.
  public var size: PixelSize { slot.image.size }
  /// Pixel format of the image.
  public var format: PixelFormat { slot.image.format }
  /// The usage that the image was made with (`VkImageCreateInfo.usage`).
  public var usage: VkImageUsageFlags { slot.image.usage }
  /// The tiling that the image was made with (`VkImageCreateInfo.tiling`).
  public var tiling: ImageTiling { slot.image.tiling }
  /// The flags that the image was made with (`VkImageCreateInfo.flags`).
  public var createFlags: VkImageCreateFlags { slot.image.createFlags }
  /// The end of the picture that row 0 of the image holds.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// The component mapping for a `VkImageView` that samples ``image``.
  ///
  /// For opaque frames alpha is `VK_COMPONENT_SWIZZLE_ONE`; every other component is the identity. In mode `blit` and
  /// on path `host-copy` the alpha of an opaque frame is 1 in memory, too; in mode `direct` it is what GL drew. In C:
  /// `glvk_frame_info`.
  public var componentMapping: VkComponentMapping { slot.image.componentMapping }

  // MARK: Objects that the application makes for the image

  /// Identifies the image, for objects that the application caches for it, such as views and descriptor sets.
  ///
  /// A handle such as ``image`` is reused for another image, of another size; an identifier is never reused. A ring has
  /// one identifier per slot, until its size or its combination changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Calls `handler` once, with ``imageID``, when the image retires.
  ///
  /// It works as ``RawGLProducer/onImageRetired``, for this image alone and before that closure. Register it when
  /// something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// Returns a view of the image.
  ///
  /// The first call makes the view; later calls return the same one for every frame in this image. The view lives as
  /// long as the image, which destroys it: see ``SharedImage/view(format:components:)``.
  ///
  /// The corresponding C function is `vkCreateImageView`, here `glvk_frame_get_view`.
  public borrowing func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView { try slot.image.view(format: format, components: components) }

  // MARK: DMA-BUF

  /// The DMA-BUF that holds the frame, for scanout or another process; nil on paths without one.
  ///
  /// The slot owns it: give away a ``DMABuf/duplicate()``, and hold the frame until the other side is done with it.
  ///
  /// For an opaque frame its fourcc marks alpha as padding (`XB24`). With the sync `cpu-wait` the picture is complete.
  /// With others it is complete once an acquire has been waited for.
  public var dmaBuf: DMABuf? { slot.image.dmaBuf }
  /// The layout of ``dmaBuf``'s pixels in memory.
  public var modifier: DRMModifier? { slot.image.dmaBuf?.modifier }

  // MARK: Submitted by the package

  /// Acquires, runs the caller's commands and releases in one submission.
  ///
  /// - Parameters:
  ///   - use: the layout the image has while `body`'s commands run, and after them.
  ///   - queues: where to submit, and which queue takes the image from GL. With two queues these are three submissions.
  ///   - timeout: wait at most this long until the device is done, for a consumer that then reads the result on the
  ///     CPU; nil does not wait.
  ///   - body: records commands for `queue` that use the image. If it throws, nothing is submitted.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped meanwhile or is acquired;
  ///   ``InteropError/Code/invalidArgument`` for an invalid use (layout UNDEFINED or PREINITIALIZED, no stages), and
  ///   for a queue of another device; ``InteropError/Code/timeout``; what `body` throws.
  public consuming func access(
    _ use: VulkanAccess, on queues: AccessQueues = .first,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws -> Void
  ) throws {
    var thrown: (any Error)?
    do throws(InteropError) {
      try accessKeeping(use, on: queues, waitingUpTo: timeout) { (commands, image) throws(InteropError) in
        do { try body(commands, image) } catch {
          thrown = error
          throw .ofClosure
        }
      }
    } catch {
      throw thrown ?? error
    }
  }

  /// As ``access(_:on:waitingUpTo:_:)``, but does not consume the frame: after an error the owner decides
  /// whether to discard it. After success the frame has been released, and discarding it does nothing.
  package borrowing func accessKeeping(
    _ use: VulkanAccess, on queues: AccessQueues = .first,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) {
    let image = image
    // A frame whose wait failed is released all the same.
    defer { slot.signal.notify() }
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
  /// - Parameters:
  ///   - use: the layout of the image after the acquire.
  ///   - queues: where to submit. With an ownership queue ``release(_:)`` gives the image back through that one.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped or is acquired already;
  ///   ``InteropError/Code/invalidArgument`` as ``access(_:on:waitingUpTo:_:)``.
  public borrowing func acquire(
    _ use: VulkanAccess = .fragmentSampling, on queues: AccessQueues = .first
  ) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in
      try slot.ownership.acquire(use, on: queues, tag: number)
    }
  }

  /// Releases in a submission of its own, after all earlier submissions to the queue.
  ///
  /// - Parameter use: the layout the image is in by now; nil if it is that of ``acquire(_:on:)``.
  public consuming func release(_ use: VulkanAccess? = nil) throws(InteropError) { try releaseKeeping(use) }

  /// As ``release(_:)``, but does not consume the frame, like ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func releaseKeeping(_ use: VulkanAccess?) throws(InteropError) {
    try slot.ownership.release(use, tag: number)
    slot.signal.notify()
  }

  // MARK: Submitted by the application

  /// Returns the acquire operation for the application's own submission.
  ///
  /// The application puts the barrier, the semaphore, and the value of a timeline semaphore
  /// (``OwnershipTransferBarrier/semaphoreValue``) into its submission before it uses the image. It must then submit
  /// it, or call ``cancelAcquire()``. The image comes from `VK_QUEUE_FAMILY_EXTERNAL`, a DMA-BUF from
  /// `VK_QUEUE_FAMILY_FOREIGN_EXT`.
  ///
  /// - Parameters:
  ///   - use: how the application uses the image after the barrier.
  ///   - queues: where the application will submit. With an ownership queue the package submits its part to that one,
  ///     here and in ``didSubmitRelease()``; the application's barriers and semaphores are those between the two queues.
  public borrowing func acquireBarrier(
    _ use: VulkanAccess = .fragmentSampling, on queues: AccessQueues = .first
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let (slot, number) = (slot, number)
    return try slot.noting { () throws(InteropError) in
      try slot.ownership.acquireBarrier(use, on: queues, tag: number)
    }
  }

  /// Returns the release operation for the application's own submission, after it used the image.
  ///
  /// Call it once for each ``acquireBarrier(_:on:)``: the semaphore is signalled once and waited for once.
  ///
  /// - Parameter use: the layout the image is in by then.
  /// - Throws: ``InteropError/Code/invalidState`` without ``acquireBarrier(_:on:)``, and the second time;
  ///   ``InteropError/Code/invalidArgument`` for an invalid use.
  public borrowing func releaseBarrier(_ use: VulkanAccess = .fragmentSampling) throws(InteropError)
    -> OwnershipTransferBarrier
  {
    try slot.ownership.releaseBarrier(use, tag: number)
  }

  /// Tells the package that the application has submitted both barriers to the queue it acquired with.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if ``releaseBarrier(_:)`` was not called: GL would wait for a signal
  ///   that never comes.
  public consuming func didSubmitRelease() throws(InteropError) { try didSubmitReleaseKeeping() }

  /// As ``didSubmitRelease()``, but does not consume the frame, like ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func didSubmitReleaseKeeping() throws(InteropError) {
    try slot.ownership.didSubmitRelease(tag: number)
    slot.signal.notify()
  }

  /// Cancels ``acquireBarrier(_:on:)``, only while the application has submitted nothing of it.
  ///
  /// If an ownership queue has acquired the image from GL, submissions to both queues return it.
  public borrowing func cancelAcquire() throws(InteropError) { try slot.ownership.cancelAcquire(tag: number) }

  // MARK: Another implementation

  /// Gives the frame's image to another implementation: memory, semaphores, and how the image was created.
  ///
  /// Export it once for each ``imageID`` and taker; the bundle is good for every frame in that image. For each frame
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
    try slot.ownership.acquireForExternal(tag: number)
  }

  /// Ends the access that ``acquireForExternal()`` began: the slot is free again.
  ///
  /// - Parameters:
  ///   - point: what the taker's release returned; see ``SharedImage/releaseFromExternal(after:layout:)``.
  ///   - layout: the layout in which the taker released the image.
  /// - Throws: as ``SharedImage/releaseFromExternal(after:layout:)``; the frame is discarded all the same, and its slot lost to
  ///   the ring where the taker still has it.
  public consuming func releaseFromExternal(
    after point: consuming ExternalPoint, layout: VkImageLayout = VK_IMAGE_LAYOUT_GENERAL
  ) throws(InteropError) {
    try releaseFromExternalKeeping(after: point, layout: layout)
  }

  /// As ``releaseFromExternal(after:layout:)``, but does not consume the frame, like
  /// ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func releaseFromExternalKeeping(
    after point: consuming ExternalPoint, layout: VkImageLayout
  ) throws(InteropError) {
    try slot.ownership.releaseFromExternal(after: point, layout: layout, sync: sync, tag: number)
    slot.signal.notify()
  }

  // MARK: Foreign owners

  /// Gives the frame to a foreign owner: another process, a compositor, a display. ``dmaBuf`` goes along.
  ///
  /// - Returns: the fence of GL's drawing; nil if GL is done.
  /// - Throws: as ``SharedImage/acquireForForeign()``.
  public borrowing func acquireForForeign() throws(InteropError) -> SyncFile? {
    try slot.ownership.acquireForForeign(tag: number)
  }

  /// Takes the frame back from the foreign owner.
  ///
  /// - Parameter fence: signals when the foreign owner is done; nil if it is done already. See
  ///   ``SharedImage/releaseFromForeign(after:)``.
  public consuming func releaseFromForeign(after fence: consuming SyncFile?) throws(InteropError) {
    try releaseFromForeignKeeping(after: fence)
  }

  /// As ``releaseFromForeign(after:)``, but does not consume the frame, like
  /// ``accessKeeping(_:on:waitingUpTo:_:)``.
  package borrowing func releaseFromForeignKeeping(after fence: consuming SyncFile?) throws(InteropError) {
    try slot.ownership.releaseFromForeign(after: fence, tag: number)
    slot.signal.notify()
  }

  // MARK: Other

  /// How often the lock of the image's state was taken, this time included. For tests.
  package var lockings: UInt64 { slot.ownership.lockings }
  /// The device that the image belongs to.
  package var host: VulkanHost { slot.ownership.host }
  /// Whether the producer dropped the frame to make room for a newer one. A dropped frame can no longer be used.
  package var wasDropped: Bool { slot.ownership.tag != number || [.idle, .writing].contains(slot.ownership.current) }

  /// Drops the frame. Discarding it does the same.
  public consuming func drop() {}
}
