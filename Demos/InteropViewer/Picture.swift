package import GLVulkanInterop
import InteropPrograms

/// A copy of a frame in memory that the CPU can read.
package final class Picture {
  package let size: PixelSize
  private let format: PixelFormat
  private let orientation: ImageOrientation
  private let landing: HostBuffer

  package init(_ size: PixelSize, _ format: PixelFormat, _ orientation: ImageOrientation, _ host: VulkanHost)
    throws(InteropError)
  {
    self.size = size
    self.format = format
    self.orientation = orientation
    landing = try HostBuffer(host: host, size: size.width * size.height * format.bytesPerPixel, .readback)
  }

  /// Records the copy of an image that is in the layout of a transfer source.
  package func recordCopy(from image: VkImage, into commands: VkCommandBuffer) {
    landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
  }

  /// Writes the picture to a PNG file. Call it when the device is done.
  package func write(to path: String) throws(InteropError) {
    try PNGFile.write(Array(landing.bytes), size: size, format: format, orientation: orientation, to: path)
  }
}
