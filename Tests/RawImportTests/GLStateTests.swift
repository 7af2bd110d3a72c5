import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// The package inside contexts that applications made: compatibility, core, ES 3, true ES 2, with every state set to
/// something else than the default. Nothing may change, and every pixel must arrive.
@Suite("Inside applications' contexts", .serialized) struct GLStateTests {
  @Test(arguments: StateContext.Kind.all, [false, true]) func everyStateIsAsBefore(
    kind: StateContext.Kind, variant: Bool
  ) throws {
    try GLStateScenario(kind, variant: variant).run()
  }

  @Test(arguments: StateContext.Kind.all) func everyPixelArrives(kind: StateContext.Kind) throws {
    try PixelScenario(kind).run()
  }

  // Tests in processes of their own came with Swift 6.2.
  #if compiler(>=6.2)
    // In a process of its own: Mesa makes ES 3 of ES 2 in one that was not told otherwise before its first context.
    @Test func itIsTheSameInES2() async {
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
      ) {
        setenv("MESA_GLES_VERSION_OVERRIDE", "2.0", 1)
        try GLStateScenario(.es20, variant: false).run()
        try GLStateScenario(.es20, variant: true).run()
        try PixelScenario(.es20).run()
      }
      // What the child could not run belongs into the closing lines too.
      let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
      for line in output.split(separator: "\n") where line.hasPrefix("INTEROP-SKIP: ") {
        TestStack.skip(String(line.dropFirst(14)))
      }
      if result == nil || result?.exitStatus != .exitCode(0) {
        print(String(decoding: result?.standardErrorContent ?? [], as: UTF8.self))
      }
    }

    // Old desktop contexts, which Mesa pretends to be on demand.
    @Test(.enabled("ANGLE has no desktop GL") { TestStack.eglLibrary == nil }) func itIsTheSameInGL30() async {
      await #expect(processExitsWith: .success) {
        setenv("MESA_GL_VERSION_OVERRIDE", "3.0", 1)
        setenv("MESA_GLSL_VERSION_OVERRIDE", "130", 1)
        let scenario = try GLStateScenario(.compatibility, variant: false)
        #expect(scenario.app.gl.version == (3, 0))
        try scenario.run()
        try PixelScenario(.compatibility).run()
      }
    }
  #else
    @Test func itIsTheSameInES2AndGL30() {
      TestStack.skip("true ES 2.0 and GL 3.0 contexts: tests in processes of their own need Swift 6.2")
    }
  #endif
}

/// A picture with a colour of its own in each corner, a column and a pixel that are like nothing else; made of clears,
/// which every GL can, in the middle of a larger framebuffer or not.
struct CornerPicture {
  let size: PixelSize

  /// Into the framebuffer that is bound. In a context with the default state.
  func draw(_ gl: GLFunctions, shade: Float = 1) {
    let (width, height) = (size.width, size.height)
    let (halfWidth, halfHeight) = (width / 2, height / 2)
    gl.glEnable(GLenum(GL_SCISSOR_TEST))
    gl.glDisable(GLenum(GL_DITHER))
    for (x, y, w, h, color) in [
      (0, 0, halfWidth, halfHeight, (1.0, 0.25, 0.125, 0.75)),
      (halfWidth, 0, width - halfWidth, halfHeight, (0.125, 0.875, 0.25, 0.5)),
      (0, halfHeight, halfWidth, height - halfHeight, (0.0625, 0.375, 1.0, 0.625)),
      (halfWidth, halfHeight, width - halfWidth, height - halfHeight, (0.5, 0.75, 0.0, 1.0)),
      (2, 0, 1, height, (0.9, 0.1, 0.6, 0.3)), (0, 0, 1, 1, (0.2, 0.7, 0.4, 0.9)),
    ] {
      gl.glScissor(GLint(x), GLint(y), GLsizei(w), GLsizei(h))
      gl.glClearColor(Float(color.0) * shade, Float(color.1) * shade, Float(color.2) * shade, Float(color.3))
      gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
    }
    gl.glDisable(GLenum(GL_SCISSOR_TEST))
    gl.glEnable(GLenum(GL_DITHER))
    gl.glClearColor(0, 0, 0, 0)
    gl.glScissor(0, 0, GLsizei(width), GLsizei(height))
  }
}

/// An application's framebuffer as ES 2.0 can make it too, with a picture in it.
final class PictureFramebuffer {
  let name: GLuint
  let size: PixelSize
  private let gl: GLFunctions
  private var texture: GLuint = 0
  private var renderbuffer: GLuint = 0

