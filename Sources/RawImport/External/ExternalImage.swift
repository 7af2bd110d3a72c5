public import InteropDrivers

/// An image whose memory another implementation allocated, imported from an ``ExternalImageBundle`` into GL, into
/// Vulkan, or into both.
///
/// This side is the taker. An access begins with the giver's ``ExternalPoint`` and ends with one for the giver:
///
/// ```swift
/// let image = try ExternalImage(importing: bundle, host: host)
/// let done = try image.access(.transferSource, after: point) { commands in … }   // in Vulkan
/// // … send `done` to the giver, which waits for it before it draws again
/// ```
///
/// Threads: GL calls where the context is current, Vulkan calls anywhere, one at a time. Ownership: the image owns the
/// objects of both APIs; the memory lives as long as any side has it. Release the image when this side's work is done;
/// it waits for what was submitted through it.
public final class ExternalImage: @unchecked Sendable {
  /// The description that came with the memory.
  public let description: ExternalImageDescription
  /// The GL context of the texture; nil where the image is in Vulkan only.
  public let context: GLContext?
  /// The device of the Vulkan image; nil where the image is in GL only.
  public let host: VulkanHost?

  private let vulkan: ExternalVulkanSide?
  private let backing: (any GLBacking)?
  private let glSemaphores: ExternalGLSemaphores?
  private let isAlias: Bool
  private let state = Mutex(State())

  private struct State {
    /// Who has access on this side.
    var holder: Holder?
    /// The last value that this side was told to signal on its timeline.
    var value: UInt64 = 0
    /// The submission that the application makes itself.
    var queue: VulkanQueue?
    /// The queue that waited for the giver's binary semaphore last.
    var waiter: VulkanQueue?
  }

  private enum Holder: String {
    case gl = "GL"
    case vulkan = "Vulkan"
    case application = "the application's submission"
  }

  /// The Vulkan image; nil where the image is in GL only. It lives as long as this object.
  public var vkImage: VkImage? { vulkan?.memory.handle }
  /// The GL texture, `GL_TEXTURE_2D`; nil where the image is in Vulkan only.
  public var glTexture: GLuint? { backing?.texture }
  /// A framebuffer with the texture as `GL_COLOR_ATTACHMENT0`; nil where reading or writing it would exchange red and
  /// blue, and where the image is in Vulkan only.
  public var glFramebuffer: GLuint? { isAlias ? nil : backing?.framebuffer }

  /// The component mapping for a view that is sampled: alpha is `VK_COMPONENT_SWIZZLE_ONE` where the image is opaque.
  public var componentMapping: VkComponentMapping { VkComponentMapping(isOpaque: description.isOpaque) }

