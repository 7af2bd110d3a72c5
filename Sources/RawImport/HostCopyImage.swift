package import Drivers

/// The image of path `host-copy`: Vulkan's own, filled with what GL read back by one of the methods of
/// ``ReadbackMethod``.
///
/// Where the method lets GL work on (``ReadbackMethod/sharedBuffer``, ``ReadbackMethod/pixelBuffer``) the readback is waited
/// for where the frame is acquired, on any thread: an EGL fence sync needs no current context (EGL_KHR_fence_sync). On a
/// driver without, the wait is at the end of GL's turn.
package final class HostCopyImage: @unchecked Sendable {
  package let turns: HandoverTurns
  /// How the pixels get to the image.
  package let method: ReadbackMethod
  package var size: PixelSize { source.size }
  package var format: PixelFormat { source.format }
  package var orientation: ImageOrientation { source.orientation }
  package var isOpaque: Bool { source.isOpaque }
  package var vkImage: VkImage { image.handle }
  package var life: ImageLife { image.life }
  /// Where the frame is read from: a framebuffer with one sample, in the format's GL alias.
  package var sourceFramebuffer: GLuint { source.target.framebuffer }

  package let source: ReadbackSource
  private let transfer: any HostCopyTransfer
  private let image: VulkanImageMemory
  private let viewed: ViewedImage

  package func view(format: VkFormat?, components: VkComponentMapping) throws(InteropError) -> VkImageView {
    try viewed.view(format, components, in: life)
  }

  /// - Parameters:
  ///   - source: what is read, and which way up the image shall be; may be shared with other images.
  ///   - method: this one, or the initialiser throws.
  ///   - egl: for fences that any thread can wait for; nil where the context is not EGL's.
  /// - Throws: ``InteropError/Code/unsupported`` naming what the method needs and the drivers lack; their refusals.
  package init(
    _ source: ReadbackSource, by method: ReadbackMethod, egl: (EGLFunctions, EGLDisplay)?, host: VulkanHost
  ) throws(InteropError) {
    try source.context.enter("make a host-copy image")
    try source.size.check("check the image's size", within: [host.sizeLimit])
    self.source = source
    self.method = method
    switch method {
    case .linearImage:
      let made = try LinearImageTransfer(source, host)
      transfer = made
      image = made.image
    case .sharedBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal)
      transfer = try SharedBufferTransfer(source, image, egl, host)
    case .stagingBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal)
      transfer = try StagingBufferTransfer(source, image, host)
    case .pixelBuffer:
      image = try host.makeUploadImage(source, tiling: .optimal)
      transfer = try PixelBufferTransfer(source, image, egl, host)
    default:
      throw InteropError(
        .invalidArgument, step: "make a host-copy image", reason: "there is no readback method \(method)",
        advice: "Choose \(ReadbackMethod.all.map(\.rawValue).joined(separator: " or "))")
    }
    viewed = ViewedImage(
      image: image.handle, formats: source.format.viewFormats, usage: VulkanHost.uploadUsage,
      tiling: method == .linearImage ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL, modifier: nil, host: host,
      components: VkComponentMapping(isOpaque: source.isOpaque))
    turns = HandoverTurns(host: host, image: image.handle, vulkanIsWriter: false, transport: .upload(transfer))
    try turns.makeCommands()
  }

  deinit {
    turns.finishAll()
    life.end()
  }

  package func beginGLAccess() throws(InteropError) {
    try source.context.enter("begin GL access")
    _ = try turns.change { slot throws(HandoverSlot.Violation) in try slot.beginWriting() }
    guard transfer.isReadByVulkan else { return }
    // Vulkan may still read what GL is going to write to.
    do throws(InteropError) {
      try turns.waitForCopies()
    } catch {
      try turns.change { slot throws(HandoverSlot.Violation) in try slot.abandonWriting(waited: true) }
      throw error
    }
  }

  package func endGLAccess() throws(InteropError) {
    try source.context.enter("end GL access")
    try transfer.read()
    try turns.change { slot throws(HandoverSlot.Violation) in try slot.endWriting() }
  }

  package func abandonGLAccess() throws(InteropError) {
    try turns.change { slot throws(HandoverSlot.Violation) in try slot.abandonWriting(waited: true) }
  }

  /// Makes a frame that is out independent of the GL context, on its thread.
  package func detach() throws(InteropError) { try transfer.detach() }

  package func retire() throws(InteropError) {
    try source.context.enter("retire the host-copy image")
    if turns.current == .ready { try turns.drop() }
    _ = try turns.change { slot throws(HandoverSlot.Violation) in try slot.retire() }
    try turns.waitForVulkan()
  }
}