  init(_ context: GLContext, _ size: PixelSize, _ format: PixelFormat, internalFormat: GLenum? = nil, samples: Int = 0)
    throws
  {
    gl = context.gl
    self.size = size
    var name: GLuint = 0
    gl.glGenFramebuffers(1, &name)
    self.name = name
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
    let storage = internalFormat ?? format.glInternalFormat
    if samples > 0 {
      gl.glGenRenderbuffers(1, &renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), renderbuffer)
      gl.glRenderbufferStorageMultisample(
        GLenum(GL_RENDERBUFFER), GLsizei(samples), storage, GLsizei(size.width), GLsizei(size.height))
      gl.glFramebufferRenderbuffer(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), renderbuffer)
      gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), 0)
    } else {
      gl.glGenTextures(1, &texture)
      let target = GLenum(GL_TEXTURE_2D)
      gl.glBindTexture(target, texture)
      let isES2 = context.isES && context.version < (3, 0)
      gl.glTexImage2D(
        target, 0, isES2 ? GLint(GL_RGBA) : GLint(storage), GLsizei(size.width), GLsizei(size.height), 0,
        isES2 ? GLenum(GL_RGBA) : format.glTransferFormat, format.glTransferType, nil)
      gl.glTexParameteri(target, GLenum(GL_TEXTURE_MIN_FILTER), GL_NEAREST)
      gl.glFramebufferTexture2D(GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), target, texture, 0)
      gl.glBindTexture(target, 0)
    }
    try context.checkFramebuffer(GL_FRAMEBUFFER, "make the application's framebuffer", "\(format)")
    try context.check("glTexImage2D", "\(format)")
  }

  deinit {
    var name = name
    gl.glDeleteFramebuffers(1, &name)
    if texture != 0 { gl.glDeleteTextures(1, &texture) }
    if renderbuffer != 0 { gl.glDeleteRenderbuffers(1, &renderbuffer) }
  }
}

/// Every call of the package that touches a context, in the odd state, with a dump before and after.
struct GLStateScenario {
  let app: StateContext
  let host: VulkanHost
  let variant: Bool
  private var context: GLContext { app.gl }
  private static let size = StateContext.surfaceSize

  init(_ kind: StateContext.Kind, variant: Bool) throws {
    app = try StateContext(kind)
    host = try app.makeHost()
    self.variant = variant
  }