  /// Imports the memory and the semaphores, on the GL context's thread where GL takes part.
  ///
  /// Everything that can be known of them is compared first: the device's and driver's UUIDs, the size of the file
  /// behind a descriptor, the size and the memory type that such an image has here. What drivers cannot be asked, such
  /// as the usage that the giver really stated, is believed.
  ///
  /// - Parameters:
  ///   - bundle: its descriptors are the drivers' after success, and closed after an error.
  ///   - glWrites: whether GL renders into the image, which decides how it reaches a BGRA format.
  ///   - context: current on this thread; nil leaves GL out.
  ///   - host: a device with the bundle's UUIDs; nil leaves Vulkan out.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a description that contradicts itself or the memory;
  ///   ``InteropError/Code/unsupported`` for another device, a missing extension, by name, and what only the giver's
  ///   implementation takes; the driver's refusal.
  ///
  /// The corresponding C functions are `vkAllocateMemory` with `VkImportMemoryFdInfoKHR`, `vkImportSemaphoreFdKHR`,
  /// `glImportMemoryFdEXT` and `glImportSemaphoreFdEXT`.
  public init(
    importing bundle: consuming ExternalImageBundle, glWrites: Bool = false, gl context: GLContext? = nil,
    host: VulkanHost? = nil
  ) throws(InteropError) {
    let description = bundle.description
    guard context != nil || host != nil else {
      throw InteropError(
        .invalidArgument, step: ExternalImageDescription.step, reason: "neither GL nor Vulkan is to have the image",
        advice: "Give a GL context, a Vulkan device, or both")
    }
    try context?.enter("import an external image")
    try description.check()
    switch bundle.memory {
    case .opaqueFD:
      guard description.handleType == .opaqueFD else { throw description.invalid("the memory is no DMA-BUF") }
    case .dmaBuf(let buffer): try description.check(buffer)
    }
    if let host { try description.check(host.info.identity, of: host.info.deviceName) }
    if let context { try description.check(context.identity, of: context.renderer) }
    self.description = description
    self.context = context
    self.host = host
    let needsSemaphores = [SyncKind.semaphoreFD, .timelineSemaphore].contains(description.sync)
    guard needsSemaphores == bundle.hasSemaphores else {
      throw description.invalid(
        needsSemaphores
          ? "sync \(description.sync.rawValue) needs the semaphores of both sides"
          : "sync \(description.sync.rawValue) has no semaphores")
    }
    var glCopy: ExternalImageBundle?
    var vulkanCopy: ExternalImageBundle?
    if context != nil, host != nil {
      glCopy = try bundle.duplicate()
      vulkanCopy = consume bundle
    } else if context != nil {
      glCopy = consume bundle
    } else {
      vulkanCopy = consume bundle
    }
    if let host, let bundle = vulkanCopy.take() {
      vulkan = try Self.vulkanSide(bundle, host)
    } else {
      vulkan = nil
    }
    if let context, let bundle = glCopy.take() {
      let side = try Self.glSide(bundle, glWrites: glWrites, context)
      (backing, glSemaphores, isAlias) = side
    } else {
      (backing, glSemaphores, isAlias) = (nil, nil, false)
    }
  }

  private static func vulkanSide(
    _ bundle: consuming ExternalImageBundle, _ host: VulkanHost
  ) throws(InteropError) -> ExternalVulkanSide {
    var bundle = bundle
    let description = bundle.description
    var imported: ExternalVulkanSemaphores?
    if let giver = bundle.giverDone.take(), let taker = bundle.takerDone.take() {
      imported = try ExternalVulkanSemaphores(description.sync, giverDone: giver, takerDone: taker, host)
    }
    switch consume bundle.memory {
    case .opaqueFD(let descriptor):
      try descriptor.withBorrowed { (number) throws(InteropError) in try description.check(memory: number) }
      let memory = try host.importImage(description, descriptor)
      let viewed = ViewedImage(
        image: memory.handle,
        formats: description.viewFormats.isEmpty ? [description.vkFormat] : description.viewFormats,
        usage: description.usage, tiling: description.tiling.vkTiling, modifier: nil, host: host,
        components: VkComponentMapping(isOpaque: description.isOpaque))
      return try ExternalVulkanSide(memory, viewed, description.sync, imported, host)
    case .dmaBuf(let buffer):
      let image = try buffer.importIntoVulkan(host, format: description.format, usage: description.usage)
      return try ExternalVulkanSide(image.parts, image.viewed, description.sync, imported, host)
    }
  }

  private static func glSide(
    _ bundle: consuming ExternalImageBundle, glWrites: Bool, _ context: GLContext
  ) throws(InteropError) -> (any GLBacking, ExternalGLSemaphores?, isAlias: Bool) {
    var bundle = bundle
    let description = bundle.description
    guard let format = description.format else { preconditionFailure("checked before") }
    let shared = SharedImageDescription(
      size: description.size, format: format, tiling: description.tiling,
      direction: glWrites ? .glToVulkan : .vulkanToGL, handleType: description.handleType, allocator: .neither,
      orientation: description.orientation, isOpaque: description.isOpaque)
    var imported: ExternalGLSemaphores?
    if let giver = bundle.giverDone.take(), let taker = bundle.takerDone.take() {
      imported = try ExternalGLSemaphores(description.sync, giverDone: giver, takerDone: taker, context)
    }
    if description.sync == .syncFile, context.egl?.hasNativeFences != true {
      throw description.unsupported("\(context.renderer) has no sync files", "EGL_ANDROID_native_fence_sync")
    }
    var isAlias = false
    if case .redBlueExchanged = shared.glView { isAlias = true }
    switch consume bundle.memory {
    case .opaqueFD(let descriptor):
      try descriptor.withBorrowed { (number) throws(InteropError) in try description.check(memory: number) }
      guard context.hasMemoryObjectFD else {
        throw description.unsupported("\(context.renderer) imports no memory", "GL_EXT_memory_object_fd")
      }
      try shared.size.check(ExternalImageDescription.step, within: [context.sizeLimit])
      let texture = try MemoryObjectTexture(
        shared, importing: descriptor, size: description.allocationSize, isDedicated: description.isDedicated, context)
      return (texture, imported, isAlias)
    case .dmaBuf(let buffer):
      let texture = glWrites ? try buffer.importIntoWritingGL(context) : try buffer.importIntoGL(context)
      return (texture, imported, false)
    }
  }

