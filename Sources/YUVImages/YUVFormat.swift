internal import InteropDrivers
internal import RawImport

/// A YUV format of 4:2:0 as Vulkan and GL take it: whole, and plane by plane.
struct YUVFormat: Sendable {
  let fourcc: DRMFourCC
  /// Bits of a code. In 16-bit words they are the upper ones.
  let bitDepth: Int
  /// What the largest word reads as 1: 255 or 65535.
  let largestWord: Int
  /// All planes as one image (VkSamplerYcbcrConversion).
  let multiPlanar: VkFormat
  /// Each plane as an image of its own: red is luma or blue difference; red difference is green of an interleaved
  /// plane.
  let planes: [Plane]

  struct Plane: Sendable {
    let vkFormat: VkFormat
    let fourcc: DRMFourCC
    let layout: DRMFourCC.ColorPlane
  }

  /// How many planes hold chroma: 1 interleaved, or 2.
  var chromaPlanes: Int { planes.count - 1 }
  /// The plane that red difference is in.
  var redDifferencePlane: Int { planes.count - 1 }
  /// Words are this many times the codes in them.
  var wordsPerCode: Int { (largestWord + 1) >> bitDepth }

  /// - Throws: ``InteropError/Code/unsupported`` for a format that is not YUV.
  init(_ fourcc: DRMFourCC, _ step: String) throws(InteropError) {
    let formats: [(VkFormat, DRMFourCC)]
    switch fourcc {
    case .nv12:
      (bitDepth, largestWord) = (8, 255)
      multiPlanar = VK_FORMAT_G8_B8R8_2PLANE_420_UNORM
      formats = [(VK_FORMAT_R8_UNORM, .r8), (VK_FORMAT_R8G8_UNORM, .gr88)]
    case .p010:
      (bitDepth, largestWord) = (10, 65535)
      multiPlanar = VK_FORMAT_G10X6_B10X6R10X6_2PLANE_420_UNORM_3PACK16
      formats = [(VK_FORMAT_R16_UNORM, .r16), (VK_FORMAT_R16G16_UNORM, .gr1616)]
    case .yuv420:
      (bitDepth, largestWord) = (8, 255)
      multiPlanar = VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM
      formats = [(VK_FORMAT_R8_UNORM, .r8), (VK_FORMAT_R8_UNORM, .r8), (VK_FORMAT_R8_UNORM, .r8)]
    default:
      throw InteropError(
        .unsupported, step: step, reason: "\(fourcc) is no YUV format of this package", missing: ["\(fourcc)"],
        advice: "Known are NV12, P010 and YU12")
    }
    self.fourcc = fourcc
    guard let layouts = fourcc.colorPlanes else { preconditionFailure("the layouts of these formats are known") }
    planes = zip(formats, layouts).map { Plane(vkFormat: $0.0, fourcc: $0.1, layout: $1) }
  }
}
