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
public final class RawGLProducer {
  /// The application's context.
  public let context: GLContext
  private let core: ProducerCore

  /// The Vulkan device.
  public var host: VulkanHost { core.host }
  /// The options that the application passed.
  public var options: ProducerOptions { core.options }
  /// The size of later frames, in pixels. It follows the framebuffers that are submitted.
  public var size: PixelSize { core.size }
  /// The path of later frames. It changes when a path fails while frames run.
  public var path: TransferPath { core.path }
  /// The mode of the last frame, as ``Frame/mode``. A submitted framebuffer is always copied (`blit`). Before the first
  /// frame it is the mode of ``render(presentationTime:damage:_:)``.
  public var mode: TransferMode { core.frameMode ?? core.mode }
  /// How GL and Vulkan wait for each other, for later frames.
  public var sync: SyncKind { core.sync }
  /// The layout of the DMA-BUFs' pixels in memory; nil on paths without a DMA-BUF.
  public var modifier: DRMModifier? { core.modifier }
  /// How path `host-copy` brings the pixels to Vulkan; nil on paths that share memory.
  public var readback: ReadbackMethod? { core.readback }
  /// The paths that failed before the one in use, each with the reason: when the ring was made, or later while frames
  /// ran.
  public var fellBackFrom: [(path: TransferPath, reason: String)] { core.fellBackFrom }
  /// The readback methods that were tried before ``readback`` and failed, each with the reason.
  public var readbackRefusals: [(method: ReadbackMethod, reason: String)] { core.readbackRefusals }
  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``, and where the probe learned nothing.
  public var capability: CapabilityMatrix? { core.capability }
  /// Why nothing is known of the drivers, or less than a helper would have learned.
  ///
  /// The helper is missing, or did not start, for want of file descriptors for example. nil where the probe tried
  /// everything, or none was asked for. Where no matrix names a combination, the producer tried them in turn to make
  /// the ring. In C, `glvk_producer_get_matrix` gives this reason.
  public var capabilityProblem: String? { core.capabilityProblem }
  /// A queue of the family with the cheapest measured ownership transfer, else the device's first queue.
  public var ownershipQueue: VulkanQueue { core.ownershipQueue }
  /// The number of slots of earlier sizes whose memory frames still hold.
  public var retiredSlotCount: Int { core.retiredSlotCount }

  /// Called once for each image of which a frame was handed out, when the image retires.
  ///
  /// An image retires after a change of size, after a fallback to the next combination, or at the end of the producer
  /// or its context. If the application still holds a frame of the image then, the image retires with that frame. Drop
  /// there what was made for the image and is kept by ``Frame/imageID``.
  ///
  /// - When: the application holds neither the image nor a frame of it, and GL and Vulkan are done with it as far as
  ///   this package knows. Nothing of it is destroyed yet: its `VkImage`, its views and its texture still exist. Where
  ///   the application submits a frame's work itself, the package has waited for those submissions, up to the release.
  ///   For anything else it has in flight, the application waits in the closure: nothing is destroyed before the
  ///   closure returns. On a lost device the wait has ended with an error, and the closure is called all the same.
  /// - On which thread: the one that lets the image go. That is the thread of a call of the producer (the GL thread),
  ///   or, after the producer's end, the thread that discards its last frame.
  /// - In it: anything of Vulkan, GL where the context is current, and this object's properties. Do not call the
  ///   producer to make frames, change the size or end it (``InteropError/Code/invalidState``), and do not wait for a
  ///   lock under which frames are discarded.
  ///
  /// The closure is not called for images of which no frame was handed out, including those of a ring that could not be
  /// made. It may be set at any time and on any thread: when the setter returns, the previous closure is not running on
  /// another thread and is not called again. The closure is kept until the last frame of the producer has ended, so it
  /// should not hold the producer.
  ///
  /// The corresponding C function is `glvk_producer_set_image_retired_callback`.
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
    ) { options, problem in
      CapabilityProbe.matrix(
        ofAdopted: context, vulkan: device, options: ProducerCore.probeOptions(options), problem: &problem)
    }
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
  ///   - orientation: the end of the picture that row 0 of the framebuffer holds; ``ProducerOptions/orientation`` is
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
    let isOutermost = try context.beginCall("submit a framebuffer")
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
  /// The application draws into the shared image itself where the driver supports it (``mode`` direct), else into a
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
  /// - Throws: as ``SurfacelessEGLProducer/render(presentationTime:damage:_:)``.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    let isOutermost = try context.beginCall("render a frame")
    defer { if isOutermost { context.endCall() } }
    let (bindings, viewport) = (try FramebufferBindings(context), FirstViewport(context))
    defer {
      bindings.restore(context)
      viewport.restore(context)
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