  // MARK: The application's own objects

  /// Identifies the image, as ``SharedImage/imageID``; nil where the image is in GL only.
  public var imageID: ImageID? { vulkan?.memory.life.id }

  /// Returns a view of the Vulkan image, as ``SharedImage/view(format:components:)``. The corresponding C function is
  /// `vkCreateImageView`.
  public func view(
    format: VkFormat? = nil, components: VkComponentMapping = VkComponentMapping()
  ) throws(InteropError) -> VkImageView {
    let side = try vulkanSide("make a view")
    return try side.viewed.view(format, components, in: side.memory.life)
  }

  // MARK: GL's accesses

  /// Lets GL wait for the giver, on the GPU where the sync is one. GL may then use the texture.
  ///
  /// - Parameter point: the end of the giver's access; taken over.
  /// - Throws: ``InteropError/Code/invalidState`` during another access; ``InteropError/Code/invalidArgument`` for a
  ///   point of another sync; the driver's refusal.
  ///
  /// The corresponding C functions are `glWaitSemaphoreEXT` and `eglWaitSyncKHR`.
  public func acquireForGL(after point: consuming ExternalPoint) throws(InteropError) {
    let step = "begin GL's access"
    let (context, texture) = try glSide(step)
    try context.enter(step)
    try check(point, step)
    try begin(.gl, step)
    do throws(InteropError) {
      try change(waiter: nil)
      switch consume point {
      case .done: break
      case .semaphore: try glSemaphores?.wait(0, texture: texture)
      case .timeline(let value, _): try glSemaphores?.wait(value, texture: texture)
      case .newSemaphore: preconditionFailure("refused before")
      case .syncFile(let file):
        guard let egl = context.egl else { preconditionFailure("checked at the import") }
        let number = file.handOver()
        do throws(InteropError) {
          try egl.waitOnGPU(for: number)
        } catch {
          _ = FileDescriptorOwner(owning: number)
          throw error
        }
      }
    } catch {
      end(.gl)
      throw error
    }
  }

  /// Ends GL's access.
  ///
  /// - Returns: what the giver waits for. GL has been flushed; with `cpu-wait` it has finished.
  /// - Throws: ``InteropError/Code/invalidState`` where GL has no access; the driver's refusal.
  ///
  /// The corresponding C functions are `glSignalSemaphoreEXT` and `glFlush`, `eglDupNativeFenceFDANDROID`, `glFinish`.
  public func releaseFromGL() throws(InteropError) -> ExternalPoint {
    let step = "end GL's access"
    let (context, texture) = try glSide(step)
    try context.enter(step)
    try check(.gl, step)
    let image = ImageInGL(
      context: context, texture: texture, framebuffer: backing?.framebuffer ?? 0,
      isFloat: description.vkFormat == VK_FORMAT_R16G16B16A16_SFLOAT, glIsWriter: true)
    let point: ExternalPoint
    switch description.sync {
    case .cpuWait:
      try image.finish()
      point = .done
    case .semaphoreFD:
      try glSemaphores?.signal(0, texture: texture)
      // GL's wait for the giver must have been executed before Vulkan waits for the same semaphore, on any thread.
      if vulkan != nil { context.gl.glFinish() }
      point = .semaphore
    case .timelineSemaphore:
      let value = state.withLock { $0.value } + 1
      try glSemaphores?.signal(value, texture: texture)
      state.withLock { $0.value = value }
      point = .timeline(value)
    case .syncFile:
      try image.completePendingWork()
      guard let egl = context.egl else { preconditionFailure("checked at the import") }
      point = .syncFile(try egl.makeNativeFence { context.gl.glFlush() })
    }
    end(.gl)
    return point
  }

