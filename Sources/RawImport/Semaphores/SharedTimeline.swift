package import InteropDrivers

/// A timeline semaphore that Vulkan makes and GL imports.
///
/// VK_KHR_timeline_semaphore (in core since 1.2) with VK_KHR_external_semaphore_fd OPAQUE_FD, and
/// GL_NV_timeline_semaphore. The signal of each access is a value one higher than the one before; a wait consumes
/// nothing.
package final class SharedTimeline: ReleaseSignal, @unchecked Sendable {
  private let host: VulkanHost
  private let vulkan: VulkanObject
  private let glObject: GLObject
  /// The last value that either API was told to signal.
  private let last = Atomic<UInt64>(0)

  package var waitInVulkan: SemaphorePoint? { SemaphorePoint(vulkan.handle, at: last.load(ordering: .acquiring)) }
  package var signalInVulkan: SemaphorePoint? {
    SemaphorePoint(vulkan.handle, at: last.load(ordering: .acquiring) + 1)
  }
  package func didSignalInVulkan() { last.add(1, ordering: .acquiringAndReleasing) }
  package var mayGoUnwaited: Bool { true }
  package var needsFence: Bool { false }

  /// Makes a timeline, on the GL context's thread.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` naming what either API lacks.
  init(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    try Self.checkSupport(gl: context, host: host)
    self.host = host
    vulkan = try host.makeExportableSemaphore(.timeline)
    glObject = try context.makeObject(.timelineSemaphore)
    var type = GLint(GL_SEMAPHORE_TYPE_TIMELINE_NV)
    context.gl.glSemaphoreParameterivNV?(glObject.name, GLenum(GL_SEMAPHORE_TYPE_NV), &type)
    try context.check("glSemaphoreParameterivNV", "GL makes no timeline semaphore")
    try context.importSemaphore(host.exportSemaphore(vulkan.handle), into: glObject.name)
  }

  /// - Throws: ``InteropError/Code/unsupported`` naming what is missing.
  package static func checkSupport(gl context: GLContext, host: VulkanHost) throws(InteropError) {
    var missing: [String] = []
    if !context.hasTimelineSemaphoreFD { missing.append("GL_NV_timeline_semaphore") }
    if !host.enabledDeviceExtensions.contains("VK_KHR_external_semaphore_fd") {
      missing.append("VK_KHR_external_semaphore_fd")
    } else if !host.features.contains(.timelineSemaphore) {
      missing.append("the feature timelineSemaphore")
    } else if !host.canExportTimelineSemaphores {
      missing.append("export of OPAQUE_FD timeline semaphores")
    }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "make a shared timeline semaphore",
        reason: "\(context.renderer) and \(host.info.deviceName) share no timeline semaphores", missing: missing,
        advice: "Use \(SyncKind.semaphoreFD.rawValue) or \(SyncKind.cpuWait.rawValue)")
    }
  }

  package func exportPayload() throws(InteropError) -> FileDescriptorOwner? {
    try host.exportSemaphore(vulkan.handle)
  }
  package func takePoint(_ step: String) -> ExternalPoint { .timeline(last.load(ordering: .acquiring)) }
  package var nextValue: UInt64 { last.load(ordering: .acquiring) + 1 }
  /// - Throws: ``InteropError/Code/invalidArgument`` for a value that has been signalled before.
  package func put(_ point: consuming ExternalPoint) throws(InteropError) {
    guard case .timeline(let value, _) = point else { return }
    let before = last.load(ordering: .acquiring)
    guard value > before else {
      throw InteropError(
        .invalidArgument, step: "take the image back",
        reason: "the timeline's value \(value) is not after \(before), the last one",
        advice: "Signal a higher value each time")
    }
    last.store(value, ordering: .releasing)
  }

  /// Does nothing: both APIs see one payload.
  package func prepareWaitInVulkan() {}

  /// The corresponding C functions are `glSemaphoreParameterui64vEXT` and `glWaitSemaphoreEXT`.
  package func waitInGL(
    _ image: ImageInGL, _ waitOnCPU: () throws(InteropError) -> Void
  ) throws(InteropError) {
    let context = image.context
    try set(last.load(ordering: .acquiring), context)
    var texture = image.texture
    var layout = GLenum(GL_LAYOUT_GENERAL_EXT)
    context.gl.glWaitSemaphoreEXT?(glObject.name, 0, nil, 1, &texture, &layout)
    try context.check("glWaitSemaphoreEXT", "GL cannot wait for Vulkan")
  }

  /// The corresponding C functions are `glSemaphoreParameterui64vEXT`, `glSignalSemaphoreEXT` and `glFlush`, as for
  /// ``SharedSemaphore``.
  package func signalInGL(_ image: ImageInGL) throws(InteropError) {
    let context = image.context
    try set(last.load(ordering: .acquiring) + 1, context)
    var texture = image.texture
    var layout = GLenum(GL_LAYOUT_GENERAL_EXT)
    context.gl.glSignalSemaphoreEXT?(glObject.name, 0, nil, 1, &texture, &layout)
    context.gl.glFlush()
    try context.check("glSignalSemaphoreEXT", "GL cannot signal Vulkan")
    last.add(1, ordering: .acquiringAndReleasing)
  }

  /// Signals once everything that GL has been given so far is done, as ``signalInGL(_:)``, and makes `buffer`
  /// available; 0 for none.
  ///
  /// - Returns: the value that ``waitOnCPU(for:host:timeout:)`` waits for.
  func signalInGL(_ context: GLContext, buffer: GLuint) throws(InteropError) -> UInt64 {
    let value = last.load(ordering: .acquiring) + 1
    try set(value, context)
    var buffer = buffer
    context.gl.glSignalSemaphoreEXT?(glObject.name, buffer == 0 ? 0 : 1, &buffer, 0, nil, nil)
    context.gl.glFlush()
    try context.check("glSignalSemaphoreEXT", "GL cannot signal that the readback is done")
    last.add(1, ordering: .acquiringAndReleasing)
    return value
  }

  /// Waits on any thread. The corresponding C function is `vkWaitSemaphores`.
  func waitOnCPU(for value: UInt64, host: VulkanHost, timeout: Duration) throws(InteropError) {
    guard let waitSemaphores = host.vk.vkWaitSemaphores else {
      throw InteropError(
        .unsupported, step: "vkWaitSemaphores", reason: "the device has no such function", missing: ["Vulkan 1.2"])
    }
    var semaphore: VkSemaphore? = vulkan.handle
    var value = value
    let result = withUnsafePointer(to: &semaphore) { semaphores in
      withUnsafePointer(to: &value) { values in
        var info = VkSemaphoreWaitInfo()
        info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO
        info.semaphoreCount = 1
        info.pSemaphores = semaphores
        info.pValues = values
        return waitSemaphores(host.device, &info, timeout.nanoseconds)
      }
    }
    if result == VK_TIMEOUT {
      throw InteropError(
        .timeout, step: "vkWaitSemaphores", reason: "GL did not finish the readback within \(timeout)",
        driverCode: DriverCode(result))
    }
    try result.check("vkWaitSemaphores", "the readback cannot be waited for")
  }

  /// Sets the value of GL's next wait or signal. A wrong value would never be reached, or has been reached long ago.
  private func set(_ value: UInt64, _ context: GLContext) throws(InteropError) {
    var value = value
    context.gl.glSemaphoreParameterui64vEXT?(glObject.name, GLenum(GL_TIMELINE_SEMAPHORE_VALUE_NV), &value)
    try context.check("glSemaphoreParameterui64vEXT", "GL takes no value of a timeline")
  }
}
