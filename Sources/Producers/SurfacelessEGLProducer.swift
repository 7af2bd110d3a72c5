internal import Capability
public import Drivers
internal import Logging
public import RawImport

/// Renders frames with an OpenGL context of its own and hands them to Vulkan, without a window.
///
/// ```swift
/// let producer = try SurfacelessEGLProducer(size: PixelSize(width: 1920, height: 1080))
/// let frame = try producer.render { target in … GL calls … }
/// try frame.access(.transferSource) { commands, image in … Vulkan commands … }
/// ```
///
/// It owns a ring of images and, once the first frames have gone round, makes nothing more: no memory, no file
/// descriptor, no import per frame.
///
/// Threads: the producer is used on the thread that has its context current (``SurfacelessContext/release()`` and
/// ``SurfacelessContext/makeCurrent()`` move it). Frames go to any thread, see ``FrameQueue``.
public final class SurfacelessEGLProducer {
  public let context: SurfacelessContext
  public let host: VulkanHost
  public let options: ProducerOptions
  /// Paths that were tried before the one in use and did not work, with the reason.
  public private(set) var fellBackFrom: [(path: TransferPath, reason: String)] = []

  private let blitter: FramebufferBlitter
  private let signal = SlotSignal()
  private var ring: FrameRing
  /// Slots of earlier sizes whose frames are still out.
  private var retired: [FrameSlot] = []
  private var depthStencil: DepthStencil?
  private var frameNumber: UInt64 = 0
  private var reportedModes: Set<TransferMode> = []