  // MARK: Vulkan's accesses

  /// Acquires the image from the giver, runs the caller's commands and releases it, in one submission.
  ///
  /// - Parameters:
  ///   - use: the layout that the image has while `body`'s commands run, and after them.
  ///   - queue: a queue of ``host``; nil for its first.
  ///   - point: the end of the giver's access; taken over.
  ///   - body: records commands. If it throws, nothing is submitted, and the giver's signal is still to be waited for.
  /// - Returns: what the giver waits for. With `cpu-wait` the device has finished.
  /// - Throws: as ``acquireForGL(after:)``; what `body` throws.
  ///
  /// The corresponding C functions are `vkCmdPipelineBarrier` and `vkQueueSubmit`.
  public func access(
    _ use: VulkanAccess, on queue: VulkanQueue? = nil, after point: consuming ExternalPoint,
    _ body: (VkCommandBuffer) throws -> Void
  ) throws -> ExternalPoint {
    let step = "access an external image"
    let side = try vulkanSide(step)
    try use.check()
    try check(point, step)
    let queue = try side.host.known(queue, "the queue") ?? side.host.queues[0]
    try begin(.vulkan, step)
    defer { end(.vulkan) }
    try change(waiter: queue)
    let commands = try side.commands(for: queue)
    let image = side.memory.handle
    let family = outsideFamily(side.host)
    var thrown: (any Error)?
    let recorded: VkCommandBuffer
    do throws(InteropError) {
      recorded = try commands.record(.first) { (buffer) throws(InteropError) in
        OwnershipTransferBarrier.acquire(image, use, from: family, to: queue.family, semaphore: nil)
          .record(into: buffer, side.host.vk)
        do { try body(buffer) } catch {
          thrown = error
          throw .ofClosure
        }
        OwnershipTransferBarrier.release(image, use, from: queue.family, to: family, semaphore: nil)
          .record(into: buffer, side.host.vk)
      }
    } catch {
      throw thrown ?? error
    }
    let value = state.withLock { $0.value } + 1
    try commands.submit(recorded, waitingFor: try side.wait(for: point), signalling: side.signal(value))
    if description.sync == .cpuWait { try commands.finish(timeout: .patience(forBytes: Int(side.memory.size))) }
    return try ended(value, side)
  }

  /// Begins an access whose commands the application submits itself.
  ///
  /// - Parameters:
  ///   - use: how the application uses the image first.
  ///   - queue: the queue that it submits to; nil for the device's first.
  ///   - point: the end of the giver's access; taken over.
  /// - Returns: the barrier for the application's command buffer, and the semaphore that its submission waits for.
  /// - Throws: as ``acquireForGL(after:)``.
  ///
  /// The corresponding C function is `vkCmdPipelineBarrier`.
  public func acquireBarrier(
    _ use: VulkanAccess, on queue: VulkanQueue? = nil, after point: consuming ExternalPoint
  ) throws(InteropError) -> OwnershipTransferBarrier {
    let step = "acquire an external image"
    let side = try vulkanSide(step)
    try use.check()
    try check(point, step)
    let queue = try side.host.known(queue, "the queue") ?? side.host.queues[0]
    try begin(.application, step)
    do throws(InteropError) {
      try change(waiter: queue)
      // A semaphore takes a sync file only when its last wait is done.
      if description.sync == .syncFile { _ = try side.commands(for: queue) }
      let wait = try side.wait(for: point)
      state.withLock { $0.queue = queue }
      return .acquire(
        side.memory.handle, use, from: outsideFamily(side.host), to: queue.family, semaphore: wait)
    } catch {
      end(.application)
      throw error
    }
  }

  /// Returns the barrier that ends the access, and the semaphore that the application's submission signals.
  ///
  /// - Parameter use: how the application used the image last.
  /// - Throws: ``InteropError/Code/invalidState`` where ``acquireBarrier(_:on:after:)`` did not begin one.
  public func releaseBarrier(_ use: VulkanAccess) throws(InteropError) -> OwnershipTransferBarrier {
    let step = "release an external image"
    let side = try vulkanSide(step)
    try use.check()
    try check(.application, step)
    let (queue, value) = state.withLock { ($0.queue, $0.value + 1) }
    guard let queue else { preconditionFailure("set when the access began") }
    return .release(
      side.memory.handle, use, from: queue.family, to: outsideFamily(side.host), semaphore: side.signal(value))
  }

