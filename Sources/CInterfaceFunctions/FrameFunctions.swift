public import CInterface
internal import Drivers
internal import Glibc
internal import Producers
internal import RawImport
internal import Synchronization

/// What a `glvk_frame` is: one frame, until it is released, given to a queue or dropped.
final class FrameObject: HandleObject, @unchecked Sendable {
  static let kind = HandleKind.frame
  // In memory of our own: a frame is not copyable.
  private let storage = UnsafeMutablePointer<Frame>.allocate(capacity: 1)
  private var isThere = true
  private let turnstile = Turnstile()

  init(_ frame: consuming Frame) { storage.initialize(to: frame) }

  deinit {
    if isThere { storage.deinitialize(count: 1) }
    storage.deallocate()
  }

  /// One call at a time. Only while the frame is there.
  func use<Result: ~Copyable>(_ step: String, _ body: (borrowing Frame) throws -> Result) throws -> Result {
    try turnstile.enter(step) {
      guard isThere else { throw Self.gone(step) }
      return try body(storage.pointee)
    }
  }

  /// `body` ends the frame: after success, and after an error that is not the caller's to mend, it is not there any more.
  ///
  /// - Parameter isOver: called inside when the frame has gone.
  func end(_ step: String, isOver: () -> Void, _ body: (borrowing Frame) throws(InteropError) -> Void) throws {
    try turnstile.enter(step) {
      guard isThere else { throw Self.gone(step) }
      do throws(InteropError) {
        try body(storage.pointee)
      } catch {
        switch error.code {
        case .invalidState where storage.pointee.wasDropped:
          finish(isOver)
          var dropped = error
          dropped.code = .frameDropped
          throw dropped
        case .invalidState, .invalidArgument: throw error
        default:
          finish(isOver)
          throw error
        }
      }
      finish(isOver)
    }
  }

  /// The frame changes hands.
  func take(_ step: String, isOver: () -> Void) throws -> Frame {
    try turnstile.enter(step) {
      guard isThere else { throw Self.gone(step) }
      isThere = false
      isOver()
      return storage.move()
    }
  }

  private func finish(_ isOver: () -> Void) {
    isThere = false
    isOver()
    // Lets it go: does nothing for one that was released.
    storage.deinitialize(count: 1)
  }

  private static func gone(_ step: String) -> InteropError {
    InteropError(.invalidHandle, step: step, reason: "the frame was ended by another thread")
  }
}

extension glvk_frame {
  /// A step that leaves the frame with the caller, unless the producer has dropped it.
  fileprivate func use<Result: ~Copyable>(_ step: String, _ body: (borrowing Frame) throws -> Result) throws -> Result {
    try object().use(step, body)
  }

  fileprivate func hold(_ step: String, _ body: (borrowing Frame) throws(InteropError) -> Void) throws {
    let object = try object()
    do {
      try object.use(step) { frame in
        do throws(InteropError) { try body(frame) } catch {
          var error = error
          if error.code == .invalidState, frame.wasDropped { error.code = .frameDropped }
          throw error
        }
      }
    } catch let error as InteropError where error.code == .frameDropped {
      _ = try? remove()
      throw error
    }
  }

  fileprivate func end(_ step: String, _ body: (borrowing Frame) throws(InteropError) -> Void) throws {
    // Another thread may have dropped the handle by now; the frame it was of is still this one.
    try object().end(step, isOver: { _ = try? remove() }, body)
  }
}

@c @implementation
public func glvk_frame_get_info(_ frame: glvk_frame, _ out: UnsafeMutablePointer<glvk_frame_info>!) -> glvk_result {
  report {
    try frame.use("describe the frame") { frame in
      let out = try SizedStruct.checkOut(out, "out")
      var info = glvk_frame_info()
      info.image = frame.image
      info.vk_format = frame.format.vkFormat
      info.format = Numbers.format.number(frame.format)
      info.width = UInt32(frame.size.width)
      info.height = UInt32(frame.size.height)
      info.orientation = frame.orientation.number
      info.path = Numbers.path.number(frame.path)
      info.mode = Numbers.mode.number(frame.mode)
      info.sync = Numbers.sync.number(frame.sync)
      info.alpha_mode = frame.alphaMode.number
      info.color_space = frame.colorSpace.number
      info.has_presentation_time = flag(frame.presentationTime != nil)
      info.presentation_time_ns = frame.presentationTime?.wholeNanoseconds ?? 0
      info.number = frame.number
      info.has_modifier = flag(frame.modifier != nil)
      info.modifier = (frame.modifier ?? .invalid).rawValue
      info.has_damage = flag(frame.damage != nil)
      info.damage_count = UInt32(frame.damage?.count ?? 0)
      SizedStruct.write(info, to: out)
    }
  }
}

@c @implementation
public func glvk_frame_get_damage(
  _ frame: glvk_frame, _ rects: UnsafeMutablePointer<glvk_rect>!, _ capacity: Int, _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    try frame.use("get the frame's damage") { frame in
      let damage = (frame.damage ?? []).map {
        glvk_rect(
          x: Int32(clamping: $0.x), y: Int32(clamping: $0.y), width: UInt32(clamping: $0.width),
          height: UInt32(clamping: $0.height))
      }
      try put(damage, rects, capacity, count, "rects")
    }
  }
}

@c @implementation
public func glvk_frame_get_dma_buf(_ frame: glvk_frame, _ out: UnsafeMutablePointer<glvk_dma_buf>!) -> glvk_result {
  make(out) {
    try frame.use("get the frame's DMA-BUF") { frame in try DMABufObjectOfC(duplicating: frame.dmaBuf) }
  }
}