  func run() throws {
    guard GLStateDump.hasHeaders else {
      return TestStack.skip("every state of GL: its headers are not on this machine")
    }
    let isES2 = context.features.isES2
    if app.kind.isExact { #expect(isES2, "the context is \(context.versionString)") }
    let gl = context.gl
    let size = Self.size
    let picture = CornerPicture(size: size)
    let source = try PictureFramebuffer(context, size, .rgba8)
    picture.draw(gl)
    let target = try PictureFramebuffer(context, size, .rgba8)
    let multisampled = isES2 ? nil : try PictureFramebuffer(context, size, .rgba8, samples: 4)
    if multisampled != nil { picture.draw(gl) }
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
    picture.draw(gl, shade: 0.5)
    let wanted = try context.readPixels(source.name, size, .rgba8)
    let wantedDefault = try context.readPixels(0, size, .rgba8)
    #expect(wanted != wantedDefault)
    try context.check("glReadPixels", "the test's pictures")

    let odd = try OddState(app, usesPipeline: variant, usesArray: !variant)
    let dump = try GLStateDump(app)
    dump.framebuffers = [source.name, target.name, odd.framebuffer] + odd.bound
    let first = dump.read()
    let again = GLStateDump.differences(first, dump.read())
    #expect(again.isEmpty, "the dump itself: \(again)")
    #expect(first.count > (isES2 ? 300 : 1000), "\(first.count) states")

    func unchanged(_ step: String, _ body: () throws -> Void) {
      let before = dump.read()
      let pending = context.takeApplicationErrors()
      #expect(pending.isEmpty, "\(step): before")
      do { try body() } catch { Issue.record("\(app.kind) \(variant) \(step): \(error)") }
      #expect(gl.glGetError() == GL_NO_ERROR, "\(app.kind) \(step)")
      let differences = GLStateDump.differences(before, dump.read())
      #expect(differences.isEmpty, "\(app.kind) \(variant) \(step): \(differences)")
    }

    let blitter = FramebufferBlitter(context)
    let framebuffers: [(String, GLuint, [UInt8])] =
      [("a texture", source.name, wanted), ("the default framebuffer", 0, wantedDefault)]
      + (multisampled.map { [("a multisampled one", $0.name, wanted)] } ?? [])
    // Mesa's ES 2.0 lists the extension and does not have it.
    let shares = context.hasMemoryObjectFD
    if !shares {
      #expect(isES2)
      TestStack.skip("shared memory in \(app.kind): GL makes no memory objects there")
      let refusal = #expect(throws: InteropError.self) {
        try SharedImage(SharedImageDescription(size: size, format: .rgba8), gl: context, host: host)
      }
      #expect(refusal?.code == .unsupported)
    }
    for format in shares ? [PixelFormat.rgba8, .bgra8] : [] {
      for orientation in [ImageOrientation.bottomUp, .topDown] {
        let what = "\(format) \(orientation.rawValue)"
        var made: SharedImage?
        unchanged("make \(what)") {
          made = try SharedImage(
            SharedImageDescription(size: size, format: format, mode: .blit, orientation: orientation), gl: context,
            host: host)
        }
        guard let image = made else { continue }
        for (name, framebuffer, wanted) in framebuffers {
          unchanged("copy \(name), \(what)") {
            try image.acquireForGL()
            try blitter.copy(from: GLFramebuffer(name: framebuffer, size: size), to: image)
            try image.releaseFromGL()
          }
          let pixels = try image.readInVulkan()
          check(pixels, wanted, format, flipped: orientation == .topDown, "copy \(name), \(what)")
          unchanged("copy \(name) again, \(what)") {
            try image.acquireForGL()
            try blitter.copy(from: GLFramebuffer(name: framebuffer, size: size), to: image)
            try image.releaseFromGL()
          }
          check(
            try image.readInVulkan(), wanted, format, flipped: orientation == .topDown, "copy \(name) again, \(what)")
        }
        unchanged("retire \(what)") { try image.retire() }
      }
      var made: SharedImage?
      unchanged("make \(format) for GL to read") {
        made = try SharedImage(
          SharedImageDescription(
            size: size, format: format, direction: .vulkanToGL, mode: .blit, orientation: .topDown),
          gl: context, host: host)
      }
      guard let image = made else { continue }
      try image.writeInVulkan(Self.exchanged(wanted, format))
      unchanged("copy \(format) into a texture") {
        try image.acquireForGL()
        try blitter.copy(from: image, to: GLFramebuffer(name: target.name, size: size))
        try image.releaseFromGL()
      }
      let got = try context.readPixels(target.name, size, .rgba8)
      check(got, PixelPattern.flipped(wanted, size), .rgba8, flipped: false, "\(format) into a texture")
      unchanged("retire \(format)") { try image.retire() }
    }
    for format in shares ? [PixelFormat.rgba8, .bgra8] : [] {
      try intoTheDefaultFramebuffer(format, wanted, blitter, unchanged)
    }
    if shares {
      unchanged("importGLFramebufferVulkan") {
        let imported = try importGLFramebufferVulkan(
          GLFramebuffer(name: source.name, size: size), gl: context, host: host, handleType: .opaqueFD,
          options: ImportOptions(format: .rgba8))
        check(try imported.shared.readInVulkan(), wanted, .rgba8, flipped: false, "importGLFramebufferVulkan")
        try imported.shared.retire()
      }
      unchanged("PixelCheck") {
        for mode in [TransferMode.direct, .blit] {
          let image = try SharedImage(
            SharedImageDescription(size: size, format: .rgba8, mode: mode), gl: context, host: host)
          try PixelCheck(context, host).verify(image)
          try image.retire()
        }
      }
    }
    for orientation in [ImageOrientation.bottomUp, .topDown] {
      for (name, framebuffer, wanted) in framebuffers where framebuffer != 0 {
        var made: DrawTarget?
        unchanged("copy \(name), \(orientation.rawValue), for host-copy") {
          let target = try DrawTarget(GLenum(GL_RGBA8), size, samples: 1, context)
          try blitter.copy(
            from: GLFramebuffer(name: framebuffer, size: size, orientation: orientation), to: target, size)
          made = target
        }
        guard let made else { continue }
        let got = try context.readPixels(made.framebuffer, size, .rgba8)
        check(
          got, wanted, .rgba8, flipped: orientation == .topDown, "copy \(name) \(orientation.rawValue) for host-copy")
      }
    }
    for method in ReadbackMethod.all {
      for (format, orientation) in [(PixelFormat.rgba8, ImageOrientation.bottomUp), (.bgra8, .topDown)] {
        var refusal: InteropError?
        unchanged("host-copy by \(method) \(format)") {
          do {
            let readback = try ReadbackSource(size: size, format: format, orientation: orientation, gl: context)
            let image = try HostCopyImage(readback, by: method, egl: (app.egl, app.display), host: host)
            try PixelCheck(context, host).verify(image)
            try image.detach()
            try image.retire()
          } catch let error as InteropError where error.code == .unsupported {
            refusal = error
          }
        }
        if let refusal {
          TestStack.skip("host-copy by \(method) \(format) in \(app.kind): \(refusal.missing.joined(separator: ", "))")
        }
      }
    }
    if !isES2 {
      unchanged("a multisampled target") { _ = try DrawTarget(GLenum(GL_RGBA8), size, samples: 4, context) }
    }
    unchanged("describe the context") { _ = try GLContext(currentOf: app.egl) }
    unchanged("collect garbage") { context.collectGarbage() }

    // The application's own pictures are as they were, but for what was copied into them.
    check(
      try context.readPixels(source.name, size, .rgba8), wanted, .rgba8, flipped: false, "the application's framebuffer"
    )
    _ = odd
  }

