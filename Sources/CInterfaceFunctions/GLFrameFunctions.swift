public import CInterface
internal import InteropDrivers
internal import Producers
internal import RawImport

extension glvk_gl_frame: Handle { typealias Object = GLFrameObject }

/// The object behind a `glvk_gl_frame`: one frame, until it is released, given to a queue or dropped.
final class GLFrameObject: HandleObject {
  static let kind = HandleKind.glFrame
  let owned: Owned<GLFrame>

  init(_ frame: consuming GLFrame) { owned = Owned("GL frame", frame) }

  /// The application keeps the frame after an error that it can correct, and after an error that is not the frame's.
  static func judge(_ error: InteropError, _ frame: borrowing GLFrame) -> Owned<GLFrame>.Judgement {
    switch error.code {
    case .invalidState where frame.wasDropped:
      var dropped = error
      dropped.code = .frameDropped
      return .init(error: dropped, isOver: true)
    case .invalidState, .invalidArgument, .wrongThread, .timeout: return .init(error: error, isOver: false)
    default: return .init(error: error, isOver: true)
    }
  }
}

extension glvk_gl_frame {
  fileprivate func use<Result: ~Copyable>(_ step: String, _ body: (borrowing GLFrame) throws -> Result) throws -> Result
  {
    try object().owned.use(step, body)
  }

  fileprivate func end(_ step: String, _ body: (borrowing GLFrame) throws(InteropError) -> Void) throws {
    try object().owned.end(step, isOver: { _ = try? remove() }, judge: GLFrameObject.judge, body)
  }
}

@c @implementation
public func glvk_gl_frame_get_info(
  _ frame: glvk_gl_frame, _ out: UnsafeMutablePointer<glvk_gl_frame_info>!
) -> glvk_result {
  report {
    try frame.use("describe the frame") { frame in
      let out = try SizedStruct.checkOut(out, "out")
      var info = glvk_gl_frame_info()
      info.texture = frame.texture
      info.framebuffer = frame.framebuffer ?? 0
      info.format = Numbers.format.number(frame.format)
      info.width = UInt32(frame.size.width)
      info.height = UInt32(frame.size.height)
      info.orientation = frame.orientation.number
      info.path = Numbers.path.number(frame.path)
      info.sync = Numbers.sync.number(frame.sync)
      info.alpha_mode = frame.alphaMode.number
      info.color_space = frame.colorSpace.number
      info.number = frame.number
      info.has_presentation_time = flag(frame.presentationTime != nil)
      info.presentation_time_ns = frame.presentationTime?.wholeNanoseconds ?? 0
      info.has_modifier = flag(frame.modifier != nil)
      info.modifier = (frame.modifier ?? .invalid).rawValue
      info.has_damage = flag(frame.damage != nil)
      info.damage_count = UInt32(frame.damage?.count ?? 0)
      info.image_id = frame.imageID.rawValue
      SizedStruct.write(info, to: out)
    }
  }
}

@c @implementation
public func glvk_gl_frame_get_damage(
  _ frame: glvk_gl_frame, _ rects: UnsafeMutablePointer<glvk_rect>!, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    try frame.use("get the frame's damage") { frame in try put(cRects(frame.damage), rects, capacity, count, "rects") }
  }
}

@c @implementation
public func glvk_gl_frame_get_dma_buf(_ frame: glvk_gl_frame, _ out: UnsafeMutablePointer<glvk_dma_buf>!) -> glvk_result
{
  make(out) {
    try frame.use("get the frame's DMA-BUF") { frame in try DMABufHandleObject(duplicating: frame.dmaBuf) }
  }
}

@c @implementation
public func glvk_gl_frame_access(
  _ frame: glvk_gl_frame, _ show: glvk_show!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result {
  report {
    // The callback's result is checked later: by then the frame is released in any case.
    var shown: Int32 = 0
    var failure: InteropError?
    try frame.end("access the frame") { frame throws(InteropError) in
      let show = try required(show, "show")
      try frame.acquire()
      shown = show(user_data, frame.texture)
      // If this release fails, the destruction of the frame releases it.
      do throws(InteropError) { try frame.releaseKeeping() } catch { failure = error }
    }
    try checkCallback("show", shown)
    if let failure { throw failure }
  }
}

@c @implementation
public func glvk_gl_frame_acquire(_ frame: glvk_gl_frame) -> glvk_result {
  report {
    let object = try frame.object()
    do {
      try object.owned.use("acquire the frame") { frame in
        do throws(InteropError) { try frame.acquire() } catch { throw GLFrameObject.judge(error, frame).error }
      }
    } catch let error as InteropError where error.code == .frameDropped {
      _ = try? frame.remove()
      throw error
    }
  }
}

@c @implementation
public func glvk_gl_frame_release(_ frame: glvk_gl_frame) -> glvk_result {
  report { try frame.end("release the frame") { frame throws(InteropError) in try frame.releaseKeeping() } }
}

@c @implementation
public func glvk_gl_frame_drop(_ frame: glvk_gl_frame) -> glvk_result { report { try frame.remove() } }

// MARK: From thread to thread

extension glvk_gl_frame_queue: Handle { typealias Object = GLFrameQueueObject }

/// The object behind a `glvk_gl_frame_queue`.
final class GLFrameQueueObject: HandleObject {
  static let kind = HandleKind.glFrameQueue
  let queue: FrameQueue<GLFrame>
  let isClosed = Atomic<Bool>(false)

  init(_ capacity: Int) { queue = FrameQueue<GLFrame>(capacity: capacity) }

  func close() {
    isClosed.store(true, ordering: .releasing)
    queue.close()
  }
}

@c @implementation
public func glvk_gl_frame_queue_create(
  _ capacity: UInt32, _ out: UnsafeMutablePointer<glvk_gl_frame_queue>!
) -> glvk_result { make(out) { GLFrameQueueObject(try queueCapacity(capacity)) } }

@c @implementation
public func glvk_gl_frame_queue_send(_ queue: glvk_gl_frame_queue, _ frame: glvk_gl_frame) -> glvk_result {
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
public func glvk_gl_frame_queue_receive(
  _ queue: glvk_gl_frame_queue, _ timeout_ns: UInt64, _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  make(out) {
    let queue = try queue.object()
    guard let frame = queue.queue.receive(timeout: Duration(nanoseconds: timeout_ns)) else {
      throw nothingReceived(isClosed: queue.isClosed.load(ordering: .acquiring), timeout_ns)
    }
    return GLFrameObject(frame)
  }
}

@c @implementation
public func glvk_gl_frame_queue_close(_ queue: glvk_gl_frame_queue) -> glvk_result {
  report { try queue.object().close() }
}

@c @implementation
public func glvk_gl_frame_queue_destroy(_ queue: glvk_gl_frame_queue) -> glvk_result {
  report { try queue.remove().close() }
}
