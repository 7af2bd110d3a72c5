public import InteropDrivers

extension SharedImage {
  /// Reads the image in Vulkan: rows of `width x bytesPerPixel` bytes from row 0 on. Takes one Vulkan access and waits
  /// for it.
  ///
  /// For tools and tests; an application that reads every frame this way has no use for shared memory. `queues` are
  /// those of ``access(_:on:_:)``.
  public func readInVulkan(
    on queues: AccessQueues = .first
  ) throws(InteropError) -> [UInt8] {
    let landing = try HostBuffer(host: host, size: byteCount, .readback)
    try readInVulkan(into: landing, on: queues)
    return Array(landing.bytes)
  }

  /// Reads as ``readInVulkan(on:)``, into a buffer that is used again.
  ///
  /// - Parameter rows: those to read; nil for all.
  package func readInVulkan(
    into landing: HostBuffer, rows: ImageRows? = nil, on queues: AccessQueues = .first
  ) throws(InteropError) {
    try ownership.access(.transferSource, on: queues) { commands in
      landing.recordCopy(from: vkImage, size, rows: rows, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    try waitForVulkan(timeout: .patience(forBytes: byteCount))
  }

  /// The size of tightly packed rows in bytes.
  package var byteCount: Int { size.width * size.height * format.bytesPerPixel }

  /// Writes rows of `width x bytesPerPixel` bytes in Vulkan. Takes one Vulkan access and waits for it.
  ///
  /// `queues` are those of ``access(_:on:_:)``.
  public func writeInVulkan(
    _ pixels: [UInt8], on queues: AccessQueues = .first
  ) throws(InteropError) {
    let count = byteCount
    guard pixels.count == count else {
      throw InteropError(
        .invalidArgument, step: "write in Vulkan", reason: "\(pixels.count) bytes for an image of \(count)",
        advice: "Give tightly packed rows")
    }
    try writeInVulkan(
      pixels, through: try HostBuffer(host: host, size: count, .upload), on: queues)
  }

  /// Writes as ``writeInVulkan(_:on:)``, through a buffer that is used again.
  ///
  /// - Parameter rows: those that `pixels` holds; nil for all.
  package func writeInVulkan(
    _ pixels: [UInt8], rows: ImageRows? = nil, through staging: HostBuffer, on queues: AccessQueues = .first
  ) throws(InteropError) {
    staging.bytes.copyBytes(from: pixels)
    try ownership.access(.transferDestination, on: queues) { commands in
      staging.recordCopy(to: vkImage, size, rows: rows, layout: VulkanAccess.transferDestination.layout, into: commands)
    }
    try waitForVulkan(timeout: .patience(forBytes: byteCount))
  }
}
