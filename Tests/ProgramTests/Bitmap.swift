import CInteropPNG
import GLVulkanInterop
import InteropPrograms

/// 8-bit RGBA, top row first.
struct Bitmap: Equatable {
  let size: PixelSize
  private(set) var bytes: [UInt8]

  struct Color: Equatable, CustomStringConvertible {
    var red, green, blue: UInt8
    var description: String { "(\(red), \(green), \(blue))" }

    func isNear(_ other: Color, within tolerance: Int = 2) -> Bool {
      zip([red, green, blue], [other.red, other.green, other.blue]).allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
    }
  }

  struct NotReadable: Error, CustomStringConvertible {
    let description: String
  }

  init(size: PixelSize, bytes: [UInt8]) {
    precondition(bytes.count == size.width * size.height * 4)
    self.size = size
    self.bytes = bytes
  }

  /// Reads a file with libpng.
  init(png path: String) throws {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    func failure() -> NotReadable {
      let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      return NotReadable(description: "\(path): \(message)")
    }
    guard png_image_begin_read_from_file(&image, path) != 0 else { throw failure() }
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    size = PixelSize(width: Int(image.width), height: Int(image.height))
    bytes = [UInt8](repeating: 0, count: size.width * size.height * 4)
    guard png_image_finish_read(&image, nil, &bytes, 0, nil) != 0 else { throw failure() }
  }

  subscript(x: Int, y: Int) -> Color {
    let start = (y * size.width + x) * 4
    return Color(red: bytes[start], green: bytes[start + 1], blue: bytes[start + 2])
  }

  func alpha(_ x: Int, _ y: Int) -> UInt8 { bytes[(y * size.width + x) * 4 + 3] }
}
