package import Drivers

/// The image of path `host-copy`: GL reads the frame back into a pixel buffer without waiting for it; when Vulkan's turn
/// begins, the pixels go from there to staging memory and into an image of Vulkan's own.
///
/// The readback is waited for where the frame is acquired, on any thread: the pixel buffer stays mapped and an EGL fence
/// sync needs no current context (EGL_KHR_fence_sync). On a driver without either, the wait is at the end of GL's turn.
package final class HostCopyImage: @unchecked Sendable {
  package let size: PixelSize
  package let format: PixelFormat
  package let orientation: ImageOrientation
  package let turns: HandoverTurns
  package var vkImage: VkImage { image.handle }

  /// Where the frame is read from: a framebuffer with one sample, in the format's GL alias.
  private let source: DrawTarget
  package var sourceFramebuffer: GLuint { source.framebuffer }
  private let context: GLContext
  private let readback: PixelReadback
  private let image: VulkanObject
  private let memory: VulkanObject

  /// - Parameters:
  ///   - orientation: what row 0 shall be; GL's rows are turned while they are copied.
  ///   - egl: for fences that any thread can wait for; nil where the context is not EGL's.
  package init(
    size: PixelSize, format: PixelFormat, orientation: ImageOrientation, source: DrawTarget, gl context: GLContext,
    egl: (EGLFunctions, EGLDisplay)?, host: VulkanHost
  ) throws(InteropError) {
    self.size = size
    self.format = format
    self.orientation = orientation
    self.source = source
    self.context = context
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.flags = UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue)
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = format.vkFormat
    create.extent = size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = VK_IMAGE_TILING_OPTIMAL
    create.usage = UInt32(
      VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
        | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
    image = try host.makeObject(.image, "vkCreateImage", "no \(format) image of \(size)") { out in
      host.vk.vkCreateImage(host.device, &create, nil, out)
    }
    memory = try host.allocateLocalMemory(for: image.handle)
    let readback = try PixelReadback(size: size, format: format, gl: context, egl: egl)
    let staging = try HostBuffer(host: host, size: readback.byteCount, .upload)
    self.readback = readback
    turns = HandoverTurns(
      host: host, image: image.handle, vulkanIsWriter: false,
      transport: .upload(
        StagedUpload(
          image: image.handle, size: size, format: format, flips: orientation == .topDown, readback: readback,
          staging: staging)))
    try turns.makeCommands()
  }

  deinit { turns.finishAll() }

  package func beginGLAccess() throws(InteropError) {
    try context.enter("begin GL access")
    // The pixel buffer is free: its last content went to staging memory before Vulkan's turn.
    _ = try turns.change { slot throws(HandoverSlot.Violation) in try slot.beginWriting() }
  }

  package func endGLAccess() throws(InteropError) {
    try context.enter("end GL access")
    try readback.start(from: source.framebuffer)
    try turns.change { slot throws(HandoverSlot.Violation) in try slot.endWriting() }
  }

  package func abandonGLAccess() throws(InteropError) {
    try turns.change { slot throws(HandoverSlot.Violation) in try slot.abandonWriting(waited: true) }
  }

  /// Makes a frame that is out independent of the GL context, on its thread.
  package func detach() throws(InteropError) { try readback.detach() }

  package func retire() throws(InteropError) {
    try context.enter("retire the host-copy image")
    if turns.current == .ready { try turns.drop() }
    _ = try turns.change { slot throws(HandoverSlot.Violation) in try slot.retire() }
    try turns.waitForVulkan()
  }
}

/// The CPU's part: from the pixel buffer to staging memory, turning rows and exchanging red and blue on the way, so that
/// each byte is touched once.
private final class StagedUpload: FrameUpload {
  private let image: VkImageBox
  private let size: PixelSize
  private let format: PixelFormat
  private let flips: Bool
  private let readback: PixelReadback
  private let staging: HostBuffer

  private struct VkImageBox: @unchecked Sendable { let handle: VkImage }

  init(
    image: VkImage, size: PixelSize, format: PixelFormat, flips: Bool, readback: PixelReadback, staging: HostBuffer
  ) {
    self.image = VkImageBox(handle: image)
    self.size = size
    self.format = format
    self.flips = flips
    self.readback = readback
    self.staging = staging
  }

  func fill() throws(InteropError) {
    try readback.withPixels { copyRows($0) }
  }

  private func copyRows(_ pixels: UnsafeRawBufferPointer) {
    let rowBytes = size.width * format.bytesPerPixel
    for row in 0..<size.height {
      let from = (flips ? size.height - 1 - row : row) * rowBytes
      let source = UnsafeRawBufferPointer(rebasing: pixels[from..<from + rowBytes])
      let target = UnsafeMutableRawBufferPointer(rebasing: staging.bytes[row * rowBytes..<(row + 1) * rowBytes])
      if format.channelOrder == .redBlueExchanged {
        Self.copyExchangingRedAndBlue(source, target)
      } else {
        target.copyMemory(from: source)
      }
    }
  }

  /// Four bytes a pixel; written on whole words so that the optimiser makes vector code of it.
  private static func copyExchangingRedAndBlue(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer)
  {
    let from = source.assumingMemoryBound(to: UInt32.self)
    let to = target.assumingMemoryBound(to: UInt32.self)
    for index in from.indices {
      let pixel = from[index]
      to[index] = pixel & 0xFF00_FF00 | pixel >> 16 & 0xFF | (pixel & 0xFF) << 16
    }
  }

  func record(into commands: VkCommandBuffer, for use: VulkanAccess) {
    let vk = staging.functions
    VulkanHandover.transition(image.handle, from: use, to: .transferDestination, discarding: true)
      .record(into: commands, vk)
    staging.recordCopy(to: image.handle, size, layout: VulkanAccess.transferDestination.layout, into: commands)
    VulkanHandover.transition(image.handle, from: .transferDestination, to: use).record(into: commands, vk)
  }
}
