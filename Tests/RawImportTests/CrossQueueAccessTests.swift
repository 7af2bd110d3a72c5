import GLVulkanInterop
import InteropTestSupport
import Testing

/// Accesses that take two queues: every two of the device's, or pretended ones where it has one.
@Suite("Access across queues", .serialized) struct CrossQueueAccessTests {
  static let size = PixelSize(width: 33, height: 21)

  /// How Vulkan takes its access.
  enum Way: CaseIterable { case access, submissions, application }

  private func expectClean(_ calls: [RecordedCall], _ what: String) {
    let violations = RecordedTransferTests.checker.violations(in: calls)
    #expect(violations.isEmpty, "\(what): \(violations.joined(separator: "; "))")
    let pretended = DriverTrace.takePretendedViolations()
    #expect(pretended.isEmpty, "\(what): \(pretended.joined(separator: "; "))")
  }

  /// A Vulkan access in which the commands of `body` use the image.
  private func access(
    _ image: SharedImage, _ use: VulkanAccess, _ pair: ManyQueues.Pair, _ way: Way, _ own: VulkanCommands,
    _ body: (VkCommandBuffer) throws(InteropError) -> Void
  ) throws(InteropError) {
    switch way {
    case .access: try image.ownership.access(use, on: AccessQueues(pair.using, ownership: pair.ownership), body)
    case .submissions:
      try image.acquire(use, on: AccessQueues(pair.using, ownership: pair.ownership))
      try own.submit(try own.record(.first, body))
      try image.release()
    case .application:
      let acquire = try image.acquireBarrier(use, on: AccessQueues(pair.using, ownership: pair.ownership))
      let release = try image.releaseBarrier(use)
      let vk = image.host.vk
      let buffer = try own.record(.first) { (buffer) throws(InteropError) in
        acquire.record(into: buffer, vk)
        try body(buffer)
        release.record(into: buffer, vk)
      }
      try own.submit(buffer, waitingFor: acquire.point, signalling: release.point)
      try image.didSubmitRelease()
    }
  }

  private func read(
    _ image: SharedImage, _ pair: ManyQueues.Pair, _ way: Way, _ own: VulkanCommands
  ) throws -> [UInt8] {
    let landing = try HostBuffer(host: image.host, size: image.size.width * image.size.height * 4, .readback)
    try access(image, .transferSource, pair, way, own) { commands throws(InteropError) in
      landing.recordCopy(
        from: image.vkImage, image.size, layout: VulkanAccess.transferSource.layout, into: commands)
    }
    try image.waitForVulkan()
    try own.finish()
    return Array(landing.bytes)
  }

  private func write(
    _ image: SharedImage, _ pixels: [UInt8], _ pair: ManyQueues.Pair, _ way: Way, _ own: VulkanCommands
  ) throws {
    let staging = try HostBuffer(host: image.host, size: pixels.count, .upload)
    staging.bytes.copyBytes(from: pixels)
    try access(image, .transferDestination, pair, way, own) { commands throws(InteropError) in
      staging.recordCopy(
        to: image.vkImage, image.size, layout: VulkanAccess.transferDestination.layout, into: commands)
    }
    try image.waitForVulkan()
    try own.finish()
  }

  private func clear(_ image: SharedImage, _ red: Int) throws {
    try TestGL.fill(image, [Float(red) / 255, 1, 0, 1])
  }

  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func everyPixelByEveryTwoQueues(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let calls = try DriverTrace.record(on: .current) {
      let queues = try ManyQueues(api)
      let blitter = FramebufferBlitter(queues.context.gl)
      let app = try AppFramebuffer(queues.context.gl, Self.size, .rgba8)
      #expect(queues.pairs.count > 1)
      for sync in queues.syncs {
        for pair in queues.pairs {
          let image = try SharedImage(
            .init(size: Self.size, direction: direction, mode: .blit, orientation: .topDown), gl: queues.context.gl,
            host: queues.host, sync: sync, ownershipQueue: pair.ownership)
          let own = try VulkanCommands(host: queues.host, queue: pair.using)
          for (round, way) in (Way.allCases + Way.allCases).enumerated() {
            let pattern = PixelPattern(Self.size, .rgba8, seed: UInt64(round + 7))
            var difference: String?
            if direction == .glToVulkan {
              app.upload(pattern.glBytes, queues.context.gl)
              try image.accessInGL { try blitter.copy(from: app.framebuffer, to: image) }
              let wanted = PixelPattern.flipped(pattern.vulkanBytes, Self.size)
              difference = PixelPattern.difference(try read(image, pair, way, own), wanted, Self.size, .rgba8)
            } else {
              try write(image, pattern.vulkanBytes, pair, way, own)
              try image.accessInGL { try blitter.copy(from: image, to: app.framebuffer) }
              let wanted = PixelPattern.flipped(pattern.glBytes, Self.size)
              difference = PixelPattern.difference(try app.read(queues.context.gl), wanted, Self.size, .rgba8)
            }
            #expect(difference == nil, "\(sync) \(pair) \(way)")
          }
          try image.retire()
        }
      }
    }
    expectClean(calls, "\(api.rawValue) \(direction.rawValue)")
  }

