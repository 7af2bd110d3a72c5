import GLVulkanInterop
import InteropTestSupport
import Testing

/// Functions that the package does not call itself.
@Suite("Function look-up", .serialized) struct FunctionLookupTests {
  static let size = PixelSize(width: 8, height: 8)

  private func host(_ context: GLContext) throws -> VulkanHost {
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    return try VulkanHost.create(create)
  }

  /// A uniform is set and read back, by functions that are in no table.
  private func useUniform(_ context: GLContext) throws {
    let gl = context.gl
    let uniform1f = try context.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self)
    let getUniform = try context.function("glGetUniformfv", as: PFNGLGETUNIFORMFVPROC.self)
    func shader(_ kind: Int32, _ text: String) -> GLuint {
      let name = gl.glCreateShader(GLenum(kind))
      text.withCString { text in
        var text: UnsafePointer<CChar>? = text
        gl.glShaderSource(name, 1, &text, nil)
      }
      gl.glCompileShader(name)
      return name
    }
    let version = context.isES ? "#version 300 es\nprecision highp float;\n" : "#version 130\n"
    let program = gl.glCreateProgram()
    let vertex = shader(GL_VERTEX_SHADER, version + "void main() { gl_Position = vec4(0.0); }\n")
    let fragment = shader(
      GL_FRAGMENT_SHADER, version + "uniform float x; out vec4 colour;\nvoid main() { colour = vec4(x); }\n")
    gl.glAttachShader(program, vertex)
    gl.glAttachShader(program, fragment)
    gl.glLinkProgram(program)
    gl.glUseProgram(program)
    let place = gl.glGetUniformLocation(program, "x")
    uniform1f(place, 0.375)
    var value: GLfloat = 0
    getUniform(program, place, &value)
    gl.glUseProgram(0)
    gl.glDeleteProgram(program)
    gl.glDeleteShader(vertex)
    gl.glDeleteShader(fragment)
    #expect(place >= 0 && value == 0.375)
    #expect(gl.glGetError() == GL_NO_ERROR)
  }

  @Test(arguments: TestStack.abilities.apis) func ofAnApplicationsContext(api: SurfacelessContext.API) throws {
    let app = try AppContext(api, size: Self.size)
    defer { withExtendedLifetime(app) {} }
    let found = try GLContext.current()
    try useUniform(found)
    // By the application's own loader.
    let resolver = found.testResolver
    let given = try GLContext.current(
      resolver: FunctionResolver(source: "the engine") { name in
        let address: UnsafeMutableRawPointer? = resolver.optional(name)
        return address
      })
    try useUniform(given)
    // EGL's own, one that is in the table of no-one.
    let query = try found.function("eglQueryContext", as: PFNEGLQUERYCONTEXTPROC.self)
    var client: EGLint = 0
    #expect(query(app.display, app.context, EGL_CONTEXT_CLIENT_TYPE, &client) == EGL_TRUE)
    #expect(client == (api == .openGL ? EGL_OPENGL_API : EGL_OPENGL_ES_API))
    let egl = try #require(found.egl)
    let error = #expect(throws: InteropError.self) {
      try egl.functions.function("eglDoesNotExist", as: PFNEGLQUERYCONTEXTPROC.self)
    }
    #expect(error?.code == .driverMissing && error?.missing == ["eglDoesNotExist"])
    try withThread({
      let error = #expect(throws: InteropError.self) { try found.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self) }
      #expect(error?.code == .wrongThread)
    }) {}
    found.contextWillBeDestroyed()
    let gone = #expect(throws: InteropError.self) { try found.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self) }
    #expect(gone?.code == .invalidState)
  }

  /// A loader that lacks a function, and a type that is none.
  @Test func whatIsNotThere() throws {
    let (context, host) = try TestStack.open()
    let resolver = context.gl.testResolver
    let poor = try GLContext(
      resolver: FunctionResolver(source: "the engine") { name in
        let address: UnsafeMutableRawPointer? = name == "glUniform1f" ? nil : resolver.optional(name)
        return address
      })
    let error = #expect(throws: InteropError.self) { try poor.function("glUniform1f", as: PFNGLUNIFORM1FPROC.self) }
    #expect(
      error?.code == .driverMissing && error?.missing == ["glUniform1f"] && error?.reason.contains("the engine") == true
    )
    let wrong = #expect(throws: InteropError.self) { _ = try context.gl.function("glUniform1f", as: String.self) }
    #expect(wrong?.code == .invalidArgument)
    let wrongToo = #expect(throws: InteropError.self) { _ = try host.function("vkCreateSampler", as: String.self) }
    #expect(wrongToo?.code == .invalidArgument)
    let missing = #expect(throws: InteropError.self) {
      try host.function("vkDoesNotExist", as: PFN_vkCreateSampler.self)
    }
    #expect(missing?.code == .driverMissing && missing?.missing == ["vkDoesNotExist"])
    // The loader knows it and would give a pointer; this device was made without the extension.
    #expect(!host.enabledDeviceExtensions.contains("VK_KHR_swapchain"))
    let present = #expect(throws: InteropError.self) {
      try host.function("vkQueuePresentKHR", as: PFN_vkQueuePresentKHR.self)
    }
    #expect(present?.code == .driverMissing)
  }

  /// Of the device, the instance and neither: called.
  @Test(arguments: [false, true]) func ofADevice(isAdopted: Bool) throws {
    let (context, made) = try TestStack.open()
    defer { withExtendedLifetime(context) {} }
    let host =
      !isAdopted
      ? made
      : try VulkanHost(
        adopting: .init(
          instance: made.instance, physicalDevice: made.physicalDevice, device: made.device,
          apiVersion: made.apiVersion,
          queues: made.queues, enabledDeviceExtensions: made.enabledDeviceExtensions))
    defer { withExtendedLifetime(made) {} }
    let createSampler = try host.function("vkCreateSampler", as: PFN_vkCreateSampler.self)
    let destroySampler = try host.function("vkDestroySampler", as: PFN_vkDestroySampler.self)
    var create = VkSamplerCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO
    var sampler: VkSampler?
    #expect(createSampler(host.device, &create, nil, &sampler) == VK_SUCCESS && sampler != nil)
    destroySampler(host.device, sampler, nil)
    let features = try host.function("vkGetPhysicalDeviceFeatures", as: PFN_vkGetPhysicalDeviceFeatures.self)
    var found = VkPhysicalDeviceFeatures()
    features(host.physicalDevice, &found)
    let groups = try host.function("vkEnumeratePhysicalDeviceGroups", as: PFN_vkEnumeratePhysicalDeviceGroups.self)
    var count: UInt32 = 0
    #expect(groups(host.instance, &count, nil) == VK_SUCCESS && count > 0)
    let layers = try host.function(
      "vkEnumerateInstanceLayerProperties", as: PFN_vkEnumerateInstanceLayerProperties.self)
    #expect(layers(&count, nil) == VK_SUCCESS)
    // A function of the table is the same one.
    let destroy = try host.function("vkDestroyImage", as: PFN_vkDestroyImage.self)
    #expect(
      unsafeBitCast(destroy, to: UnsafeRawPointer.self)
        == unsafeBitCast(host.vk.vkDestroyImage, to: UnsafeRawPointer.self))
  }
}
