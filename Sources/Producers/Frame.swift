public import InteropDrivers
public import RawImport

/// One rendered frame, for one consumer: acquire it, use its image in Vulkan, release it.
///
/// A frame is held by exactly one owner and can be sent to another thread. Letting it go without acquiring it drops it;
/// its slot is then free again. It keeps its image alive.
///
/// Three ways to use one:
/// - ``access(_:queue:via:waitingUpTo:_:)``: the package submits commands that the caller records, one submission in
///   all;
/// - ``acquire(_:queue:via:)`` … the host's own submissions to the same queue … ``release(_:)``;
/// - ``acquireBarrier(_:queue:via:)`` and ``releaseBarrier(_:)`` into the host's own command buffers, then
///   ``didSubmitRelease()``.
///
/// A turn ends as it began, each call once. Any other order is ``InteropError/Code/invalidState``; the frame is as it
/// was, and let go by a call that takes it.
public struct Frame: ~Copyable, Sendable {
  let slot: FrameSlot
  /// Counts from 1 on.
  public let number: UInt64
  /// How the frame got, or gets, to Vulkan.
  public let path: TransferPath
  /// How GL's pixels got into the image.
  public let mode: TransferMode
  /// Who waits until GL has drawn: with `timeline-semaphore`, `semaphore-fd` and `sync-file` the GPU, through the
  /// semaphore of the acquire; with `cpu-wait` the producer's thread has.
  public let sync: SyncKind
  /// Of `opaque` nothing counts that is in ``image``'s alpha channel: see ``componentMapping``.
  public let alphaMode: AlphaMode
  /// What the numbers mean, as the options said.
  public let colorSpace: ColorSpace
  /// When the frame is meant to be seen, on the caller's clock; nil if the producer was not told.
  public let presentationTime: Duration?
  /// What changed since the frame before; nil for everything.
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
    // After a release the state is idle or the tag another one: nothing is done then.
    switch slot.turns.abandon(tag: number) {
    case .nothingToDo: break
    case .dropped, .released: slot.signal.notify()
    case .lost:
      slot.logger.error(
        "frame \(number) was let go while its image was out (acquireBarrier, acquireForForeign; glvk_frame_acquire_barrier, glvk_frame_acquire_for_foreign): its slot is lost to the ring"
      )
    }
  }

  /// The image; valid while the frame is held.
  public var image: VkImage { slot.image.vkImage }
  /// Width and height in pixels.
  public var size: PixelSize { slot.image.size }
  /// Pixel format of the image.
  public var format: PixelFormat { slot.image.format }
  /// What row 0 of the image is.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// How a `VkImageView` that is sampled is to take ``image``: of opaque frames alpha is `VK_COMPONENT_SWIZZLE_ONE`,
  /// every other component is itself. In mode `blit` and on path `host-copy` the alpha of an opaque frame is 1 in
  /// memory, too; in mode `direct` it is what GL drew. In C: `glvk_frame_info`.
  public var componentMapping: VkComponentMapping { slot.image.componentMapping }

  // MARK: What a host makes of it

  /// Which image it is, for what a program keeps for it: views, descriptor sets. ``image`` comes back as another
  /// image's, with another size, this does not. A ring has as many as it has slots, until its size or its way changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Called once, with ``imageID``, when the image goes: as ``RawGLProducer/onImageRetired``, for this image alone and
  /// before that. Register it when something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// A view of the image, made when it is asked for the first time and the same for each frame that is in this image.
  /// It lives as long as the image and is the image's to destroy: see ``SharedImage/view(format:components:)``.
  ///
  /// The corresponding C function is `vkCreateImageView`, here `glvk_frame_get_view`.
  public borrowing func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView { try slot.image.view(format: format, components: components) }

  // MARK: Passing it on

  /// The buffer that the frame is in, for scanout or another process; nil on paths that share none. The slot's own:
  /// give away a ``DMABuf/duplicate()``, and hold the frame until the other side is done with it.
  ///
  /// Its fourcc says of an opaque frame that alpha is padding (`XB24`). With the sync `cpu-wait` the picture is
  /// complete. With others it is when an acquire has been waited for.
  public var dmaBuf: DMABuf? { slot.image.dmaBuf }
  /// How the pixels of ``dmaBuf`` lie in memory.
  public var modifier: DRMModifier? { slot.image.dmaBuf?.modifier }

  // MARK: Submitted by the package

  /// Acquires, runs the caller's commands and releases in one submission.
  ///
  /// - Parameters:
  ///   - use: the layout the image has while `body`'s commands run, and after them.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - handoverQueue: takes the image from GL, passes it on to `queue` and goes the same way back: three submissions
  ///     then, see ``SharedImage/accessInVulkan(_:queue:via:_:)``. nil lets `queue` do it. Frames of path `host-copy`
  ///     are Vulkan's own images and ignore it.
  ///   - timeout: wait at most this long until the device is done, for a consumer that then looks at the result on the
  ///     CPU; nil does not wait.
  ///   - body: records commands for `queue` that use the image. If it throws nothing is submitted.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped meanwhile or is acquired;
  ///   ``InteropError/Code/invalidArgument`` for a use that is none (layout UNDEFINED or PREINITIALIZED, no stages),
  ///   and for a queue that is none of the host's; ``InteropError/Code/timeout``; what `body` throws.
  public consuming func access(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) {
    try accessKeeping(use, queue: queue, via: handoverQueue, waitingUpTo: timeout, body)
  }

  /// As ``access(_:queue:via:waitingUpTo:_:)`` for an owner who decides after an error whether the frame goes. After
  /// success it has been released, and letting it go does nothing.
  package borrowing func accessKeeping(
    _ use: VulkanAccess, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil,
    waitingUpTo timeout: Duration? = nil, _ body: (VkCommandBuffer, VkImage) throws(InteropError) -> Void
  ) throws(InteropError) {
    let image = image
    // A frame whose wait failed is released all the same.
    defer { slot.signal.notify() }
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
  /// - Parameters:
  ///   - use: the layout the image is in then.
  ///   - queue: where to submit; nil for the host's first queue.
  ///   - handoverQueue: as in ``access(_:queue:via:waitingUpTo:_:)``; ``release(_:)`` goes back by it.
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped or is acquired already;
  ///   ``InteropError/Code/invalidArgument`` as ``access(_:queue:via:waitingUpTo:_:)``.
  public borrowing func acquire(
    _ use: VulkanAccess = .fragmentSampling, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    let (slot, number) = (slot, number)
    try slot.noting { () throws(InteropError) in
      try slot.turns.submitAcquire(use, queue: queue, via: handoverQueue, tag: number)
    }
  }

  /// Releases in a submission of its own, after what was submitted to the queue so far.
  ///
  /// - Parameter use: the layout the image is in by now; nil if it is that of ``acquire(_:queue:via:)``.
  public consuming func release(_ use: VulkanAccess? = nil) throws(InteropError) { try releaseKeeping(use) }

  /// As ``release(_:)``, like ``accessKeeping(_:queue:via:waitingUpTo:_:)``.
  package borrowing func releaseKeeping(_ use: VulkanAccess?) throws(InteropError) {
    try slot.turns.submitRelease(use, tag: number)
    slot.signal.notify()
  }

  // MARK: Submitted by the host

  /// What the host puts into its own submission before it uses the image: barrier, semaphore, and the value of a
  /// timeline semaphore (``OwnershipTransferBarrier/semaphoreValue``). It must then submit it, or call
  /// ``cancelAcquire()``. The image comes from `VK_QUEUE_FAMILY_EXTERNAL`, a DMA-BUF from
  /// `VK_QUEUE_FAMILY_FOREIGN_EXT`.
  ///
  /// - Parameters:
  ///   - use: how the host uses the image after the barrier.
  ///   - queue: where the host will submit; nil for the host's first queue.
  ///   - handoverQueue: as in ``access(_:queue:via:waitingUpTo:_:)``. The package then submits its part to that queue,
  ///     here and in ``didSubmitRelease()``; the host's barriers and semaphores are those between the two queues.
  public borrowing func acquireBarrier(
    _ use: VulkanAccess = .fragmentSampling, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let (slot, number) = (slot, number)
    return try slot.noting { () throws(InteropError) in
      try slot.turns.acquire(use, queue: queue, via: handoverQueue, tag: number)
    }
  }

  /// What the host puts into its own submission after it used the image. Once for each
  /// ``acquireBarrier(_:queue:via:)``: the semaphore is signalled once and waited for once.
  ///
  /// - Parameter use: the layout the image is in by then.
  /// - Throws: ``InteropError/Code/invalidState`` without ``acquireBarrier(_:queue:via:)``, and the second time;
  ///   ``InteropError/Code/invalidArgument`` for a use that is none.
  public borrowing func releaseBarrier(_ use: VulkanAccess = .fragmentSampling) throws(InteropError)
    -> OwnershipTransferBarrier
  {
    try slot.turns.release(use, tag: number)
  }

  /// The host has submitted both to the queue it acquired with.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if ``releaseBarrier(_:)`` was not called: GL would wait for a signal
  ///   that nobody gives.
  public consuming func didSubmitRelease() throws(InteropError) { try didSubmitReleaseKeeping() }

  /// As ``didSubmitRelease()``, like ``accessKeeping(_:queue:via:waitingUpTo:_:)``.
  package borrowing func didSubmitReleaseKeeping() throws(InteropError) {
    try slot.turns.didSubmitRelease(tag: number)
    slot.signal.notify()
  }

  /// Takes ``acquireBarrier(_:queue:via:)`` back. Only while the host has submitted nothing of it. What a hand-over
  /// queue has taken from GL is brought back by submissions to both queues.
  public borrowing func cancelAcquire() throws(InteropError) { try slot.turns.cancel(tag: number) }

  // MARK: Given away

  /// The frame goes to somebody outside: another process, a compositor, a display. ``dmaBuf`` goes along.
  ///
  /// - Returns: the fence of what GL drew; nil if that is done.
  /// - Throws: as ``SharedImage/acquireForForeign()``.
  public borrowing func acquireForForeign() throws(InteropError) -> SyncFile? {
    try slot.turns.acquireForForeign(tag: number)
  }

  /// It has come back.
  ///
  /// - Parameter fence: done when the other side is; nil if it is done. See ``SharedImage/releaseFromForeign(after:)``.
  public consuming func releaseFromForeign(after fence: consuming SyncFile?) throws(InteropError) {
    try releaseFromForeignKeeping(after: fence)
  }

  /// As ``releaseFromForeign(after:)``, like ``accessKeeping(_:queue:via:waitingUpTo:_:)``.
  package borrowing func releaseFromForeignKeeping(after fence: consuming SyncFile?) throws(InteropError) {
    try slot.turns.releaseFromForeign(after: fence, tag: number)
    slot.signal.notify()
  }

  // MARK: Neither

  /// The device that the image belongs to.
  package var host: VulkanHost { slot.turns.host }
  /// The producer dropped it to make room for a newer one: nothing can be done with it any more.
  package var wasDropped: Bool { slot.turns.tag != number || [.idle, .writing].contains(slot.turns.current) }

  /// The frame will not be shown. The same as letting it go.
  public consuming func drop() {}
}
