package import GLVulkanInterop

/// How far converted pixels may be from the exact ones, in 255ths. Rounding alone is half of one.
package enum YUVTolerance {
  /// Of this package's own arithmetic.
  package static let own = 0.55

  package static func of(_ image: YUVImage) -> Double {
    guard image.arrangement == .multiPlanar else { return own }
    // lavapipe filters 8-bit texels in 8 bits.
    if image.encoding.chromaFilter == .linear { return 3 }
    // Mesa takes G10X6 for 16 bits: white is 1023 * 64 / 65535 = 0.999, which with the limited range and the matrix is
    // up to 0.55 of a 255th.
    return image.format == .p010 ? own + 0.55 : 1
  }

  /// Mesa 26's lavapipe interpolates P010 to garbage, seen in 26.2.6.
  package static func isGarbage(_ format: DRMFourCC, _ host: VulkanHost) -> Bool {
    guard format == .p010, host.info.driverInfo.contains("Mesa 26") else { return false }
    TestStack.skip("multi-planar P010, linear: \(host.info.driverInfo) interpolates to garbage")
    return true
  }
}
