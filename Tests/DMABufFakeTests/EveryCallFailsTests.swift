import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every driver call of a DMA-BUF's life fails once: the error names it, nothing stays behind, and it works when
/// repeated.
@Suite("DMA-BUFs: every call fails once", .serialized) struct EveryCallFailsTests {
  static let size = PixelSize(width: 64, height: 32)
  static let layout = FakeLayout.amdDCCRetile.with { $0.hasDisjoint = true }

  /// What an error calls the step where that is no function: a check of several, or what the caller asked for.
  static let steps: [String: Set<String>] = [
    "glCheckFramebufferStatus": [
      "check the buffer's framebuffer", "make the framebuffer to export",
    ],
    "glFramebufferTexture2D": ["check the buffer's framebuffer", "make the framebuffer to export"],
  ]

  /// An image with less usage is made when the device refuses one.
  static let survivable: Set<String> = ["vkGetPhysicalDeviceImageFormatProperties2"]

  private func check(
    _ what: String, _ layouts: [FakeLayout] = [layout], tolerated: Set<String> = survivable, fewest: Int,
    _ body: (SurfacelessContext, VulkanHost, AppFramebuffer) throws -> Void
  ) throws {
    for api in TestStack.abilities.apis {
      var functions: Set<String> = []
      try FakeDRMDriver.run(layouts, size: Self.size) {
        let (context, host) = try TestStack.open(api, traced: true)
        let app = try AppFramebuffer(context.gl, Self.size, .rgba8)
        functions = try FailureInjection.everyCall(
          what, tolerated: tolerated, in: context, fewest: fewest, steps: Self.steps, isRepeated: true
        ) { (_: inout [AnyObject]) in try body(context, host, app) }
        let violations = FakeDRMDriver.violations
        #expect(violations.isEmpty, "\(what): \(violations)")
      }
      #expect(!functions.isEmpty)
    }
  }

  @Test func importingIntoVulkan() throws {
    let buffer = try Self.withInspector { try FakeDRMDriver.buffer(Self.layout, Self.size) }
    try check("import into Vulkan", fewest: 5) { _, host, _ in _ = try buffer.importIntoVulkan(host) }
  }

  @Test func importingSeveralBuffersIntoVulkan() throws {
    let buffer = try Self.withInspector { try FakeDRMDriver.disjointBuffer(Self.layout, Self.size) }
    try check("disjoint import into Vulkan", fewest: 9) { _, host, _ in _ = try buffer.importIntoVulkan(host) }
  }

  @Test func importingIntoGL() throws {
    let buffer = try Self.withInspector { try FakeDRMDriver.buffer(Self.layout, Self.size) }
    try check("import into GL", fewest: 6) { context, _, _ in _ = try buffer.importIntoGL(context.gl) }
  }

  @Test func exporting() throws {
    try check("export", fewest: 3) { context, _, app in
      _ = try DMABuf(exporting: app.texture, size: Self.size, gl: context.gl)
    }
  }

  @Test func allocatingInVulkan() throws {
    try check("allocation in Vulkan", fewest: 6) { _, host, _ in
      _ = try DMABufImage(size: Self.size, format: .rgba8, host: host)
    }
  }

  @Test(arguments: SharedMemoryAllocator.allCases, [SyncKind.syncFile, .cpuWait])
  func sharedImagesAndTheirAccesses(allocator: SharedMemoryAllocator, sync: SyncKind) throws {
    let buffer = try Self.withInspector { try FakeDRMDriver.buffer(Self.layout, Self.size) }
    for direction in TransferDirection.allCases {
      try check("shared image of \(allocator), \(direction.rawValue), \(sync)", fewest: 20) { context, host, _ in
        let image = try Self.shared(allocator, direction, sync, buffer, context, host)
        for _ in 0..<2 { try LayoutTests.accesses(image) }
        try image.waitForVulkan()
        try image.retire()
      }
    }
  }

