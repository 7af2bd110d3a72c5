import GLVulkanInterop
import Glibc
import Logging
import InteropTestSupport
import Testing

/// Which image it is, the views that it keeps, and its end.
@Suite("Image identity", .serialized) struct ImageIdentityTests {
  static let sizes = (0..<41).map { PixelSize(width: 17 + ($0 * 7) % 31, height: 13 + ($0 * 5) % 23) }

  private func options(_ path: TransferPath?) -> ProducerOptions {
    var options = ProducerOptions(path: path)
    options.logger.logLevel = .critical
    options.capability = .nowhere
    return options
  }

  private func consumerOptions(_ path: TransferPath?) -> ConsumerOptions {
    var options = ConsumerOptions(path: path)
    options.logger.logLevel = .critical
    options.capability = .nowhere
    return options
  }

  private func host(_ context: GLContext) throws -> VulkanHost {
    var create = VulkanHost.CreateOptions(.matching(context))
    create.layers = TestStack.layers
    return try VulkanHost.create(create)
  }

  /// An application may draw into frames of shared memory; those of host-copy it may only sample and copy.
  private func canDraw(_ path: TransferPath) -> Bool { path != .hostCopy }

  /// What a frame holds after the cached framebuffer has drawn its first pixel.
  private func use(_ frame: consuming Frame, _ cache: ViewCache, drawing: Bool) throws -> [UInt8] {
    let (size, id, format) = (frame.size, frame.imageID, frame.format)
    let view = try frame.view()
    let again = try frame.view(format: format.vkFormat)
    #expect(view == again, "asked again it is the same view")
    let landing = try HostBuffer(host: cache.host, size: size.width * size.height * 4, .readback)
    try frame.access(drawing ? .colorAttachment : .transferSource, waitingUpTo: .seconds(10)) {
      (commands, image) throws(InteropError) in
      if drawing {
        try cache.clear(id, { () throws(InteropError) in view }, format.vkFormat, size, (0, 1, 0, 1), into: commands)
        OwnershipTransferBarrier.transition(image, from: .colorAttachment, to: .transferSource).record(
          into: commands, cache.host.vk)
      }
      landing.recordCopy(from: image, size, layout: VulkanAccess.transferSource.layout, into: commands)
      if drawing {
        OwnershipTransferBarrier.transition(image, from: .transferSource, to: .colorAttachment).record(
          into: commands, cache.host.vk)
      }
    }
    return Array(landing.bytes)
  }

