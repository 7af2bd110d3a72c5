public import InteropDrivers
public import RawImport

/// One frame that Vulkan rendered, for the GL thread: acquire it, draw with its texture, release it.
///
/// A frame is held by exactly one owner and can be sent to another thread (``GLFrameQueue``). Letting it go drops it,
/// on any thread; its slot is then free again. One that is let go between acquire and release on a thread that is not
/// GL's becomes free at the next call on the GL thread.
///
/// A texture does not outlive its context: after ``RawGLConsumer/contextWillBeDestroyed()`` acquiring throws
/// ``InteropError/Code/invalidState``, and what Vulkan does with its images goes on.
public struct GLFrame: ~Copyable, Sendable {
  private let slot: ConsumerSlot
  /// That of the target it was drawn into. Higher is newer.
  public let number: UInt64
  /// Of `opaque`, sampling ``texture`` gives 1 for alpha, but in OpenGL ES 2.0, which has no texture swizzles.
  public let alphaMode: AlphaMode
  /// What the numbers mean, as the options said.
  public let colorSpace: ColorSpace
  /// When the frame is meant to be seen, on the caller's clock; nil if the consumer was not told.
  public let presentationTime: Duration?
  /// What changed since the frame before; nil for everything.
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
  /// What row 0 of the texture is, where t is 0: `top-down` means that the picture's top is there.
  public var orientation: ImageOrientation { slot.image.orientation }
  /// How the frame got, or gets, to GL.
  public var path: TransferPath { slot.candidate.path }
  /// Who waits until Vulkan has drawn: with `timeline-semaphore`, `semaphore-fd` and `sync-file` the GPU; with
  /// `cpu-wait` the thread that acquires.
  public var sync: SyncKind { slot.candidate.sync }

  /// `GL_TEXTURE_2D` with one level, linear filters and clamped edges. Sampling gives the picture, of BGRA formats too;
  /// of an sRGB format the encoded bytes. Holds the frame between acquire and release, and is not the application's to
  /// delete.
  ///
  /// Bind it after the acquire: a driver may look only then that its content is new.
  public var texture: GLuint { slot.image.glTexture }

  /// With the texture as `GL_COLOR_ATTACHMENT0`, to `glBlitFramebuffer` or `glReadPixels` from; nil where that would
  /// exchange red and blue (then draw with the texture), and where GL does not render into such a format. Of opaque
  /// frames its alpha may be anything.
  public var framebuffer: GLuint? { slot.image.glFramebuffer }

  /// Which image it is, for what a program keeps for it: framebuffers, textures' state. ``texture`` comes back as
  /// another one's name, with another size, this does not. A ring has as many as it has slots, until its size or its
  /// way changes.
  public var imageID: ImageID { slot.image.life.id }

  /// Called once, with ``imageID``, when the image goes: as ``RawGLConsumer/onImageRetired``, for this image alone and
  /// before that. Register it when something is made for the image, not for each frame.
  public borrowing func onImageRetired(_ handler: @escaping @Sendable (ImageID) -> Void) {
    slot.image.life.onEnd(handler)
  }

  /// The buffer that the frame is in; nil on paths that share none. The slot's own: give away a ``DMABuf/duplicate()``.
  public var dmaBuf: DMABuf? { slot.image.dmaBuf }
  /// How the pixels of ``dmaBuf`` lie in memory.
  public var modifier: DRMModifier? { slot.image.dmaBuf?.modifier }

  /// Waits for Vulkan, runs `body`, which draws with the texture, and gives the image back to Vulkan.
  ///
  /// The application's GL state is the same before and after, but for what `body` does.
  ///
  /// - Parameter body: GL calls, with the name of ``texture``.
  /// - Throws: as ``acquire()`` and ``release()``; what `body` throws.
  public consuming func access<Result>(_ body: (GLuint) throws -> Result) throws -> Result {
    try acquire()
    let result: Result
    do {
      result = try body(texture)
    } catch {
      // What was drawn until then has to be over before Vulkan draws again.
      try? slot.endShowing(number)
      throw error
    }
    try slot.endShowing(number)
    return result
  }

  /// GL waits for Vulkan, on the GPU unless ``sync`` is `cpu-wait`; then the texture holds the frame.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if the frame was dropped to make room for a newer one, is acquired
  ///   already, or its context was destroyed; ``InteropError/Code/wrongThread`` where the context is not current;
  ///   ``InteropError/Code/timeout``, which can be repeated; ``InteropError/Code/driverFailure``: frames to come go
  ///   another way then.
  public borrowing func acquire() throws(InteropError) { try slot.beginShowing(number) }

  /// Vulkan may draw into the image again when GL has done what it was told so far. Flushes; with `cpu-wait` waits for
  /// GL.
  ///
  /// - Throws: ``InteropError/Code/invalidState`` if it was not acquired; ``InteropError/Code/wrongThread``.
  public consuming func release() throws(InteropError) { try releaseKeeping() }

  /// As ``release()`` for an owner who decides after an error whether the frame goes. After success letting it go does
  /// nothing.
  package borrowing func releaseKeeping() throws(InteropError) { try slot.endShowing(number) }

  /// It was dropped to make room for a newer one: nothing can be done with it any more.
  package var wasDropped: Bool { slot.turns.tag != number || [.idle, .writing].contains(slot.turns.current) }

  /// The frame will not be shown. The same as letting it go.
  public consuming func drop() {}
}
