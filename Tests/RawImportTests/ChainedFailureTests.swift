import GLVulkanInterop
import InteropTestSupport
import Testing

/// Every call of an access that takes two queues fails once, and then twice in a row: an error comes, no signal is lost
/// or waited for twice, nothing stays behind, and the image can be used again.
@Suite("Access across queues, every call fails", .serialized) struct ChainedFailureTests {
  static let size = PixelSize(width: 16, height: 8)

  enum Way: CaseIterable { case access, submissions, application, cancelled }

  /// An application that submits itself, and whether it got that far.
  private final class Host {
    let commands: VulkanCommands
    var hasSubmitted = false
    init(_ commands: VulkanCommands) { self.commands = commands }

    /// Between acquire and release: to GENERAL.
    func changeLayout(_ image: SharedImage) throws {
      let change = OwnershipTransferBarrier.transition(image.vkImage, from: .transferSource, to: .general)
      let vk = image.host.vk
      try commands.submit(try commands.record(.first) { change.record(into: $0, vk) })
      hasSubmitted = true
    }

    func submit(_ image: SharedImage, _ acquire: OwnershipTransferBarrier) throws {
      let release = try image.releaseBarrier(.transferSource)
      let vk = image.host.vk
      let buffer = try commands.record(.first) { buffer in
        acquire.record(into: buffer, vk)
        release.record(into: buffer, vk)
      }
      try commands.submit(buffer, waitingFor: acquire.point, signalling: release.point)
      hasSubmitted = true
    }
  }

