import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Frames over both DMA-BUF paths, by sync files and by waiting on the CPU.
@Suite("Producers over DMA-BUF", .serialized) struct DMABufProducerTests {
  static let size = PixelSize(width: 16, height: 16)
  static let paths: [TransferPath] = [.dmaBufImport, .dmaBufExport]
  static let syncs: [SyncKind] = [.syncFile, .cpuWait]
  /// Of all long runs together. Of all paths and syncs together. An emulated processor needs 3 ms for each;
  /// `FRAMES=20000 make test-vm` runs the long way.
  static let frames = ProcessInfo.processInfo.environment["INTEROP_TEST_FRAMES"].flatMap { Int($0) } ?? 4000

  private func options(
    _ path: TransferPath?, _ sync: SyncKind?, _ change: (inout ProducerOptions) -> Void = { _ in }
  ) -> ProducerOptions {
    var options = ProducerOptions(path: path)
    options.sync = sync
    options.capability = .nowhere
    options.logger.logLevel = .critical
    change(&options)
    return options
  }

  /// - Returns: nil where nothing is shared.
  private func open(traced: Bool = false) throws -> (SurfacelessContext, VulkanHost)? {
    let (context, host) = try TestStack.open(traced: traced)
    return TestStack.abilities.sharesDMABufs(context.api) ? (context, host) : nil
  }

