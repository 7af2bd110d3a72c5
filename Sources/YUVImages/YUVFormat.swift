internal import InteropDrivers
internal import RawImport

/// The Vulkan and GL formats of a 4:2:0 YUV format: of the whole, and of each plane.
struct YUVFormat: Sendable {
  let fourcc: DRMFourCC
  /// The bits of a code: the upper ones in a 16-bit word.
  let bitDepth: Int
  /// The largest word, which reads as 1: 255 or 65535.
  let largestWord: Int
  /// The Vulkan format of all planes as one image (VkSamplerYcbcrConversion).
  let multiPlanar: VkFormat
  /// The formats of the planes as separate images: red is luma or blue difference; in an interleaved plane green is red
  /// difference.
  let planes: [Plane]

  struct Plane: Sendable {
    let vkFormat: VkFormat
    let fourcc: DRMFourCC
    let layout: DRMFourCC.ColorPlane
  }

  /// The number of planes that hold chroma: 1 interleaved, or 2.
  var chromaPlanes: Int { planes.count - 1 }
  /// The index of the plane with red difference.
  var redDifferencePlane: Int { planes.count - 1 }
  /// The factor between a word and its code.
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
