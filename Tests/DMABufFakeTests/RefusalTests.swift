import GLVulkanInterop
import InteropTestSupport
import Testing

/// Each refusal says what it is and where, and leaves nothing, also after a thousand of them.
@Suite("Refused DMA-BUFs", .serialized, .onFirstStack) struct RefusalTests {
  @Test(arguments: Refusal.all) func saysWhyAndLeavesNothing(refusal: Refusal) throws {
    let first = refusal.layouts[0]
    try FakeDRMDriver.run(refusal.layouts, size: Refusal.size, refusal.settings) {
      for api in TestStack.abilities.apis {
        let (context, host) = try TestStack.open(api, traced: true)
        let scene = try Refusal.Scene(first, context, host)
        Leftovers.expectNone("\(refusal)") {
          let error = refusal.error(scene)
          #expect(error != nil, "\(refusal): nothing was refused")
          #expect(error?.code == refusal.code, "\(refusal): \(String(describing: error))")
          #expect(error?.step == refusal.step, "\(refusal): \(String(describing: error))")
          #expect(error?.missing == refusal.missing, "\(refusal): \(String(describing: error))")
          #expect(error?.driverCode == refusal.driverCode, "\(refusal): \(String(describing: error))")
          // An application that has GL errors of its own finds no others.
          let pending = context.gl.gl.glGetError()
          #expect(pending == GLenum(GL_NO_ERROR), "\(refusal) leaves GL error \(pending)")
        }
      }
    }
  }

  @Test(arguments: Refusal.all) func aThousandLeaveNothing(refusal: Refusal) throws {
    let first = refusal.layouts[0]
    try FakeDRMDriver.run(refusal.layouts, size: Refusal.size, refusal.settings) {
      let (context, host) = try TestStack.open(traced: true)
      let scene = try Refusal.Scene(first, context, host)
      _ = refusal.error(scene)
      Leftovers.expectNone("\(refusal)") {
        var refused = 0
        for _ in 0..<1000 where refusal.error(scene)?.code == refusal.code { refused += 1 }
        #expect(refused == 1000)
      }
    }
  }

  /// A device that was made without the extensions names them.
  @Test func aDeviceWithoutTheExtensions() throws {
    try FakeDRMDriver.run([.linear], size: Refusal.size) {
      // Kept: NVIDIA takes the EGL context from its thread with the last instance.
      let (context, kept) = try TestStack.open(traced: true)
      defer { withExtendedLifetime(kept) {} }
      var options = VulkanHost.CreateOptions(.matching(context.gl))
      options.loader = try DriverTrace.vulkanLoader()
      options.handleTypes = [.opaqueFD]
      let host = try VulkanHost.create(options)
      let buffer = try FakeDRMDriver.buffer(.linear, Refusal.size)
      let wanted = ["VK_EXT_external_memory_dma_buf", "VK_EXT_image_drm_format_modifier"]
      Leftovers.expectNone("a device without the extensions") {
        let imported = #expect(throws: InteropError.self) { try buffer.importIntoVulkan(host) }
        #expect(imported?.code == .unsupported && imported?.missing == wanted)
        let made = #expect(throws: InteropError.self) {
          try DMABufImage(size: Refusal.size, format: .rgba8, host: host)
        }
        #expect(made?.code == .unsupported && made?.missing == wanted)
        let shared = #expect(throws: InteropError.self) {
          try SharedImage(.init(size: Refusal.size, handleType: .dmaBuf), gl: context.gl, host: host)
        }
        #expect(shared?.code == .unsupported && shared?.missing == wanted)
      }
    }
  }
}