  private func render(_ producer: SurfacelessEGLProducer, red: Int) throws -> Frame {
    try producer.render { $0.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(red) / 255, 0, 1, 1]) }
  }

  // MARK: Frames

  @Test(arguments: paths, syncs) func framesArriveInOrder(path: TransferPath, sync: SyncKind) throws {
    guard let (context, host) = try open() else { return }
    for mode in TransferMode.allCases {
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context, options: options(path, sync) { $0.mode = mode })
      #expect(producer.status.path == path)
      #expect(producer.status.sync == sync)
      let modifier = try #require(producer.status.modifier)
      #expect(modifier != .invalid)
      for number in 1...7 {
        let frame = try render(producer, red: number * 30)
        let (found, its) = (frame.sync, frame.modifier)
        #expect(found == sync)
        #expect(its == modifier)
        let pixel = try frame.firstPixel()
        #expect(pixel == [UInt8(number * 30), 0, 255, 255])
      }
    }
  }

  /// A modifier that the caller names is kept to, and one that the drivers lack is no reason to take another.
  @Test(arguments: paths) func theCallersModifiersAreKeptTo(path: TransferPath) throws {
    guard let (context, host) = try open(), TestStack.abilities.mustShareDMABufs else { return }
    let linear = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path, nil) { $0.modifiers = [.linear] })
    #expect(linear.status.modifier == .linear)
    let error = #expect(throws: InteropError.self) {
      _ = try SurfacelessEGLProducer(
        size: Self.size, host: host, context: context,
        options: options(path, nil) { $0.modifiers = [DRMModifier(rawValue: 0x0100_0000_0000_0001)] })
    }
    #expect(error?.code == .unsupported)
  }

  // MARK: Passing on

  /// The buffer that a frame tells of is the memory that GL drew into: seen by another import of a duplicate.
  @Test(arguments: paths) func theBufferHoldsThePicture(path: TransferPath) throws {
    guard let (context, host) = try open() else { return }
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path, .cpuWait))
    for red in [40, 80, 120, 160] {
      let frame = try render(producer, red: red)
      let buffer = frame.dmaBuf
      let copy = try #require(buffer).duplicate()
      #expect(copy.size == Self.size)
      let texture = try copy.importIntoGL(context.gl)
      let pixels = try context.gl.readPixels(try #require(texture.renderFramebuffer), Self.size, .rgba8)
      #expect(Array(pixels.prefix(4)) == [UInt8(red), 0, 255, 255])
      frame.drop()
    }
  }

  /// A DMA-BUF comes from VK_QUEUE_FAMILY_FOREIGN_EXT and goes back there.
  @Test(arguments: paths, syncs) func theBarriersNameTheForeignFamily(path: TransferPath, sync: SyncKind) throws {
    guard let (context, host) = try open() else { return }
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path, sync))
    let frame = try render(producer, red: 1)
    let acquire = try frame.acquireBarrier(.general)
    let release = try frame.releaseBarrier(.general)
    let hasForeign = host.enabledDeviceExtensions.contains("VK_EXT_queue_family_foreign")
    let outside = hasForeign ? OwnershipTransferBarrier.foreignFamily : OwnershipTransferBarrier.externalFamily
    #expect(hasForeign || !TestStack.abilities.mustShareDMABufs)
    #expect(acquire.barrier.srcQueueFamilyIndex == outside)
    #expect(acquire.barrier.dstQueueFamilyIndex == host.queues[0].family)
    #expect(release.barrier.srcQueueFamilyIndex == host.queues[0].family)
    #expect(release.barrier.dstQueueFamilyIndex == outside)
    // Who waits: with sync files the GPU does, by a semaphore of the acquire.
    #expect((acquire.semaphore != nil) == (sync == .syncFile))
    #expect((release.semaphore != nil) == (sync == .syncFile))
    try frame.cancelAcquire()
  }

  // MARK: Long runs

  @Test(arguments: paths, syncs) func descriptorsStayLevel(path: TransferPath, sync: SyncKind) throws {
    guard let (context, host) = try open(traced: true) else { return }
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path, sync))
    func run(_ count: Int) throws {
      for number in 0..<count {
        let frame = try render(producer, red: number & 1)
        // Every tenth is dropped: that must not leave anything behind either.
        if number % 10 == 9 { continue }
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
    }
    try run(50)
    context.gl.gl.glFinish()
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.list()
    let start = ContinuousClock.now
    let count = Self.frames / (Self.paths.count * Self.syncs.count)
    var most = 0
    for _ in 0..<10 {
      try run(count / 10)
      // One in the semaphore or on its way for each slot, at the most.
      most = max(most, OpenFiles.count() - files.count)
    }
    context.gl.gl.glFinish()
    print(
      "\(path) \(sync.rawValue): \(count) frames in \(ContinuousClock.now - start), at most \(most) descriptors more")
    #expect(most <= (sync == .syncFile ? producer.options.framesInFlight : 0))
    let made = LiveObjects.snapshot().changes(since: objects).filter { !$0.hasPrefix("EGLSync") }
    #expect(made.isEmpty)
    let pixel = try render(producer, red: 77).firstPixel()
    #expect(pixel == [77, 0, 255, 255])
  }

  /// The calls of a frame in steady state: what makes something are those of sync files, and none with `cpu-wait`.
  @Test(arguments: paths, syncs) func aFrameMakesNothingButSyncFiles(path: TransferPath, sync: SyncKind) throws {
    guard let (context, host) = try open(traced: true) else { return }
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context, options: options(path, sync))
    func frame() throws {
      try render(producer, red: 3).access(.transferSource) { (_, _) throws(InteropError) in }
    }
    for _ in 0..<10 { try frame() }
    let calls = try DriverTrace.record(on: .current) { for _ in 0..<10 { try frame() } }
    let makers = Set(
      calls.map(\.name).filter {
        $0.contains("Create") || $0.contains("Allocate") || $0.hasPrefix("glGen") || $0.contains("Import")
          || $0.contains("Export") || $0.contains("Storage") || $0.contains("EGLImage") || $0.contains("Fd")
      })
    let expected: Set = ["eglCreateSyncKHR", "vkGetSemaphoreFdKHR", "vkImportSemaphoreFdKHR"]
    #expect(makers == (sync == .syncFile ? expected : []))
    // Each that was made is given back.
    let synced = calls.filter { $0.name == "eglCreateSyncKHR" }.count
    let destroyed = calls.filter { $0.name == "eglDestroySyncKHR" }.count
    #expect(synced == destroyed)
  }

  // MARK: Fallback

  private func falling(_ log: (inout ProducerOptions) -> Void = { _ in }) throws -> SurfacelessEGLProducer? {
    guard let (context, host) = try open(traced: true) else { return nil }
    let ranking = try PathRanking("dma-buf-import,dma-buf-export,-opaque-fd")
    let producer = try SurfacelessEGLProducer(
      size: Self.size, host: host, context: context,
      options: options(nil, nil) {
        $0.ranking = ranking
        $0.framesInFlight = 1
        log(&$0)
      })
    return producer
  }

  /// Sync files that fail leave the path and take its next sync; then the path goes, and the one after it.
  @Test func aFailingCallMovesOnToTheNextSyncAndPath() throws {
    try DriverTrace.exclusively {
      guard let producer = try falling() else { return }
      #expect(producer.status.path == .dmaBufImport)
      #expect(producer.status.sync == .syncFile || !TestStack.abilities.mustShareDMABufs)
      var steps: [(call: String, path: TransferPath, sync: SyncKind)] = []
      if producer.status.sync == .syncFile { steps.append(("vkGetSemaphoreFdKHR", .dmaBufImport, .cpuWait)) }
      steps.append(("vkWaitForFences", .dmaBufExport, .syncFile))
      steps.append(("eglDupNativeFenceFDANDROID", .dmaBufExport, .cpuWait))
      steps.append(("vkWaitForFences", .hostCopy, .cpuWait))
      if producer.status.sync != .syncFile { steps.removeAll { $0.call.hasPrefix("egl") } }
      let first = try render(producer, red: 10).firstPixel()
      #expect(first == [10, 0, 255, 255])
      for (index, step) in steps.enumerated() {
        // A frame whose consumer did not wait for the device: then GL's next access does.
        try render(producer, red: 15).access(.general) { (_, _) throws(InteropError) in }
        var pixel: [UInt8] = []
        let red = 20 + index
        let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == step.call }) {
          pixel = try render(producer, red: red).firstPixel()
        }
        #expect(failed == step.call)
        #expect(error == nil, "\(step): \(String(describing: error))")
        #expect(pixel == [UInt8(red), 0, 255, 255])
        #expect(producer.status.path == step.path)
        #expect(producer.status.sync == step.sync, "\(step)")
        #expect(producer.status.fellBackFrom.count == index + 1)
        #expect(producer.status.fellBackFrom.last?.reason.contains(step.call) == true)
      }
      #expect(producer.status.modifier == nil)
    }
  }

  /// The consumer's side: the import of GL's fence fails, the error is its own, and the next frame goes another way.
  @Test func aFailureWhileAcquiringMovesOn() throws {
    try DriverTrace.exclusively {
      guard let producer = try falling(), producer.status.sync == .syncFile else { return }
      var held: Frame? = try render(producer, red: 10)
      let (error, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkImportSemaphoreFdKHR" }) {
        if let frame = held.take() { _ = try frame.firstPixel() }
      }
      #expect(failed == "vkImportSemaphoreFdKHR")
      #expect((error as? InteropError)?.step == "vkImportSemaphoreFdKHR")
      let pixel = try render(producer, red: 20).firstPixel()
      #expect(pixel == [20, 0, 255, 255])
      #expect(producer.status.path == .dmaBufImport)
      #expect(producer.status.sync == .cpuWait)
    }
  }
}
