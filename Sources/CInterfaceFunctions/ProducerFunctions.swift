public import CInterface
internal import Capability
internal import InteropDrivers
internal import Producers
internal import RawImport

extension glvk_producer: Handle { typealias Object = ProducerObject }

/// The object behind a `glvk_producer`. Used where its context is current, which is checked before anything else.
final class ProducerObject: HandleObject, @unchecked Sendable {
  static let kind = HandleKind.producer

  let producer: any FrameProducer
  let context: ContextObject
  let host: VulkanHost
  let capability: CapabilityMatrix?
  let notice: RetirementNotice
  let capabilityProblem: String?
  /// Rejects calls to the producer from its own draw callback.
  let turnstile = Turnstile()
  private let frames = Atomic<UInt64>(0)

  init(_ producer: RawGLProducer, _ context: ContextObject) {
    self.producer = producer
    self.context = context
    host = producer.host
    self.capability = producer.capability
    notice = producer.notice
    capabilityProblem = producer.status.capabilityProblem
  }

  init(_ producer: SurfacelessEGLProducer, _ context: ContextObject) {
    self.producer = producer
    self.context = context
    host = producer.host
    self.capability = producer.capability
    notice = producer.notice
    capabilityProblem = producer.status.capabilityProblem
  }

  var frameCount: UInt64 { frames.load(ordering: .relaxed) }

  func use<Result>(_ step: String, _ body: () throws -> Result) throws -> Result {
    try context.checkCurrent(step)
    return try turnstile.enter(step, body)
  }

  /// Makes a frame's handle.
  func frame(_ step: String, _ out: UnsafeMutablePointer<glvk_frame>?, _ body: () throws -> Frame) -> glvk_result {
    make(out) {
      let object = try use(step) { FrameObject(try body()) }
      frames.wrappingAdd(1, ordering: .relaxed)
      return object
    }
  }

  /// The producer in an application's context; others throw.
  func raw(_ step: String) throws(InteropError) -> RawGLProducer {
    guard let producer = producer as? RawGLProducer else {
      throw InteropError(
        .invalidState, step: step, reason: "the producer draws in a context of the package's",
        advice: "Use glvk_producer_render")
    }
    return producer
  }
}

// MARK: Options

extension ProducerOptions {
  fileprivate init(c given: glvk_producer_options) throws(InteropError) {
    self.init()
    self.logger = CLog.shared.logger
    if given.frames_in_flight != 0 { self.framesInFlight = Int(given.frames_in_flight) }
    if let format = try Numbers.format.optional(given.format) { self.format = format }
    self.path = try Numbers.path.optional(given.path)
    if given.usage != 0 { self.usage = given.usage }
    mode = try Numbers.mode.optional(given.mode)
    self.sync = try Numbers.sync.optional(given.sync)
    self.tiling = try Numbers.tiling.optional(given.tiling)
    self.orientation = try ImageOrientation(c: given.orientation)
    if given.samples != 0 { samples = Int(given.samples) }
    let known = GLVK_PRODUCER_SKIP_PIXEL_CHECK | GLVK_PRODUCER_DEPTH_STENCIL | GLVK_PRODUCER_NO_PROBE
    guard given.flags & ~UInt32(known) == 0 else {
      throw invalidArgument("check flags", "there are unknown ones in 0x" + String(given.flags, radix: 16))
    }
    self.verifiesPixels = given.flags & UInt32(GLVK_PRODUCER_SKIP_PIXEL_CHECK) == 0
    depthStencil = given.flags & UInt32(GLVK_PRODUCER_DEPTH_STENCIL) != 0
    self.backPressure = try BackPressure(c: given.back_pressure, timeout: given.wait_timeout_ns)
    self.alphaMode = try AlphaMode(c: given.alpha_mode)
    self.colorSpace = try ColorSpace(c: given.color_space)
    self.modifiers = try CInterfaceFunctions.modifiers(given.modifiers, given.modifier_count)
    if let matrix = try given.matrix.optional() {
      self.capability = .matrix(matrix.matrix)
    } else if given.flags & UInt32(GLVK_PRODUCER_NO_PROBE) != 0 {
      self.capability = .nowhere
    }
  }
}

@c @implementation
public func glvk_producer_create(
  _ options: UnsafePointer<glvk_producer_options>!, _ out: UnsafeMutablePointer<glvk_producer>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.read(options, "options") ?? glvk_producer_options()
    let options = try ProducerOptions(c: given)
    let given_size = try PixelSize.optional(c: given.width, given.height)
    let host = try given.host.optional()
    let context = if let named = try given.context.optional() { named } else { ContextObject(try GLContext.current()) }
    let step = "make a producer"
    try context.checkCurrent(step)
    guard let size = given_size ?? context.gl.defaultFramebufferSize() else {
      throw invalidArgument(step, "the default framebuffer's size is unknown", "Give width and height")
    }
    let producer = try RawGLProducer(size: size, host: host?.host, context: context.gl, options: options)
    return ProducerObject(producer, context)
  }
}

