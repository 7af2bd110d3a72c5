public import CInterface
internal import InteropDrivers
internal import Glibc
internal import Producers
internal import RawImport

extension glvk_frame: Handle { typealias Object = FrameObject }

/// The object behind a `glvk_frame`: one frame, until it is released, given to a queue or dropped.
final class FrameObject: HandleObject {
  static let kind = HandleKind.frame
  let owned: Owned<Frame>

  init(_ frame: consuming Frame) { owned = Owned("frame", frame) }

  /// The application keeps the frame after an error that it can correct.
  static func judge(_ error: InteropError, _ frame: borrowing Frame) -> Owned<Frame>.Judgement {
    switch error.code {
    case .invalidState where frame.wasDropped:
      var dropped = error
      dropped.code = .frameDropped
      return .init(error: dropped, isOver: true)
    case .invalidState, .invalidArgument: return .init(error: error, isOver: false)
    default: return .init(error: error, isOver: true)
    }
  }
}

extension glvk_frame {
  /// Runs a step after which the application still holds the frame, unless the producer has dropped it.
  func use<Result: ~Copyable>(_ step: String, _ body: (borrowing Frame) throws -> Result) throws -> Result {
    try object().owned.use(step, body)
  }

  func hold(_ step: String, _ body: (borrowing Frame) throws(InteropError) -> Void) throws {
    let object = try object()
    do {
      try object.owned.use(step) { frame in
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

  func end(_ step: String, _ body: (borrowing Frame) throws(InteropError) -> Void) throws {
    // Another thread may have destroyed the handle by now; this object still holds the handle's frame.
    try object().owned.end(step, isOver: { _ = try? remove() }, judge: FrameObject.judge, body)
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
      info.component_mapping = frame.componentMapping
      info.image_id = frame.imageID.rawValue
      info.usage = frame.usage
      info.create_flags = frame.createFlags
      info.tiling = Numbers.tiling.number(frame.tiling)
      SizedStruct.write(info, to: out)
    }
  }
}

@c @implementation
public func glvk_frame_get_view(
  _ frame: glvk_frame, _ options: UnsafePointer<glvk_view_options>!, _ out: UnsafeMutablePointer<VkImageView?>!
) -> glvk_result {
  report {
    try frame.use("make a view") { frame in
      try view(options, out) { options throws(InteropError) in
        try frame.view(format: options.format, components: options.components)
      }
    }
  }
}

/// The rectangles for C; none for nil.
func cRects(_ damage: [PixelRect]?) -> [glvk_rect] {
  (damage ?? []).map {
    glvk_rect(
      x: Int32(clamping: $0.x), y: Int32(clamping: $0.y), width: UInt32(clamping: $0.width),
      height: UInt32(clamping: $0.height))
  }
}

@c @implementation
public func glvk_frame_get_damage(
  _ frame: glvk_frame, _ rects: UnsafeMutablePointer<glvk_rect>!, _ capacity: Int, _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    try frame.use("get the frame's damage") { frame in
      try put(cRects(frame.damage), rects, capacity, count, "rects")
    }
  }
}

@c @implementation
public func glvk_frame_get_dma_buf(_ frame: glvk_frame, _ out: UnsafeMutablePointer<glvk_dma_buf>!) -> glvk_result {
  make(out) {
    try frame.use("get the frame's DMA-BUF") { frame in try DMABufHandleObject(duplicating: frame.dmaBuf) }
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
        options.use, on: options.queues, waitingUpTo: options.timeout
      ) { commands, image throws(InteropError) in try checkCallback("record", record(user_data, commands, image)) }
    }
  }
}

@c @implementation
public func glvk_frame_acquire(
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!
) -> glvk_result {
  report {
    try frame.hold("acquire the frame") { frame throws(InteropError) in
      let queues = try AccessQueues(frame.host, queue, ownership: ownership_queue)
      try frame.acquire(VulkanAccess(c: use), on: queues)
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
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    try frame.hold("acquire the frame") { frame throws(InteropError) in
      let out = try SizedStruct.checkOut(out, "out")
      let queues = try AccessQueues(frame.host, queue, ownership: ownership_queue)
      try frame.acquireBarrier(VulkanAccess(c: use), on: queues).write(to: out)
    }
  }
}

@c @implementation
public func glvk_frame_release_barrier(
  _ frame: glvk_frame, _ use: UnsafePointer<glvk_use>!, _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
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
  report { try frame.hold("cancel the acquire") { frame throws(InteropError) in try frame.cancelAcquire() } }
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

extension glvk_frame_queue: Handle { typealias Object = FrameQueueObject }

/// The object behind a `glvk_frame_queue`.
final class FrameQueueObject: HandleObject {
  static let kind = HandleKind.frameQueue
  let queue: FrameQueue<Frame>
  let isClosed = Atomic<Bool>(false)

  init(_ capacity: Int) { queue = FrameQueue<Frame>(capacity: capacity) }

  func close() {
    isClosed.store(true, ordering: .releasing)
    queue.close()
  }
}

@c @implementation
public func glvk_frame_queue_create(_ capacity: UInt32, _ out: UnsafeMutablePointer<glvk_frame_queue>!) -> glvk_result {
  make(out) { FrameQueueObject(try queueCapacity(capacity)) }
}

/// The capacity of a queue; 16 for 0.
func queueCapacity(_ capacity: UInt32) throws(InteropError) -> Int {
  guard capacity <= 1024 else { throw invalidArgument("check capacity", "capacity is \(capacity)", "Use 1 to 1024") }
  return capacity == 0 ? 16 : Int(capacity)
}

@c @implementation
public func glvk_frame_queue_send(_ queue: glvk_frame_queue, _ frame: glvk_frame) -> glvk_result {
  report {
    let queue = try queue.object().queue
    guard queue.send(try frame.object().owned.take("send the frame", isOver: { _ = try? frame.remove() })) else {
      throw InteropError(
        .invalidState, step: "send the frame", reason: "the queue is closed: the frame was dropped",
        advice: "Close the queue after the last frame")
    }
  }
}

@c @implementation
public func glvk_frame_queue_receive(
  _ queue: glvk_frame_queue, _ timeout_ns: UInt64, _ out: UnsafeMutablePointer<glvk_frame>!
) -> glvk_result {
  make(out) {
    let queue = try queue.object()
    guard let frame = queue.queue.receive(timeout: Duration(nanoseconds: timeout_ns)) else {
      throw nothingReceived(isClosed: queue.isClosed.load(ordering: .acquiring), timeout_ns)
    }
    return FrameObject(frame)
  }
}

func nothingReceived(isClosed: Bool, _ timeout: UInt64) -> InteropError {
  InteropError(
    isClosed ? .notAvailable : .timeout, step: "receive a frame",
    reason: isClosed ? "the queue is closed and empty" : "no frame came in \(timeout) ns")
}

@c @implementation
public func glvk_frame_queue_close(_ queue: glvk_frame_queue) -> glvk_result { report { try queue.object().close() } }

@c @implementation
public func glvk_frame_queue_destroy(_ queue: glvk_frame_queue) -> glvk_result { report { try queue.remove().close() } }
