import GLVulkanInterop
import InteropTestSupport
import Testing

/// Errors whose words would mislead the reader: the real reason, of the right side, in one line.
@Suite("Errors that tell the reason", .serialized) struct MisleadingErrorTests {
  private static let small = PixelSize(width: 16, height: 8)

  // MARK: Sizes

  private func thrown(_ body: () throws -> Void) -> InteropError? {
    do {
      try body()
      return nil
    } catch {
      return error as? InteropError
    }
  }

  /// Everything that is made in a size, as an error of a size.
  private func errors(_ size: PixelSize, _ context: SurfacelessContext, _ host: VulkanHost) -> [(String, InteropError?)]
  {
    var producer = ProducerOptions()
    producer.capability = .nowhere
    var hostCopy = producer
    hostCopy.path = .hostCopy
    var consumer = ConsumerOptions()
    consumer.capability = .nowhere
    var consumerByHostCopy = consumer
    consumerByHostCopy.path = .hostCopy
    return [
      ("SharedImage", thrown { _ = try SharedImage(.init(size: size), gl: context.gl, host: host) }),
      (
        "SharedImage, dma-buf",
        thrown { _ = try SharedImage(.init(size: size, handleType: .dmaBuf), gl: context.gl, host: host) }
      ),
      (
        "RawGLProducer",
        thrown { _ = try RawGLProducer(size: size, host: host, context: context.gl, options: producer) }
      ),
      (
        "RawGLProducer, host-copy",
        thrown { _ = try RawGLProducer(size: size, host: host, context: context.gl, options: hostCopy) }
      ),
      (
        "SurfacelessEGLProducer",
        thrown { _ = try SurfacelessEGLProducer(size: size, host: host, context: context, options: producer) }
      ),
      (
        "RawGLConsumer",
        thrown { _ = try RawGLConsumer(size: size, host: host, context: context.gl, options: consumer) }
      ),
      (
        "RawGLConsumer, host-copy",
        thrown { _ = try RawGLConsumer(size: size, host: host, context: context.gl, options: consumerByHostCopy) }
      ),
      ("DMABuf of a texture", thrown { _ = try DMABuf(exporting: 1, size: size, gl: context.gl) }),
    ]
  }

  @Test(arguments: TestStack.abilities.apis, [0, -1, Int.min, 1_048_577, 2_147_483_647, 4_294_967_296, Int.max])
  func sizesThatCannotBe(api: SurfacelessContext.API, side: Int) throws {
    let (context, host) = try TestStack.open(api)
    for size in [PixelSize(width: side, height: 8), PixelSize(width: 8, height: side)] {
      for (what, error) in errors(size, context, host) {
        #expect(error?.code == .invalidArgument, "\(what) \(size): \(String(describing: error))")
        let saysSmall = error?.advice?.contains("at least 1") == true
        #expect(saysSmall == (side < 1), "\(what) \(size): \(String(describing: error))")
        let saysLarge = error?.reason.contains("more than 1048576 pixels a side") == true
        #expect(saysLarge == (side > 1), "\(what) \(size): \(String(describing: error))")
      }
    }
  }

  /// One more than a driver has: whose limit it is, by name.
  @Test(arguments: TestStack.abilities.apis) func sizesAboveTheDriversLimits(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    let ofGL = context.gl.maximumTextureSize <= host.info.maximumImageSize
    let least = min(context.gl.maximumTextureSize, host.info.maximumImageSize)
    let name = ofGL ? "GL_MAX_TEXTURE_SIZE" : "maxImageDimension2D"
    let size = PixelSize(width: least + 1, height: 2)
    for (what, error) in errors(size, context, host) where !what.hasPrefix("DMABuf") && !what.hasSuffix("dma-buf") {
      #expect(error?.code == .unsupported, "\(what): \(String(describing: error))")
      // Of the copy's own framebuffer GL's limit is the only one.
      let isNamed = error?.reason.contains("more than \(name), \(least) pixels a side") == true
      #expect(isNamed, "\(what): \(String(describing: error))")
      #expect(error?.missing == ["\(name) of \(least + 1)"])
    }
  }

  // MARK: Two devices

