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
public final class SurfacelessEGLProducer: FrameProducer {
  /// The producer's own context.
  public let context: SurfacelessContext
  private let core: ProducerCore

  public var host: VulkanHost { core.host }
  public var options: ProducerOptions { core.options }
  public var size: PixelSize { core.size }
  public var status: TransferStatus { core.status() }
  public var capability: CapabilityMatrix? { core.capability }
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
    ) { options in
      let matrix = CapabilityProbe(gl: context, vulkan: host, options: options).run()
      return (matrix, matrix.problem)
    }
  }

  // MARK: Frames

  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try core.render(presentationTime: presentationTime, damage: damage, draw)
  }

  public func resize(to size: PixelSize) throws(InteropError) {
    try core.resize(to: size)
  }
}