@c @implementation
public func glvk_frame_access(
  _ frame: glvk_frame, _ options: UnsafePointer<glvk_access_options>!, _ record: glvk_record!,
  _ user_data: UnsafeMutableRawPointer!
) -> glvk_result {
  report {
    try frame.end("access the frame") { frame throws(InteropError) in
      let record = try required(record, "record")
      let options = try AccessOptions(options, frame.host)
      try frame.accessKeeping(
        options.use, queue: options.queues.queue, via: options.queues.handover, waitingUpTo: options.timeout
      ) { commands, image throws(InteropError) in try checkCallback("record", record(user_data, commands, image)) }
    }
  }
}

@c @implementation
public func glvk_frame_acquire(
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ handover_queue: VkQueue!
) -> glvk_result {
  report {
    try frame.hold("acquire the frame") { frame throws(InteropError) in
      let queues = try TurnQueues(frame.host, queue, handover_queue)
      try frame.acquire(VulkanAccess(c: use), queue: queues.queue, via: queues.handover)
    }
  }
}

@c @implementation
public func glvk_frame_release(_ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!) -> glvk_result {
  report {
    try frame.end("release the frame") { frame throws(InteropError) in
      try frame.releaseKeeping(VulkanAccess.optional(c: use))
    }
  }
}

@c @implementation
public func glvk_frame_acquire_barrier(
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ handover_queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_handover>!
) -> glvk_result {
  report {
    try frame.hold("acquire the frame") { frame throws(InteropError) in
      let out = try SizedStruct.checkOut(out, "out")
      let queues = try TurnQueues(frame.host, queue, handover_queue)
      try frame.acquireBarrier(VulkanAccess(c: use), queue: queues.queue, via: queues.handover).write(to: out)
    }
  }
}

@c @implementation
public func glvk_frame_release_barrier(
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ out: UnsafeMutablePointer<glvk_handover>!
) -> glvk_result {
  report {
    try frame.hold("release the frame") { frame throws(InteropError) in
      let out = try SizedStruct.checkOut(out, "out")
      try frame.releaseBarrier(VulkanAccess(c: use)).write(to: out)
    }
  }
}

@c @implementation
public func glvk_frame_did_submit_release(_ frame: glvk_frame) -> glvk_result {
  report {
    try frame.end("release the frame") { frame throws(InteropError) in try frame.didSubmitReleaseKeeping() }
  }
}

@c @implementation
public func glvk_frame_cancel_acquire(_ frame: glvk_frame) -> glvk_result {
  report { try frame.hold("take the acquire back") { frame throws(InteropError) in try frame.cancelAcquire() } }
}

@c @implementation
public func glvk_frame_acquire_for_foreign(_ frame: glvk_frame, _ fence: UnsafeMutablePointer<Int32>!) -> glvk_result {
  report {
    try frame.hold("give the frame away") { frame throws(InteropError) in
      let out = try required(fence, "fence")
      let file = try frame.acquireForForeign()
      out.pointee = file?.handOver() ?? -1
    }
  }
}

@c @implementation
public func glvk_frame_release_from_foreign(_ frame: glvk_frame, _ fence: Int32) -> glvk_result {
  report {
    try frame.end("take the frame back") { frame throws(InteropError) in
      try frame.releaseFromForeignKeeping(after: CInterfaceFunctions.fence(fence))
    }
    if fence >= 0 { close(fence) }
  }
}

@c @implementation
public func glvk_frame_drop(_ frame: glvk_frame) -> glvk_result { report { try frame.remove() } }

// MARK: From thread to thread

/// What a `glvk_frame_queue` is.
final class FrameQueueObject: HandleObject {
  static let kind = HandleKind.frameQueue
  let queue: FrameQueue
  let isClosed = Atomic<Bool>(false)

  init(_ capacity: Int) { queue = FrameQueue(capacity: capacity) }

  func close() {
    isClosed.store(true, ordering: .releasing)
    queue.close()
  }
}

@c @implementation
public func glvk_frame_queue_create(_ capacity: UInt32, _ out: UnsafeMutablePointer<glvk_frame_queue>!) -> glvk_result {
  make(out) {
    guard capacity <= 1024 else { throw invalidArgument("check capacity", "capacity is \(capacity)", "Use 1 to 1024") }
    return FrameQueueObject(capacity == 0 ? 16 : Int(capacity))
  }
}

@c @implementation
public func glvk_frame_queue_send(_ queue: glvk_frame_queue, _ frame: glvk_frame) -> glvk_result {
  report {
    let queue = try queue.object().queue
    queue.send(try frame.object().take("send the frame", isOver: { _ = try? frame.remove() }))
  }
}

@c @implementation
public func glvk_frame_queue_receive(
  _ queue: glvk_frame_queue, _ timeout_ns: UInt64, _ out: UnsafeMutablePointer<glvk_frame>!
) -> glvk_result {
  make(out) {
    let queue = try queue.object()
    guard let frame = queue.queue.receive(timeout: Duration(nanoseconds: timeout_ns)) else {
      let isClosed = queue.isClosed.load(ordering: .acquiring)
      throw InteropError(
        isClosed ? .notAvailable : .timeout, step: "receive a frame",
        reason: isClosed ? "the queue is closed and empty" : "no frame came in \(timeout_ns) ns")
    }
    return FrameObject(frame)
  }
}

@c @implementation
public func glvk_frame_queue_close(_ queue: glvk_frame_queue) -> glvk_result { report { try queue.object().close() } }

@c @implementation
public func glvk_frame_queue_destroy(_ queue: glvk_frame_queue) -> glvk_result { report { try queue.remove().close() } }