  private func access(_ image: SharedImage, _ pair: ManyQueues.Pair, _ way: Way, _ host: Host) throws {
    switch way {
    case .access:
      try image.access(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership)) {
        (_) throws(InteropError) in
      }
    case .submissions:
      try image.acquire(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership))
      try host.changeLayout(image)
      try image.release(.general)
    case .application:
      let acquire = try image.acquireBarrier(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership))
      try host.submit(image, acquire)
      try image.didSubmitRelease()
    case .cancelled:
      _ = try image.acquireBarrier(.transferSource, on: AccessQueues(pair.using, ownership: pair.ownership))
      try image.cancelAcquire()
    }
  }

  /// Queues, and the calls that say which is which.
  private func opened() throws -> (ManyQueues, [RecordedCall]) {
    var made: ManyQueues?
    let calls = try DriverTrace.record(on: .current) { made = try ManyQueues(TestStack.abilities.apis[0]) }
    let telling = calls.filter {
      $0.name == "vkGetDeviceQueue" || $0.name == "vkGetPhysicalDeviceQueueFamilyProperties"
    }
    return (try #require(made), telling)
  }

  private func violations(_ opening: [RecordedCall], _ calls: [RecordedCall]) -> [String] {
    let all = (opening + calls).enumerated().map { index, call in
      var call = call
      call.index = index
      return call
    }
    return RecordedTransferTests.checker.violations(in: all)
  }

  /// After a failure: ends the access if it has not ended.
  private func recover(_ image: SharedImage, _ way: Way, _ host: Host) throws {
    guard image.state == .reading || image.state == .writing else { return }
    switch way {
    case .submissions: try image.release(host.hasSubmitted ? .general : nil)
    case .application where host.hasSubmitted: try image.didSubmitRelease()
    case .application: try image.cancelAcquire()
    case .access, .cancelled: Issue.record("\(way) did not end the access: \(image.state)")
    }
  }

  /// A GL access, a Vulkan access in which call `n` fails, and then both again as if nothing had failed.
  ///
  /// - Returns: the call that failed, nil when there were fewer.
  private func attempt(
    _ n: Int, times: Int, _ way: Way, _ direction: TransferDirection, _ sync: SyncKind, _ pair: ManyQueues.Pair,
    _ queues: ManyQueues
  ) throws -> String? {
    let image = try SharedImage(
      .init(size: Self.size, direction: direction), gl: queues.context.gl, host: queues.host, sync: sync)
    let host = Host(try VulkanCommands(host: queues.host, queue: pair.using))
    let glWrites = direction == .glToVulkan
    let what = "\(way) \(direction) \(sync) call \(n) x\(times)"
    if glWrites { try image.accessInGL { try TestGL.fill(image, [1, 1, 0, 1]) } }
    // A command buffer whose recording failed and that is not reset either would still be recording, which it is not
    // when the driver's own vkEndCommandBuffer fails.
    let (error, failed) = DriverTrace.failingCall(
      n, times: times, on: .current, matching: { $0 != "vkResetCommandBuffer" }
    ) { try access(image, pair, way, host) }
    if failed == nil, let error { throw error }
    if failed != nil {
      let isOurs = error is InteropError
      #expect(isOurs, "\(what): \(failed ?? "") failed and no error says so")
    }
    try recover(image, way, host)
    if glWrites {
      // Vulkan may begin the access again, unless it ended all the same.
      if image.state == .ready {
        let pixels = try image.readInVulkan(on: AccessQueues(pair.using, ownership: n % 2 == 0 ? pair.ownership : nil))
        #expect(pixels.prefix(4) == [255, 255, 0, 255], "\(what): \(failed ?? "nothing") failed")
      }
      try image.accessInGL { try TestGL.fill(image, [1, 0, 0, 1]) }
      let pixels = try image.readInVulkan(on: AccessQueues(pair.using, ownership: pair.ownership))
      #expect(pixels.prefix(4) == [255, 0, 0, 255], "\(what): \(failed ?? "nothing") failed")
    } else {
      if image.state == .ready { try image.accessInGL {} }
      let pixels = PixelPattern(Self.size, .rgba8, seed: 5).vulkanBytes
      try image.writeInVulkan(pixels, on: AccessQueues(pair.using, ownership: n % 2 == 0 ? pair.ownership : nil))
      let got = try image.accessInGL {
        try queues.context.gl.readPixels(try #require(image.glFramebuffer), Self.size, .rgba8)
      }
      #expect(got == pixels, "\(what): \(failed ?? "nothing") failed")
    }
    try host.commands.finish()
    try image.retire()
    return failed
  }

  @Test(arguments: Way.allCases, TransferDirection.allCases)
  func anAccess(way: Way, direction: TransferDirection) throws {
    let (queues, opening) = try opened()
    for sync in queues.syncs {
      for pair in [queues.typical] + queues.pairs.filter({ $0.ownership.family == $0.using.family }).prefix(1) {
        for times in [1, 2, 3] {
          var n = 0
          var failed: String?
          repeat {
            n += 1
            let objects = LiveObjects.snapshot()
            let calls = try DriverTrace.record(on: .current) {
              failed = try attempt(n, times: times, way, direction, sync, pair, queues)
            }
            let violations = violations(opening, calls)
            let sentences = violations.joined(separator: "; ")
            #expect(violations.isEmpty, "\(way) \(sync) \(pair) call \(n) x\(times): \(sentences)")
            let left = LiveObjects.snapshot().changes(since: objects)
            #expect(left.isEmpty, "\(way) \(sync) \(pair) call \(n) x\(times)")
          } while failed != nil
          #expect(n > 10, "\(way) made only \(n) calls that can fail")
        }
      }
    }
    let pretended = DriverTrace.takePretendedViolations()
    #expect(pretended.isEmpty, "\(pretended.joined(separator: "; "))")
  }

  /// An image that is retired before its return to GL is complete: the retirement completes it.
  @Test(arguments: TransferDirection.allCases) func anImageThatIsRetiredThen(direction: TransferDirection) throws {
    let (queues, opening) = try opened()
    let pair = queues.typical
    for sync in queues.syncs {
      let calls = try DriverTrace.record(on: .current) {
        let image = try SharedImage(
          .init(size: Self.size, direction: direction), gl: queues.context.gl, host: queues.host, sync: sync)
        if direction == .glToVulkan { try image.accessInGL { try TestGL.fill(image, [1, 1, 0, 1]) } }
        // Taken from GL, and then no submission more.
        let (error, _) = DriverTrace.failingCall(2, times: 2, on: .current, matching: { $0 == "vkQueueSubmit" }) {
          try image.access(.general, on: AccessQueues(pair.using, ownership: pair.ownership)) {
            (_) throws(InteropError) in
          }
        }
        let isOurs = error is InteropError
        #expect(isOurs)
        try image.retire()
      }
      let violations = violations(opening, calls)
      #expect(violations.isEmpty, "\(sync): \(violations.joined(separator: "; "))")
      // Taken from GL, two submissions that failed, and the way back of two: on the other queue and on the first.
      let submissions = calls.count { $0.name == "vkQueueSubmit" && !$0.injectedFailure }
      #expect(submissions > 3)
    }
  }

  /// A frame whose release failed is released when it is let go.
  @Test(arguments: TestStack.abilities.apis) func framesGoBackToTheirRing(api: SurfacelessContext.API) throws {
    let queues = try ManyQueues(api)
    let pair = queues.typical
    for release in [true, false] {
      for n in 1...4 {
        let producer = try SurfacelessEGLProducer(
          size: Self.size, host: queues.host, context: queues.context,
          options: ProducerOptions(framesInFlight: 1, path: .opaqueFD))
        let own = try VulkanCommands(host: queues.host, queue: pair.using)
        let frame = try producer.render { _ in }
        if release {
          try frame.acquire(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
          // Command buffers and submissions of the release half and of the way back.
          var kept: Frame? = consume frame
          let (error, _) = DriverTrace.failingCall(n, on: .current) {
            guard let taken = kept.take() else { return }
            try taken.release()
          }
          let isOurs = error is InteropError
          #expect(isOurs, "call \(n)")
        } else {
          let acquire = try frame.acquireBarrier(.general, on: AccessQueues(pair.using, ownership: pair.ownership))
          let back = try frame.releaseBarrier(.general)
          let buffer = try own.record(.first) { buffer in
            acquire.record(into: buffer, queues.host.vk)
            back.record(into: buffer, queues.host.vk)
          }
          try own.submit(buffer, waitingFor: acquire.point, signalling: back.point)
          var kept: Frame? = consume frame
          _ = DriverTrace.failingCall(n, on: .current) {
            guard let taken = kept.take() else { return }
            try taken.didSubmitRelease()
          }
        }
        // The ring has one slot: it is free again or this waits in vain.
        let next = try producer.render { _ in }
        try next.access(.general, on: AccessQueues(pair.using, ownership: pair.ownership)) {
          (_, _) throws(InteropError) in
        }
        try own.finish()
      }
    }
  }
}