  private static func shared(
    _ allocator: SharedMemoryAllocator, _ direction: TransferDirection, _ sync: SyncKind, _ buffer: DMABuf,
    _ context: SurfacelessContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImage {
    guard allocator != .neither else {
      return try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host, sync: sync)
    }
    return try SharedImage(
      .init(size: size, direction: direction, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host,
      sync: sync)
  }

  /// The same by another queue, which takes the image from GL.
  @Test(arguments: TransferDirection.allCases, [SyncKind.syncFile, .cpuWait])
  func accessesWithAnOwnershipQueue(direction: TransferDirection, sync: SyncKind) throws {
    try FakeDRMDriver.run([Self.layout], size: Self.size) {
      let queues = try ManyQueues(TestStack.abilities.apis[0])
      let (context, host, pair) = (queues.context, queues.host, queues.typical)
      try FailureInjection.everyCall(
        "by another queue, \(direction.rawValue), \(sync)", tolerated: Self.survivable, in: context, isRepeated: true
      ) { (_: inout [AnyObject]) in
        let image = try SharedImage(
          .init(size: Self.size, direction: direction, handleType: .dmaBuf), gl: context.gl, host: host, sync: sync)
        for _ in 0..<2 {
          if direction == .glToVulkan { try image.accessInGL {} }
          try image.access(.general, on: AccessQueues(pair.using, ownership: pair.ownership)) {
            (_) throws(InteropError) in
          }
          if direction == .vulkanToGL { try image.accessInGL {} }
        }
        try image.retire()
      }
      let violations = FakeDRMDriver.violations
      #expect(violations.isEmpty, "\(violations)")
    }
  }

  /// A call of an access fails, and the access to the same image is repeated: no signal and no sync file is lost.
  @Test(arguments: SharedMemoryAllocator.allCases, TransferDirection.allCases)
  func accessesAreRepeatedOnTheSameImage(allocator: SharedMemoryAllocator, direction: TransferDirection) throws {
    try FakeDRMDriver.eachAPI([Self.layout], size: Self.size) { context, host in
      let buffer = try FakeDRMDriver.buffer(Self.layout, Self.size)
      let image = try Self.shared(allocator, direction, .syncFile, buffer, context, host)
      for _ in 0..<2 { try LayoutTests.accesses(image) }
      let files = OpenFiles.list().count
      let objects = LiveObjects.snapshot()
      var n = 0
      while true {
        n += 1
        var steps: [(String, () throws -> Void)] = [
          ("GL begins", { try image.acquireForGL() }), ("GL ends", { try image.releaseFromGL() }),
        ]
        let vulkan: [(String, () throws -> Void)] = [
          ("Vulkan's access", { try image.access(.general) { (_) throws(InteropError) in } })
        ]
        steps = direction == .glToVulkan ? steps + vulkan : vulkan + steps
        var next = 0
        let (error, failed) = DriverTrace.failingCall(n, on: .current) {
          while next < steps.count {
            try steps[next].1()
            next += 1
          }
        }
        guard let failed else {
          if let error { throw error }
          break
        }
        #expect(error is InteropError, "\(failed) failing (call \(n)) gives \(String(describing: error))")
        let step = (error as? InteropError)?.step
        #expect(step == failed)
        // The step that failed and what comes after it.
        for (name, work) in steps[next...] {
          #expect(throws: Never.self, "\(name) after \(failed) failed (call \(n))") { try work() }
        }
        let violations = FakeDRMDriver.violations
        #expect(violations.isEmpty, "after \(failed) failed (call \(n)): \(violations)")
      }
      #expect(n > 8, "an access made only \(n) calls that can fail")
      let left = LiveObjects.snapshot().changes(since: objects)
      #expect(left.isEmpty, "\(left)")
      let open = OpenFiles.list().count
      #expect(open <= files, "\(open - files) descriptors more")
      try image.retire()
    }
  }

  /// A buffer that outlives the driver's runs.
  private static func withInspector<Result>(_ body: () throws -> Result) throws -> Result {
    try FakeDRMDriver.run([layout], size: size, { _ in }, body)
  }
}
