public import Capability
public import InteropDrivers
public import RawImport

/// Hands the frames of an application that owns its OpenGL context to Vulkan, without a change to how it draws.
///
/// ```swift
/// // Once, with the application's context current:
/// let producer = try RawGLProducer(size: windowSize)
/// // In the loop, where the frame is drawn and not yet swapped:
/// let frame = try producer.submit(framebuffer: 0)
/// ```
///
/// The context may be of any kind: GLX or EGL, core, compatibility or ES, of a window or without, ANGLE's, an engine's
/// own. ``submit(framebuffer:size:colorAttachment:orientation:presentationTime:damage:)`` copies the frame on the GPU;
/// with ``render(presentationTime:damage:_:)`` the application draws straight into the shared image.
///
/// The application's state is the same before and after each call, and its errors are kept for it
/// (``takeApplicationErrors()``). Between `glBegin` and `glEnd`, and where a copy has to be drawn while transform
/// feedback runs, a call is refused. GL cannot be asked whether rendering is conditional: it must not be. A query that
/// counts samples counts those of a copy that has to be drawn.
///
/// It owns a ring of images and, once the first frames have gone round, makes nothing more, see
/// ``SurfacelessEGLProducer``.
///
/// Threads: every call where the context is current. Another thread, or another context there, is an error and changes
/// nothing. Frames go to any thread, see ``FrameQueue``. Several producers may share a context, or have one each.
///
/// Before the application destroys its context it calls ``contextWillBeDestroyed()``; frames that are out stay valid.
public final class RawGLProducer {
  /// The application's.
  public let context: GLContext
  private let core: ProducerCore

  /// The Vulkan device.
  public var host: VulkanHost { core.host }
  /// As they were given.
  public var options: ProducerOptions { core.options }
  /// Of the frames to come. Follows what is submitted.
  public var size: PixelSize { core.size }
  /// The path of frames to come. It changes when one fails while frames run.
  public var path: TransferPath { core.path }
  /// Of the last frame, as ``Frame/mode``: what is submitted is always copied (`blit`). Before the first frame it is
  /// that of ``render(presentationTime:damage:_:)``.
  public var mode: TransferMode { core.frameMode ?? core.mode }
  /// How one side knows that the other is done, for frames to come.
  public var sync: SyncKind { core.sync }
  /// How the pixels of the frames' DMA-BUFs lie in memory; nil on paths that share none.
  public var modifier: DRMModifier? { core.modifier }
  /// How path `host-copy` gets the pixels to Vulkan; nil on paths that share memory.
  public var readback: ReadbackMethod? { core.readback }
  /// Paths before the one in use that did not work, with the reason: at first, or later while frames ran.
  public var fellBackFrom: [(path: TransferPath, reason: String)] { core.fellBackFrom }
  /// Methods of reading back that were tried before ``readback`` and did not work, with the reason.
  public var readbackRefusals: [(method: ReadbackMethod, reason: String)] { core.readbackRefusals }
  /// What is known of the drivers; nil with ``CapabilitySource/nowhere``, and where nothing could be found out.
  public var capability: CapabilityMatrix? { core.capability }
  /// Why nothing is known of the drivers, or less than a helper would have found out: there is no helper, or it could
  /// not be started, for want of file descriptors, say. nil where all was tried, or nothing was asked for. The ring was
  /// made by trying ways in turn where no matrix says which. The reason that `glvk_producer_get_matrix` gives in C.
  public var capabilityProblem: String? { core.capabilityProblem }
  /// A queue of the family on which a hand-over was seen to cost least, else the host's first.
  public var handoverQueue: VulkanQueue { core.handoverQueue }
  /// Memory of earlier sizes that frames still hold, in slots.
  public var retiredSlotCount: Int { core.retiredSlotCount }

  /// Called once for each image of which a frame was handed out, when it goes: after a change of size, when the next
  /// way takes over, at the producer's or its context's end; of a frame that is out then, when that is over. Drop there
  /// what was made for the image: what is kept by ``Frame/imageID``.
  ///
  /// - When: nobody holds the image, no frame of it either; GL and Vulkan are done with it as far as this package
  ///   knows; nothing of it is destroyed, its `VkImage`, its views and its texture still are there. A host that submits
  ///   itself has its submissions of the frame waited for, up to the release. What it has in flight besides it waits
  ///   for in the closure: nothing is destroyed before that returns. On a lost device the wait has ended with an error,
  ///   and it is called all the same.
  /// - On which thread: the one that lets the image go. That is the thread of a call of the producer's (the GL thread),
  ///   or, when the producer has gone, of whoever let its last frame go.
  /// - In it: anything of Vulkan, GL where the context is current, and this object's properties. Not calls of the
  ///   producer that make frames, change the size or end it (``InteropError/Code/invalidState``),
  ///   and no wait for a lock under which frames are let go.
  ///
  /// Images of which no frame was handed out, those of a ring that could not be made among them, go without a word. It
  /// may be set at any time and on any thread: when that returns, the closure before is not running elsewhere and will
  /// not be called again. It is kept until the last frame of the producer has gone, so it should not hold the producer.
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
  ///   - size: of the frames to come, in pixels; changes when a framebuffer of another size is submitted.
  ///   - host: the Vulkan device; nil makes one on the GL context's GPU.
  ///   - context: nil describes the current one (``GLContext/current()``).
  ///   - options: see ``ProducerOptions``. Samples and the depth buffer are those of what
  ///     ``render(presentationTime:damage:_:)`` draws into. What is known of the drivers
  ///     (``CapabilitySource/automatic``) comes from a helper process, because a driver that crashed would take the
  ///     application with it; where there is none the ways are tried in turn here.
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

