package import GLVulkanInterop

extension Frame {
  /// Ends the frame and returns what Vulkan sees of it: every pixel, row 0 first, rows without gaps.
  package consuming func readPixels() throws -> [UInt8] {
    let (size, host) = (size, host)
    let landing = try HostBuffer(host: host, size: size.width * size.height * format.bytesPerPixel, .readback)
    try access(.transferSource, waitingUpTo: .seconds(30)) { (commands, image) throws(InteropError) in
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    return Array(landing.bytes)
  }

  /// Ends the frame and returns the four bytes of its first pixel.
  package consuming func firstPixel() throws -> [UInt8] { Array(try readPixels().prefix(4)) }
}
