package import InteropDrivers
package import RawImport

/// Checks every pixel of an image after GL or Vulkan wrote it, twice. Extension strings, return codes and the absence
/// of errors prove nothing: a wrong driver pair gives garbage and no error, and a driver that copies at import passes
/// the first frame.
///
/// Used on the GL context's thread. It keeps framebuffers and buffers for the next image of the same size.
package final class PixelCheck {
  private let context: GLContext
  private let host: VulkanHost
  private let blitter: FramebufferBlitter
  /// Receives the purpose of the driver calls that follow.
  private let note: (String) -> Void
  private var target: (format: GLenum, size: PixelSize, target: DrawTarget)?
  private var landing: HostBuffer?
  private var staging: HostBuffer?

  /// The rows of a shared image that a check looks at.
  package enum Extent: Sendable {
    case everyRow
    /// ``TestPattern/bands(of:)``: enough where the same combination was right in every row at another size.
    case bands
    /// The same rows of one image in one colour: enough where these very drivers passed the check of such an image
    /// before. llvmpipe compiles no shaders for it.
    case plain
  }

  package init(
    _ context: GLContext, _ host: VulkanHost, blitter: FramebufferBlitter? = nil,
    note: @escaping (String) -> Void = { _ in }
  ) {
    self.context = context
    self.host = host
    self.blitter = blitter ?? FramebufferBlitter(context)
    self.note = note
  }

  /// Sends patterns through `image`, from its writer to its reader, and compares: two, or as `extent` says.
  ///
  /// Where GL renders into the image, the check of every row has a third frame, one clear of the whole image: ANGLE
  /// defers such a clear, see `GLContext.completePendingWork`.
  ///
  /// - Parameters:
  ///   - extent: the rows to check. On a queue that copies whole images only, it is every row.
  ///   - queue: the queue of Vulkan's accesses; nil for the device's first queue.
  /// - Throws: ``InteropError/Code/wrongPixels`` with the first wrong pixel; driver errors unchanged.
  package func verify(
    _ image: SharedImage, _ extent: Extent = .everyRow, queue: VulkanQueue? = nil
  ) throws(InteropError) {
    let copier = queue ?? host.queues[0]
    let copiesRows = copier.canDraw || copier.canCompute
    let ranges = extent != .everyRow && copiesRows ? TestPattern.bands(of: image.size) : [0..<image.size.height]
    let rows = ImageRows(ranges, bytesPerRow: image.size.width * image.format.bytesPerPixel)
    try timed(image.size, image.byteCount) { () throws(InteropError) in try verifyFrames(image, rows, extent, queue) }
  }

  /// Adds to a timeout error how long the check had taken, and that a slow driver may be the only cause.
  private func timed<Result>(
    _ size: PixelSize, _ bytes: Int, _ body: () throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    let start = ContinuousClock.now
    do throws(InteropError) {
      return try body()
    } catch let error where error.code == .timeout {
      var slow = error
      slow.reason +=
        "; the check of \(size) pixels had taken \(Self.seconds(ContinuousClock.now - start)), and each wait in it may take"
        + " \(Self.seconds(.patience(forBytes: bytes)))"
      slow.advice =
        "The driver is slow or hangs: use a smaller size, or no pixel check (verifiesPixels, GLVK_PRODUCER_SKIP_PIXEL_CHECK)"
      throw slow
    }
  }

  private static func seconds(_ duration: Duration) -> String {
    let tenths = Int(duration.nanoseconds / 100_000_000)
    return "\(tenths / 10).\(tenths % 10) s"
  }

  private func verifyFrames(
    _ image: SharedImage, _ rows: ImageRows, _ extent: Extent, _ queue: VulkanQueue?
  ) throws(InteropError) {
    let glRenders = image.description.direction == .glToVulkan && image.description.mode == .direct
    let variants =
      switch extent {
      case .everyRow: glRenders ? [0, 1, 2] : [0, 1]
      case .bands: [0, 1]
      case .plain: [2]
      }
    for (round, variant) in variants.enumerated() {
      let pattern = TestPattern(
        size: image.size, format: image.format, isOpaque: image.isOpaque, variant: variant, rows: rows.ranges)
      if image.description.direction == .glToVulkan {
        try verifyForward(image, rows, pattern, queue, "frame \(round + 1)")
      } else {
        try verifyReverse(image, rows, pattern, queue, "frame \(round + 1)")
      }
    }
  }

  private func verifyForward(
    _ image: SharedImage, _ rows: ImageRows, _ pattern: TestPattern, _ queue: VulkanQueue?, _ frame: String
  ) throws(InteropError) {
    note("\(frame): GL draws")
    try image.acquireForGL()
    do throws(InteropError) {
      if image.description.mode == .direct, let framebuffer = image.glFramebuffer {
        try pattern.draw(into: framebuffer, context)
      } else {
        let source = try framebuffer(image.format.glInternalFormat, image.size)
        try pattern.draw(into: source, context)
        try blitter.copy(from: GLFramebuffer(name: source, size: image.size), to: image)
      }
    } catch {
      try image.cancelAcquireForGL()
      throw error
    }
    try image.releaseFromGL()
    note("\(frame): Vulkan reads")
    let landing = try landing(rows.byteCount)
    try image.readInVulkan(into: landing, rows: rows, on: AccessQueues(queue))
    note("\(frame): compare pixels")
    let flipped = image.description.mode == .blit && image.orientation == .topDown
    try pattern.compare(UnsafeRawBufferPointer(landing.bytes), flipped: flipped, step: "compare pixels, \(frame)")
  }

  /// Checks the direction in which Vulkan writes and GL reads, as a framebuffer or through a blit, which flips the
  /// image.
  private func verifyReverse(
    _ image: SharedImage, _ rows: ImageRows, _ pattern: TestPattern, _ queue: VulkanQueue?, _ frame: String
  ) throws(InteropError) {
    note("\(frame): Vulkan writes")
    try image.writeInVulkan(
      pattern.bytes(.vulkan), rows: rows, through: try staging(rows.byteCount), on: AccessQueues(queue))
    note("\(frame): GL reads")
    try image.acquireForGL()
    let pixels: [UInt8]
    let direct = image.description.mode == .direct ? image.glFramebuffer : nil
    do throws(InteropError) {
      if let direct {
        pixels = try context.readPixels(direct, image.size, image.format, rows: rows.ranges)
      } else {
        let target = try framebuffer(image.format.glInternalFormat, image.size)
        try blitter.copy(from: image, to: GLFramebuffer(name: target, size: image.size, orientation: .bottomUp))
        pixels = try context.readPixels(target, image.size, image.format, rows: rows.ranges)
      }
    } catch {
      try image.releaseFromGL()
      throw error
    }
    try image.releaseFromGL()
    note("\(frame): compare pixels")
    let flipped = image.orientation == .topDown && direct == nil
    try pattern.compare(pixels, flipped: flipped, channels: .gl, step: "compare pixels, \(frame)")
  }

  /// Does the same as ``verify(_:queue:)`` for path host-copy.
  package func verify(_ image: HostCopyImage, queue: VulkanQueue? = nil) throws(InteropError) {
    let bytes = image.size.width * image.size.height * image.format.bytesPerPixel
    try timed(image.size, bytes) { () throws(InteropError) in try verifyFrames(image, queue) }
  }

  private func verifyFrames(_ image: HostCopyImage, _ queue: VulkanQueue?) throws(InteropError) {
    let landing = try landing(image.size.width * image.size.height * image.format.bytesPerPixel)
    for round in 0..<2 {
      let pattern = TestPattern(size: image.size, format: image.format, isOpaque: image.isOpaque, variant: round)
      note("frame \(round + 1): GL draws")
      try image.acquireForGL()
      do throws(InteropError) {
        try pattern.draw(into: image.sourceFramebuffer, context)
      } catch {
        try image.cancelAcquireForGL()
        throw error
      }
      try image.releaseFromGL()
      note("frame \(round + 1): copy and read")
      try image.ownership.access(.transferSource, on: AccessQueues(queue), tag: nil) { commands throws(InteropError) in
        landing.recordCopy(from: image.vkImage, image.size, layout: VulkanAccess.transferSource.layout, into: commands)
      }
      try image.ownership.waitForVulkan(timeout: .patience(forBytes: landing.size))
      note("frame \(round + 1): compare pixels")
      try pattern.compare(
        UnsafeRawBufferPointer(landing.bytes), flipped: image.orientation == .topDown,
        step: "compare pixels, frame \(round + 1)")
    }
  }

  /// Does the same as ``verify(_:queue:)`` for path host-copy from Vulkan to GL. It does nothing where GL cannot read a
  /// framebuffer with such a texture; the return value says so.
  ///
  /// - Throws: the same errors.
  package func verify(_ image: HostCopyTexture, queue: VulkanQueue? = nil) throws(InteropError) -> Bool {
    let bytes = image.size.width * image.size.height * image.format.bytesPerPixel
    return try timed(image.size, bytes) { () throws(InteropError) in try verifyFrames(image, queue) }
  }

  private func verifyFrames(_ image: HostCopyTexture, _ queue: VulkanQueue?) throws(InteropError) -> Bool {
    guard let framebuffer = image.plainFramebuffer else { return false }
    let count = image.size.width * image.size.height * image.format.bytesPerPixel
    let staging = try staging(count)
    for round in 0..<2 {
      let pattern = TestPattern(size: image.size, format: image.format, isOpaque: image.isOpaque, variant: round)
      note("frame \(round + 1): Vulkan writes and copies")
      staging.bytes.copyBytes(from: pattern.bytes(.vulkan))
      try image.ownership.access(.transferDestination, on: AccessQueues(queue), tag: nil) {
        commands throws(InteropError) in
        staging.recordCopy(
          to: image.vkImage, image.size, layout: VulkanAccess.transferDestination.layout, into: commands)
      }
      note("frame \(round + 1): GL takes and reads")
      try image.acquireForGL(tag: nil)
      let pixels: [UInt8]
      do throws(InteropError) {
        pixels = try context.readPixels(framebuffer, image.size, image.format)
      } catch {
        try image.releaseFromGL()
        throw error
      }
      try image.releaseFromGL()
      note("frame \(round + 1): compare pixels")
      try pattern.compare(
        pixels, flipped: false, channels: image.exchanges ? .vulkan : .gl, step: "compare pixels, frame \(round + 1)")
    }
    return true
  }

  // MARK: What is kept

  /// Makes a private framebuffer, or returns the last one if format and size are the same.
  package func framebuffer(_ format: GLenum, _ size: PixelSize) throws(InteropError) -> GLuint {
    if let target, target.format == format, target.size == size { return target.target.framebuffer }
    target = nil
    let made = try DrawTarget(format, size, samples: 1, context)
    target = (format, size, made)
    return made.framebuffer
  }

  private func landing(_ count: Int) throws(InteropError) -> HostBuffer {
    if let landing, landing.size >= count { return landing }
    let made = try HostBuffer(host: host, size: count, .readback)
    landing = made
    return made
  }

  private func staging(_ count: Int) throws(InteropError) -> HostBuffer {
    if let staging, staging.size >= count { return staging }
    let made = try HostBuffer(host: host, size: count, .upload)
    staging = made
    return made
  }
}

extension GLContext {
  /// Reads a framebuffer, GL's row 0 first, rows tightly packed. It waits for GL, so it is for checks and tools.
  ///
  /// - Parameter rows: those to read, one after the other in the result; nil for all.
  package func readPixels(
    _ framebuffer: GLuint, _ size: PixelSize, _ format: PixelFormat, rows: [Range<Int>]? = nil
  ) throws(InteropError) -> [UInt8] {
    let ranges = rows ?? [0..<size.height]
    let bytesPerRow = size.width * format.bytesPerPixel
    var pixels = [UInt8](repeating: 0, count: ImageRows(ranges, bytesPerRow: bytesPerRow).byteCount)
    try reading(framebuffer, into: 0) { () throws(InteropError) in
      pixels.withUnsafeMutableBytes { bytes in
        var offset = 0
        for range in ranges {
          gl.glReadPixels(
            0, GLint(range.lowerBound), GLsizei(size.width), GLsizei(range.count), format.glTransferFormat,
            format.glTransferType, bytes.baseAddress! + offset)
          offset += range.count * bytesPerRow
        }
      }
      try check("glReadPixels", "GL cannot read \(format)")
    }
    return pixels
  }
}