  /// GL said to be of another device, and a probe that tried OPAQUE_FD all the same and met something else.
  @Test func twoDevicesAreTheReasonWhateverAProbeMet() throws {
    let (context, host) = try TestStack.open()
    let identity = DeviceIdentity(deviceUUIDs: [DriverUUID([UInt8](repeating: 1, count: 16))])
    let elsewhere = try GLContext(resolver: context.egl.glResolver, identity: identity)
    var probe = ProbeOptions()
    probe.tries = false
    probe.sizes = [PixelSize(width: 64, height: 64)]
    var matrix = CapabilityProbe(options: probe).run()
    for index in matrix.cells.indices {
      if matrix.cells[index].configuration.path == .hostCopy {
        matrix.cells[index].verdict = .verified
      } else {
        matrix.cells[index].verdict = .failed
        matrix.cells[index].step = "check the shared framebuffer"
        matrix.cells[index].reason = "the framebuffer is incomplete"
      }
    }
    for source in [CapabilitySource.matrix(matrix), .nowhere] {
      let (producerLines, consumerLines) = (LoggedLines(), LoggedLines())
      var options = ProducerOptions()
      options.capability = source
      options.logger = producerLines.logger
      let producer = try RawGLProducer(size: Self.small, host: host, context: elsewhere, options: options)
      #expect(producer.status.path == .hostCopy)
      var consumerOptions = ConsumerOptions()
      consumerOptions.capability = source
      consumerOptions.logger = consumerLines.logger
      let consumer = try RawGLConsumer(size: Self.small, host: host, context: elsewhere, options: consumerOptions)
      #expect(consumer.status.path == .hostCopy)
      for (lines, fellBackFrom) in [
        (producerLines, producer.status.fellBackFrom), (consumerLines, consumer.status.fellBackFrom),
      ] {
        let warnings = lines.all.filter { $0.hasPrefix("warning") && $0.contains(", using ") }
        #expect(warnings.count == 1, "\(warnings)")
        #expect(warnings.first?.contains("two devices cannot share memory") == true, "\(warnings)")
        #expect(fellBackFrom.first?.path == .opaqueFD && fellBackFrom.first?.reason.contains("two devices") == true)
      }
      options.path = .opaqueFD
      let refused = thrown { _ = try RawGLProducer(size: Self.small, host: host, context: elsewhere, options: options) }
      #expect(refused?.step == "compare device UUIDs", "\(String(describing: refused))")
    }
  }

  // MARK: Codes and sides

  @Test(.onFirstStack) func aCodeOfSuccessIsNoAnswer() {
    for code in [DriverCode.egl(0x3000), .gl(0), .vulkan(0), .posix(0)] {
      let error = InteropError(.driverFailure, step: "eglCall", reason: "it failed", driverCode: code)
      #expect(error.driverCode == nil && "\(error)" == "eglCall: it failed")
    }
    for code in [DriverCode.egl(0x3003), .gl(0x505), .vulkan(-1), .vulkan(2), .posix(1), .framebufferStatus(0)] {
      #expect(InteropError(.driverFailure, step: "x", reason: "x", driverCode: code).driverCode == code)
    }
  }

  /// Enabling extensions of Vulkan's helps only where those are missing.
  @Test(arguments: TestStack.abilities.apis) func whatGLLacksIsNotLookedForInVulkan(api: SurfacelessContext.API) throws
  {
    let (context, host) = try TestStack.open(api)
    let bare = try VulkanHost(
      adopting: .init(
        instance: host.instance, physicalDevice: host.physicalDevice, device: host.device, apiVersion: host.apiVersion,
        queues: host.queues, enabledDeviceExtensions: host.enabledDeviceExtensions))
    let resolver = context.egl.glResolver
    let withoutGL = try GLContext(
      resolver: FunctionResolver(source: resolver.source) { name in
        let real: UnsafeMutableRawPointer? = resolver.optional(name)
        return name == "glImportMemoryFdEXT" ? nil : real
      }, identity: context.gl.identity)
    let ofGL = thrown { _ = try SharedImage(.init(size: Self.small), gl: withoutGL, host: bare) }
    #expect(ofGL?.missing == ["GL_EXT_memory_object_fd"], "\(String(describing: ofGL))")
    #expect(ofGL?.advice?.contains("vkCreateDevice") == false, "\(String(describing: ofGL))")
    let empty = try VulkanHost(
      adopting: .init(
        instance: host.instance, physicalDevice: host.physicalDevice, device: host.device, apiVersion: host.apiVersion,
        queues: host.queues, enabledDeviceExtensions: []))
    let ofVulkan = thrown { _ = try SharedImage(.init(size: Self.small), gl: context.gl, host: empty) }
    #expect(ofVulkan?.advice?.contains("at vkCreateDevice") == true, "\(String(describing: ofVulkan))")
  }

