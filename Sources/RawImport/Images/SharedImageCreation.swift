public import InteropDrivers

extension SharedImage {
  /// Makes the memory and the objects of both APIs, on the GL context's thread.
  ///
  /// - Parameters:
  ///   - description: what to make.
  ///   - context: current on this thread.
  ///   - host: the Vulkan device.
  ///   - sync: how the two APIs wait for each other; nil takes ``SyncKind/timelineSemaphore`` where both really have
  ///     it, else ``SyncKind/semaphoreFD``, else ``SyncKind/syncFile``, else ``SyncKind/cpuWait``.
  ///   - ownershipQueue: prepares the image, and drops frames that Vulkan has not used; nil for the device's first
  ///     queue. On NVIDIA a transfer-only family does these in less time.
  /// - Throws: ``InteropError``: bad sizes before any driver call; what is missing, by name; the driver's refusal.
  ///
  /// The corresponding C functions are `vkCreateImage`, `vkAllocateMemory`, `vkGetMemoryFdKHR`, `glImportMemoryFdEXT`
  /// and `glTexStorageMem2DEXT`, for a DMA-BUF `eglCreateImageKHR` and `glEGLImageTargetTexture2DOES`.
  public convenience init(
    _ description: SharedImageDescription, gl context: GLContext, host: VulkanHost, sync: SyncKind? = nil,
    ownershipQueue: VulkanQueue? = nil
  ) throws(InteropError) {
    try context.enter("make a shared image")
    try Self.check(description, context, host)
    if description.handleType == .opaqueFD, case .native(let format) = description.glView,
      format == GLenum(GL_BGRA8_EXT)
    {
      try BGRAVerification.verify(description, context, host)
    }
    let sides = try SharedImageBacking.make(description, context, host)
    try self.init(sides, description, context, host, sync, ownershipQueue: ownershipQueue)
  }
}