@c @implementation
public func glvk_producer_create_surfaceless(
  _ options: UnsafePointer<glvk_producer_options>!, _ out: UnsafeMutablePointer<glvk_producer>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.readRequired(options, "options")
    let options = try ProducerOptions(c: given)
    let step = "make a producer"
    guard let size = try PixelSize.optional(c: given.width, given.height) else {
      throw invalidArgument(step, "width and height are 0", "Give the frames' size")
    }
    let host = try given.host.optional()
    let context = if let named = try given.context.optional() { named } else { ContextObject(try SurfacelessContext()) }
    let surfaceless = try context.owned(step)
    try context.checkCurrent(step)
    let device = if let host { host.host } else { try VulkanHost.create(.init(.matching(context.gl))) }
    return ProducerObject(
      try SurfacelessEGLProducer(size: size, host: device, context: surfaceless, options: options), context)
  }
}

// MARK: Frames

/// The options that are submitted with a frame.
private struct Submission {
  var options = glvk_submit_options()
  var time: Duration?
  var damage: [PixelRect]?

  init(_ pointer: UnsafePointer<glvk_submit_options>?) throws(InteropError) {
    guard let given = try SizedStruct.read(pointer, "options") else { return }
    options = given
    if given.has_presentation_time != 0 { time = .nanoseconds(given.presentation_time_ns) }
    damage = try damagedRects(given.damage, given.damage_count)
  }
}

/// The damaged rectangles; nil for NULL.
func damagedRects(_ pointer: UnsafePointer<glvk_rect>?, _ count: UInt32) throws(InteropError) -> [PixelRect]? {
  guard pointer != nil else {
    guard count == 0 else { throw invalidArgument("check damage", "\(count) are announced and the pointer is NULL") }
    return nil
  }
  return try array(pointer, count, "damage").map {
    PixelRect(x: Int($0.x), y: Int($0.y), width: Int($0.width), height: Int($0.height))
  }
}

@c @implementation
public func glvk_producer_submit(
  _ producer: glvk_producer, _ options: UnsafePointer<glvk_submit_options>!, _ out: UnsafeMutablePointer<glvk_frame>!
) -> glvk_result {
  let step = "submit a framebuffer"
  return with(producer, out) { object in
    object.frame(step, out) {
      let raw = try object.raw(step)
      let submission = try Submission(options)
      let given = submission.options
      return try raw.submit(
        framebuffer: given.framebuffer, size: PixelSize.optional(c: given.width, given.height),
        colorAttachment: Int(given.color_attachment), orientation: ImageOrientation(c: given.orientation),
        presentationTime: submission.time, damage: submission.damage)
    }
  }
}

@c @implementation
public func glvk_producer_render(
  _ producer: glvk_producer, _ options: UnsafePointer<glvk_submit_options>!, _ draw: glvk_draw!,
  _ user_data: UnsafeMutableRawPointer!, _ out: UnsafeMutablePointer<glvk_frame>!
) -> glvk_result {
  with(producer, out) { object in
    object.frame("render a frame", out) {
      let draw = try required(draw, "draw")
      let submission = try Submission(options)
      return try object.producer.render(presentationTime: submission.time, damage: submission.damage) { target in
        var described = glvk_render_target()
        described.struct_size = MemoryLayout<glvk_render_target>.size
        described.framebuffer = target.framebuffer
        described.width = UInt32(target.size.width)
        described.height = UInt32(target.size.height)
        described.frame_number = target.frameNumber
        described.image_id = target.imageID.rawValue
        try checkCallback("draw", draw(user_data, &described))
      }
    }
  }
}

/// Finds the producer behind a handle, for a function that makes a frame.
private func with(
  _ producer: glvk_producer, _ out: UnsafeMutablePointer<glvk_frame>?, _ body: (ProducerObject) -> glvk_result
) -> glvk_result {
  var result = glvk_result(GLVK_SUCCESS)
  let found = report {
    try required(out, "out").pointee = glvk_frame(id: 0)
    result = body(try producer.object())
  }
  return found == glvk_result(GLVK_SUCCESS) ? result : found
}

