import InteropTestSupport
import Testing

// EXAMPLE-BEGIN
import GLVulkanInterop

/// Step 1. GL draws `count` frames without a window, and Vulkan reads each of them. Returns each frame's middle pixel.
func readFrames(
  _ count: Int, platform: SurfacelessContext.Platform = .surfaceless, api: SurfacelessContext.API = .openGL
) throws -> [[UInt8]] {
  let size = PixelSize(width: 64, height: 48)
  let producer = try SurfacelessEGLProducer(size: size, platform: platform, api: api)
  let landing = try Landing(size, on: producer.host)
  var pixels: [[UInt8]] = []
  for number in 1...count {
    // GL draws. `target.framebuffer` is bound, the viewport is set.
    let frame = try producer.render { target in
      target.gl.glClearColor(Float(number) / Float(count), 0, 0, 1)
      target.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
    }
    // Vulkan reads. The package records the acquire before your commands and the release after them, submits all of
    // it, and waits, since the CPU wants to look.
    try frame.access(.transferSource, waitingUpTo: .seconds(5)) { commands, image in
      landing.recordCopy(of: image, into: commands)
    }
    pixels.append(landing.pixel(size.width / 2, size.height / 2))
  }
  return pixels
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// The application's Vulkan device, with all that the package must know of it.
struct ApplicationDevice {
  var instance: VkInstance
  var physicalDevice: VkPhysicalDevice
  var device: VkDevice
  var apiVersion: UInt32
  var queue: VkQueue
  var queueFamily: UInt32
  /// The application submits to `queue` under this lock, and the package does, too.
  var queueLock: QueueLock
  /// As given to vkCreateDevice.
  var deviceExtensions: Set<String>
  var hasTimelineSemaphores: Bool
}

/// Step 2. Frames of the application's own GL context in the application's own Vulkan device.
final class ApplicationFrames {
  let host: VulkanHost
  let producer: RawGLProducer

  /// Once, on the GL thread, with the application's context current.
  init(_ own: ApplicationDevice, windowSize: PixelSize) throws(InteropError) {
    host = try VulkanHost(
      adopting: .init(
        instance: own.instance, physicalDevice: own.physicalDevice, device: own.device,
        apiVersion: own.apiVersion,
        queues: [VulkanQueue(handle: own.queue, family: own.queueFamily, flags: 0, lock: own.queueLock)],
        enabledDeviceExtensions: own.deviceExtensions, features: own.hasTimelineSemaphores ? .timelineSemaphore : []))
    producer = try RawGLProducer(size: windowSize, host: host)
  }

  /// For each frame, on the GL thread: the framebuffer is drawn, and not yet swapped.
  func submit(_ framebuffer: GLuint) throws(InteropError) -> Frame {
    try producer.submit(framebuffer: framebuffer)
  }

  /// On the GL thread, before the context is destroyed.
  func end() throws(InteropError) { try producer.contextWillBeDestroyed() }
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// Step 3. Vulkan mirrors a frame and gives the result back to the application's GL context.
final class MirrorInVulkan {
  let consumer: RawGLConsumer
  private let blitImage: PFN_vkCmdBlitImage

  /// Once, on the GL thread, with the application's context current.
  init(size: PixelSize, host: VulkanHost) throws(InteropError) {
    // GL draws from the bottom up, so the result says that its row 0 is the lowest, too.
    consumer = try RawGLConsumer(size: size, host: host, options: ConsumerOptions(orientation: .bottomUp))
    // The package does not call this function itself. It is looked up by its name.
    blitImage = try host.function("vkCmdBlitImage", as: PFN_vkCmdBlitImage.self)
  }

  /// On any thread.
  func mirror(_ frame: consuming Frame) throws -> GLFrame {
    // Submitted: the image of `frame` may be used by whatever comes later on the same queue.
    try frame.acquire(.transferSource)
    let (source, width, height) = (frame.image, Int32(frame.size.width), Int32(frame.size.height))
    // A free image of the ring, and the commands that fill it.
    let result = try consumer.nextTarget().access(.transferDestination) { commands, image in
      var region = VkImageBlit()
      region.srcSubresource.aspectMask = UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue)
      region.srcSubresource.layerCount = 1
      region.dstSubresource = region.srcSubresource
      region.srcOffsets = (VkOffset3D(x: 0, y: 0, z: 0), VkOffset3D(x: width, y: height, z: 1))
      region.dstOffsets = (VkOffset3D(x: width, y: 0, z: 0), VkOffset3D(x: 0, y: height, z: 1))
      blitImage(
        commands, source, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1,
        &region, VK_FILTER_NEAREST)
    }
    // Submitted behind the blit: GL may draw into the image of `frame` again.
    try frame.release(.transferSource)
    return result
  }

  /// On the GL thread: shows the result in `framebuffer`, by the GPU.
  func show(_ result: consuming GLFrame, in framebuffer: GLuint) throws {
    let gl = consumer.context.gl
    let (width, height) = (GLint(result.size.width), GLint(result.size.height))
    let source = result.framebuffer
    // GL waits for Vulkan, runs this, and lets Vulkan use the image again.
    try result.access { texture in
      guard let source else { return }  // In some formats it can only be sampled: draw with `texture` then.
      gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), source)
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), framebuffer)
      gl.glBlitFramebuffer(
        0, 0, width, height, 0, 0, width, height, GLbitfield(GL_COLOR_BUFFER_BIT), GLenum(GL_NEAREST))
    }
  }

  /// On the GL thread, before the context is destroyed.
  func end() throws(InteropError) { try consumer.contextWillBeDestroyed() }
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// One round of the application's loop, on the GL thread: `framebuffer` is drawn, and `window` is what the user sees.
func showMirrored(_ step2: ApplicationFrames, _ step3: MirrorInVulkan, from framebuffer: GLuint, in window: GLuint)
  throws
{
  let frame = try step2.submit(framebuffer)
  let result = try step3.mirror(frame)  // or on another thread
  try step3.show(result, in: window)
}
// EXAMPLE-END

