package import GLVulkanInterop
import InteropPrograms

/// A frame in memory the CPU sees.
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

  /// Of an image in the layout of a transfer source.
  package func recordCopy(from image: VkImage, into commands: VkCommandBuffer) {
    landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
  }

  /// Once the device is done.
  package func write(to path: String) throws(InteropError) {
    try PNGFile.write(Array(landing.bytes), size: size, format: format, orientation: orientation, to: path)
  }
}
