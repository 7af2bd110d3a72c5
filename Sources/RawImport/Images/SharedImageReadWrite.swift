public import InteropDrivers

extension SharedImage {
  /// Reads the image in Vulkan: rows of `width x bytesPerPixel` bytes from row 0 on. Takes one Vulkan access and waits
  /// for it.
  ///
  /// For tools and tests; an application that reads every frame this way has no use for shared memory. `queue` and
  /// `handoverQueue` are those of ``accessInVulkan(_:queue:via:_:)``.
  public func readInVulkan(
    queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) -> [UInt8] {
    let landing = try HostBuffer(host: host, size: byteCount, .readback)
    try readInVulkan(into: landing, queue: queue, via: handoverQueue)
    return Array(landing.bytes)
  }

  /// Reads as ``readInVulkan(queue:via:)``, into a buffer that is used again.
  package func readInVulkan(
    into landing: HostBuffer, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try accessInVulkan(.transferSource, queue: queue, via: handoverQueue) { commands in
      landing.recordCopy(from: vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    try waitForVulkan(timeout: .patience(forBytes: byteCount))
  }

  /// The size of tightly packed rows in bytes.
  package var byteCount: Int { size.width * size.height * format.bytesPerPixel }

  /// Writes rows of `width x bytesPerPixel` bytes in Vulkan. Takes one Vulkan access and waits for it.
  ///
  /// `queue` and `handoverQueue` are those of ``accessInVulkan(_:queue:via:_:)``.
  public func writeInVulkan(
    _ pixels: [UInt8], queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    let count = byteCount
    guard pixels.count == count else {
      throw InteropError(
        .invalidArgument, step: "write in Vulkan", reason: "\(pixels.count) bytes for an image of \(count)",
        advice: "Give tightly packed rows")
    }
    try writeInVulkan(
      pixels, through: try HostBuffer(host: host, size: count, .upload), queue: queue, via: handoverQueue)
  }

  /// Writes as ``writeInVulkan(_:queue:via:)``, through a buffer that is used again.
  package func writeInVulkan(
    _ pixels: [UInt8], through staging: HostBuffer, queue: VulkanQueue? = nil, via handoverQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    staging.bytes.copyBytes(from: pixels)
    try accessInVulkan(.transferDestination, queue: queue, via: handoverQueue) { commands in
      staging.recordCopy(to: vkImage, size, layout: VulkanAccess.transferDestination.layout, into: commands)
    }
    try waitForVulkan(timeout: .patience(forBytes: byteCount))
  }
}
