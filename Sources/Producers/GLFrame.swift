public import InteropDrivers
public import RawImport

/// One frame that Vulkan rendered, for the GL thread: acquire it, draw with its texture, release it.
///
/// A frame has exactly one owner and can be sent to another thread (``FrameQueue``). Discarding it drops it, on any
/// thread; its slot is then free again. If a thread other than GL's discards it between acquire and release, the slot
/// becomes free at the next call on the GL thread.
///
/// A texture does not outlive its context: after ``RawGLConsumer/contextWillBeDestroyed()`` acquiring throws
/// ``InteropError/Code/invalidState``. Vulkan may still use its images.
public struct GLFrame: ~Copyable, Sendable {
  private let slot: ConsumerSlot
  /// The number of the target that Vulkan drew into. Newer frames have higher numbers.
  public let number: UInt64
  /// The meaning of the alpha channel. With `opaque`, sampling ``texture`` yields 1 for alpha, except in OpenGL ES 2.0,
  /// which has no texture swizzles.
  public let alphaMode: AlphaMode
  /// The meaning of the colour values, as the options state it.
  public let colorSpace: ColorSpace
  /// The time at which the frame is to be shown, on the caller's clock; nil if the consumer was given none.
  public let presentationTime: Duration?
  /// The parts that changed since the previous frame; nil for the whole frame.
  public let damage: [PixelRect]?

  init(
    slot: ConsumerSlot, number: UInt64, alphaMode: AlphaMode, colorSpace: ColorSpace, presentationTime: Duration?,
    damage: [PixelRect]?
  ) {
    self.slot = slot
    self.number = number
    self.alphaMode = alphaMode
    self.colorSpace = colorSpace
    self.presentationTime = presentationTime
    self.damage = damage
  }

  deinit { slot.abandon(number) }

  /// Width and height in pixels.
  public var size: PixelSize { slot.image.size }
  /// Pixel format of the image.
  public var format: PixelFormat { slot.image.format }
  /// The end of the picture that row 0 of the texture holds, where t is 0: `top-down` means that the picture's top is
  /// there.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// The path on which the frame gets to GL.
  public var path: TransferPath { slot.configuration.path }
  /// How GL waits until Vulkan has drawn. With `timeline-semaphore`, `semaphore-fd` and `sync-file` the GPU waits; with
  /// `cpu-wait` the thread that acquires.
  public var sync: SyncKind { slot.configuration.sync }

  /// A `GL_TEXTURE_2D` with one level, linear filters and clamped edges.
  ///
  /// Sampling yields the picture, for BGRA formats too; for an sRGB format it yields the encoded bytes. The texture
  /// holds the frame between acquire and release. The application must not delete it.
  ///
  /// Bind it after the acquire: a driver may notice new content only then.
  public var texture: GLuint { slot.image.glTexture }

  /// A framebuffer with the texture as `GL_COLOR_ATTACHMENT0`, to `glBlitFramebuffer` or `glReadPixels` from.
  ///
  /// nil where that would exchange red and blue (then draw with the texture), and where GL does not render into such a
  /// format. For opaque frames its alpha is undefined.
  public var framebuffer: GLuint? { slot.image.glFramebuffer }

  /// Identifies the image, for objects that the application caches for it, such as framebuffers and textures' state.
  ///
  /// A name such as ``texture`` is reused for another image, of another size; an identifier is never reused. A ring has
  /// one identifier per slot, until its size or its combination changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Calls `handler` once, with ``imageID``, when the image retires.
  ///
  /// It works as ``RawGLConsumer/onImageRetired``, for this image alone and before that closure. Register it when
  /// something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// The DMA-BUF that holds the frame; nil on paths without one. The slot owns it: give away a ``DMABuf/duplicate()``.
  public var dmaBuf: DMABuf? { slot.image.dmaBuf }
  /// The layout of ``dmaBuf``'s pixels in memory.
  public var modifier: DRMModifier? { slot.image.dmaBuf?.modifier }

  /// Waits for Vulkan, runs `body`, which draws with the texture, and releases the image to Vulkan.
  ///
  /// The application's GL state is the same before and after, except for what `body` changes.
  ///
  /// - Parameter body: GL calls, with the name of ``texture``.
  /// - Throws: as ``acquire()`` and ``release()``; what `body` throws.
  public consuming func access<Result>(_ body: (GLuint) throws -> Result) throws -> Result {
    try acquire()
    let result: Result
    do {
      result = try body(texture)
    } catch {
      // GL must finish what `body` has drawn so far before Vulkan draws again.
      try? slot.endShowing(number)
      throw error
    }
    try slot.endShowing(number)
    return result
  }

  /// Acquires the frame: GL waits for Vulkan, on the GPU unless ``sync`` is `cpu-wait`. Then the texture holds the
  /// frame.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped to make room for a newer one, is acquired
  ///   already, or its context was destroyed; ``InteropError/Code/wrongThread`` where the context is not current;
  ///   ``InteropError/Code/timeout``, after which the call can be repeated; ``InteropError/Code/driverFailure``, after
  ///   which later frames use another combination.
  public borrowing func acquire() throws(InteropError) { try slot.beginShowing(number) }

  /// Releases the frame: Vulkan may draw into the image again when GL has done all earlier commands. Flushes; with
  /// `cpu-wait` it waits for GL.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was not acquired; ``InteropError/Code/wrongThread``.
  public consuming func release() throws(InteropError) { try releaseKeeping() }

  /// As ``release()``, but does not consume the frame: after an error the owner decides whether to discard it. After
  /// success discarding it does nothing.
  package borrowing func releaseKeeping() throws(InteropError) { try slot.endShowing(number) }

  /// How often the lock of the image's state was taken, this time included. For tests.
  package var lockings: UInt64 { slot.ownership.lockings }
  /// Whether the frame was dropped to make room for a newer one. A dropped frame can no longer be used.
  package var wasDropped: Bool { slot.ownership.tag != number || [.idle, .writing].contains(slot.ownership.current) }

  /// Drops the frame. Discarding it does the same.
  public consuming func drop() {}
}
