import GLVulkanInterop
import InteropTestSupport
import Testing

/// importGLFramebufferVulkan: what a framebuffer holds, once.
@Suite("Import a framebuffer") struct ImportFramebufferTests {
  static let size = PixelSize(width: 37, height: 29)

  @Test(arguments: PixelFormat.all, TestStack.abilities.apis) func theNearestFormatIsChosen(
    format: PixelFormat, api: SurfacelessContext.API
  ) throws {
    let (context, host) = try TestStack.open(api)
    let app = try AppFramebuffer(context.gl, Self.size, format)
    let pattern = PixelPattern(Self.size, format, seed: 5)
    app.upload(pattern.glBytes, context.gl)
    let imported = try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    // GL has no BGRA framebuffers of its own here: their alias is what the application has.
    let wanted = format.channelOrder == .same ? format : format.isSRGB ? .rgba8SRGB : .rgba8
    #expect(imported.format == wanted)
    #expect(imported.orientation == .bottomUp)
    let got = try imported.shared.readInVulkan()
    let difference = PixelPattern.difference(got, pattern.glBytes, Self.size, wanted)
    #expect(difference == nil)
  }

  @Test(arguments: PixelFormat.all, TestStack.abilities.apis) func anyFormatFromRGBA8(
    format: PixelFormat, api: SurfacelessContext.API
  ) throws {
    let (context, host) = try TestStack.open(api)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    let gl = context.gl.gl
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, [1, Float(128) / 255, 0, 1])
    let imported = try importGLFramebufferVulkan(
      app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD,
      options: ImportOptions(format: format, orientation: .topDown))
    let pixel = Array(try imported.shared.readInVulkan().prefix(format.bytesPerPixel))
    switch format {
    case .r8: #expect(pixel == [255])
    case .rg8: #expect(pixel == [255, 128])
    // Red is red, and the encoded mid-grey 128 stays 128.
    case .rgba8, .rgba8SRGB: #expect(pixel == [255, 128, 0, 255])
    case .bgra8, .bgra8SRGB: #expect(pixel == [0, 128, 255, 255])
    case .rgb10a2:
      let red = Int(pixel[0]) | (Int(pixel[1]) & 3) << 8
      let green = Int(pixel[1]) >> 2 | (Int(pixel[2]) & 15) << 6
      #expect(red == 1023)
      #expect(abs(green - 514) <= 1)
    default: #expect(Array(pixel.prefix(2)) == [0x00, 0x3C])
    }
  }

  @Test(arguments: TestStack.abilities.apis) func theSecondColourAttachmentCanBeImported(api: SurfacelessContext.API)
    throws
  {
    let (context, host) = try TestStack.open(api)
    let gl = context.gl.gl
    let first = try AppFramebuffer(context.gl, Self.size, .rgba8)
    let pattern = PixelPattern(Self.size, .rgba8, seed: 77)
    var texture = TestGL.makeTexture(pattern.glBytes, Self.size, .rgba8, context.gl)
    defer { gl.glDeleteTextures(1, &texture) }
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), first.name)
    gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0) + 1, GLenum(GL_TEXTURE_2D), texture, 0)
    var framebuffer = first.framebuffer
    framebuffer.colorAttachment = 1
    let imported = try importGLFramebufferVulkan(framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    let got = try imported.shared.readInVulkan()
    #expect(PixelPattern.difference(got, pattern.glBytes, Self.size, .rgba8) == nil)
    // The read buffer of the application's framebuffer is as it was.
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), first.name)
    #expect(context.gl.integer(GL_READ_BUFFER) == GL_COLOR_ATTACHMENT0)
  }

  @Test(arguments: [PixelFormat.rgba8, .bgra8], TestStack.abilities.apis)
  func anImageCanBeCopiedIntoTheSecondAttachmentAlone(format: PixelFormat, api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    let gl = context.gl.gl
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    let black = [UInt8](repeating: 0, count: Self.size.width * Self.size.height * 4)
    app.upload(black, context.gl)
    var second = TestGL.makeTexture(black, Self.size, .rgba8, context.gl)
    defer { gl.glDeleteTextures(1, &second) }
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
    gl.glFramebufferTexture2D(
      GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0) + 1, GLenum(GL_TEXTURE_2D), second, 0)
    gl.glDrawBuffers(2, [GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_COLOR_ATTACHMENT0) + 1])
    let pattern = PixelPattern(Self.size, format, seed: 31)
    let image = try SharedImage(
      .init(size: Self.size, format: format, direction: .vulkanToGL, mode: .blit), gl: context.gl, host: host)
    try image.writeInVulkan(pattern.vulkanBytes)
    var target = app.framebuffer
    target.colorAttachment = 1
    try image.accessInGL { try FramebufferBlitter(context.gl).copy(from: image, to: target) }
    let first = try app.read(context.gl)
    #expect(PixelPattern.difference(first, black, Self.size, .rgba8) == nil)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), app.name)
    let buffers = [context.gl.integer(GL_DRAW_BUFFER0), context.gl.integer(GL_DRAW_BUFFER0 + 1)]
    #expect(buffers == [GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT0 + 1])
    gl.glReadBuffer(GLenum(GL_COLOR_ATTACHMENT0) + 1)
    let got = try app.read(context.gl)
    #expect(PixelPattern.difference(got, pattern.glBytes, Self.size, .rgba8) == nil)
  }

  @Test(arguments: TestStack.abilities.apis) func badInputIsRefusedBeforeAnythingIsMade(api: SurfacelessContext.API)
    throws
  {
    let (context, host) = try TestStack.open(api)
    let gl = context.gl.gl
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    var incomplete: GLuint = 0
    gl.glGenFramebuffers(1, &incomplete)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), incomplete)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    var attachment = app.framebuffer
    attachment.colorAttachment = 3
    let cases: [(GLFramebuffer, String)] = [
      (GLFramebuffer(name: app.name, size: PixelSize(width: 0, height: 4)), "size"),
      (GLFramebuffer(name: app.name, size: PixelSize(width: 4, height: -1)), "size"),
      (GLFramebuffer(name: app.name, size: PixelSize(width: 1 << 31, height: 4)), "size"),
      (GLFramebuffer(name: app.name, size: PixelSize(width: 38, height: 29)), "smaller"),
      (GLFramebuffer(name: incomplete, size: Self.size), "GL_FRAMEBUFFER_INCOMPLETE_MISSING_ATTACHMENT"),
      (GLFramebuffer(name: 4711, size: Self.size), "not the name"),
      (attachment, "colour attachment 3"),
      // A surfaceless context has no framebuffer 0.
      (GLFramebuffer(name: 0, size: Self.size), "GL_FRAMEBUFFER_UNDEFINED"),
    ]
    for (framebuffer, words) in cases {
      let error = #expect(throws: InteropError.self) {
        try importGLFramebufferVulkan(framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
      }
      let text = error?.description ?? ""
      #expect(error?.code == .invalidArgument, "\(text)")
      #expect(text.contains(words), "\(text)")
    }
    gl.glDeleteFramebuffers(1, &incomplete)
    let left = gl.glGetError()
    #expect(left == GLenum(GL_NO_ERROR))
  }

  @Test func anIntegerFramebufferIsUnsupportedByName() throws {
    let (context, host) = try TestStack.open()
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8, internalFormat: GLenum(GL_RGBA8UI))
    let error = #expect(throws: InteropError.self) {
      try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    }
    #expect(error?.code == .unsupported)
  }

  @Test func pendingErrorsAreTheApplications() throws {
    let (context, host) = try TestStack.open()
    let gl = context.gl.gl
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    gl.glEnable(0xFFFF)
    _ = try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    #expect(context.gl.takeApplicationErrors() == [GLenum(GL_INVALID_ENUM)])
    #expect(context.gl.takeApplicationErrors().isEmpty)
  }

  @Test func theContextMustBeCurrent() throws {
    let (context, host) = try TestStack.open()
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    try context.release()
    let error = #expect(throws: InteropError.self) {
      try importGLFramebufferVulkan(app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD)
    }
    #expect(error?.code == .wrongThread)
    try context.makeCurrent()
  }

  @Test func semaphoresThatAreNotThereAreNamed() throws {
    let (context, host) = try TestStack.open()
    guard !(context.gl.hasSemaphoreFD && host.canExportSemaphores) else { return }
    let error = #expect(throws: InteropError.self) {
      try SharedImage(.init(size: Self.size), gl: context.gl, host: host, sync: .semaphoreFD)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.missing.contains("GL_EXT_semaphore_fd") == true)
  }
}
