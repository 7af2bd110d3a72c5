import GLVulkanInterop
import InteropTestSupport
import Testing

/// GL_OUT_OF_MEMORY of a texture over shared memory: Mesa says so where it has not imported the memory.
@Suite("Memory that GL does not import", .serialized) struct RefusedMemoryTests {
  /// - Parameter times: how often glTexStorageMem2DEXT fails.
  private func error(_ api: SurfacelessContext.API, _ size: PixelSize, failing times: Int) throws -> InteropError? {
    let (context, host) = try TestStack.open(api, traced: true)
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.list()
    let outcome = DriverTrace.failingCall(1, times: times, on: .current, matching: { $0 == "glTexStorageMem2DEXT" }) {
      _ = try SharedImage(SharedImageDescription(size: size), gl: context.gl, host: host)
    }
    #expect(outcome.failedCall == "glTexStorageMem2DEXT")
    // Freed GL names are deleted at the next call, and memory when the GPU is done.
    context.gl.collectGarbage()
    context.gl.gl.glFinish()
    let left = LiveObjects.snapshot().changes(since: objects) + FailureInjection.leftOpen(since: files)
    #expect(left.isEmpty)
    return outcome.error as? InteropError
  }

  @Test(arguments: TestStack.abilities.apis, [PixelSize(width: 64, height: 48), PixelSize(width: 4, height: 4)])
  func thatItCannotImportAnyIsSaid(api: SurfacelessContext.API, size: PixelSize) throws {
    let error = try #require(try error(api, size, failing: 2))
    #expect(error.code == .unsupported && error.driverCode == .gl(GLenum(GL_OUT_OF_MEMORY)))
    #expect(error.reason.hasSuffix("exports as opaque-fd, not even for 4x4 pixels"))
    #expect(error.missing.first?.hasPrefix("GL_EXT_memory_object_fd for ") == true)
  }

  /// A lack of memory stays what it is, and another image can be made.
  @Test(arguments: TestStack.abilities.apis) func aLackOfMemoryIsNoLackOfSupport(api: SurfacelessContext.API) throws {
    let error = try #require(try error(api, PixelSize(width: 64, height: 48), failing: 1))
    #expect(error.code == .driverFailure && error.driverCode == .gl(GLenum(GL_OUT_OF_MEMORY)))
  }
}