@c @implementation
public func glvk_producer_set_image_retired_callback(
  _ producer: glvk_producer, _ callback: glvk_image_retired!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result { report { try producer.object().notice.set(callback, user_data) } }

@c @implementation
public func glvk_producer_resize(_ producer: glvk_producer, _ width: UInt32, _ height: UInt32) -> glvk_result {
  report {
    let producer = try producer.object()
    try producer.use("resize the producer") { try producer.producer.resize(to: PixelSize(c: width, height)) }
  }
}

// MARK: What is known of it

@c @implementation
public func glvk_producer_get_info(
  _ producer: glvk_producer, _ out: UnsafeMutablePointer<glvk_producer_info>!
) -> glvk_result {
  report {
    let producer = try producer.object()
    let out = try SizedStruct.checkOut(out, "out")
    try producer.use("describe the producer") {
      var info = glvk_producer_info()
      let (size, status) = (producer.producer.size, producer.producer.status)
      info.width = UInt32(size.width)
      info.height = UInt32(size.height)
      info.path = Numbers.path.number(status.path)
      info.mode = Numbers.mode.number(status.mode)
      info.sync = Numbers.sync.number(status.sync)
      info.readback = Numbers.readback(status.readback)
      info.has_modifier = flag(status.modifier != nil)
      info.modifier = (status.modifier ?? .invalid).rawValue
      info.fallback_count = UInt32(status.fellBackFrom.count)
      info.readback_refusal_count = UInt32(status.readbackRefusals.count)
      info.retired_slot_count = UInt32(status.retiredSlotCount)
      info.ownership_queue = status.ownershipQueue.handle
      info.ownership_queue_family = status.ownershipQueue.family
      info.frame_count = producer.frameCount
      SizedStruct.write(info, to: out)
    }
  }
}

/// Writes the word and the reason of an entry that was not chosen.
func give<Word>(
  _ list: [(Word, String)], _ index: UInt32, _ reason: UnsafeMutablePointer<CChar>?, _ capacity: Int,
  number: (Word) -> Int32,
  to out: UnsafeMutablePointer<Int32>?, _ name: String
) throws(InteropError) {
  guard list.indices.contains(Int(index)) else {
    throw invalidArgument("check index", "there are \(list.count), and the index is \(index)")
  }
  let out = try required(out, name)
  guard reason != nil || capacity == 0 else {
    throw invalidArgument("check reason", "reason is NULL and the capacity \(capacity)")
  }
  let (word, text) = list[Int(index)]
  out.pointee = number(word)
  if let reason, capacity != 0 {
    // No reason is that long; a capacity above the range of Swift's Int arrives as a negative number.
    copy(text, into: UnsafeMutableRawBufferPointer(start: reason, count: capacity < 0 ? text.utf8.count + 1 : capacity))
  }
}

@c @implementation
public func glvk_producer_get_fallback(
  _ producer: glvk_producer, _ index: UInt32, _ path: UnsafeMutablePointer<glvk_path>!,
  _ reason: UnsafeMutablePointer<CChar>!, _ capacity: Int
) -> glvk_result {
  report {
    let producer = try producer.object()
    try producer.use("get a fallback") {
      try give(
        producer.producer.status.fellBackFrom.map { ($0.path, $0.reason) }, index, reason, capacity,
        number: Numbers.path.number,
        to: path, "path")
    }
  }
}

@c @implementation
public func glvk_producer_get_readback_refusal(
  _ producer: glvk_producer, _ index: UInt32, _ readback: UnsafeMutablePointer<glvk_readback>!,
  _ reason: UnsafeMutablePointer<CChar>!, _ capacity: Int
) -> glvk_result {
  report {
    let producer = try producer.object()
    try producer.use("get a refusal") {
      try give(
        producer.producer.status.readbackRefusals.map { ($0.method, $0.reason) }, index, reason, capacity,
        number: Numbers.readback,
        to: readback,
        "readback")
    }
  }
}

@c @implementation
public func glvk_producer_get_context(
  _ producer: glvk_producer, _ out: UnsafeMutablePointer<glvk_context>!
) -> glvk_result { make(out) { try producer.object().context } }

@c @implementation
public func glvk_producer_get_host(_ producer: glvk_producer, _ out: UnsafeMutablePointer<glvk_host>!) -> glvk_result {
  make(out) { HostObject(try producer.object().host) }
}

@c @implementation
public func glvk_producer_get_matrix(
  _ producer: glvk_producer, _ out: UnsafeMutablePointer<glvk_matrix>!
) -> glvk_result {
  make(out) {
    let object = try producer.object()
    guard let matrix = object.capability else {
      throw InteropError(
        .notAvailable, step: "get the capability matrix",
        reason: object.capabilityProblem ?? "the producer was made without one",
        advice: object.capabilityProblem == nil ? "Leave GLVK_PRODUCER_NO_PROBE out" : nil)
    }
    return MatrixObject(matrix)
  }
}

// MARK: Its end

@c @implementation
public func glvk_producer_context_will_be_destroyed(_ producer: glvk_producer) -> glvk_result {
  report {
    let producer = try producer.object()
    let step = "announce the context's end"
    let raw = try producer.raw(step)
    try producer.turnstile.enter(step) { try raw.contextWillBeDestroyed() }
  }
}

@c @implementation
public func glvk_producer_destroy(_ producer: glvk_producer) -> glvk_result {
  report {
    let object = try producer.object()
    let step = "destroy the producer"
    // Rejects the call from the producer's own draw callback.
    try object.turnstile.enter(step) { _ = try producer.remove() }
  }
}