  /// There and back, since the odd state reads nothing of it.
  private func intoTheDefaultFramebuffer(
    _ format: PixelFormat, _ picture: [UInt8], _ blitter: FramebufferBlitter,
    _ unchanged: (String, () throws -> Void) -> Void
  ) throws {
    let size = Self.size
    let there = try SharedImage(
      SharedImageDescription(size: size, format: format, direction: .vulkanToGL, mode: .blit), gl: context, host: host)
    let back = try SharedImage(SharedImageDescription(size: size, format: .rgba8, mode: .blit), gl: context, host: host)
    // Unlike what was there before.
    let bytes = picture.map { format == .rgba8 ? $0 ^ 0x55 : $0 ^ 0x33 }
    try there.writeInVulkan(Self.exchanged(bytes, format))
    unchanged("copy \(format) into the default framebuffer") {
      try there.acquireForGL()
      try blitter.copy(from: there, to: GLFramebuffer(name: 0, size: size))
      try there.releaseFromGL()
    }
    unchanged("and back") {
      try back.acquireForGL()
      try blitter.copy(from: GLFramebuffer(name: 0, size: size), to: back)
      try back.releaseFromGL()
    }
    check(try back.readInVulkan(), bytes, .rgba8, flipped: false, "\(format) into the default framebuffer")
    try there.retire()
    try back.retire()
  }

  private static func exchanged(_ bytes: [UInt8], _ format: PixelFormat) -> [UInt8] {
    guard format.channelOrder == .redBlueExchanged else { return bytes }
    var bytes = bytes
    for at in stride(from: 0, to: bytes.count, by: 4) { bytes.swapAt(at, at + 2) }
    return bytes
  }

  private func check(_ got: [UInt8], _ wanted: [UInt8], _ format: PixelFormat, flipped: Bool, _ step: String) {
    let ordered = Self.exchanged(wanted, format)
    let difference = PixelPattern.difference(
      got, flipped ? PixelPattern.flipped(ordered, Self.size) : ordered, Self.size, format)
    #expect(difference == nil, "\(app.kind) \(variant) \(step): \(difference ?? "")")
  }
}

/// Every listed format, out of a texture, samples and the default framebuffer, in the state that a context has when it
/// is new.
struct PixelScenario {
  let app: StateContext
  let host: VulkanHost

  init(_ kind: StateContext.Kind) throws {
    app = try StateContext(kind)
    host = try app.makeHost()
  }

  func run() throws {
    let context = app.gl
    let size = StateContext.surfaceSize
    guard context.hasMemoryObjectFD else {
      return TestStack.skip("shared memory in \(app.kind): GL makes no memory objects there")
    }
    let blitter = FramebufferBlitter(context)
    for format in PixelFormat.all {
      // What ES 2.0 renders into is one format; drivers differ in what they share there.
      if context.features.isES2, format != .rgba8, format != .bgra8 { continue }
      for samples in context.features.isES2 ? [0] : [0, 4] {
        for orientation in [ImageOrientation.bottomUp, .topDown] {
          let what = "\(app.kind) \(format) \(samples) samples \(orientation.rawValue)"
          let source = try PictureFramebuffer(context, size, format, samples: samples)
          CornerPicture(size: size).draw(context.gl)
          let reference: [UInt8]
          if samples > 0 {
            let resolved = try PictureFramebuffer(context, size, format)
            try blitter.resolve(from: source.name, to: resolved.name, size)
            reference = try context.readPixels(resolved.name, size, format)
          } else {
            reference = try context.readPixels(source.name, size, format)
          }
          let image = try SharedImage(
            SharedImageDescription(size: size, format: format, mode: .blit, orientation: orientation), gl: context,
            host: host)
          try image.accessInGL {
            try blitter.copy(from: GLFramebuffer(name: source.name, size: size), to: image)
          }
          var wanted = reference
          if format.channelOrder == .redBlueExchanged {
            for at in stride(from: 0, to: wanted.count, by: 4) { wanted.swapAt(at, at + 2) }
          }
          if orientation == .topDown { wanted = PixelPattern.flipped(wanted, size) }
          let got = try image.readInVulkan()
          let difference = PixelPattern.difference(got, wanted, size, format)
          #expect(difference == nil, "\(what): \(difference ?? "")")
          if samples == 0 {
            let after = try context.readPixels(source.name, size, format)
            #expect(after == reference, "\(what): the application's framebuffer")
          }
          try image.retire()
        }
      }
    }
    try context.check("glDrawArrays", "the copies")
  }
}