  public var size: PixelSize { ring.size }
  public var path: TransferPath { ring.path }
  public var mode: TransferMode { ring.mode }
  public var sync: SyncKind { ring.sync }
  /// The context's functions, for set-up outside ``render(presentationTime:damage:_:)``.
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
    try Self.check(size, options)
    let context = try SurfacelessContext(platform: platform, api: api)
    let device = if let host { host } else { try VulkanHost.create(VulkanHost.CreateOptions(.matching(context.gl))) }
    try self.init(size: size, host: device, context: context, options: options)
  }

  /// As above, on a context that exists and is current on this thread.
  public init(
    size: PixelSize, host: VulkanHost, context: SurfacelessContext, options: ProducerOptions = ProducerOptions()
  ) throws(InteropError) {
    try Self.check(size, options)
    try context.gl.enter("make a producer")
    self.context = context
    self.host = host
    self.options = options
    blitter = FramebufferBlitter(context.gl)
    let plan = FrameRing.Plan(
      size: size, options: options, context: context.gl, egl: (context.egl, context.display), host: host,
      blitter: blitter, signal: signal)
    let (made, refusals) = try FrameRing.make(plan)
    ring = made
    report(refusals)
  }

  deinit {
    // Frames that are out keep their slots, and may outlive the context.
    for slot in ring.slots + retired {
      if slot.turns.current == .idle { try? slot.image.retire() } else { try? slot.image.detach() }
    }
  }

  private static func check(_ size: PixelSize, _ options: ProducerOptions) throws(InteropError) {
    guard (1...1 << 20).contains(size.width), (1...1 << 20).contains(size.height) else {
      throw InteropError(
        .invalidArgument, step: "check the producer's size", reason: "the size is \(size)",
        advice: "Give a width and height of at least 1")
    }
    guard (1...16).contains(options.framesInFlight) else {
      throw InteropError(
        .invalidArgument, step: "check framesInFlight", reason: "\(options.framesInFlight) frames in flight",
        advice: "Use 1 to 16; 3 is usual")
    }
    guard (1...64).contains(options.samples) else {
      throw InteropError(
        .invalidArgument, step: "check samples", reason: "\(options.samples) samples per pixel", advice: "Use 1, 2, 4 or 8")
    }
  }

  // MARK: Frames

  /// Renders one frame.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is meant to be seen, carried along.
  ///   - damage: what changed since the frame before, carried along; nil for everything.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound. What the slot held before is undefined. If it
  ///     throws, no frame is handed over and the same error is thrown.
  /// - Returns: the frame; letting it go drops it.
  /// - Throws: ``InteropError/Code/ringExhausted`` or what ``BackPressure`` says if all slots are in use;
  ///   ``InteropError/Code/wrongThread``.
  public func render(
    presentationTime: Duration? = nil, damage: [PixelRect]? = nil, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame {
    try context.gl.enter("render a frame")
    collectRetired()
    let slot = try freeSlot()
    try slot.image.beginGLAccess()
    let number = frameNumber + 1
    do {
      try bind(slot.target)
      try draw(
        RenderTarget(framebuffer: slot.target.framebuffer, size: size, frameNumber: number, gl: gl))
      try transfer(slot)
      slot.turns.setTag(number)
      try slot.image.endGLAccess()
    } catch {
      if slot.turns.current == .writing { try slot.image.abandonGLAccess() }
      throw error
    }
    frameNumber = number
    return Frame(
      slot: slot, number: number, path: path, mode: mode, sync: sync, alphaMode: options.alphaMode,
      colorSpace: options.colorSpace, presentationTime: presentationTime, damage: damage)
  }

  /// Changes the size of the frames to come. Frames that are out keep their size and memory, which is given back when
  /// both sides are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  public func resize(to size: PixelSize) throws(InteropError) {
    guard size != ring.size else { return }
    try Self.check(size, options)
    try context.gl.enter("resize the producer")
    let plan = FrameRing.Plan(
      size: size, options: options, context: context.gl, egl: (context.egl, context.display), host: host,
      blitter: blitter, signal: signal)
    let (made, refusals) = try FrameRing.make(plan)
    retired += ring.slots
    ring = made
    depthStencil = nil
    report(refusals)
    collectRetired()
  }

  /// Memory of earlier sizes that frames still hold, in slots.
  public var retiredSlotCount: Int { retired.count }

  // MARK: Steps of a frame

  private func freeSlot() throws(InteropError) -> FrameSlot {
    if let slot = try pickSlot() { return slot }
    let timeout =
      switch options.backPressure {
      case .wait(let timeout), .dropOldest(let timeout): timeout
      case .fail: Duration.zero
      }
    let found: Result<FrameSlot, InteropError>? = signal.wait(timeout: timeout) {
      do throws(InteropError) {
        return try pickSlot().map { .success($0) }
      } catch {
        return .failure(error)
      }
    }
    guard let found else { throw exhausted(" since \(timeout)") }
    return try found.get()
  }

  /// - Returns: nil if the caller has to wait.
  private func pickSlot() throws(InteropError) -> FrameSlot? {
    // A consumer may take the frame that was to be dropped; then look again, at most once for each slot.
    for _ in ring.slots {
      switch RingPolicy.choose(ring.slots.lazy.map(\.policyView), options.backPressure) {
      case .use(let index): return ring.slots[index]
      case .wait: return nil
      case .fail: throw exhausted("")
      case .dropAndUse(let index):
        let slot = ring.slots[index]
        do throws(InteropError) {
          try slot.turns.drop(tag: slot.turns.tag)
          return slot
        } catch where error.code == .invalidState {
          continue
        }
      }
    }
    return nil
  }

  private func exhausted(_ since: String) -> InteropError {
    InteropError(
      .ringExhausted, step: "find a free slot",
      reason: "all \(ring.slots.count) frames are held by consumers\(since)",
      advice: "Release or drop frames, or use more framesInFlight")
  }

  private func bind(_ target: DrawTarget) throws(InteropError) {
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), target.framebuffer)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
    guard options.depthStencil else { return }
    if depthStencil == nil { depthStencil = try DepthStencil(size, samples: options.samples, context.gl) }
    try depthStencil?.attach(to: target.framebuffer)
  }

  /// From what the application drew into to what Vulkan gets, where these differ.
  private func transfer(_ slot: FrameSlot) throws(InteropError) {
    if let image = slot.image as? SharedImage {
      guard mode == .blit else { return }
      try blitter.copy(from: GLFramebuffer(name: slot.target.framebuffer, size: size), to: image)
    } else if let image = slot.image as? HostCopyImage, options.samples > 1 {
      try blitter.resolve(from: slot.target.framebuffer, to: image.sourceFramebuffer, size)
    }
  }

  private func collectRetired() {
    guard !retired.isEmpty else { return }
    retired.removeAll { slot in
      guard slot.turns.current == .idle else { return false }
      do throws(InteropError) {
        try slot.image.retire()
      } catch {
        options.logger.error("a retired frame slot was not given back cleanly: \(error)")
      }
      return true
    }
  }

  private func report(_ refusals: [FrameRing.Refusal]) {
    for refusal in refusals where refusal.path == ring.path && !reportedModes.contains(refusal.mode) {
      reportedModes.insert(refusal.mode)
      options.logger.notice("mode \(refusal.mode.rawValue) does not work here, using \(ring.mode.rawValue): \(refusal.error)")
    }
    for refusal in refusals
    where refusal.path != ring.path && !fellBackFrom.contains(where: { $0.path == refusal.path }) {
      fellBackFrom.append((refusal.path, refusal.error.description))
      options.logger.warning("\(refusal.path) does not work here, using \(ring.path): \(refusal.error)")
    }
  }
}

/// One depth and stencil buffer for all slots: frames are drawn one after the other.
private final class DepthStencil {
  private let context: GLContext
  private let buffer: GLObject
  private var attached: Set<GLuint> = []

  init(_ size: PixelSize, samples: Int, _ context: GLContext) throws(InteropError) {
    self.context = context
    buffer = try context.preservingBindings { () throws(InteropError) in
      try context.makeRenderbuffer(GLenum(GL_DEPTH24_STENCIL8), size, samples: samples > 1 ? samples : 0)
    }
  }

  /// To the framebuffer, which is bound.
  func attach(to framebuffer: GLuint) throws(InteropError) {
    guard attached.insert(framebuffer).inserted else { return }
    context.gl.glFramebufferRenderbuffer(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_DEPTH_STENCIL_ATTACHMENT), GLenum(GL_RENDERBUFFER), buffer.name)
    try context.checkFramebuffer(
      GL_FRAMEBUFFER, "attach the depth and stencil buffer", "the driver cannot render with this depth buffer")
  }
}
