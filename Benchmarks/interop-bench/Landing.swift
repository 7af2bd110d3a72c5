import GLVulkanInterop

/// A buffer in which 4x4 pixels of a frame arrive for the CPU, and the number of that frame.
final class Landing {
  static let size = PixelSize(width: 4, height: 4)
  private let buffer: HostBuffer
  private var expected: UInt32?
  private var failure: BenchmarkError?

  init(_ host: VulkanHost) throws(InteropError) {
    buffer = try HostBuffer(host: host, size: Self.size.width * Self.size.height * 4, .readback)
  }

  /// Records a copy out of an image in `TRANSFER_SRC_OPTIMAL`. Commands recorded here before are done; their pixels are
  /// compared first.
  func record(_ image: VkImage, _ number: UInt32, into commands: VkCommandBuffer) {
    compare()
    expected = number
    buffer.recordCopy(from: image, Self.size, layout: VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, into: commands)
  }

  /// Throws if a compared frame was wrong.
  func throwIfWrong() throws {
    if let failure { throw failure }
  }

  /// Compares the last frame. Call it when the device is done.
  func check() throws {
    compare()
    try throwIfWrong()
  }

  private func compare() {
    guard let number = expected else { return }
    expected = nil
    let bytes = buffer.bytes
    let found = (bytes[0], bytes[1], bytes[2], bytes[3])
    guard found != frameColor(number) else { return }
    failure = BenchmarkError(
      description: "frame \(number) has the colour \(found) instead of \(frameColor(number))", isWrongPixels: true)
  }
}

/// GL's part of a frame: clears the whole bound framebuffer.
@inline(__always)
func draw(_ number: UInt32, _ gl: GLFunctions) {
  let color = frameColor(number)
  gl.glClearColor(Float(color.0) / 255, Float(color.1) / 255, Float(color.2) / 255, Float(color.3) / 255)
  gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
}