/// One image's part in a method of ``ReadbackMethod``.
protocol HostCopyTransfer: FrameUpload {
  /// Whether GL writes into memory that Vulkan's turn reads: GL's next turn then waits for the device.
  var isReadByVulkan: Bool { get }
  /// The end of GL's turn, on its thread. If it throws it can be repeated.
  func read() throws(InteropError)
  /// Nothing of the GL context is needed any more, on its thread, while it is still there.
  func detach() throws(InteropError)
}

extension VulkanHost {
  /// An image that frames are uploaded into, with memory of its own.
  ///
  /// The corresponding C functions are `vkCreateImage`, `vkAllocateMemory` and `vkBindImageMemory`.
  func makeUploadImage(_ source: ReadbackSource, tiling: ImageTiling) throws(InteropError) -> VulkanImageMemory {
    var create = VkImageCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
    create.flags = Self.uploadFlags
    create.imageType = VK_IMAGE_TYPE_2D
    create.format = source.format.vkFormat
    create.extent = source.size.extent
    create.mipLevels = 1
    create.arrayLayers = 1
    create.samples = VK_SAMPLE_COUNT_1_BIT
    create.tiling = tiling.vkTiling
    create.usage = Self.uploadUsage
    let image = try makeObject(.image, "vkCreateImage", "no \(tiling.rawValue) \(source.format) image of \(source.size)") {
      vk.vkCreateImage(device, &create, nil, $0)
    }
    let size = memoryRequirements(of: image.handle).size
    let memory = try allocateLocalMemory(for: image.handle, seenByCPU: tiling == .linear)
    return VulkanImageMemory(image, [.init(memory)], size: size)
  }

  /// What hosts may do with a frame whatever the method: views of the sibling format, copies, blits, sampling.
  static var uploadFlags: VkImageCreateFlags { UInt32(VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT.rawValue) }
  static var uploadUsage: VkImageUsageFlags {
    UInt32(
      VK_IMAGE_USAGE_TRANSFER_SRC_BIT.rawValue | VK_IMAGE_USAGE_TRANSFER_DST_BIT.rawValue
        | VK_IMAGE_USAGE_SAMPLED_BIT.rawValue)
  }

  /// The corresponding C function is `vkMapMemory`.
  func map(_ memory: VkDeviceMemory) throws(InteropError) -> UnsafeMutableRawPointer {
    var mapped: UnsafeMutableRawPointer?
    try vk.vkMapMemory(device, memory, 0, VkDeviceSize(VK_WHOLE_SIZE_VALUE), 0, &mapped).check("vkMapMemory", "the memory cannot be mapped")
    if let mapped { return mapped }
    throw InteropError(.driverFailure, step: "vkMapMemory", reason: "the driver gave no address")
  }
}

// MARK: What methods that copy have in common

/// The image's side of a copy that fills the whole of it in every turn.
struct UploadedImage: @unchecked Sendable {
  private let image: VulkanImageMemory
  private let size: PixelSize
  private let host: VulkanHost

  init(_ image: VulkanImageMemory, _ size: PixelSize, _ host: VulkanHost) {
    self.image = image
    self.size = size
    self.host = host
  }

  /// From tightly packed rows. The corresponding C function is `vkCmdCopyBufferToImage`.
  func recordCopy(from buffer: VkBuffer, into commands: VkCommandBuffer, for use: VulkanAccess) {
    VulkanHandover.transition(image.handle, from: use, to: .transferDestination, discarding: true)
      .record(into: commands, host.vk)
    var region = HostBuffer.region(size)
    host.vk.vkCmdCopyBufferToImage(
      commands, buffer, image.handle, VulkanAccess.transferDestination.layout, 1, &region)
    VulkanHandover.transition(image.handle, from: .transferDestination, to: use).record(into: commands, host.vk)
  }

  /// The copy leaves the image as the host uses it.
  func acquire(for use: VulkanAccess) -> VulkanHandover { .transition(image.handle, from: use, to: use) }
  func release(after use: VulkanAccess) -> VulkanHandover { .transition(image.handle, from: use, to: .general) }
}