// EXAMPLE-BEGIN
/// A Vulkan buffer that the CPU reads, to look at pixels.
final class Landing {
  let host: VulkanHost
  let size: PixelSize
  private var buffer: VkBuffer?
  private var memory: VkDeviceMemory?
  private var address: UnsafeMutableRawPointer?

  init(_ size: PixelSize, on host: VulkanHost) throws(InteropError) {
    self.host = host
    self.size = size
    var create = VkBufferCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
    create.size = VkDeviceSize(size.width * size.height * 4)
    create.usage = UInt32(VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue)
    try host.vk.vkCreateBuffer(host.device, &create, nil, &buffer).check("vkCreateBuffer", "no buffer")
    var needed = VkMemoryRequirements()
    host.vk.vkGetBufferMemoryRequirements(host.device, buffer, &needed)
    var allocate = VkMemoryAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
    allocate.allocationSize = needed.size
    // Every device has a type of memory that the CPU sees and that needs no flush.
    let seen = UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue)
    allocate.memoryTypeIndex = host.memoryType(allowedBy: needed.memoryTypeBits, with: seen) ?? 0
    try host.vk.vkAllocateMemory(host.device, &allocate, nil, &memory).check("vkAllocateMemory", "no memory")
    try host.vk.vkBindBufferMemory(host.device, buffer, memory, 0).check("vkBindBufferMemory", "it does not fit")
    try host.vk.vkMapMemory(host.device, memory, 0, create.size, 0, &address)
      .check("vkMapMemory", "the CPU cannot see it")
  }

  deinit {
    host.vk.vkDestroyBuffer(host.device, buffer, nil)
    host.vk.vkFreeMemory(host.device, memory, nil)
  }

  /// Copies an image that is in VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL.
  func recordCopy(of image: VkImage, into commands: VkCommandBuffer) {
    var region = VkBufferImageCopy()
    region.imageSubresource.aspectMask = UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue)
    region.imageSubresource.layerCount = 1
    region.imageExtent = VkExtent3D(width: UInt32(size.width), height: UInt32(size.height), depth: 1)
    host.vk.vkCmdCopyImageToBuffer(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer, 1, &region)
    var barrier = VkMemoryBarrier()
    barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
    barrier.srcAccessMask = UInt32(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue)
    barrier.dstAccessMask = UInt32(VK_ACCESS_HOST_READ_BIT.rawValue)
    host.vk.vkCmdPipelineBarrier(
      commands, UInt32(VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue), UInt32(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
      0, 1, &barrier, 0, nil, 0, nil)
  }

  /// Red, green, blue and alpha. Row 0 is the first in memory.
  func pixel(_ x: Int, _ y: Int) -> [UInt8] {
    let first = (y * size.width + x) * 4
    return (0..<4).map { address!.load(fromByteOffset: first + $0, as: UInt8.self) }
  }
}
// EXAMPLE-END