  private func picture(_ pixel: [UInt8], _ size: PixelSize) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<size.width * size.height { bytes += pixel }
    return bytes
  }

  private func clear(_ gl: GLFunctions, _ red: Int) {
    gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(red) / 255, 0, 1, 1])
  }

  // MARK: Producers

  /// What an engine does: a framebuffer for each image, kept by `imageID`, dropped when the image retires; the window
  /// is resized forty times.
  @Test(arguments: TestStack.abilities.paths) func fortyResizes(path: TransferPath) throws {
    let app = try AppContext(size: Self.sizes[0])
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let cache = try ViewCache(host)
    let drawing = canDraw(path)
    var seen: [ImageID: PixelSize] = [:]
    var handles: [VkImage: PixelSize] = [:]
    var cameBack = 0
    do {
      let producer = try RawGLProducer(size: Self.sizes[0], host: host, context: context, options: options(path))
      producer.onImageRetired = { cache.drop($0) }
      for (number, size) in Self.sizes.enumerated() {
        try app.resize(to: size)
        for round in 0..<4 {
          let red = (number * 4 + round) % 200
          clear(context.gl, red)
          let frame = try producer.submit()
          let (id, handle, said) = (frame.imageID, frame.image, frame.size)
          #expect(said == size)
          if let before = seen[id] { #expect(before == size, "an identity came back with another size") }
          if seen.updateValue(size, forKey: id) == nil, let old = handles[handle], old != size { cameBack += 1 }
          handles[handle] = size
          let pixels = try use(frame, cache, drawing: drawing)
          var wanted = picture([UInt8(red), 0, 255, 255], size)
          if drawing { wanted.replaceSubrange(0..<4, with: [0, 255, 0, 255] as [UInt8]) }
          #expect(pixels == wanted, "size \(size), frame \(round)")
        }
        // Only the images of this size are left.
        #expect(Set(cache.retired) == Set(seen.filter { $0.value != size }.keys))
      }
    }
    // The producer went with nothing out.
    #expect(cache.retired.count == seen.count, "each once")
    #expect(Set(cache.retired) == Set(seen.keys))
    #expect(cache.kept.isEmpty)
    #expect(cache.madeCount == (drawing ? seen.count : 0), "one framebuffer for each image")
    if cameBack == 0 { TestStack.skip("VkImage handles that come back with another size: none did in forty resizes") }
    #expect(context.gl.glGetError() == GL_NO_ERROR)
  }

  /// Frames that outlive their producer: their images retire when they go, where they go.
  @Test(arguments: TestStack.abilities.paths, [false, true])
  func framesOutliveTheProducer(path: TransferPath, isAnnounced: Bool) throws {
    let size = Self.sizes[0]
    let app = try AppContext(size: size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let told = Mutex<[(ImageID, pthread_t)]>([])
    let alone = Mutex<[ImageID]>([])
    let queue = FrameQueue<Frame>()
    var out: [ImageID] = []
    var used: ImageID?
    do {
      let producer = try RawGLProducer(
        size: size, host: host, context: try GLContext.current(), options: options(path))
      producer.onImageRetired = { id in told.withLock { $0.append((id, pthread_self())) } }
      for number in 0..<3 {
        clear(context.gl, number)
        let frame = try producer.submit()
        let id = frame.imageID
        frame.onImageRetired { id in alone.withLock { $0.append(id) } }
        // The last one: a ring takes the slot again that is done.
        if number == 2 {
          used = id
          try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (_, _) throws(InteropError) in }
        } else {
          out.append(id)
          queue.send(frame)
        }
      }
      if isAnnounced { try producer.contextWillBeDestroyed() }
    }
    #expect(told.withLock { $0.map(\.0) } == [used].compactMap { $0 }, "the image that the application never had")
    let here = pthread_self()
    let there = Mutex<pthread_t?>(nil)
    try withThread({
      there.withLock { $0 = pthread_self() }
      do {
        // The application submits the use of one itself, and drops the other.
        if let frame = queue.receive() { frame.drop() }
        if let frame = queue.receive() {
          try frame.acquire(.transferSource)
          try frame.release()
        }
      } catch { Issue.record(error) }
    }) {}
    let all = told.withLock { $0 }
    #expect(all.count == 3 && Set(all.map(\.0)).count == 3, "each once")
    #expect(Set(all.dropFirst().map(\.0)) == Set(out))
    #expect(all.allSatisfy { $0.0 == used ? pthread_equal($0.1, here) != 0 : there.withLock { $0 } == $0.1 })
    #expect(Set(alone.withLock { $0 }) == Set(all.map(\.0)) && alone.withLock { $0.count } == 3)
  }

  /// An application submits itself, and its producer has ended: the application's work is done when the image retires,
  /// with every sync.
  @Test func theHostsWorkIsOver() throws {
    let size = Self.sizes[0]
    let app = try AppContext(size: size)
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let gate = try VulkanGate(host)
    let commands = try VulkanCommands(host: host, queue: host.queues[0])
    gate.keep(commands)
    let isOpen = Atomic<Bool>(false)
    let told = Mutex<[Bool]>([])
    var held: Frame?
    do {
      let producer = try RawGLProducer(
        size: size, host: host, context: context, options: options(TransferPath.opaqueFD))
      producer.onImageRetired = { _ in
        let isOpen = isOpen.load(ordering: .acquiring)
        told.withLock { $0.append(isOpen) }
      }
      held = try producer.submit()
    }
    guard let frame = held.take() else { return }
    let acquire = try frame.acquireBarrier(.transferSource)
    let release = try frame.releaseBarrier(.transferSource)
    held = consume frame
    let buffer = try commands.record(.first) { buffer in
      acquire.record(into: buffer, host.vk)
      gate.hold(buffer)
      release.record(into: buffer, host.vk)
    }
    try commands.submit(buffer, waitingFor: acquire.point, signalling: release.point)
    try withThread({
      usleep(300_000)
      isOpen.store(true, ordering: .releasing)
      gate.open()
    }) {
      if let frame = held.take() { try frame.didSubmitRelease() }
    }
    #expect(told.withLock { $0 } == [true], "it retires when the application's submission is done")
  }

  /// What may be called in the closure, and what is refused there.
  @Test func theClosureMayAsk() throws {
    let app = try AppContext(size: Self.sizes[0])
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    final class Box: @unchecked Sendable {
      weak var producer: RawGLProducer?
      var errors: [InteropError.Code] = []
      var sizes: [PixelSize] = []
      var isStill: Bool?
    }
    let box = Box()
    let producer = try RawGLProducer(
      size: Self.sizes[0], host: host, context: context, options: options(TransferPath.opaqueFD))
    box.producer = producer
    let frame = try producer.submit()
    let view = try frame.view()
    _ = view
    try frame.access(.transferSource) { (_, _) throws(InteropError) in }
    producer.onImageRetired = { _ in
      guard let producer = box.producer else { return }
      box.sizes.append(producer.size)
      _ = (producer.status.retiredSlotCount, producer.status.path, producer.status.ownershipQueue.family)
      do throws(InteropError) { try producer.submit().drop() } catch { box.errors.append(error.code) }
      do throws(InteropError) { try producer.resize(to: Self.sizes[2]) } catch { box.errors.append(error.code) }
      do throws(InteropError) { try producer.contextWillBeDestroyed() } catch { box.errors.append(error.code) }
      // From within: does not wait for itself.
      producer.onImageRetired = nil
    }
    try producer.resize(to: Self.sizes[1])
    #expect(box.errors == [.invalidState, .invalidState, .invalidState])
    #expect(box.sizes == [Self.sizes[1]])
    #expect(producer.onImageRetired == nil)
    // And on it goes.
    try app.resize(to: Self.sizes[3])
    let next = try producer.submit()
    let size = next.size
    #expect(size == Self.sizes[3])
  }

  /// Every call of a resize fails once: what was handed out is told of once, what never was is not.
  @Test func everyCallOfAResizeFails() throws {
    try DriverTrace.exclusively {
      let before = LiveObjects.snapshot()
      do {
        let (context, host) = try TestStack.open(traced: true)
        let told = Mutex<[ImageID]>([])
        var seen: Set<ImageID> = []
        do {
          let producer = try SurfacelessEGLProducer(
            size: Self.sizes[0], host: host, context: context, options: options(.opaqueFD))
          producer.onImageRetired = { id in told.withLock { $0.append(id) } }
          for n in 1...10_000 {
            let frame = try producer.render { $0.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT)) }
            seen.insert(frame.imageID)
            // A view whose making fails is none, and can be asked for again.
            var view: VkImageView?
            _ = DriverTrace.failingCall(1) { view = try frame.view() }
            #expect(n > 1 || view == nil)
            _ = try frame.view()
            try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (_, _) throws(InteropError) in }
            let known = told.withLock { $0 }
            #expect(Set(known).count == known.count && seen.isSuperset(of: known))
            let (_, failed) = DriverTrace.failingCall(n) { try producer.resize(to: Self.sizes[n % 2 + 1]) }
            if failed == nil { break }
          }
        }
        #expect(told.withLock { Set($0) } == seen)
        #expect(told.withLock { $0.count } == seen.count, "each once")
      }
      #expect(LiveObjects.snapshot().changes(since: before).filter { $0.hasPrefix("Vk") } == [])
    }
  }

  /// The next way takes over: the images of the one before retire, those of a frame that is out when it goes.
  @Test func aFallbackRetiresImages() throws {
    try DriverTrace.exclusively {
      let (context, host) = try TestStack.open(traced: true)
      var options = options(nil)
      options.sync = .cpuWait
      let producer = try SurfacelessEGLProducer(size: Self.sizes[0], host: host, context: context, options: options)
      let told = Mutex<[ImageID]>([])
      producer.onImageRetired = { id in told.withLock { $0.append(id) } }
      func render() throws -> Frame { try producer.render { $0.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT)) } }
      let held = try render()
      let heldID = held.imageID
      let failing = try render()
      let failingID = failing.imageID
      var frame: Frame? = consume failing
      let (_, failed) = DriverTrace.failingCall(1, matching: { $0 == "vkQueueSubmit" }) {
        if let frame = frame.take() { try frame.access(.transferSource) { (_, _) throws(InteropError) in } }
      }
      #expect(failed == "vkQueueSubmit")
      let next = try render()
      #expect(producer.status.path == .hostCopy)
      #expect(told.withLock { $0 } == [failingID])
      let nextID = next.imageID
      #expect(nextID != heldID && nextID != failingID)
      held.drop()
      try render().drop()
      #expect(told.withLock { $0 } == [failingID, heldID])
      next.drop()
    }
  }

  // MARK: Consumers

  /// The reverse: Vulkan draws through a cached framebuffer, GL reads by a cached framebuffer of its own.
  @Test(arguments: TestStack.abilities.paths) func targetsAndTheirTextures(path: TransferPath) throws {
    let app = try AppContext(size: Self.sizes[0])
    defer { withExtendedLifetime(app) {} }
    let context = try GLContext.current()
    let host = try host(context)
    let cache = try ViewCache(host)
    let glDropped = Mutex<[ImageID]>([])
    var framebuffers: [ImageID: GLuint] = [:]
    var seen: [ImageID: PixelSize] = [:]
    var left: [ImageID] = []
    do {
      let consumer = try RawGLConsumer(
        size: Self.sizes[0], host: host, context: context, options: consumerOptions(path))
      consumer.onImageRetired = { id in
        cache.drop(id)
        glDropped.withLock { $0.append(id) }
      }
      for (number, size) in Self.sizes.enumerated() {
        if number > 0 { try consumer.resize(to: size) }
        for var name in glDropped.withLock({ ids in
          defer { ids = [] }
          return ids
        }).compactMap({ framebuffers.removeValue(forKey: $0) }) {
          context.gl.glDeleteFramebuffers(1, &name)
        }
        for round in 0..<4 {
          let target = try consumer.nextTarget()
          let (id, format) = (target.imageID, target.format)
          if let before = seen.updateValue(size, forKey: id) { #expect(before == size) }
          let red = Float((number * 4 + round) % 200) / 255
          let view = try target.view()
          let frame = try target.access(.colorAttachment) { (commands, _) throws(InteropError) in
            try cache.clear(
              id, { () throws(InteropError) in view }, format.vkFormat, size, (red, 0, 1, 1), whole: true,
              into: commands)
          }
          let frameID = frame.imageID
          #expect(frameID == id, "one image, two sides")
          let known = framebuffers[id]
          let pixels = try frame.access { texture in
            var name = known ?? 0
            if known == nil {
              context.gl.glGenFramebuffers(1, &name)
              context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), name)
              context.gl.glFramebufferTexture2D(
                GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
              context.gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), 0)
              framebuffers[id] = name
            }
            return try context.readPixels(name, size, .rgba8)
          }
          let wanted = picture([UInt8((number * 4 + round) % 200), 0, 255, 255], size)
          #expect(pixels == wanted, "size \(size), frame \(round)")
        }
      }
      #expect(Set(cache.retired) == Set(seen.filter { $0.value != Self.sizes[40] }.keys))
      // A target and a frame outlive the consumer.
      let target = try consumer.nextTarget()
      let other = try consumer.nextTarget()
      left = [target.imageID, other.imageID]
      // The third of the ring may be one that no frame needed before.
      for id in left { seen[id] = Self.sizes[40] }
      let frame = try other.access(.colorAttachment) { (_, _) throws(InteropError) in }
      let third = Set(seen.filter { $0.value == Self.sizes[40] }.keys).subtracting(left)
      try consumer.contextWillBeDestroyed()
      #expect(Set(cache.retired).isSuperset(of: third) && Set(cache.retired).isDisjoint(with: left))
      target.drop()
      #expect(cache.retired.contains(left[0]) && !cache.retired.contains(left[1]))
      frame.drop()
      #expect(cache.retired.contains(left[1]))
    }
    #expect(cache.retired.count == seen.count && Set(cache.retired) == Set(seen.keys), "each once")
    #expect(cache.kept.isEmpty)
    for var name in framebuffers.values { context.gl.glDeleteFramebuffers(1, &name) }
  }

  // MARK: Identities

  /// Of several threads and of everything that is made, none twice.
  @Test func identitiesAreNeverUsedAgain() throws {
    let all = Mutex<[ImageID]>([])
    @Sendable func take() {
      let mine = (0..<5_000).map { _ in ImageID.next() }
      #expect(mine == mine.sorted())
      all.withLock { $0 += mine }
    }
    try withThread(take) { try withThread(take) { try withThread(take) { take() } } }
    #expect(all.withLock { Set($0).count } == 20_000)
    let (context, host) = try TestStack.open()
    var seen = Set(all.withLock { $0 })
    for number in 0..<12 {
      let image = try SharedImage(
        SharedImageDescription(size: Self.sizes[number]), gl: context.gl, host: host)
      #expect(seen.insert(image.imageID).inserted)
      let producer = try SurfacelessEGLProducer(
        size: Self.sizes[number], host: host, context: context,
        options: options(number % 2 == 0 ? .hostCopy : .opaqueFD))
      var targets: Set<ImageID> = []
      for _ in 0..<4 {
        var drawn: ImageID?
        let frame = try producer.render { target in
          target.gl.glClear(GLbitfield(GL_COLOR_BUFFER_BIT))
          drawn = target.imageID
        }
        let (id, isDirect) = (frame.imageID, producer.status.mode == .direct && producer.status.path == .opaqueFD)
        #expect((drawn == id) == isDirect, "what was drawn into is the image, or a framebuffer that is copied")
        targets.formUnion([drawn].compactMap { $0 })
        try frame.access(.transferSource, waitingUpTo: .seconds(10)) { (_, _) throws(InteropError) in }
        targets.insert(id)
      }
      #expect(seen.isDisjoint(with: targets))
      seen.formUnion(targets)
      try image.retire()
    }
  }

  /// An image of Layer 1: told once, with its view still there.
  @Test func anImageOfItsOwn() throws {
    let (context, host) = try TestStack.open()
    let told = Mutex<[ImageID]>([])
    var image: SharedImage? = try SharedImage(
      SharedImageDescription(size: Self.sizes[0]), gl: context.gl, host: host)
    let id = try #require(image?.imageID)
    image?.onImageRetired { id in told.withLock { $0.append(id) } }
    image?.onImageRetired { id in told.withLock { $0.append(id) } }
    _ = try image?.view()
    try image?.retire()
    #expect(told.withLock { $0 } == [])
    image = nil
    #expect(told.withLock { $0 } == [id, id])
  }
}
