public import Capability
public import InteropDrivers
public import RawImport

/// Transfers the frames of an application that owns its OpenGL context to Vulkan, without a change to how it draws.
///
/// ```swift
/// // Once, with the application's context current:
/// let producer = try RawGLProducer(size: windowSize)
/// // In the loop, where the frame is drawn and not yet swapped:
/// let frame = try producer.submit(framebuffer: 0)
/// ```
///
/// The context may be of any kind: GLX or EGL, core, compatibility or ES, with a window or without, ANGLE's, an
/// engine's own. ``submit(framebuffer:size:colorAttachment:orientation:presentationTime:damage:)`` copies the frame on
/// the GPU. With ``render(presentationTime:damage:_:)`` the application draws straight into the shared image.
///
/// Each call restores the application's state and keeps the application's errors for it (``takeApplicationErrors()``).
/// The producer refuses a call between `glBegin` and `glEnd`, and a copy that has to be drawn while transform feedback
/// runs. Rendering must not be conditional; GL has no query for it. A query that counts samples also counts those of a
/// copy that has to be drawn.
///
/// The producer owns a ring of images. Once each slot has carried a frame, it makes no more objects: see
/// ``SurfacelessEGLProducer``.
///
/// Threads: call everything where the context is current. A call on another thread, or with another context current, is
/// an error and changes nothing. Frames may be used on any thread, see ``FrameQueue``. Several producers may share a
/// context, or have one each.
///
/// Before the application destroys its context it calls ``contextWillBeDestroyed()``; frames that it holds stay valid.
public final class RawGLProducer: FrameProducer {
  /// The application's context.
  public let context: GLContext
  private let core: ProducerCore

  public var host: VulkanHost { core.host }
  public var options: ProducerOptions { core.options }
  public var size: PixelSize { core.size }
  public var status: TransferStatus { core.status(mode: core.frameMode) }
  public var capability: CapabilityMatrix? { core.capability }
  public var onImageRetired: (@Sendable (ImageID) -> Void)? {
    get { core.notice.current }
    set { core.notice.set(newValue) }
  }
  package var notice: RetirementNotice { core.notice }

  /// Adopts the context that is current on this thread.
  ///
  /// - Parameters:
  ///   - size: of the first frames, in pixels; changes when a framebuffer of another size is submitted.
  ///   - host: the Vulkan device; nil makes one on the GL context's GPU.
  ///   - context: nil describes the current one (``GLContext/current()``).
  ///   - options: see ``ProducerOptions``. Samples and the depth buffer apply to the framebuffer that
  ///     ``render(presentationTime:damage:_:)`` draws into. A helper process probes the drivers
  ///     (``CapabilitySource/automatic``), because a driver that crashed would take the application with it. Without a
  ///     helper the producer tries the combinations in turn here.
  /// - Throws: ``InteropError/Code/wrongThread`` without a current context; ``InteropError`` as
  ///   ``SurfacelessEGLProducer/init(size:host:platform:api:options:)``.
  public init(
    size: PixelSize, host: VulkanHost? = nil, context: GLContext? = nil, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try ProducerCore.check(size, options)
    let context = if let context { context } else { try GLContext.current() }
    try context.enter("make a producer")
    let device = if let host { host } else { try VulkanHost.create(VulkanHost.CreateOptions(.matching(context))) }
    self.context = context
    core = try ProducerCore(
      size: size, host: device, context: context, owner: nil, makesTarget: false, options: options
    ) { CapabilityProbe.matrix(ofAdopted: context, vulkan: device, options: $0) }
  }

  // MARK: Frames