  /// Says that the application has submitted the commands with the release barrier.
  ///
  /// - Returns: what the giver waits for. With `cpu-wait` there is no semaphore: call it when the submission is done.
  /// - Throws: ``InteropError/Code/invalidState`` as ``releaseBarrier(_:)``; with `sync-file` the driver's refusal.
  public func didSubmitRelease() throws(InteropError) -> ExternalPoint {
    let step = "end the access to an external image"
    let side = try vulkanSide(step)
    try check(.application, step)
    defer { end(.application) }
    return try ended(state.withLock { $0.value } + 1, side)
  }

  private func ended(_ value: UInt64, _ side: ExternalVulkanSide) throws(InteropError) -> ExternalPoint {
    switch description.sync {
    case .cpuWait: return .done
    case .semaphoreFD: return .semaphore
    case .timelineSemaphore:
      state.withLock { $0.value = value }
      return .timeline(value)
    case .syncFile:
      if let file = try side.takeFile() { return .syncFile(file) }
      return .done
    }
  }

  /// Waits for the queue of the access before, where another one waits next: both would wait for one binary semaphore, and
  /// the later wait could take the earlier one's signal (VUID-vkQueueSubmit-pWaitSemaphores-00068).
  ///
  /// - Parameter queue: nil for GL's.
  private func change(waiter queue: VulkanQueue?) throws(InteropError) {
    guard description.sync == .semaphoreFD else { return }
    let former = state.withLock { state in
      defer { state.waiter = queue }
      return state.waiter
    }
    if let former, let host, former.handle != queue?.handle { try former.waitIdle(host) }
  }

  // MARK: Checks

  private func outsideFamily(_ host: VulkanHost) -> UInt32 {
    description.handleType == .dmaBuf ? host.dmaBufFamily : description.queueFamily
  }

  private func vulkanSide(_ step: String) throws(InteropError) -> ExternalVulkanSide {
    if let vulkan { return vulkan }
    throw InteropError(
      .invalidState, step: step, reason: "the image was imported into GL only",
      advice: "Give a Vulkan device when you import it")
  }

  private func glSide(_ step: String) throws(InteropError) -> (GLContext, GLuint) {
    if let context, let backing { return (context, backing.texture) }
    throw InteropError(
      .invalidState, step: step, reason: "the image was imported into Vulkan only",
      advice: "Give a GL context when you import it")
  }

  /// Whether a point belongs to the sync. `done` fits every one: nothing is due before the first write, and after a frame
  /// that the giver dropped.
  private func check(_ point: borrowing ExternalPoint, _ step: String) throws(InteropError) {
    switch point {
    case .done: return
    case .newSemaphore:
      throw InteropError(
        .invalidArgument, step: step, reason: "the giver's access ends with a new semaphore",
        advice: "Pass on what the giver's acquireForExternal (glvk_frame_acquire_for_external) returned")
    default: try description.sync.check(point, step)
    }
    switch point {
    case .timeline(_, let next): state.withLock { $0.value = max($0.value, next - min(next, 1)) }
    default: break
    }
  }

  private func begin(_ holder: Holder, _ step: String) throws(InteropError) {
    try state.withLock { (state) throws(InteropError) in
      if let now = state.holder {
        throw InteropError(
          .invalidState, step: step, reason: "\(now.rawValue) has the image",
          advice: "End that access first")
      }
      state.holder = holder
    }
  }

  private func check(_ holder: Holder, _ step: String) throws(InteropError) {
    guard state.withLock({ $0.holder == holder }) else {
      throw InteropError(
        .invalidState, step: step, reason: "\(holder.rawValue) does not have the image", advice: "Acquire it first")
    }
  }

  private func end(_ holder: Holder) {
    state.withLock { state in
      if state.holder == holder { (state.holder, state.queue) = (nil, nil) }
    }
  }
}