  /// Copies what a framebuffer holds into the next slot, on the GPU, and hands it over: for applications that draw as
  /// they always did. Of framebuffer 0 the back buffer is read, so call it before the swap.
  ///
  /// Multisampled framebuffers are resolved; sRGB and every format of ``PixelFormat/all`` keep their bytes. A
  /// framebuffer of another size than the last changes the ring's size, see ``resize(to:)``.
  ///
  /// - Parameters:
  ///   - framebuffer: its name; 0 for the one of the window.
  ///   - size: the part that counts, from the origin on, in pixels; nil for all of it, which GL or the window system is
  ///     asked for each time.
  ///   - colorAttachment: n of `GL_COLOR_ATTACHMENTn`.
  ///   - orientation: what row 0 of the framebuffer is; ``ProducerOptions/orientation`` is what the frame's will be.
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  /// - Throws: ``InteropError/Code/invalidArgument`` where there is nothing to show: an incomplete framebuffer, a
  ///   window of size 0 (minimised), framebuffer 0 of a context without a surface; ``InteropError/Code/ringExhausted``
  ///   or what ``BackPressure`` says if all slots are in use; ``InteropError/Code/wrongThread``;
  ///   ``InteropError/Code/invalidState`` after the context's end; the driver's refusal, when no way is left.
  ///
  /// The corresponding C function is `glBlitFramebuffer`.
  public func submit(
    framebuffer: GLuint = 0, size: PixelSize? = nil, colorAttachment: Int = 0,
    orientation: ImageOrientation = .bottomUp, presentationTime: Duration? = nil, damage: [PixelRect]? = nil
  ) throws(InteropError) -> Frame {
    var found = size
    if found == nil { found = try core.size(ofFramebuffer: framebuffer, colorAttachment) }
    return try submit(
      GLFramebuffer(
        name: framebuffer, size: found ?? self.size, colorAttachment: colorAttachment, orientation: orientation),
      isSizeKnown: size == nil && found != nil, presentationTime: presentationTime, damage: damage)
  }

  /// As ``submit(framebuffer:size:colorAttachment:orientation:presentationTime:damage:)``, of a framebuffer with its
  /// size.
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

  /// The application draws the next frame: into the shared image itself where the driver can (``mode`` direct), else
  /// into a framebuffer that is copied.
  ///
  /// If the way to Vulkan fails on the way, the next one takes over and the frame is drawn again: `draw` may be called
  /// more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound, with the viewport set to its size; the rest
  ///     of the state is the application's. What the slot held before is undefined. Bindings and viewport are put back
  ///     afterwards. If it throws, no frame is handed over and the same error is thrown.
  /// - Throws: as ``SurfacelessEGLProducer/render(presentationTime:damage:_:)``.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try context.enter("render a frame")
    let (bindings, viewport) = (try FramebufferBindings(context), FirstViewport(context))
    defer {
      bindings.restore(context)
      viewport.restore(context)
    }
    return try core.render(presentationTime: presentationTime, damage: damage, draw)
  }

  /// Changes the size of the frames to come. Frames that are out keep their size and memory, which is given back when
  /// both sides are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) { try core.resize(to: size) }

  // MARK: The application's context

  /// GL errors that were pending when the package was called. `glGetError` clears them, so they are kept here for the
  /// application; taking them empties the list.
  public func takeApplicationErrors() -> [GLenum] { context.takeApplicationErrors() }

  /// The application is about to destroy its context: what was made in it is given back, now, on its thread. Frames
  /// that are out stay valid until they are released. Every later call throws ``InteropError/Code/invalidState``; a
  /// second call does nothing.
  ///
  /// The context description is used up with it: producers that share one are told once each, the last one last.
  ///
  /// - Throws: ``InteropError/Code/wrongThread`` if the context is not current.
  public func contextWillBeDestroyed() throws(InteropError) { try core.contextWillBeDestroyed() }
}