/// The steps of docs/tutorial.md.
@Suite("Tutorial") struct TutorialTests {
  static let size = PixelSize(width: 32, height: 16)

  @Test func step1ReadsWhatGLDrew() throws {
    let pixels = try readFrames(5, platform: TestStack.platform, api: TestStack.abilities.apis[0])
    #expect(pixels == [51, 102, 153, 204, 255].map { [$0, 0, 0, 255] })
  }

  /// Both steps, in a context and a device that the package did not make.
  @Test func steps2And3MirrorTheApplicationsFrames() throws {
    let app = try AppContext(size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    let made = try VulkanHost.create(create)
    // Not owned by who adopts it: it goes after everything that was made on it.
    defer { withExtendedLifetime(made) {} }
    let drawn = try AppFramebuffer(context, Self.size, .rgba8)
    let shown = try AppFramebuffer(context, Self.size, .rgba8)
    try run(
      ApplicationDevice(
        instance: made.instance, physicalDevice: made.physicalDevice, device: made.device, apiVersion: made.apiVersion,
        queue: made.queues[0].handle, queueFamily: made.queues[0].family, queueLock: made.queues[0].lock,
        deviceExtensions: made.enabledDeviceExtensions,
        hasTimelineSemaphores: made.features.contains(.timelineSemaphore)),
      context.gl, drawn, shown, context)
  }

  private func run(
    _ own: ApplicationDevice, _ gl: GLFunctions, _ drawn: AppFramebuffer, _ shown: AppFramebuffer, _ context: GLContext
  ) throws {
    let step2 = try ApplicationFrames(own, windowSize: Self.size)
    let step3 = try MirrorInVulkan(size: Self.size, host: step2.host)
    let landing = try Landing(Self.size, on: step2.host)
    let half = Self.size.width / 2
    func draw(_ number: UInt8) {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), drawn.name)
      gl.glEnable(GLenum(GL_SCISSOR_TEST))
      gl.glScissor(0, 0, GLsizei(half), GLsizei(Self.size.height))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, 0, Float(number) / 255, 1])
      gl.glScissor(GLint(half), 0, GLsizei(half), GLsizei(Self.size.height))
      gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, Float(number) / 255, 1])
      gl.glDisable(GLenum(GL_SCISSOR_TEST))
    }
    // More of them than a ring has images.
    for number: UInt8 in 1...8 {
      draw(number)
      try step2.submit(drawn.name).access(.transferSource, waitingUpTo: .seconds(5)) { commands, image in
        landing.recordCopy(of: image, into: commands)
      }
      #expect(landing.pixel(0, 0) == [255, 0, number, 255])
      #expect(landing.pixel(half, 0) == [0, 255, number, 255])

      try showMirrored(step2, step3, from: drawn.name, in: shown.name)
      let pixels = try shown.read(context)
      let rows = stride(from: 0, to: pixels.count, by: Self.size.width * 4).map { row in
        [Array(pixels[row..<(row + 4)]), Array(pixels[(row + half * 4)..<(row + half * 4 + 4)])]
      }
      #expect(rows.count == Self.size.height)
      #expect(rows.allSatisfy { $0 == [[0, 255, number, 255], [255, 0, number, 255]] }, "frame \(number): \(rows)")
    }
    try step3.end()
    try step2.end()
  }

  @Test(.onFirstStack) func theTutorialShowsTheSteps() throws {
    try ExampleDocument.compare(
      ["docs/tutorial.md"], with: "Tests/ProducersTests/TutorialTests.swift", of: "docs/tutorial.md")
  }
}