  /// Frame after frame without waiting, and in the end nothing was made that the first one did not make.
  @Test(arguments: TestStack.abilities.apis) func twoHundredFrames(api: SurfacelessContext.API) throws {
    let queues = try ManyQueues(api)
    for sync in queues.syncs {
      for pair in queues.pairs {
        let image = try SharedImage(
          .init(size: Self.size), gl: queues.context.gl, host: queues.host, sync: sync, ownershipQueue: pair.ownership)
        let landing = try HostBuffer(host: queues.host, size: Self.size.width * Self.size.height * 4, .readback)
        var objects = LiveObjects.snapshot()
        var submissions = 0
        for frame in 0..<200 {
          let calls = try DriverTrace.record(on: .current) {
            try image.accessInGL { try clear(image, frame) }
            try image.access(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership)) { commands in
              landing.recordCopy(
                from: image.vkImage, image.size, layout: VulkanAccess.transferSource.layout, into: commands)
            }
          }
          submissions = calls.count { $0.name == "vkQueueSubmit" }
          if frame == 0 { objects = LiveObjects.snapshot() }
          // Not every frame: those in between must not need it.
          guard frame % 7 == 0 || frame == 199 else { continue }
          try image.waitForVulkan()
          let ends = [landing.bytes[0], landing.bytes[landing.bytes.count - 4]]
          #expect(ends == [UInt8(frame), UInt8(frame)], "\(sync) \(pair) frame \(frame)")
        }
        #expect(submissions == 3)
        let changes = LiveObjects.snapshot().changes(since: objects)
        #expect(changes.isEmpty, "\(sync) \(pair)")
        try image.retire()
      }
    }
  }

  /// Each access takes other queues than the previous one, with an access by one queue in between.
  @Test(arguments: TestStack.abilities.apis) func theQueuesMayChangeFromAccessToAccess(api: SurfacelessContext.API)
    throws
  {
    let calls = try DriverTrace.record(on: .current) {
      let queues = try ManyQueues(api)
      for sync in queues.syncs {
        let image = try SharedImage(.init(size: Self.size), gl: queues.context.gl, host: queues.host, sync: sync)
        for (round, pair) in (queues.pairs + queues.pairs.reversed()).enumerated() {
          try image.accessInGL { try clear(image, round) }
          let own = try VulkanCommands(host: queues.host, queue: pair.using)
          let acrossQueues = try read(image, pair, Way.allCases[round % 3], own)
          #expect(acrossQueues.prefix(2) == [UInt8(round), 255], "\(sync) \(pair)")
          try image.accessInGL { try clear(image, round + 100) }
          let alone = try image.readInVulkan(on: AccessQueues(pair.using, ownership: pair.using))
          #expect(alone.prefix(2) == [UInt8(round + 100), 255], "\(sync) \(pair)")
        }
        try image.accessInGL { try clear(image, 9) }
        try image.drop()
        try image.retire()
      }
    }
    expectClean(calls, api.rawValue)
  }

  /// The ownership queue has the image, and the application cancels the acquire.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func anAcquireThatIsCancelledGoesBack(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let calls = try DriverTrace.record(on: .current) {
      let queues = try ManyQueues(api)
      for sync in queues.syncs {
        for pair in queues.pairs {
          let image = try SharedImage(
            .init(size: Self.size, direction: direction), gl: queues.context.gl, host: queues.host, sync: sync)
          func cancel() throws {
            let use: VulkanAccess = pair.using.canDraw ? .fragmentSampling : .transferSource
            _ = try image.acquireBarrier(use, on: AccessQueues(pair.using, ownership: pair.ownership))
            try image.cancelAcquire()
          }
          for round in 1...3 {
            if direction == .glToVulkan {
              try image.accessInGL { try clear(image, round) }
              for _ in 0..<round { try cancel() }
              // By the same two queues, by one, by none.
              switch round {
              case 1:
                #expect(
                  try image.readInVulkan(on: AccessQueues(pair.using, ownership: pair.ownership)).prefix(2) == [1, 255])
              case 2: #expect(try image.readInVulkan().prefix(2) == [2, 255])
              default: try image.drop()
              }
            } else {
              try cancel()
              let pixels = PixelPattern(Self.size, .rgba8, seed: UInt64(round)).vulkanBytes
              let ownership = round == 2 ? nil : pair.ownership
              try image.writeInVulkan(pixels, on: AccessQueues(pair.using, ownership: ownership))
              let got = try image.accessInGL {
                try queues.context.gl.readPixels(try #require(image.glFramebuffer), Self.size, .rgba8)
              }
              #expect(got == pixels, "\(sync) \(pair)")
              try cancel()
            }
          }
          try image.retire()
        }
      }
    }
    expectClean(calls, "\(api.rawValue) \(direction.rawValue)")
  }

  /// Accesses without a use go to the queue that the image was made with.
  @Test(arguments: TestStack.abilities.apis, TransferDirection.allCases)
  func accessesWithoutAUseGoToTheImagesQueue(api: SurfacelessContext.API, direction: TransferDirection) throws {
    let queues = try ManyQueues(api)
    let pair = queues.typical
    for sync in queues.syncs {
      func submitted(_ body: () throws -> Void) rethrows -> [RecordedCall.Handle] {
        try DriverTrace.record(on: .current, body).compactMap { call in
          if case .submit(let submission)? = call.details { submission.queue } else { nil }
        }
      }
      let home = RecordedCall.Handle(UInt(bitPattern: pair.ownership.handle))
      var kept: SharedImage?
      let making = try submitted {
        kept = try SharedImage(
          .init(size: Self.size, direction: direction), gl: queues.context.gl, host: queues.host, sync: sync,
          ownershipQueue: pair.ownership)
      }
      #expect(making == [home])
      let image = try #require(kept)
      if direction == .vulkanToGL {
        try image.access(.general, on: AccessQueues(pair.using)) { (_) throws(InteropError) in }
      }
      try image.accessInGL {}
      // An access without a read, or the last signal; without semaphores there is nothing to submit.
      let ending = try submitted { try image.retire() }
      let expected = sync == .semaphoreFD ? [home] : []
      #expect(ending == expected)
    }
  }

  @Test(arguments: TestStack.abilities.apis) func callsOutOfOrderAreRefused(api: SurfacelessContext.API) throws {
    let queues = try ManyQueues(api)
    let pair = queues.typical
    let image = try SharedImage(.init(size: Self.size), gl: queues.context.gl, host: queues.host)
    try image.accessInGL {}
    let acquire = try image.acquireBarrier(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
    #expect(acquire.semaphore != nil)
    // The release that goes with it is not known, so the ownership queue cannot acquire the image again.
    let early = #expect(throws: InteropError.self) { try image.didSubmitRelease() }
    #expect(early?.code == .invalidState)
    try image.cancelAcquire()
    try image.acquire(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
    let late = #expect(throws: InteropError.self) { try image.cancelAcquire() }
    #expect(late?.code == .invalidState)
    try image.release()
    try image.accessInGL {}
    let calls = DriverTrace.record(on: .current) {
      let refusal = InteropError(.invalidArgument, step: "record", reason: "the caller's")
      let error = #expect(throws: InteropError.self) {
        try image.access(.general, on: AccessQueues(pair.using, ownership: pair.ownership)) {
          (_) throws(InteropError) in
          throw refusal
        }
      }
      #expect(error?.code == .invalidArgument)
    }
    let submitted = calls.contains { $0.name == "vkQueueSubmit" }
    #expect(!submitted)
    #expect(image.state == .ready)
    try image.retire()
  }

  @Test(arguments: TestStack.abilities.apis, TestStack.abilities.paths)
  func framesOfAProducer(api: SurfacelessContext.API, path: TransferPath) throws {
    let calls = try DriverTrace.record(on: .current) {
      let queues = try ManyQueues(api)
      let pair = queues.typical
      let producer = try SurfacelessEGLProducer(
        size: Self.size, host: queues.host, context: queues.context,
        options: ProducerOptions(framesInFlight: 2, path: path))
      let own = try VulkanCommands(host: queues.host, queue: pair.using)
      for round in 0..<10 {
        let frame = try producer.render { $0.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [0, 1, 0, 1]) }
        switch round % 5 {
        case 0:
          try frame.access(
            .transferSource, on: AccessQueues(pair.using, ownership: pair.ownership), waitingUpTo: .seconds(10)
          ) { (_, _) throws(InteropError) in }
        case 1:
          try frame.acquire(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
          try frame.release()
        case 2:
          // Let go between the two.
          try frame.acquire(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership))
        case 3:
          let acquire = try frame.acquireBarrier(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
          let release = try frame.releaseBarrier(.general)
          let buffer = try own.record(.first) { buffer in
            acquire.record(into: buffer, queues.host.vk)
            release.record(into: buffer, queues.host.vk)
          }
          try own.submit(buffer, waitingFor: acquire.point, signalling: release.point)
          try frame.didSubmitRelease()
          try own.finish()
        default:
          _ = try frame.acquireBarrier(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
          try frame.cancelAcquire()
        }
      }
    }
    expectClean(calls, "\(api.rawValue) \(path)")
    let internalSemaphores = calls.count { call in
      if case .createSemaphore(_, let exported, _)? = call.details { exported == 0 } else { false }
    }
    // Two for each image of the ring that was used, which without semaphores may be one; host-copy has nothing to take
    // from GL.
    let expected = path == .hostCopy ? [0] : [2, 4]
    #expect(expected.contains(internalSemaphores))
  }
}
