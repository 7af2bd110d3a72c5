import CInteropGraphics
import GLVulkanInterop
import InteropTestSupport
import Testing

/// The recorded calls of ownership transfers over DMA-BUFs and sync files: they keep the rules, and the checker finds
/// each mistake that is made in them.
@Suite("Recorded ownership transfers of DMA-BUFs", .serialized) struct RecordedDMABufTests {
  static let size = PixelSize(width: 64, height: 32)
  static let layout = FakeLayout.intelGen12CCS
  static let checker = OwnershipChecker(internalFormats: [:])

  /// Three accesses of either API, and the end of the image.
  private static func record(
    _ allocator: SharedMemoryAllocator, _ direction: TransferDirection, _ sync: SyncKind,
    isDisjoint: Bool = false, _ body: ([RecordedCall]) throws -> Void
  ) throws {
    let layout = layout.with { $0.hasDisjoint = isDisjoint }
    for api in TestStack.abilities.apis {
      try FakeDRMDriver.run([layout], size: size) {
        let (context, host) = try TestStack.open(api, traced: true)
        let buffer = try isDisjoint ? FakeDRMDriver.disjointBuffer(layout, size) : FakeDRMDriver.buffer(layout, size)
        let app = try AppFramebuffer(context.gl, size, .rgba8)
        let blitter = FramebufferBlitter(context.gl)
        let calls = try DriverTrace.record(on: .current) {
          let image: SharedImage
          if allocator == .neither {
            image = try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host, sync: sync)
          } else {
            image = try SharedImage(
              .init(size: size, direction: direction, handleType: .dmaBuf, allocator: allocator), gl: context.gl,
              host: host, sync: sync)
          }
          for _ in 0..<3 {
            if direction == .glToVulkan {
              try image.accessInGL { try blitter.copy(from: app.framebuffer, to: image) }
            }
            try useInVulkan(image)
            if direction == .vulkanToGL {
              try image.accessInGL { try blitter.copy(from: image, to: app.framebuffer) }
            }
          }
          try image.retire()
        }
        try body(calls)
      }
    }
  }

  /// Without waiting for it: a wait of the CPU's would hide one that is missing.
  private static func useInVulkan(_ image: SharedImage) throws {
    let (host, handle) = (image.host, image.vkImage)
    try image.access(.transferDestination) { (commands) throws(InteropError) in
      var colour = VkClearColorValue()
      var range = VkImageSubresourceRange(
        aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
        layerCount: 1)
      host.vk.vkCmdClearColorImage(commands, handle, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &colour, 1, &range)
    }
  }

  @Test(arguments: SharedMemoryAllocator.allCases, TransferDirection.allCases)
  func theRulesAreKept(allocator: SharedMemoryAllocator, direction: TransferDirection) throws {
    for sync in [SyncKind.syncFile, .cpuWait] {
      try Self.record(allocator, direction, sync) { calls in
        let found = Self.checker.violations(in: calls)
        #expect(found.isEmpty, "\(allocator) \(direction) \(sync): \(found.joined(separator: "; "))")
        let foreign = calls.filter { call in
          guard case .barrier(let barrier) = call.details else { return false }
          return barrier.images.contains {
            [$0.sourceFamily, $0.destinationFamily].contains(OwnershipTransferBarrier.foreignFamily)
          }
        }
        #expect(foreign.count >= 6)
        let fences = calls.filter { $0.name == "vkImportSemaphoreFdKHR" || $0.name == "eglWaitSyncKHR" }
        #expect(sync == .cpuWait ? fences.isEmpty : fences.count >= 5)
      }
    }
  }

  @Test func theRulesAreKeptWithSeveralBuffers() throws {
    try Self.record(.neither, .glToVulkan, .syncFile, isDisjoint: true) { calls in
      let found = Self.checker.violations(in: calls)
      #expect(found.isEmpty, "\(found.joined(separator: "; "))")
    }
  }

  /// With an ownership queue, in one call or two, and cancelled halfway; retired at the end.
  @Test(arguments: SharedMemoryAllocator.allCases, TransferDirection.allCases)
  func theRulesAreKeptByAnotherQueue(allocator: SharedMemoryAllocator, direction: TransferDirection) throws {
    try FakeDRMDriver.run([Self.layout], size: Self.size) {
      let buffer = try FakeDRMDriver.buffer(Self.layout, Self.size)
      for sync in [SyncKind.syncFile, .cpuWait] {
        let calls = try DriverTrace.record(on: .current) {
          let queues = try ManyQueues(TestStack.abilities.apis[0])
          let (context, host, pair) = (queues.context, queues.host, queues.typical)
          let image: SharedImage
          if allocator == .neither {
            image = try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host, sync: sync)
          } else {
            image = try SharedImage(
              .init(size: Self.size, direction: direction, handleType: .dmaBuf, allocator: allocator), gl: context.gl,
              host: host, sync: sync)
          }
          for round in 0..<4 {
            let fill = { try image.accessInGL { try TestGL.fill(image, [1, 0, 0, 1]) } }
            if direction == .glToVulkan { try fill() }
            if round % 2 == 0 {
              _ = try image.acquireBarrier(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
              try image.cancelAcquire()
            }
            if round < 2 {
              try image.access(.general, on: AccessQueues(pair.using, ownership: pair.ownership)) {
                (_) throws(InteropError) in
              }
            } else {
              try image.acquire(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
              try image.release()
            }
            if direction == .vulkanToGL { try fill() }
          }
          if direction == .glToVulkan {
            try image.accessInGL {}
            try image.drop()
          }
          try image.retire()
        }
        let found = Self.checker.violations(in: calls)
        #expect(found.isEmpty, "\(allocator) \(direction) \(sync): \(found.joined(separator: "; "))")
        let (broken, pretended) = (FakeDRMDriver.violations, DriverTrace.takePretendedViolations())
        #expect(broken.isEmpty, "\(broken)")
        #expect(pretended.isEmpty, "\(pretended)")
      }
    }
  }

  /// One mistake at a time, in a recording that is right.
  struct Mistake: CustomStringConvertible, Sendable {
    let description: String
    let says: String
    var sync = SyncKind.syncFile
    var direction = TransferDirection.glToVulkan
    var allocator = SharedMemoryAllocator.vulkan
    let make: @Sendable (inout [RecordedCall]) -> Void
  }

  static let mistakes: [Mistake] = [
    Mistake(description: "Vulkan does not import GL's fence", says: "no signal was submitted") {
      remove(&$0, "vkImportSemaphoreFdKHR", 2)
    },
    Mistake(description: "GL's fence is not imported", says: "it was not imported") {
      remove(&$0, "vkImportSemaphoreFdKHR", 2)
    },
    Mistake(description: "Vulkan does not wait for GL's fence", says: "nothing says that GL is done") { calls in
      changeSubmissions(&calls) { $0.waits = [] }
    },
    Mistake(description: "a signal without a wait", says: "was not waited for") { calls in
      changeSubmissions(&calls) { $0.waits = [] }
    },
    Mistake(description: "GL does not wait for Vulkan's fence", says: "without having waited") {
      remove(&$0, "eglWaitSyncKHR", 2)
    },
    Mistake(description: "GL lets a fence go", says: "GL has not waited for it") { remove(&$0, "eglWaitSyncKHR", 2) },
    Mistake(description: "GL does not import Vulkan's fence", says: "without having waited") { calls in
      remove(
        &calls, "eglCreateSyncKHR", where: { if case .nativeFence(_, let fd) = $0.details { fd >= 0 } else { false } })
    },
    Mistake(description: "GL takes no sync file", says: "signalled again") { remove(&$0, "vkGetSemaphoreFdKHR", 2) },
    Mistake(description: "no flush before the descriptor", says: "before a flush") { calls in
      calls.removeAll { $0.name == "glFlush" || $0.name == "glFinish" }
    },
    Mistake(description: "imported for good", says: "for good") { calls in
      for index in calls.indices {
        guard case .importVulkanSemaphore(let semaphore, let type, _, let fd) = calls[index].details else { continue }
        calls[index].details = .importVulkanSemaphore(semaphore: semaphore, handleType: type, flags: 0, descriptor: fd)
      }
    },
    Mistake(description: "acquired from EXTERNAL", says: "names VK_QUEUE_FAMILY_EXTERNAL") { calls in
      changeBarriers(&calls) {
        if $0.sourceFamily == foreign { $0.sourceFamily = OwnershipTransferBarrier.externalFamily }
      }
    },
    Mistake(description: "released to EXTERNAL", says: "names VK_QUEUE_FAMILY_EXTERNAL") { calls in
      changeBarriers(&calls) {
        if $0.destinationFamily == foreign { $0.destinationFamily = OwnershipTransferBarrier.externalFamily }
      }
    },
    Mistake(description: "acquired from UNDEFINED", says: "acquired from UNDEFINED") { calls in
      changeBarriers(&calls) { if $0.sourceFamily == foreign { $0.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED } }
    },
    Mistake(
      description: "a foreign buffer is acquired from UNDEFINED", says: "acquired from UNDEFINED", allocator: .neither
    ) { calls in
      changeBarriers(&calls) { if $0.sourceFamily == foreign { $0.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED } }
    },
    Mistake(description: "released in another layout", says: "agreed is GENERAL") { calls in
      changeBarriers(&calls) {
        if $0.destinationFamily == foreign { $0.newLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL }
      }
    },
    Mistake(description: "never acquired", says: "without having been acquired") { calls in
      changeBarriers(&calls) { if $0.sourceFamily == foreign { $0.image = 1 } }
    },
    Mistake(description: "never released", says: "while queue family") { calls in
      changeBarriers(&calls) { if $0.destinationFamily == foreign { $0.image = 1 } }
    },
    Mistake(description: "GL does not finish", says: "nothing says that GL is done", sync: .cpuWait) {
      calls in calls.removeAll { $0.name == "glFinish" }
    },
    Mistake(description: "GL does not wait for Vulkan", says: "without having waited", sync: .cpuWait) { calls in
      calls.removeAll { ["vkWaitForFences", "vkGetFenceStatus"].contains($0.name) }
    },
    Mistake(
      description: "GL's own texture is not waited for", says: "nothing says that GL is done", allocator: .gl
    ) { calls in changeSubmissions(&calls) { $0.waits = [] } },
    Mistake(
      description: "GL reads without a wait", says: "without having waited", direction: .vulkanToGL, allocator: .neither
    ) { remove(&$0, "eglWaitSyncKHR", 1) },
    Mistake(
      description: "Vulkan writes without a wait", says: "nothing says that GL is done", direction: .vulkanToGL
    ) { calls in changeSubmissions(&calls) { $0.waits = [] } },
    Mistake(description: "other memory", says: "not a dedicated allocation") { calls in
      for index in calls.indices {
        guard case .allocateMemory(var allocation) = calls[index].details else { continue }
        allocation.dedicatedImage = 0
        calls[index].details = .allocateMemory(allocation)
      }
    },
    Mistake(description: "a texture of another size", says: "its texture is") { calls in
      for index in calls.indices {
        guard case .createEGLImage(var creation) = calls[index].details else { continue }
        creation.attributes[EGL_WIDTH] = 63
        calls[index].details = .createEGLImage(creation)
      }
    },
  ]

  @Test(arguments: mistakes) func eachMistakeIsFound(mistake: Mistake) throws {
    try Self.record(mistake.allocator, mistake.direction, mistake.sync) { calls in
      var wrong = calls
      mistake.make(&wrong)
      let found = Self.checker.violations(in: wrong)
      let isFound = found.contains { $0.contains(mistake.says) }
      #expect(isFound, "\(mistake): \(found.joined(separator: "; "))")
    }
  }

  private static let foreign = OwnershipTransferBarrier.foreignFamily

  /// The n-th call of that name is left out; of what it returned the rest of the recording still speaks.
  private static func remove(_ calls: inout [RecordedCall], _ name: String, _ n: Int) {
    let indices = calls.indices.filter { calls[$0].name == name }
    if indices.count >= n { calls.remove(at: indices[n - 1]) }
  }

  private static func remove(_ calls: inout [RecordedCall], _ name: String, where matches: (RecordedCall) -> Bool) {
    calls.removeAll { $0.name == name && matches($0) }
  }

  private static func changeBarriers(_ calls: inout [RecordedCall], _ change: (inout RecordedCall.ImageBarrier) -> Void)
  {
    for index in calls.indices {
      guard case .barrier(var barrier) = calls[index].details else { continue }
      for image in barrier.images.indices { change(&barrier.images[image]) }
      calls[index].details = .barrier(barrier)
    }
  }

  private static func changeSubmissions(_ calls: inout [RecordedCall], _ change: (inout RecordedCall.Batch) -> Void) {
    for index in calls.indices {
      guard case .submit(var submission) = calls[index].details else { continue }
      for batch in submission.batches.indices { change(&submission.batches[batch]) }
      calls[index].details = .submit(submission)
    }
  }
}
