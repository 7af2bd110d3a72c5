import GLVulkanInterop
import Glibc

/// For tests (`--check N`): what Vulkan has is what the program drew, in every pixel, and the program's own picture is
/// as it was.
struct Check {
  private let gl: GLFunctions
  private var picture: [UInt8] = []
  private var before: [UInt8] = []
  private var size = (width: 0, height: 0)
  private(set) var framesRight = 0

  init(_ gl: GLFunctions) { self.gl = gl }

  /// The program has drawn: what its GL says is in the framebuffer.
  mutating func drawn(_ width: Int, _ height: Int) {
    before = picture
    size = (width, height)
    picture = read()
  }

  /// The frame has gone to Vulkan, which has copied it.
  mutating func arrived(_ pixels: UnsafeRawBufferPointer, _ size: PixelSize, _ number: Int) {
    let error = gl.glGetError()
    guard error == GLenum(GL_NO_ERROR) else { fail("frame \(number): GL error \(error)") }
    guard size.width == self.size.width, size.height == self.size.height else {
      fail("frame \(number): drawn in \(self.size), arrived in \(size)")
    }
    guard picture != before, picture.prefix(size.width * 4) != picture.suffix(size.width * 4) else {
      fail("frame \(number): the picture tells nothing")
    }
    if memcmp(pixels.baseAddress!, picture, picture.count) != 0,
      let wrong = zip(pixels, picture).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset
    {
      let pixel = wrong / 4
      fail(
        "frame \(number): what Vulkan has differs at \(pixel % size.width),\(pixel / size.width):",
        Array(pixels[(pixel * 4)..<(pixel * 4 + 4)]), Array(picture[(pixel * 4)..<(pixel * 4 + 4)]))
    }
    guard read() == picture else { fail("frame \(number): the program's own picture has changed") }
    framesRight += 1
  }

  private func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size.width * size.height * 4)
    gl.glReadPixels(
      0, 0, GLsizei(size.width), GLsizei(size.height), GLenum(GL_RGBA), GLenum(GL_UNSIGNED_BYTE), &bytes)
    return bytes
  }
}

private func fail(_ message: String, _ seen: [UInt8], _ drawn: [UInt8]) -> Never {
  fail("\(message) \(seen) for \(drawn)")
}
