package import InteropDrivers

/// A binary semaphore that Vulkan makes and GL imports: VK_KHR_external_semaphore_fd OPAQUE_FD with
/// GL_EXT_semaphore_fd.
///
/// Both handles name one payload.
package final class SharedSemaphore: BinaryReleaseSignal, @unchecked Sendable {
  private let host: VulkanHost
  private let vulkan: VulkanObject
  private let glObject: GLObject
  package var vkSemaphore: VkSemaphore { vulkan.handle }
  package var needsFence: Bool { false }
  package var takesOneWaiter: Bool { true }
  var glName: GLuint { glObject.name }

  /// Makes a semaphore, on the GL context's thread.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` naming the extension that either API lacks.
  init(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    try Self.checkSupport(gl: context, host: host)
    self.host = host
    vulkan = try host.makeExportableSemaphore(.binary)
    glObject = try context.makeObject(.semaphore)
    try context.importSemaphore(host.exportSemaphore(vulkan.handle), into: glObject.name)
  }

  /// - Throws: ``InteropError/Code/unsupported`` naming what is missing.
  package static func checkSupport(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    var missing: [String] = []
    if !context.hasSemaphoreFD { missing.append("GL_EXT_semaphore_fd") }
    if !host.enabledDeviceExtensions.contains("VK_KHR_external_semaphore_fd") {
      missing.append("VK_KHR_external_semaphore_fd")
    } else if !host.canExportSemaphores {
      missing.append("export of OPAQUE_FD semaphores")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "make a shared semaphore",
        reason: "\(context.renderer) and \(host.info.deviceName) share no binary semaphores", missing: missing,
        advice: "Use \(SyncKind.cpuWait.rawValue)")
    }
  }

  package func exportPayload() throws(InteropError) -> FileDescriptorOwner? {
    try host.exportSemaphore(vulkan.handle)
  }
  /// The payload is the taker's, too.
  package func takePoint(_ step: String) -> ExternalPoint { .semaphore }
  /// Does nothing: the taker's submission has signalled the payload.
  package func put(_ point: consuming ExternalPoint) {}

  /// Does nothing: both APIs see one payload.
  package func prepareWaitInVulkan() {}

  /// The corresponding C function is `glWaitSemaphoreEXT`.
  package func waitInGL(
    _ image: ImageInGL, _ waitOnCPU: () throws(InteropError) -> Void
  ) throws(InteropError) {
    let context = image.context
    var texture = image.texture
    var layout = GLenum(GL_LAYOUT_GENERAL_EXT)
    context.gl.glWaitSemaphoreEXT?(glName, 0, nil, 1, &texture, &layout)
    try context.check("glWaitSemaphoreEXT", "GL cannot wait for Vulkan")
  }

  /// Lets GL signal once the drawing so far is done, and leaves `texture` in VK_IMAGE_LAYOUT_GENERAL.
  ///
  /// The corresponding C functions are `glSignalSemaphoreEXT` and `glFlush`: the signal implies a flush only since
  /// revision 15 of EXT_external_objects, and an unflushed signal never comes.
  package func signalInGL(_ image: ImageInGL) throws(InteropError) {
    let context = image.context
    var texture = image.texture
    var layout = GLenum(GL_LAYOUT_GENERAL_EXT)
    context.gl.glSignalSemaphoreEXT?(glName, 0, nil, 1, &texture, &layout)
    context.gl.glFlush()
    try context.check("glSignalSemaphoreEXT", "GL cannot signal Vulkan")
  }
}

// MARK: Parts of both kinds of shared semaphore

extension VulkanHost {
  enum SemaphoreType { case binary, timeline }

  /// Makes a semaphore whose payload can be exported as OPAQUE_FD; a timeline begins at 0.
  ///
  /// The corresponding C function is `vkCreateSemaphore` with VkExportSemaphoreCreateInfo and, for a timeline,
  /// VkSemaphoreTypeCreateInfo.
  func makeExportableSemaphore(_ type: SemaphoreType) throws(InteropError) -> VulkanObject {
    var chain = StructChain()
    var export = VkExportSemaphoreCreateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO
    export.handleTypes = UInt32(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT.rawValue)
    if type == .timeline { export.pNext = UnsafeRawPointer(chain.add(Self.timelineType)) }
    var create = VkSemaphoreCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(export))
    return try makeObject(.semaphore, "vkCreateSemaphore", "no exportable \(type) semaphore") { out in
      vk.vkCreateSemaphore(device, &create, nil, out)
    }
  }

  /// The corresponding C function is `vkGetSemaphoreFdKHR`.
  func exportSemaphore(_ semaphore: VkSemaphore) throws(InteropError) -> FileDescriptorOwner {
    guard let getFD = vk.vkGetSemaphoreFdKHR else {
      throw missing("VK_KHR_external_semaphore_fd", "make a shared semaphore")
    }
    var get = VkSemaphoreGetFdInfoKHR()
    get.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR
    get.semaphore = semaphore
    get.handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT
    var number: Int32 = -1
    try getFD(device, &get, &number).check("vkGetSemaphoreFdKHR", "the semaphore cannot be exported")
    return FileDescriptorOwner(owning: number)
  }
}

extension GLContext {
  /// The corresponding C function is `glImportSemaphoreFdEXT`, which takes the descriptor over.
  func importSemaphore(_ descriptor: consuming FileDescriptorOwner, into name: GLuint) throws(InteropError) {
    descriptor.withBorrowed { gl.glImportSemaphoreFdEXT?(name, GLenum(GL_HANDLE_TYPE_OPAQUE_FD_EXT), $0) }
    try check("glImportSemaphoreFdEXT", "GL refuses Vulkan's semaphore")
    _ = descriptor.handOver()
  }
}
