internal import InteropDrivers

/// Verifies that `GL_BGRA8_EXT` over shared memory really is BGRA.
///
/// Mesa 22.3.6 refuses it (GL_INVALID_ENUM), Mesa 25.0.7 takes it *and silently exchanges red and blue*, ANGLE does it
/// right. So a red pixel crosses before the first image of this kind is returned. The context keeps the answer.
enum BGRAVerification {
  static func verify(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    let question = Question(host: ObjectIdentifier(host), format: description.format, tiling: description.tiling)
    try context.featureCache.object(Answers<Question>.self).answer(to: question, lasts: { $0.code == .unsupported }) {
      () throws(InteropError) in try tryRed(description, context, host)
    }
  }

  private struct Question: Hashable {
    let host: ObjectIdentifier
    let format: PixelFormat
    let tiling: ImageTiling
  }

  private static func tryRed(
    _ description: SharedImageDescription, _ context: GLContext, _ host: VulkanHost
  ) throws(InteropError) {
    var small = description
    small.size = PixelSize(width: 4, height: 4)
    let image: SharedImage
    do throws(InteropError) {
      image = try SharedImage(unverified: small, context, host)
    } catch let error where error.step == "glTexStorageMem2DEXT" && error.driverCode != .gl(GLenum(GL_OUT_OF_MEMORY)) {
      throw unsupported(context, description, error.step, error.driverCode, "the driver refuses GL_BGRA8_EXT")
    }
    try image.acquireForGL()
    try context.preservingState { () throws(InteropError) in
      let gl = context.gl
      gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), image.aliasFramebuffer)
      context.clear([1, 0, 0, 1])
    }
    try image.releaseFromGL()
    let pixels = try image.readInVulkan()
    guard pixels.elementsEqual((0..<16).flatMap { _ in [0, 0, 255, 255] as [UInt8] }) else {
      throw unsupported(
        context, description, "check a red pixel", nil,
        "GL's red arrived as bytes \(pixels.prefix(4).map(String.init).joined(separator: " ")) instead of 0 0 255 255")
    }
  }

  private static func unsupported(
    _ context: GLContext, _ description: SharedImageDescription, _ step: String, _ code: DriverCode?, _ reason: String
  ) -> InteropError {
    InteropError(
      .unsupported, step: step,
      reason: "\(context.renderer) has no true BGRA texture over shared memory: \(reason)", driverCode: code,
      missing: ["GL_BGRA8_EXT in glTexStorageMem2DEXT"],
      advice: "Use the mode blit for \(description.format), which exchanges red and blue in a draw, or an rgba format")
  }
}
