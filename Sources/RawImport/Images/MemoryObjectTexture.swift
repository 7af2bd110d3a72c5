internal import InteropDrivers

/// A GL texture in Vulkan's memory, imported through GL_EXT_memory_object_fd.
final class MemoryObjectTexture: GLBacking, @unchecked Sendable {
  // Destroyed in this order: a user goes before what it uses.
  private let framebufferObject: GLObject
  private let textureObject: GLObject
  private let memoryObject: GLObject

  var texture: GLuint { textureObject.name }
  var framebuffer: GLuint { framebufferObject.name }

  /// - Parameter memory: the device's, made for an image of `description`.
  convenience init(
    _ description: SharedImageDescription, memory: VkDeviceMemory, size: UInt64, _ context: GLContext,
    _ host: VulkanHost
  ) throws(InteropError) {
    try self.init(
      description, importing: try host.exportMemory(memory, description.handleType), size: size, isDedicated: true,
      context)
  }

  /// - Parameters:
  ///   - descriptor: of memory that was made for an image of `description`.
  ///   - isDedicated: whether the memory is a dedicated allocation, which GL must know.
  init(
    _ description: SharedImageDescription, importing descriptor: consuming FileDescriptorOwner, size: UInt64,
    isDedicated: Bool, _ context: GLContext
  ) throws(InteropError) {
    guard let handleType = description.handleType.glToken, let tiling = description.tiling.glTiling else {
      throw InteropError(
        .invalidArgument, step: "make a shared image",
        reason: "\(description.handleType) has no \(description.tiling.rawValue) tiling",
        advice: "Use optimal or linear")
    }
    memoryObject = try context.importMemoryObject(descriptor, size: size, handleType, isDedicated: isDedicated)
    let name = memoryObject.name
    textureObject = try context.preservingBindings { () throws(InteropError) in
      try Self.makeTexture(description, tiling: tiling, memory: name, context)
    }
    let texture = textureObject.name
    framebufferObject = try context.preservingBindings { () throws(InteropError) in
      try context.makeFramebuffer(
        attaching: texture, "check the shared framebuffer",
        "GL imported the memory without an error and cannot render into it as \(description.tiling.rawValue)"
          + " \(description.format)")
    }
  }

  private static func makeTexture(
    _ description: SharedImageDescription, tiling: GLenum, memory: GLuint, _ context: GLContext
  ) throws(InteropError) -> GLObject {
    let gl = context.gl
    let target = GLenum(GL_TEXTURE_2D)
    let texture = try context.makeObject(.texture)
    gl.glBindTexture(target, texture.name)
    let refusal = try context.withoutDebugMessages { () throws(InteropError) in
      gl.glTexParameteri(target, GLenum(GL_TEXTURE_TILING_EXT), GLint(tiling))
      return context.takeError()
    }
    if let error = refusal {
      // NVIDIA 580 has optimal tiling only. Only a try tells: GL_TILING_TYPES_EXT gives GL_INVALID_ENUM in GLES.
      throw InteropError(
        .unsupported, step: "glTexParameteri(GL_TEXTURE_TILING_EXT)",
        reason: "\(context.renderer) takes no textures of \(description.tiling.rawValue) tiling",
        driverCode: .gl(error),
        missing: [description.tiling == .linear ? "GL_LINEAR_TILING_EXT" : "GL_OPTIMAL_TILING_EXT"],
        advice: "Use the other tiling")
    }
    gl.glTexStorageMem2DEXT?(
      target, 1, description.glView.internalFormat, GLsizei(description.size.width), GLsizei(description.size.height),
      memory, 0)
    try context.check(
      "glTexStorageMem2DEXT",
      "GL cannot see the memory as a \(description.tiling.rawValue) \(description.format) image of \(description.size)",
      advice: description.format.channelOrder == .redBlueExchanged && description.mode == .direct
        ? "Use the mode blit, which exchanges red and blue in a draw" : nil)
    try context.setPlainSampling(target)
    try context.setSwizzle(of: description)
    return texture
  }
}

extension GLContext {
  /// Imports Vulkan's memory as a GL memory object. Memory of this package is always declared dedicated, see
  /// `VulkanHost.allocateExportable`.
  ///
  /// The corresponding C function is `glImportMemoryFdEXT`.
  func importMemoryObject(
    _ descriptor: consuming FileDescriptorOwner, size: UInt64, _ handleType: GLenum, isDedicated: Bool = true
  ) throws(InteropError) -> GLObject {
    guard let setParameter = gl.glMemoryObjectParameterivEXT, let importFD = gl.glImportMemoryFdEXT else {
      throw InteropError(
        .unsupported, step: "glImportMemoryFdEXT", reason: "\(renderer) lacks it",
        missing: ["GL_EXT_memory_object_fd"])
    }
    let memory = try makeObject(.memoryObject)
    let name = memory.name
    var dedicated: GLint = isDedicated ? 1 : 0
    setParameter(name, GLenum(GL_DEDICATED_MEMORY_OBJECT_EXT), &dedicated)
    try check("glMemoryObjectParameterivEXT", "GL takes no dedicated memory")
    descriptor.withBorrowed { importFD(name, size, handleType, $0) }
    // Mesa reports no error, whatever it was given. Only the framebuffer's status or the pixels tell.
    try check("glImportMemoryFdEXT", "GL refuses Vulkan's memory")
    _ = descriptor.handOver()
    return memory
  }

  /// Sets the swizzle of the bound texture, so that sampling gives the right colours although the bytes are another
  /// format's.
  ///
  /// ES 2.0 has no swizzles; there a shader samples red and blue exchanged.
  func setSwizzle(of description: SharedImageDescription) throws(InteropError) {
    if case .redBlueExchanged = description.glView { try exchangeRedAndBlueInSampling() }
    if description.isOpaque { try makeSamplingOpaque() }
  }
}
