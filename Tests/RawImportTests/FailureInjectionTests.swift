import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every driver call fails once: the error says so, and nothing stays behind.
@Suite("Every call fails once", .serialized) struct FailureInjectionTests {
  static let size = PixelSize(width: 16, height: 8)

  /// Questions whose failure has an answer of its own: no UUID, no device of EGL's, no extension list.
  static let questions: Set<String> = [
    "eglQueryDisplayAttribEXT", "eglQueryDeviceStringEXT", "eglQueryDeviceAttribEXT", "eglQueryString",
    "vkEnumerateDeviceExtensionProperties", "glGetUnsignedBytevEXT", "glGetUnsignedBytei_vEXT", "vkDeviceWaitIdle",
  ]

  @Test(arguments: TestStack.abilities.apis) func makingAContextAndADevice(api: SurfacelessContext.API) throws {
    // ANGLE is asked for its display twice, for builds that do not know how to leave X alone.
    let tolerated = Self.questions.union(TestStack.eglLibrary == nil ? [] : ["eglGetPlatformDisplayEXT"])
    try FailureInjection.everyCall("context and device", tolerated: tolerated, fewest: 15) { kept in
      let (context, host) = try TestStack.open(api, traced: true)
      kept += [context, host]
    }
  }

  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func aSharedImageAndOneAccessOfEach(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    try FailureInjection.everyCall("shared image \(direction.rawValue)", tolerated: Self.survivable, in: context) {
      (_: inout [AnyObject]) in
      let image = try SharedImage(.init(size: Self.size, direction: direction), gl: context.gl, host: host)
      if direction == .vulkanToGL { try image.access(.general) { (_) throws(InteropError) in } }
      try image.accessInGL {}
      if direction == .glToVulkan { try image.access(.general) { (_) throws(InteropError) in } }
      try image.waitForVulkan()
      try image.retire()
    }
  }

  /// GL's wait for Vulkan fails: the access has not begun, and the wait is still due.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func aWaitThatFailsIsStillDue(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let image = try SharedImage(.init(size: Self.size, direction: direction), gl: context.gl, host: host)
    if direction == .glToVulkan { try image.accessInGL {} }
    try image.access(.general) { _ in }
    let waits: Set<String> = ["glWaitSemaphoreEXT", "vkWaitForFences", "vkGetFenceStatus"]
    let (error, failed) = DriverTrace.failingCall(1, matching: { waits.contains($0) }) { try image.acquireForGL() }
    #expect(failed != nil && error is InteropError, "\(String(describing: failed)): \(String(describing: error))")
    #expect(image.state == (direction == .glToVulkan ? .idle : .ready))
    try image.acquireForGL()
    try image.releaseFromGL()
    if direction == .glToVulkan { try image.access(.general) { _ in } }
    try image.retire()
  }

  /// An image with less usage is made when the device refuses one.
  static let survivable: Set<String> = ["vkGetPhysicalDeviceImageFormatProperties2"]

  @Test(arguments: TestStack.abilities.apis, [PixelFormat.rgba8, .bgra8])
  func importingAFramebuffer(api: SurfacelessContext.API, format: PixelFormat) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
    try FailureInjection.everyCall("import as \(format)", tolerated: Self.survivable, in: context) {
      (_: inout [AnyObject]) in
      let imported = try importGLFramebufferVulkan(
        app.framebuffer, gl: context.gl, host: host, handleType: .opaqueFD,
        options: ImportOptions(format: format, orientation: .topDown))
      try imported.shared.access(.transferSource) { (_) throws(InteropError) in }
      try imported.shared.waitForVulkan()
    }
  }

  /// Options that leave one way only: with another one left, a failure makes the producer take it.
  private static func only(_ path: TransferPath, _ context: SurfacelessContext, _ host: VulkanHost) -> ProducerOptions {
    var options = ProducerOptions(framesInFlight: 2, path: path, mode: .direct)
    let hasSemaphores = context.gl.hasSemaphoreFD && host.canExportSemaphores
    options.sync = hasSemaphores ? .semaphoreFD : .cpuWait
    return options
  }

  /// A producer in a context of the application's: what it copies, and what the application draws. Without the pixel
  /// check, whose calls are those of ``aProducerAndItsFrames(api:path:)``.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths.filter { $0 != .hostCopy })
  func anApplicationsFrames(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    let app = try AppFramebuffer(context.gl, Self.size, .rgba8, samples: 4)
    // A framebuffer that is said to be incomplete now is asked about in full.
    let tolerated = Self.survivable.union(["vkGetFenceStatus", "glCheckFramebufferStatus"])
    try FailureInjection.everyCall("raw producer \(path)", tolerated: tolerated, in: context) { kept in
      var options = Self.only(path, context, host)
      options.verifiesPixels = false
      let producer = try RawGLProducer(size: Self.size, host: host, context: context.gl, options: options)
      kept.append(producer)
      for _ in 0..<2 {
        let frame = try producer.submit(app.framebuffer)
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
      let drawn = try producer.render { _ in }
      try drawn.access(.transferSource) { (_, _) throws(InteropError) in }
    }
  }

  /// host-copy has one way behind another; each of them alone is in ``ReadbackMethodTests``.
  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths.filter { $0 != .hostCopy })
  func aProducerAndItsFrames(api: SurfacelessContext.API, path: TransferPath) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    // A fence that cannot be asked counts as pending: another slot is used.
    let tolerated = Self.survivable.union(["vkGetFenceStatus"])
    try FailureInjection.everyCall("producer \(path)", tolerated: tolerated, in: context) { kept in
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context, options: Self.only(path, context, host))
      kept.append(producer)
      for _ in 0..<3 {
        let frame = try producer.render { _ in }
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
      let frame = try producer.render { _ in }
      try frame.acquire(.general)
      try frame.release()
    }
  }

  @Test(arguments: TestStack.abilities.apis) func resizing(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    // A slot that cannot be retired cleanly is reported in the log; the frames go on.
    let tolerated = Self.survivable.union(["glWaitSemaphoreEXT", "vkWaitForFences", "vkResetFences"])
    try FailureInjection.everyCall("resize", tolerated: tolerated, in: context) { kept in
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context, options: Self.only(.opaqueFD, context, host))
      kept.append(producer)
      let frame = try producer.render { _ in }
      try producer.resize(to: PixelSize(width: 8, height: 8))
      try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      let next = try producer.render { _ in }
      try next.access(.transferSource) { (_, _) throws(InteropError) in }
    }
  }
}
