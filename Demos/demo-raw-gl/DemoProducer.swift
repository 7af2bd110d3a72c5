import GLVulkanInterop

/// A producer, as the loop and the statistics use it.
protocol DemoProducer: AnyObject {
  var context: GLContext { get }
  var host: VulkanHost { get }
  var options: ProducerOptions { get }
  var size: PixelSize { get }
  var status: TransferStatus { get }

  func resize(to size: PixelSize) throws(InteropError)

  /// - Parameter draw: draws into the bound framebuffer, of ``size``. It may be called more than once.
  func frame(_ draw: () -> Void) throws -> Frame
}

/// `--producer surfaceless`: the library owns the context and the framebuffers.
final class SurfacelessFrameProducer: DemoProducer {
  private let producer: SurfacelessEGLProducer
  var context: GLContext { producer.context.gl }
  var host: VulkanHost { producer.host }
  var options: ProducerOptions { producer.options }
  var size: PixelSize { producer.size }
  var status: TransferStatus { producer.status }

  init(
    size: PixelSize, host: VulkanHost, context: SurfacelessContext, options: ProducerOptions
  ) throws(InteropError) {
    producer = try SurfacelessEGLProducer(size: size, host: host, context: context, options: options)
  }

  func resize(to size: PixelSize) throws(InteropError) { try producer.resize(to: size) }
  func frame(_ draw: () -> Void) throws -> Frame { try producer.render { _ in draw() } }
}

/// `--producer raw`: the application owns the context and a framebuffer, and submits its drawn frames.
final class RawFrameProducer: DemoProducer {
  private let producer: RawGLProducer
  private var framebuffer: ApplicationFramebuffer?
  /// The size of the next frame; the producer's size follows the submitted framebuffer.
  private(set) var size: PixelSize
  /// The application owns the context, which must outlive the producer.
  private let owner: SurfacelessContext

  var context: GLContext { producer.context }
  var host: VulkanHost { producer.host }
  var options: ProducerOptions { producer.options }
  var status: TransferStatus { producer.status }

  /// With `--mode direct` the application draws into the shared image.
  private var drawsDirectly: Bool { options.mode == .direct }

  /// - Parameter context: current on this thread; the producer adopts it without being passed it.
  init(
    size: PixelSize, host: VulkanHost, context: SurfacelessContext, options: ProducerOptions
  ) throws(InteropError) {
    owner = context
    self.size = size
    producer = try RawGLProducer(size: size, host: host, options: options)
  }

  deinit { try? producer.contextWillBeDestroyed() }

  func resize(to size: PixelSize) throws(InteropError) {
    guard size != self.size else { return }
    if drawsDirectly { try producer.resize(to: size) }
    framebuffer = nil
    self.size = size
  }

  func frame(_ draw: () -> Void) throws -> Frame {
    if drawsDirectly { return try producer.render { _ in draw() } }
    let target =
      if let framebuffer { framebuffer } else {
        try ApplicationFramebuffer(context.gl, size, options.format, samples: options.samples)
      }
    framebuffer = target
    target.bind()
    draw()
    return try producer.submit(framebuffer: target.name)
  }
}

/// A framebuffer of the kind that applications make.
private final class ApplicationFramebuffer {
  private(set) var name: GLuint = 0
  private var color: GLuint = 0
  private let gl: GLFunctions
  private let size: PixelSize

  /// - Throws: ``InteropError`` where the driver cannot draw into such a buffer.
  init(_ gl: GLFunctions, _ size: PixelSize, _ format: PixelFormat, samples: Int) throws(InteropError) {
    self.gl = gl
    self.size = size
    // A renderbuffer has no byte order.
    let stored = format == .bgra8 || format == .bgra8SRGB ? GLenum(GL_RGBA8) : format.glInternalFormat
    let (width, height) = (GLsizei(size.width), GLsizei(size.height))
    gl.glGenRenderbuffers(1, &color)
    gl.glBindRenderbuffer(GLenum(GL_RENDERBUFFER), color)
    // 0 samples means no multisampling.
    gl.glRenderbufferStorageMultisample(
      GLenum(GL_RENDERBUFFER), samples > 1 ? GLsizei(samples) : 0, stored, width, height)
    gl.glGenFramebuffers(1, &name)
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
    gl.glFramebufferRenderbuffer(GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_RENDERBUFFER), color)
    let status = gl.glCheckFramebufferStatus(GLenum(GL_FRAMEBUFFER))
    guard status == GLenum(GL_FRAMEBUFFER_COMPLETE) else {
      throw InteropError(
        .driverFailure, step: "make the application's framebuffer",
        reason: "the driver does not draw into \(samples) samples of \(format)", driverCode: .framebufferStatus(status))
    }
  }

  deinit {
    gl.glDeleteFramebuffers(1, &name)
    gl.glDeleteRenderbuffers(1, &color)
  }

  func bind() {
    gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
    gl.glViewport(0, 0, GLsizei(size.width), GLsizei(size.height))
  }
}
