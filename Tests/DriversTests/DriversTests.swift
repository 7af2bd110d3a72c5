import Glibc
import GLVulkanInterop
import InteropTestSupport
import Testing

@Suite("Drivers") struct DriversTests {
  @Test func aMachineWithoutEGLIsToldSo() {
    let error = #expect(throws: InteropError.self) { try EGLFunctions.open(path: "libEGL-not-here.so.1") }
    #expect(error?.code == .driverMissing)
    #expect(error?.step == "dlopen libEGL-not-here.so.1")
    #expect(error?.advice?.contains("libegl1") == true)
  }

  @Test func aMachineWithoutVulkanIsToldSo() {
    let error = #expect(throws: InteropError.self) { try VulkanLoader.open(path: "libvulkan-not-here.so.1") }
    #expect(error?.code == .driverMissing)
    #expect(error?.missing == ["libvulkan-not-here.so.1"])
  }

  @Test func aLibraryWithoutTheFunctionsIsNamed() {
    let error = #expect(throws: InteropError.self) { try EGLFunctions.open(path: "libc.so.6") }
    #expect(error?.step == "look up eglGetProcAddress")
    #expect(error?.reason.contains("libc.so.6") == true)
  }

  @Test func everyMissingGLFunctionIsNamed() throws {
    let (context, _) = try TestStack.open()
    let whole = context.egl.glResolver
    // The first is in every GL, the others in every one but ES 2.0.
    for name in ["glBindTexture", "glBlitFramebuffer", "glFenceSync", "glMapBufferRange"] {
      let partial = FunctionResolver(source: "a test") { $0.hasPrefix(name) ? nil : whole.optional($0) }
      let error = #expect(throws: InteropError.self) { try GLContext(resolver: partial) }
      #expect(error?.code == .driverMissing)
      #expect(error?.missing == [name])
    }
  }

  /// A table of what ES 2.0 has, in which the others do nothing and are remembered.
  @Test func functionsThatES2LacksAreErrorsWhereTheyAreUsed() throws {
    let (context, _) = try TestStack.open()
    let whole = context.egl.glResolver
    let partial = FunctionResolver(source: "a test") {
      $0.hasPrefix("glBlitFramebuffer") || $0.hasPrefix("glFenceSync") ? nil : whole.optional($0)
    }
    let gl = try GLFunctions(resolver: partial)
    #expect(gl.missing == ["glBlitFramebuffer", "glFenceSync"])
    _ = GLFunctions.takeMissingCall()
    #expect(gl.glFenceSync(0, 0) == nil)
    #expect(GLFunctions.takeMissingCall() == "glFenceSync")
    #expect(GLFunctions.takeMissingCall() == nil)
  }

  /// Under the name that an extension of ES 2.0 gives a function it is found, and only where the extension is listed.
  @Test func functionsOfExtensionsAreTaken() throws {
    let (context, _) = try TestStack.open()
    let whole = context.egl.glResolver
    let suffixed = FunctionResolver(source: "a test") { name in
      name == "glBindVertexArrayOES"
        ? whole.optional("glBindVertexArray") : name == "glBindVertexArray" ? nil : whole.optional(name)
    }
    let plain = try GLFunctions(resolver: suffixed)
    #expect(plain.missing.isEmpty)
    let without = try GLFunctions(resolver: suffixed, extensions: [], isES2: true)
    #expect(without.missing.contains("glBindVertexArray"))
    let with = try GLFunctions(resolver: suffixed, extensions: ["GL_OES_vertex_array_object"], isES2: true)
    #expect(!with.missing.contains("glBindVertexArray"))
  }

  @Test func anErrorReadsAsASentence() {
    let error = InteropError(
      .driverFailure, step: "glImportMemoryFdEXT", reason: "GL refuses Vulkan's memory", driverCode: .gl(0x0502),
      missing: ["GL_EXT_memory_object_fd"], advice: "Use host-copy")
    let text = error.description
    #expect(
      text == "glImportMemoryFdEXT: GL refuses Vulkan's memory (GL_INVALID_OPERATION); missing:"
        + " GL_EXT_memory_object_fd. Use host-copy")
  }

  @Test func driverCodesHaveTheirNames() {
    let names = [
      DriverCode(VK_ERROR_INVALID_EXTERNAL_HANDLE), .gl(0x0500), .framebufferStatus(0x8CD6), .egl(0x3009), .vulkan(-99),
    ].map(\.description)
    #expect(
      names == [
        "VK_ERROR_INVALID_EXTERNAL_HANDLE", "GL_INVALID_ENUM", "GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT", "EGL_BAD_MATCH",
        "VkResult -99",
      ])
  }

  @Test func aFileDescriptorHasOneOwner() throws {
    func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) != -1 }
    let number = open("/dev/null", O_RDONLY)
    do {
      let owner = FileDescriptorOwner(owning: number)
      let copy = try owner.duplicate()
      let copied = copy.withBorrowed { $0 }
      #expect(copied != number)
      #expect(isOpen(number))
      let given = copy.handOver()
      #expect(isOpen(given))
      close(given)
    }
    #expect(!isOpen(number))
  }

  @Test(arguments: [
    SurfacelessContext.Platform.device(99), .angle(libraryPath: "/nowhere/libEGL.so"),
  ]) func aPlatformThatIsNotThereIsAnError(platform: SurfacelessContext.Platform) {
    let error = #expect(throws: InteropError.self) { try SurfacelessContext(platform: platform, api: .openGLES) }
    let codes: [InteropError.Code] = [.invalidArgument, .unsupported, .driverMissing]
    let code = error?.code
    #expect(code.map(codes.contains) == true)
  }

  @Test func theFormatTableAgreesWithDRM() {
    // drm_fourcc.h builds these with a macro that Swift does not import.
    let codes = Dictionary(uniqueKeysWithValues: PixelFormat.all.map { ($0.name, $0.drmFourCC.rawValue) })
    #expect(codes["rgba8"] == 0x3432_4241)
    #expect(codes["bgra8"] == 0x3432_5241)
    #expect(codes["r8"] == 0x2020_3852)
    #expect(PixelFormat.all.count == 8)
    #expect(Set(codes.keys).count == 8)
  }
}