  /// Copies the content of a framebuffer into the next slot, on the GPU, and transfers it to Vulkan.
  ///
  /// It is for applications that draw as they always did. Of framebuffer 0 it reads the back buffer, so call it before
  /// the swap.
  ///
  /// It resolves multisampled framebuffers; sRGB and every format of ``PixelFormat/all`` keep their bytes. A
  /// framebuffer of another size than the last changes the ring's size, see ``resize(to:)``.
  ///
  /// - Parameters:
  ///   - framebuffer: its name; 0 for the one of the window.
  ///   - size: the part to copy, from the origin on, in pixels; nil for all of it. The producer then asks GL or the
  ///     window system for the size each time.
  ///   - colorAttachment: n of `GL_COLOR_ATTACHMENTn`.
  ///   - orientation: the end of the picture that row 0 of the framebuffer holds; ``RingOptions/orientation`` is
  ///     that of the frame.
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  /// - Throws: ``InteropError/Code/invalidArgument`` where there is nothing to show: an incomplete framebuffer, a
  ///   window of size 0 (minimised), framebuffer 0 of a context without a surface; ``InteropError/Code/ringExhausted``
  ///   as ``BackPressure`` decides if all slots are in use; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/invalidState`` after the context's end; the driver's refusal, when no combination is left.
  ///
  /// The corresponding C function is `glBlitFramebuffer`.
  public func submit(
    framebuffer: GLuint = 0, size: PixelSize? = nil, colorAttachment: Int = 0,
    orientation: ImageOrientation = .bottomUp, presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> Frame {
    let step = "submit a framebuffer"
    try core.checkIsOpen(step)
    let isOutermost = try context.beginCall(step)
    defer { if isOutermost { context.endCall() } }
    var found = size
    if found == nil { found = try core.size(ofFramebuffer: framebuffer, colorAttachment) }
    return try submit(
      GLFramebuffer(
        name: framebuffer, size: found ?? self.size, colorAttachment: colorAttachment, orientation: orientation),
      isSizeKnown: size == nil && found != nil, presentationTime: presentationTime, damage: damage)
  }

  /// As ``submit(framebuffer:size:colorAttachment:orientation:presentationTime:damage:)``, for a framebuffer whose size
  /// is given.
  public func submit(
    _ framebuffer: GLFramebuffer, presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> Frame {
    try submit(framebuffer, isSizeKnown: false, presentationTime: presentationTime, damage: damage)
  }

  private func submit(
    _ framebuffer: GLFramebuffer, isSizeKnown: Bool, presentationTime: Duration?, damage: [PixelRect]?
  ) throws(InteropError) -> Frame {
    guard framebuffer.size.width > 0, framebuffer.size.height > 0 else {
      throw InteropError(
        .invalidArgument, step: "submit a framebuffer",
        reason: "framebuffer \(framebuffer.name) is \(framebuffer.size): there is nothing to show",
        advice: "Submit nothing while the window is minimised")
    }
    try core.resize(to: framebuffer.size)
    return try core.submit(framebuffer, isSizeKnown: isSizeKnown, presentationTime: presentationTime, damage: damage)
  }

  /// Lets the application draw the next frame.
  ///
  /// The application draws into the shared image itself where the driver supports it (mode `direct`), else into a
  /// framebuffer that the package copies.
  ///
  /// If the combination fails while a frame is made, the next one takes over and the frame is drawn again: `draw` may
  /// be called more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound, with the viewport set to its size; the rest
  ///     of the state is the application's. The previous content of the slot is undefined. The producer restores
  ///     bindings and viewport afterwards. If `draw` throws, no frame is made and the same error is thrown.
  /// - Throws: as ``FrameProducer/render(presentationTime:damage:_:)``.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    let isOutermost = try context.beginCall("render a frame")
    defer { if isOutermost { context.endCall() } }
    let (bindings, viewport) = (try FramebufferBindings(context), FirstViewport(context))
    defer {
      // Another context's state is not ours.
      if context.isCurrent() {
        bindings.restore(context)
        viewport.restore(context)
      }
    }
    return try core.render(presentationTime: presentationTime, damage: damage, draw)
  }

  /// Changes the size of later frames. Frames that the application holds keep their size and memory, which is freed
  /// when both APIs are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) { try core.resize(to: size) }

  // MARK: The application's context

  /// Returns the GL errors that were pending when the package was called, and empties the list.
  ///
  /// `glGetError` clears errors, so the package keeps them here for the application.
  public func takeApplicationErrors() -> [GLenum] { context.takeApplicationErrors() }

  /// Releases everything that was made in the application's context, which the application is about to destroy.
  ///
  /// Call it on the context's thread; everything is released before it returns. Frames that the application holds stay
  /// valid until they are released. Every later call throws ``InteropError/Code/invalidState``; a second call of this
  /// method does nothing.
  ///
  /// It ends the context description, too: where producers share one, call each of them once, and the last one last.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if the context is not current.
  public func contextWillBeDestroyed() throws(InteropError) { try core.contextWillBeDestroyed() }
}