  // MARK: A slow driver

  @Test(.onFirstStack) func patienceGrowsWithThePicture() {
    #expect(Duration.patience(forBytes: 0) == .seconds(10))
    // 16384x16384 of four bytes took llvmpipe 12 s.
    #expect(Duration.patience(forBytes: 1 << 30) == .seconds(74))
  }

  /// A wait that ends says how long the check had taken, what the limit was, and that slowness may be all.
  @Test(arguments: TestStack.abilities.apis) func aSlowPixelCheckSaysSo(api: SurfacelessContext.API) throws {
    let context = try SurfacelessContext(platform: TestStack.platform, api: api)
    var create = VulkanHost.CreateOptions(.matching(context.gl))
    create.loader = try SlowDevice.loader()
    let host = try VulkanHost.create(create)
    let image = try SharedImage(.init(size: Self.small), gl: context.gl, host: host, sync: .cpuWait)
    let check = PixelCheck(context.gl, host)
    let found = SlowDevice.slow { thrown { try check.verify(image) } }
    // The device was not slow at all; its copy ends before the buffer that it copies into goes.
    try image.waitForVulkan()
    withExtendedLifetime(check) {}
    let error = try #require(found)
    #expect(error.code == .timeout && error.driverCode == .vulkan(VK_TIMEOUT.rawValue))
    #expect(error.reason.contains("the check of 16x8 pixels had taken 0."), "\(error)")
    #expect(error.reason.contains("each wait in it may take 10.0 s"), "\(error)")
    #expect(error.advice?.hasPrefix("The driver is slow or hangs") == true)
  }
}

/// A loader whose devices may be too slow: vkWaitForFences gives VK_TIMEOUT.
private enum SlowDevice {
  // Set before any device is made, by the one test that does it.
  nonisolated(unsafe) private static var getInstance: PFN_vkGetInstanceProcAddr?
  nonisolated(unsafe) private static var getDevice: PFN_vkGetDeviceProcAddr?
  nonisolated(unsafe) private static var wait: PFN_vkWaitForFences?
  nonisolated(unsafe) private static var isSlow = false

  static func slow<Result>(_ body: () -> Result) -> Result {
    isSlow = true
    defer { isSlow = false }
    return body()
  }

  static func loader() throws(InteropError) -> VulkanLoader {
    getInstance = try VulkanLoader.open(path: nil).getInstanceProcAddr
    return VulkanLoader(getInstanceProcAddr: { instance, name in
      let real = SlowDevice.getInstance?(instance, name)
      guard let real, let name, String(cString: name) == "vkGetDeviceProcAddr" else { return real }
      SlowDevice.getDevice = unsafeBitCast(real, to: PFN_vkGetDeviceProcAddr.self)
      let ofDevice: PFN_vkGetDeviceProcAddr = { device, name in SlowDevice.deviceFunction(device, name) }
      return unsafeBitCast(ofDevice, to: PFN_vkVoidFunction.self)
    })
  }

  private static func deviceFunction(_ device: VkDevice?, _ name: UnsafePointer<CChar>?) -> PFN_vkVoidFunction? {
    let real = getDevice?(device, name)
    guard let real, let name, String(cString: name) == "vkWaitForFences" else { return real }
    wait = unsafeBitCast(real, to: PFN_vkWaitForFences.self)
    let waiting: PFN_vkWaitForFences = { device, count, fences, all, timeout in
      guard !SlowDevice.isSlow, let wait = SlowDevice.wait else { return VK_TIMEOUT }
      return wait(device, count, fences, all, timeout)
    }
    return unsafeBitCast(waiting, to: PFN_vkVoidFunction.self)
  }
}
