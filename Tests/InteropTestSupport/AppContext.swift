package import GLVulkanInterop

/// An EGL context as an application makes one, with a surface: the package has no part in it.
package final class AppContext {
  package let egl: EGLFunctions
  package let display: EGLDisplay
  package let context: EGLContext
  package private(set) var surface: EGLSurface?
  private let config: EGLConfig

  /// - Parameters:
  ///   - api: desktop GL, in the newest version and profile the driver has, or ES 3.
  ///   - size: of the pbuffer that is framebuffer 0; nil for none.
  ///   - attributes: beside the version, without EGL_NONE.
  ///   - sharing: a context whose objects this one shall see.
  package init(
    _ api: SurfacelessContext.API = TestStack.abilities.apis[0], size: PixelSize?, attributes: [EGLint] = [],
    samples: Int = 0,
    sharing other: AppContext? = nil
  ) throws {
    egl = try EGLFunctions.open(path: TestStack.eglLibrary)
    guard let getDisplay = egl.eglGetPlatformDisplayEXT else { throw Self.failure("eglGetPlatformDisplayEXT", egl) }
    let display =
      TestStack.eglLibrary == nil
      ? getDisplay(EGLenum(EGL_PLATFORM_SURFACELESS_MESA), nil, [EGL_NONE])
      : getDisplay(
        EGLenum(EGL_PLATFORM_ANGLE_ANGLE), nil,
        [
          EGL_PLATFORM_ANGLE_TYPE_ANGLE, EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE,
          EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE, EGL_PLATFORM_SURFACELESS_MESA, EGL_NONE,
        ])
    guard let display, egl.eglInitialize(display, nil, nil) == EGL_TRUE else {
      throw Self.failure("eglInitialize", egl)
    }
    self.display = display
    guard egl.eglBindAPI(EGLenum(api == .openGL ? EGL_OPENGL_API : EGL_OPENGL_ES_API)) == EGL_TRUE else {
      throw Self.failure("eglBindAPI", egl)
    }
    var config: EGLConfig?
    var count: EGLint = 0
    let wanted: [EGLint] = [
      EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, api == .openGL ? EGL_OPENGL_BIT : EGL_OPENGL_ES3_BIT,
      EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_SAMPLES, EGLint(samples), EGL_NONE,
    ]
    guard egl.eglChooseConfig(display, wanted, &config, 1, &count) == EGL_TRUE, count > 0, let config else {
      throw Self.failure("eglChooseConfig", egl)
    }
    self.config = config
    let version: [EGLint] = api == .openGL ? [] : [EGL_CONTEXT_MAJOR_VERSION, 3]
    guard let context = egl.eglCreateContext(display, config, other?.context, version + attributes + [EGL_NONE]) else {
      throw Self.failure("eglCreateContext", egl)
    }
    self.context = context
    try resize(to: size)
  }

  /// Another surface, as a window that was resized has.
  package func resize(to size: PixelSize?) throws {
    let old = surface
    surface = nil
    if let size {
      surface = egl.eglCreatePbufferSurface(
        display, config, [EGL_WIDTH, EGLint(size.width), EGL_HEIGHT, EGLint(size.height), EGL_NONE])
      guard surface != nil else { throw Self.failure("eglCreatePbufferSurface", egl) }
    }
    try makeCurrent()
    if let old { _ = egl.eglDestroySurface(display, old) }
    try drawIntoWhatThereIs()
  }

  /// Mesa's pbuffers have one buffer, and contexts of desktop GL begin by drawing into the other.
  private func drawIntoWhatThereIs() throws {
    guard surface != nil, egl.eglQueryAPI() == EGLenum(EGL_OPENGL_API),
      let drawBuffers: PFNGLDRAWBUFFERSPROC = egl.glResolver.optional("glDrawBuffers"),
      let getBoolean: PFNGLGETBOOLEANVPROC = egl.glResolver.optional("glGetBooleanv")
    else { return }
    var isDouble: GLboolean = 0
    getBoolean(GLenum(GL_DOUBLEBUFFER), &isDouble)
    // NVIDIA's have one, too, and call it BACK.
    if isDouble == 0 { drawBuffers(1, [GLenum(GL_FRONT_LEFT)]) }
    if let getError: PFNGLGETERRORPROC = egl.glResolver.optional("glGetError") { _ = getError() }
  }

  package func makeCurrent() throws {
    guard egl.eglMakeCurrent(display, surface, surface, context) == EGL_TRUE else {
      throw Self.failure("eglMakeCurrent", egl)
    }
  }

  package func release() { _ = egl.eglMakeCurrent(display, nil, nil, nil) }

  deinit {
    if egl.eglGetCurrentContext() == context { release() }
    if let surface { _ = egl.eglDestroySurface(display, surface) }
    _ = egl.eglDestroyContext(display, context)
  }

  private static func failure(_ step: String, _ egl: EGLFunctions) -> InteropError {
    egl.failure(step, "the test's own context")
  }
}
