public import Capability
public import InteropDrivers
public import RawImport

/// Renders frames with an OpenGL context of its own and hands them to Vulkan, without a window.
///
/// ```swift
/// let producer = try SurfacelessEGLProducer(size: PixelSize(width: 1920, height: 1080))
/// let frame = try producer.render { target in … GL calls … }
/// try frame.access(.transferSource) { commands, image in … Vulkan commands … }
/// ```
///
/// It owns a ring of images and, once the first frames have gone round, makes nothing more: no memory and no import per
/// frame, and no file descriptor but the two of a frame that goes by sync files (`sync-file`), which are closed again.
///
/// Threads: the producer is used on the thread that has its context current (``SurfacelessContext/release()`` and
/// ``SurfacelessContext/makeCurrent()`` move it). Frames go to any thread, see ``FrameQueue``.
public final class SurfacelessEGLProducer {
  /// The context of its own.
  public let context: SurfacelessContext
  private let core: ProducerCore

  /// The Vulkan device.
  public var host: VulkanHost { core.host }
  /// As they were given.
  public var options: ProducerOptions { core.options }
  /// Size of the frames to come, in pixels.
  public var size: PixelSize { core.size }
  /// The path of frames to come. It changes when one fails while frames run.
  public var path: TransferPath { core.path }
  /// How GL's pixels get into the image, for frames to come.
  public var mode: TransferMode { core.mode }
  /// How one side knows that the other is done, for frames to come.
  public var sync: SyncKind { core.sync }
  /// How the pixels of the frames' DMA-BUFs lie in memory; nil on paths that share none.
  public var modifier: DRMModifier? { core.modifier }
  /// How path `host-copy` gets the pixels to Vulkan; nil on paths that share memory.
  public var readback: ReadbackMethod? { core.readback }
  /// Paths before the one in use that did not work, with the reason: at first, or later while frames ran.
  public var fellBackFrom: [(path: TransferPath, reason: String)] { core.fellBackFrom }
  /// Methods of reading back that were tried before ``readback`` and did not work, with the reason; when the ring was
  /// made, and while frames ran.
  public var readbackRefusals: [(method: ReadbackMethod, reason: String)] { core.readbackRefusals }
  /// What is known of the drivers; nil with ``CapabilitySource/nowhere``.
  public var capability: CapabilityMatrix? { core.capability }
  /// Why nothing is known of the drivers, or less than a helper would have found out: there is no helper, or it could
  /// not be started, for want of file descriptors, say. nil where all was tried, or nothing was asked for. The ring was
  /// made by trying ways in turn where no matrix says which. The reason that `glvk_producer_get_matrix` gives in C.
  public var capabilityProblem: String? { core.capabilityProblem }
  /// A queue of the family on which a hand-over was seen to cost least, else the host's first. The package uses it for
  /// what it submits itself; a host that only copies the frames does well to acquire them on it.
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
  /// The context's functions that this package calls itself, for set-up outside ``render(presentationTime:damage:_:)``;
  /// others by ``GLContext/function(_:as:)`` of ``SurfacelessContext/gl``.
  public var gl: GLFunctions { context.gl.gl }

  /// Makes the context, the device if none is given, and the ring. The context is current on this thread afterwards.
  ///
  /// - Parameters:
  ///   - size: width and height of the frames in pixels.
  ///   - host: the Vulkan device; nil makes one on the GL context's GPU.
  ///   - platform: which EGL implementation and device.
  ///   - api: desktop GL or GLES; ANGLE has GLES only.
  ///   - options: see ``ProducerOptions``.
  /// - Throws: ``InteropError``: no EGL or Vulkan, a size of 0, options that exclude each other, a path that was asked
  ///   for and does not work.
  public convenience init(
    size: PixelSize, host: VulkanHost? = nil, platform: SurfacelessContext.Platform = .surfaceless,
    api: SurfacelessContext.API = .openGL, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try ProducerCore.check(size, options)
    let context = try SurfacelessContext(platform: platform, api: api)
    let device = if let host { host } else { try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl))) }
    try self.init(size: size, host: device, context: context, options: options)
  }

  /// As above, on a context that exists and is current on this thread.
  public init(
    size: PixelSize, host: VulkanHost, context: SurfacelessContext, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    self.context = context
    core = try ProducerCore(
      size: size, host: host, context: context.gl, owner: context, makesTarget: true, options: options
    ) { options, problem in
      let matrix = CapabilityProbe(gl: context, vulkan: host, options: ProducerCore.probeOptions(options)).run()
      problem = matrix.problem
      return matrix
    }
  }

  // MARK: Frames

  /// Renders one frame.
  ///
  /// If the way to Vulkan fails on the way, the next one takes over, with a line in the log and an entry in
  /// ``fellBackFrom``, and the frame is drawn again: `draw` may be called more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound. What the slot held before is undefined. If
  ///     it throws, no frame is handed over and the same error is thrown.
  /// - Returns: the frame; letting it go drops it.
  /// - Throws: ``InteropError/Code/ringExhausted`` or what ``BackPressure`` says if all slots are in use;
  ///   ``InteropError/Code/wrongThread``; the driver's refusal, when no way is left.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try core.render(presentationTime: presentationTime, damage: damage, draw)
  }

  /// Changes the size of the frames to come. Frames that are out keep their size and memory, which is given back when
  /// both sides are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) {
    try core.resize(to: size)
  }
}
