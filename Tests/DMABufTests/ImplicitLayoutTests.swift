import GLVulkanInterop
import InteropTestSupport
import Testing

/// Buffers whose layout is not described, and textures that GL cannot describe.
@Suite("Buffers without a modifier") struct ImplicitLayoutTests {
  private static let size = PixelSize(width: 17, height: 13)

  /// Both sides see it as the caller says it is.
  @Test(arguments: TestStack.abilities.apis) func theCallerKnowsThatItIsLinear(api: SurfacelessContext.API) throws {
    guard RealBuffers.areThere(for: "a buffer without a modifier, shared") else { return }
    let (context, host) = try TestStack.open(api)
    guard TestStack.abilities.sharesDMABufs(context.api) else { return }
    let linear = try RealBuffers.make()
    let buffer = try linear.withDescriptors { (numbers) throws(InteropError) in
      try DMABuf(
        size: linear.size, format: linear.format, modifier: .invalid,
        planes: linear.planes.map {
          DMABuf.PlaneDescriptor(descriptor: numbers[$0.object], offset: $0.offset, stride: $0.stride)
        })
    }
    let error = refusal { () throws(InteropError) in _ = try SharedImage(importing: buffer, gl: context.gl, host: host)
    }
    #expect(error?.code == .unsupported && error?.missing == ["a DRM format modifier"])
    let advice = error?.advice ?? ""
    #expect(advice.contains("ImplicitLayout") && advice.contains("GLVK_IMPLICIT_LAYOUT_LINEAR"))
    let image = try SharedImage(importing: buffer, implicitLayout: .linear, gl: context.gl, host: host)
    let test = RoundTrip.Case(.direct, image.description)
    let difference = try RoundTrip.difference(test, image, FramebufferBlitter(context.gl))
    #expect(difference == nil)
  }

  /// sRGB and float: exported, or `unsupported`. Mesa's EGL refuses without an error, which is no failure of a driver.
  @Test(arguments: TestStack.abilities.apis, [GL_SRGB8_ALPHA8, GL_RGBA16F, GL_RGBA32F, GL_R11F_G11F_B10F, GL_RGB10_A2])
  func whatIsNotExportedIsUnsupported(api: SurfacelessContext.API, internalFormat: Int32) throws {
    let (context, _) = try TestStack.open(api)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8, internalFormat: GLenum(internalFormat))
    let error = refusal { () throws(InteropError) in
      _ = try DMABuf(exporting: app.texture, size: Self.size, gl: context.gl)
    }
    #expect(error == nil || error?.code == .unsupported, "\(String(describing: error))")
    #expect(error?.missing.isEmpty != true)
    #expect(error.map { "\($0)".contains("SUCCESS") } != true)
  }
}
