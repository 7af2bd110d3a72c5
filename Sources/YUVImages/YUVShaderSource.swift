internal import LinuxBuffers

/// The GLSL source of the conversion for GL, with the encoding's numbers as constants. The arithmetic is that of
/// yuv_planes.comp, which explains each line.
struct YUVShaderSource: Hashable {
  let function: String
  let uniforms: [String]
  let extensionName: String?

  static let externalExtension = "GL_OES_EGL_image_external_essl3"

  /// Makes the source for one texture per plane.
  init(_ format: YUVFormat, _ encoding: YUVEncoding) {
    let isInterleaved = format.chromaPlanes == 1
    let chroma = isInterleaved ? ["yuvChroma"] : ["yuvBlueDifference", "yuvRedDifference"]
    let names = ["yuvLuma"] + chroma
    let fetch =
      isInterleaved
      ? "texelFetch(yuvChroma, at, 0).rg"
      : "vec2(texelFetch(yuvBlueDifference, at, 0).r, texelFetch(yuvRedDifference, at, 0).r)"
    let filter =
      switch encoding.chromaFilter {
      case .nearest: "vec2 difference = yuvChromaCodes(pixel / 2);"
      case .linear:
        """
        vec2 place = vec2(pixel) * 0.5 - vec2(\(encoding.horizontalSiting.offset), \(encoding.verticalSiting.offset));
          ivec2 first = ivec2(floor(place));
          vec2 weight = place - floor(place);
          vec2 difference = mix(
            mix(yuvChromaCodes(first), yuvChromaCodes(first + ivec2(1, 0)), weight.x),
            mix(yuvChromaCodes(first + ivec2(0, 1)), yuvChromaCodes(first + ivec2(1, 1)), weight.x), weight.y);
        """
      }
    let rows = encoding.toRGB(format).rows.map { row in
      let row = SIMD4<Float>(row)
      return "dot(vec4(\(row.x), \(row.y), \(row.z), \(row.w)), code)"
    }
    uniforms = names
    extensionName = nil
    function = """
      \(names.map { "uniform sampler2D \($0);" }.joined(separator: "\n"))
      vec2 yuvCodes(vec2 texels) {
        return floor((texels * \(Float(format.largestWord)) + 0.5) / \(Float(format.wordsPerCode)));
      }
      vec2 yuvChromaCodes(ivec2 at) {
        at = clamp(at, ivec2(0), textureSize(\(chroma[0]), 0) - 1);
        return yuvCodes(\(fetch));
      }
      vec3 yuvToRGB(ivec2 pixel) {
        \(filter)
        vec4 code = vec4(yuvCodes(texelFetch(yuvLuma, pixel, 0).rr).x, difference, 1.0);
        return clamp(vec3(\(rows.joined(separator: ", "))), 0.0, 1.0);
      }

      """
  }

  /// Makes the source for one texture that GL converts.
  init(externalFor encoding: YUVEncoding, _ size: PixelSize) {
    uniforms = ["yuvImage"]
    extensionName = Self.externalExtension
    // As in yuv_multiplanar.comp. The size is a constant, because textureSize of an external texture of several planes
    // is wrong in Mesa 26.2's llvmpipe.
    let place = encoding.chromaFilter == .linear ? "0.5" : "0.25"
    function = """
      uniform highp samplerExternalOES yuvImage;
      vec3 yuvToRGB(ivec2 pixel) {
        return texture(yuvImage, (vec2(pixel) + \(place)) / vec2(\(Float(size.width)), \(Float(size.height)))).rgb;
      }

      """
  }
}
