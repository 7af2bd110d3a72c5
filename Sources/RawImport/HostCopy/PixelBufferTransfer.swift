internal import InteropDrivers

/// ``ReadbackMethod/pixelBuffer``: GL packs into a buffer of its own, which stays mapped where the driver can do that.
///
/// The CPU copies from there to staging memory, and flips rows and exchanges red and blue on the way, so that it
/// touches each byte once.
final class PixelBufferTransfer: HostCopyTransfer, @unchecked Sendable {
  private let source: ReadbackSource
  private let context: GLContext
  private let image: UploadedImage
  private let staging: HostBuffer
  private let buffer: GLObject
  private let fence: ReadbackFence
  /// Under a lock: the consumer's thread reads the pixels, and the GL thread may detach them meanwhile.
  private let storage: Mutex<Storage>

  private struct Storage: @unchecked Sendable {
    /// The pixels for the CPU: in the buffer, which stays mapped, or in memory of the package that they are copied to.
    var pixels: UnsafeMutableRawPointer
    var isMapped: Bool
  }

  init(
    _ source: ReadbackSource, _ image: VulkanImageMemory, _ egl: (EGLFunctions, EGLDisplay)?, _ host: VulkanHost
  ) throws(InteropError) {
    self.source = source
    let context = source.context
    self.context = context
    self.image = UploadedImage(image, source.size, host)
    guard !context.features.isES2 else {
      throw InteropError(
        .unsupported, step: "make a pixel buffer", reason: "\(context.versionString) packs into memory only",
        missing: ["OpenGL ES 3.0"])
    }
    let byteCount = source.byteCount
    staging = try HostBuffer(host: host, size: byteCount, .upload)
    fence = ReadbackFence(egl, context, nil)
    buffer = try context.makeObject(.buffer)
    let gl = context.gl
    let target = GLenum(GL_PIXEL_PACK_BUFFER)
    let saved = GLuint(bitPattern: context.integer(GL_PIXEL_PACK_BUFFER_BINDING))
    defer { gl.glBindBuffer(target, saved) }
    gl.glBindBuffer(target, buffer.name)
    if fence.isAsynchronous, let setStorage = context.persistentBufferStorage {
      let flags = GLbitfield(GL_MAP_READ_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT)
      setStorage(target, byteCount, nil, flags)
      try context.check("glBufferStorage", "no pixel buffer of \(byteCount) bytes")
      storage = Mutex(Storage(pixels: try Self.map(target, byteCount, flags, context), isMapped: true))
    } else {
      gl.glBufferData(target, byteCount, nil, GLenum(GL_STREAM_READ))
      try context.check("glBufferData", "no pixel buffer of \(byteCount) bytes")
      storage = Mutex(Storage(pixels: .allocate(byteCount: byteCount, alignment: 16), isMapped: false))
    }
  }

  deinit { storage.withLock { if !$0.isMapped { $0.pixels.deallocate() } } }

  private static func map(
    _ target: GLenum, _ count: Int, _ flags: GLbitfield, _ context: GLContext
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    if let address = context.gl.glMapBufferRange(target, 0, count, flags) { return address }
    throw InteropError(
      .driverFailure, step: "glMapBufferRange", reason: "the pixel buffer cannot be mapped",
      driverCode: .gl(context.takeError() ?? 0))
  }

  // MARK: GL's side

  /// False: Vulkan reads staging memory, which is filled in its own access.
  var isReadByVulkan: Bool { false }

  /// The corresponding C function is `glReadPixels` with a buffer bound to `GL_PIXEL_PACK_BUFFER`.
  func read() throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in
      fence.clear()
      try source.readPlain(into: buffer.name) { () throws(InteropError) in
        if storage.isMapped { return try fence.set() }
        // A later wait would need this context.
        let gl = context.gl
        let target = GLenum(GL_PIXEL_PACK_BUFFER)
        let pixels = try Self.map(target, source.byteCount, GLbitfield(GL_MAP_READ_BIT), context)
        storage.pixels.copyMemory(from: pixels, byteCount: source.byteCount)
        guard gl.glUnmapBuffer(target) == GL_TRUE else {
          throw InteropError(
            .driverFailure, step: "glUnmapBuffer", reason: "the readback was lost while it was mapped",
            driverCode: context.takeError().map { .gl($0) })
        }
      }
    }
  }

  /// Copies the pixels out of GL's buffer.
  func detach() throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in
      try fence.wait()
      guard storage.isMapped else { return }
      let copy = UnsafeMutableRawPointer.allocate(byteCount: source.byteCount, alignment: 16)
      copy.copyMemory(from: storage.pixels, byteCount: source.byteCount)
      storage.pixels = copy
      storage.isMapped = false
    }
  }

  // MARK: Vulkan's side

  func fill() throws(InteropError) {
    try storage.withLock { (storage) throws(InteropError) in
      try fence.wait()
      copyRows(UnsafeRawBufferPointer(start: storage.pixels, count: source.byteCount))
    }
  }

  private func copyRows(_ pixels: UnsafeRawBufferPointer) {
    let size = source.size
    let rowBytes = size.width * source.format.bytesPerPixel
    let flips = source.orientation == .topDown
    for row in 0..<size.height {
      let from = (flips ? size.height - 1 - row : row) * rowBytes
      let source = UnsafeRawBufferPointer(rebasing: pixels[from..<from + rowBytes])
      let target = UnsafeMutableRawBufferPointer(rebasing: staging.bytes[row * rowBytes..<(row + 1) * rowBytes])
      if self.source.format.channelOrder == .redBlueExchanged {
        Self.copyExchangingRedAndBlue(source, target)
      } else {
        target.copyMemory(from: source)
      }
    }
  }

  /// Copies four bytes a pixel, as whole words so that the optimiser makes vector code of it.
  private static func copyExchangingRedAndBlue(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) {
    let from = source.assumingMemoryBound(to: UInt32.self)
    let to = target.assumingMemoryBound(to: UInt32.self)
    for index in from.indices {
      let pixel = from[index]
      to[index] = pixel & 0xFF00_FF00 | pixel >> 16 & 0xFF | (pixel & 0xFF) << 16
    }
  }

  var copies: Bool { true }

  func record(into commands: VkCommandBuffer, on family: UInt32, for use: VulkanAccess) {
    image.recordCopy(from: staging.handle, into: commands, for: use)
  }

  func acquire(for use: VulkanAccess) -> OwnershipTransferBarrier { image.acquire(for: use) }
  func release(after use: VulkanAccess) -> OwnershipTransferBarrier { image.release(after: use) }
}
