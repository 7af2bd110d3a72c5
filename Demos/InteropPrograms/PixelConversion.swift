import GLVulkanInterop

/// Converts pixels of any format to red, green, blue, alpha bytes.
enum PixelConversion {
  /// - Parameter pixels: whole pixels of `format`, as in Vulkan's memory.
  /// - Returns: 4 bytes a pixel. `r8` becomes grey; a channel that the format lacks is 0, alpha 255. Encoded values
  ///   stay unchanged: sRGB bytes are not decoded.
  static func rgba8(_ pixels: [UInt8], _ format: PixelFormat) -> [UInt8] {
    switch format {
    case .rgba8, .rgba8SRGB: return pixels
    case .bgra8, .bgra8SRGB: return convert(pixels, format) { ($0[2], $0[1], $0[0], $0[3]) }
    case .r8: return convert(pixels, format) { ($0[0], $0[0], $0[0], 255) }
    case .rg8: return convert(pixels, format) { ($0[0], $0[1], 0, 255) }
    case .rgb10a2:
      return convert(pixels, format) { bytes in
        let word = bytes.loadUnaligned(as: UInt32.self)
        func eightBits(_ shift: UInt32) -> UInt8 { UInt8(((word >> shift & 0x3FF) * 255 + 511) / 1023) }
        return (eightBits(0), eightBits(10), eightBits(20), UInt8(word >> 30) * 85)
      }
    case .rgba16f:
      return convert(pixels, format) { bytes in
        func eightBits(_ channel: Int) -> UInt8 {
          let value = bytes.loadUnaligned(fromByteOffset: channel * 2, as: Float16.self)
          // This test is false for a NaN too.
          return value > 0 ? UInt8((Float(min(value, 1)) * 255).rounded()) : 0
        }
        return (eightBits(0), eightBits(1), eightBits(2), eightBits(3))
      }
    default: preconditionFailure("\(format) is no format of PixelFormat.all")
    }
  }

  private static func convert(
    _ pixels: [UInt8], _ format: PixelFormat, _ pixel: (UnsafeRawBufferPointer) -> (UInt8, UInt8, UInt8, UInt8)
  ) -> [UInt8] {
    let step = format.bytesPerPixel
    return [UInt8](unsafeUninitializedCapacity: pixels.count / step * 4) { output, count in
      pixels.withUnsafeBytes { input in
        for index in 0..<pixels.count / step {
          let (red, green, blue, alpha) = pixel(
            UnsafeRawBufferPointer(rebasing: input[index * step..<(index + 1) * step]))
          output[index * 4] = red
          output[index * 4 + 1] = green
          output[index * 4 + 2] = blue
          output[index * 4 + 3] = alpha
        }
      }
      count = pixels.count / step * 4
    }
  }
}
