import CInteropPNG
public import GLVulkanInterop
import Glibc

/// Pictures on disk.
public enum PNGFile {
  /// Writes 8-bit RGBA, top row first.
  ///
  /// - Parameters:
  ///   - pixels: tightly packed rows from row 0 on, as in Vulkan's memory.
  ///   - orientation: the orientation of the pixels; bottom-up pictures are flipped.
  ///   - path: an existing file is replaced. A file that could not be written completely is removed.
  /// - Throws: ``InteropError`` with the path and the system's error.
  ///
  /// The corresponding C function is `png_image_write_to_stdio`.
  public static func write(
    _ pixels: [UInt8], size: PixelSize, format: PixelFormat, orientation: ImageOrientation, to path: String
  ) throws(InteropError) {
    guard pixels.count == size.width * size.height * format.bytesPerPixel else {
      throw InteropError(
        .invalidArgument, step: "write the picture", reason: "\(pixels.count) bytes are no \(size) picture in \(format)"
      )
    }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(size.width)
    image.height = png_uint_32(size.height)
    // PNG_FORMAT_RGBA, which Swift does not import.
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    // A negative stride makes libpng begin with the last row.
    let stride = png_int_32(size.width * 4) * (orientation == .bottomUp ? -1 : 1)
    // Not png_image_write_to_file: on an error it removes whatever is at the path, a device too.
    guard let file = fopen(path, "wbe") else { throw cannotWrite(path, errno) }
    let written = png_image_write_to_stdio(&image, file, 0, PixelConversion.rgba8(pixels, format), stride, nil) != 0
    let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    png_image_free(&image)
    let closed = fclose(file) == 0
    let code = errno
    guard written, closed else {
      ProgramOutput.removeFile(path)
      if !written { throw InteropError(.driverFailure, step: "write the picture", reason: "\(path): \(message)") }
      throw cannotWrite(path, code)
    }
  }

  /// Throws before the work is done the error that ``write(_:size:format:orientation:to:)`` would throw after it.
  public static func requireWritable(_ path: String) throws(InteropError) {
    var info = stat()
    if stat(path, &info) == 0 {
      if info.st_mode & S_IFMT == S_IFDIR { throw cannotWrite(path, EISDIR) }
      if access(path, W_OK) != 0 { throw cannotWrite(path, errno) }
      return
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    if access(folder, W_OK | X_OK) != 0 { throw cannotWrite(path, errno) }
  }

  private static func cannotWrite(_ path: String, _ code: Int32) -> InteropError {
    InteropError(
      .invalidArgument, step: "write the picture", reason: "\(path) cannot be written", driverCode: .posix(code))
  }
}
