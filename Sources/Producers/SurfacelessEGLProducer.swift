public import Capability
public import InteropDrivers
public import RawImport

/// Renders frames with an OpenGL context of its own and transfers them to Vulkan, without a window.
///
/// ```swift
/// let producer = try SurfacelessEGLProducer(size: PixelSize(width: 1920, height: 1080))
/// let frame = try producer.render { target in … GL calls … }
/// try frame.access(.transferSource) { commands, image in … Vulkan commands … }
/// ```
///
/// The producer owns a ring of images. Once each slot has carried a frame, it allocates no memory and imports nothing
/// per frame. It opens no file descriptor but the two of a frame with sync files (`sync-file`), which it closes again.
///
/// Threads: use the producer on the thread that has its context current (``SurfacelessContext/release()`` and
/// ``SurfacelessContext/makeCurrent()`` move it). Frames may be used on any thread, see ``FrameQueue``.
public final class SurfacelessEGLProducer {
  /// The producer's own context.
  public let context: SurfacelessContext
  private let core: ProducerCore

  /// The Vulkan device.
  public var host: VulkanHost { core.host }
  /// The options that the application passed.
  public var options: ProducerOptions { core.options }
  /// The size of later frames, in pixels.
  public var size: PixelSize { core.size }
  /// The path of later frames. It changes when a path fails while frames run.
  public var path: TransferPath { core.path }
  /// The mode in which GL's pixels get into the image, for later frames.
  public var mode: TransferMode { core.mode }
  /// How GL and Vulkan wait for each other, for later frames.
  public var sync: SyncKind { core.sync }
  /// The layout of the DMA-BUFs' pixels in memory; nil on paths without a DMA-BUF.
  public var modifier: DRMModifier? { core.modifier }
  /// How path `host-copy` brings the pixels to Vulkan; nil on paths that share memory.
  public var readback: ReadbackMethod? { core.readback }
  /// The paths that failed before the one in use, each with the reason: when the ring was made, or later while frames
  /// ran.
  public var fellBackFrom: [(path: TransferPath, reason: String)] { core.fellBackFrom }
  /// The readback methods that were tried before ``readback`` and failed, each with the reason: when the ring was made,
  /// or later while frames ran.
  public var readbackRefusals: [(method: ReadbackMethod, reason: String)] { core.readbackRefusals }
  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``.
  public var capability: CapabilityMatrix? { core.capability }
  /// Why nothing is known of the drivers, or less than a helper would have learned.
  ///
  /// The helper is missing, or did not start, for want of file descriptors for example. nil where the probe tried
  /// everything, or none was asked for. Where no matrix names a combination, the producer tried them in turn to make
  /// the ring. In C, `glvk_producer_get_matrix` gives this reason.
  public var capabilityProblem: String? { core.capabilityProblem }
  /// A queue of the family with the cheapest measured ownership transfer, else the device's first queue.
  ///
  /// The package uses it for its own submissions. An application that only copies the frames should acquire them on it.
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
  /// The context's functions that this package itself calls, for set-up outside ``render(presentationTime:damage:_:)``.
  ///
  /// ``GLContext/function(_:as:)`` of ``SurfacelessContext/gl`` looks up others.
  public var gl: GLFunctions { context.gl.gl }

  /// Makes the context, the device if none is given, and the ring. The context is current on this thread afterwards.
  ///
  /// - Parameters:
  ///   - size: width and height of the frames in pixels.
  ///   - host: the Vulkan device; nil makes one on the GL context's GPU.
  ///   - platform: the EGL implementation and device.
  ///   - api: desktop GL or GLES; ANGLE has GLES only.
  ///   - options: see ``ProducerOptions``.
  /// - Throws: ``InteropError``: no EGL or Vulkan, a size of 0, options that exclude each other, a named path that does
  ///   not work.
  public convenience init(
    size: PixelSize, host: VulkanHost? = nil, platform: SurfacelessContext.Platform = .surfaceless,
    api: SurfacelessContext.API = .openGL, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try ProducerCore.check(size, options)
    let context = try SurfacelessContext(platform: platform, api: api)
    let device = if let host { host } else { try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl))) }
    try self.init(size: size, host: device, context: context, options: options)
  }

  /// Makes the ring with an existing context, which must be current on this thread.
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
  /// If the combination fails while a frame is made, the next one takes over, with a line in the log and an entry in
  /// ``fellBackFrom``. The frame is then drawn again: `draw` may be called more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound. The previous content of the slot is
  ///     undefined. If `draw` throws, no frame is made and the same error is thrown.
  /// - Returns: the frame; discarding it drops it.
  /// - Throws: ``InteropError/Code/ringExhausted`` as ``BackPressure`` decides if all slots are in use;
  ///   ``InteropError/Code/wrongThread``; the driver's refusal, when no combination is left.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try core.render(presentationTime: presentationTime, damage: damage, draw)
  }

  /// Changes the size of later frames. Frames that the application holds keep their size and memory, which is freed
  /// when both APIs are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) {
    try core.resize(to: size)
  }
}
