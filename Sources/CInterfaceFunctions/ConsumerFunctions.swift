public import CInterface
internal import Capability
internal import InteropDrivers
internal import Producers
internal import RawImport

extension glvk_consumer: Handle { typealias Object = ConsumerObject }

/// The object behind a `glvk_consumer`. Vulkan's thread and GL's thread may use it at once, like a ``RawGLConsumer``.
final class ConsumerObject: HandleObject {
  static let kind = HandleKind.consumer
  let consumer: RawGLConsumer
  let context: ContextObject
  let targets = Atomic<UInt64>(0)

  init(_ consumer: RawGLConsumer, _ context: ContextObject) {
    self.consumer = consumer
    self.context = context
  }
}

extension ConsumerOptions {
  fileprivate init(c given: glvk_consumer_options) throws(InteropError) {
    self.init()
    self.logger = CLog.shared.logger
    if given.frames_in_flight != 0 { self.framesInFlight = Int(given.frames_in_flight) }
    if let format = try Numbers.format.optional(given.format) { self.format = format }
    self.path = try Numbers.path.optional(given.path)
    self.sync = try Numbers.sync.optional(given.sync)
    self.tiling = try Numbers.tiling.optional(given.tiling)
    let known = GLVK_CONSUMER_SKIP_PIXEL_CHECK | GLVK_CONSUMER_NO_PROBE | GLVK_CONSUMER_BOTTOM_UP
    guard given.flags & ~UInt32(known) == 0 else {
      throw invalidArgument("check flags", "there are unknown ones in 0x" + String(given.flags, radix: 16))
    }
    self.verifiesPixels = given.flags & UInt32(GLVK_CONSUMER_SKIP_PIXEL_CHECK) == 0
    self.orientation = given.flags & UInt32(GLVK_CONSUMER_BOTTOM_UP) == 0 ? .topDown : .bottomUp
    self.backPressure = try BackPressure(c: given.back_pressure, timeout: given.wait_timeout_ns)
    self.alphaMode = try AlphaMode(c: given.alpha_mode)
    self.colorSpace = try ColorSpace(c: given.color_space)
    if given.usage != 0 { self.usage = given.usage }
    self.modifiers = try CInterfaceFunctions.modifiers(given.modifiers, given.modifier_count)
    if let ranking = given.ranking { self.ranking = try PathRanking(String(cString: ranking)) }
    if let matrix = try given.matrix.optional() {
      self.capability = .matrix(matrix.matrix)
    } else if given.flags & UInt32(GLVK_CONSUMER_NO_PROBE) != 0 {
      self.capability = .nowhere
    }
  }
}

@c @implementation
public func glvk_consumer_create(
  _ options: UnsafePointer<glvk_consumer_options>!, _ out: UnsafeMutablePointer<glvk_consumer>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.readRequired(options, "options")
    let options = try ConsumerOptions(c: given)
    guard let size = try PixelSize.optional(c: given.width, given.height) else {
      throw invalidArgument("check the size", "it is 0x0", "Give width and height")
    }
    let host = try given.host.object()
    let context = if let named = try given.context.optional() { named } else { ContextObject(try GLContext.current()) }
    try context.checkCurrent("make a consumer")
    return ConsumerObject(
      try RawGLConsumer(size: size, host: host.host, context: context.gl, options: options), context)
  }
}

@c @implementation
public func glvk_consumer_next_target(
  _ consumer: glvk_consumer, _ out: UnsafeMutablePointer<glvk_target>!
) -> glvk_result {
  make(out) {
    let object = try consumer.object()
    let target = TargetObject(try object.consumer.nextTarget())
    object.targets.wrappingAdd(1, ordering: .relaxed)
    return target
  }
}

@c @implementation
public func glvk_consumer_poll(_ consumer: glvk_consumer) -> glvk_result {
  report { try consumer.object().consumer.poll() }
}

@c @implementation
public func glvk_consumer_resize(_ consumer: glvk_consumer, _ width: UInt32, _ height: UInt32) -> glvk_result {
  report { try consumer.object().consumer.resize(to: PixelSize(c: width, height)) }
}

@c @implementation
public func glvk_consumer_set_image_retired_callback(
  _ consumer: glvk_consumer, _ callback: glvk_image_retired!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result { report { try consumer.object().consumer.notice.set(callback, user_data) } }

@c @implementation
public func glvk_consumer_get_info(
  _ consumer: glvk_consumer, _ out: UnsafeMutablePointer<glvk_consumer_info>!
) -> glvk_result {
  report {
    let object = try consumer.object()
    let consumer = object.consumer
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_consumer_info()
    let (size, status) = (consumer.size, consumer.status)
    info.width = UInt32(size.width)
    info.height = UInt32(size.height)
    info.path = Numbers.path.number(status.path)
    info.sync = Numbers.sync.number(status.sync)
    info.has_modifier = flag(status.modifier != nil)
    info.modifier = (status.modifier ?? .invalid).rawValue
    info.fallback_count = UInt32(status.fellBackFrom.count)
    info.retired_slot_count = UInt32(status.retiredSlotCount)
    info.ownership_queue = status.ownershipQueue.handle
    info.ownership_queue_family = status.ownershipQueue.family
    info.target_count = object.targets.load(ordering: .relaxed)
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_consumer_get_fallback(
  _ consumer: glvk_consumer, _ index: UInt32, _ path: UnsafeMutablePointer<glvk_path>!,
  _ reason: UnsafeMutablePointer<CChar>!, _ capacity: Int
) -> glvk_result {
  report {
    let fallbacks = try consumer.object().consumer.status.fellBackFrom
    try give(
      fallbacks.map { ($0.path, $0.reason) }, index, reason, capacity, number: Numbers.path.number, to: path, "path")
  }
}

@c @implementation
public func glvk_consumer_get_context(
  _ consumer: glvk_consumer, _ out: UnsafeMutablePointer<glvk_context>!
) -> glvk_result { make(out) { try consumer.object().context } }

@c @implementation
public func glvk_consumer_get_host(_ consumer: glvk_consumer, _ out: UnsafeMutablePointer<glvk_host>!) -> glvk_result {
  make(out) { HostObject(try consumer.object().consumer.host) }
}

@c @implementation
public func glvk_consumer_get_matrix(
  _ consumer: glvk_consumer, _ out: UnsafeMutablePointer<glvk_matrix>!
) -> glvk_result {
  make(out) {
    let consumer = try consumer.object().consumer
    guard let matrix = consumer.capability else {
      let problem = consumer.status.capabilityProblem
      throw InteropError(
        .notAvailable, step: "get the capability matrix",
        reason: problem ?? "the consumer was made without one",
        advice: problem == nil ? "Leave GLVK_CONSUMER_NO_PROBE out" : nil)
    }
    return MatrixObject(matrix)
  }
}

@c @implementation
public func glvk_consumer_context_will_be_destroyed(_ consumer: glvk_consumer) -> glvk_result {
  report { try consumer.object().consumer.contextWillBeDestroyed() }
}

@c @implementation
public func glvk_consumer_destroy(_ consumer: glvk_consumer) -> glvk_result { report { try consumer.remove() } }

// MARK: Targets

extension glvk_target: Handle { typealias Object = TargetObject }

/// The object behind a `glvk_target`: one target, until it becomes a frame or is dropped.
final class TargetObject: HandleObject {
  static let kind = HandleKind.target
  let owned: Owned<VulkanTarget>

  init(_ target: consuming VulkanTarget) { owned = Owned("target", target) }

  /// The application keeps the target after an error that it can correct.
  static func judge(_ error: InteropError, _ target: borrowing VulkanTarget) -> Owned<VulkanTarget>.Judgement {
    .init(error: error, isOver: error.code != .invalidState && error.code != .invalidArgument)
  }
}

extension glvk_target {
  func use<Result: ~Copyable>(
    _ step: String, _ body: (borrowing VulkanTarget) throws -> Result
  ) throws -> Result { try object().owned.use(step, body) }

  /// Makes the handle of a frame that Vulkan has drawn.
  func show(
    _ step: String, _ present: UnsafePointer<glvk_present_options>?, _ out: UnsafeMutablePointer<glvk_gl_frame>?,
    _ body: (borrowing VulkanTarget) throws(InteropError) -> Void
  ) -> glvk_result {
    make(out) {
      let object = try object()
      let given = try SizedStruct.read(present, "present") ?? glvk_present_options()
      let time: Duration? = given.has_presentation_time == 0 ? nil : .nanoseconds(given.presentation_time_ns)
      let damage = try damagedRects(given.damage, given.damage_count)
      return try object.owned.exchange(
        step, isOver: { _ = try? remove() }, judge: TargetObject.judge, body,
        for: { target in GLFrameObject(target.passOn(time, damage)) })
    }
  }
}

@c @implementation
public func glvk_target_get_info(_ target: glvk_target, _ out: UnsafeMutablePointer<glvk_target_info>!) -> glvk_result {
  report {
    try target.use("describe the target") { target in
      let out = try SizedStruct.checkOut(out, "out")
      var info = glvk_target_info()
      info.image = target.image
      info.vk_format = target.format.vkFormat
      info.usage = target.usage
      info.format = Numbers.format.number(target.format)
      info.width = UInt32(target.size.width)
      info.height = UInt32(target.size.height)
      info.orientation = target.orientation.number
      info.path = Numbers.path.number(target.path)
      info.sync = Numbers.sync.number(target.sync)
      info.number = target.number
      info.image_id = target.imageID.rawValue
      SizedStruct.write(info, to: out)
    }
  }
}

@c @implementation
public func glvk_target_get_view(
  _ target: glvk_target, _ options: UnsafePointer<glvk_view_options>!, _ out: UnsafeMutablePointer<VkImageView?>!
) -> glvk_result {
  report {
    try target.use("make a view") { target in
      try view(options, out) { options throws(InteropError) in
        try target.view(format: options.format, components: options.components)
      }
    }
  }
}

@c @implementation
public func glvk_target_access(
  _ target: glvk_target, _ access: UnsafePointer<glvk_access_options>!, _ present: UnsafePointer<glvk_present_options>!,
  _ record: glvk_record!, _ user_data: UnsafeMutableRawPointer!, _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  target.show("render a frame", present, out) { target throws(InteropError) in
    let record = try required(record, "record")
    let options = try AccessOptions(access, target.host, usual: .colorAttachment)
    try target.accessKeeping(
      options.use, on: options.queues, waitingUpTo: options.timeout
    ) { commands, image throws(InteropError) in try checkCallback("record", record(user_data, commands, image)) }
  }
}

@c @implementation
public func glvk_target_acquire(
  _ target: glvk_target, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!
) -> glvk_result {
  report {
    try target.use("acquire the target") { target in
      let queues = try AccessQueues(target.host, queue, ownership: ownership_queue)
      try target.acquire(VulkanAccess(c: use, usual: .colorAttachment), on: queues)
    }
  }
}

@c @implementation
public func glvk_target_release(
  _ target: glvk_target, _ use: UnsafePointer<glvk_use>!, _ present: UnsafePointer<glvk_present_options>!,
  _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  target.show("release the target", present, out) { target throws(InteropError) in
    try target.releaseKeeping(VulkanAccess.optional(c: use))
  }
}

@c @implementation
public func glvk_target_acquire_barrier(
  _ target: glvk_target, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    try target.use("acquire the target") { target in
      let out = try SizedStruct.checkOut(out, "out")
      let queues = try AccessQueues(target.host, queue, ownership: ownership_queue)
      try target.acquireBarrier(
        VulkanAccess(c: use, usual: .colorAttachment), on: queues
      ).write(to: out)
    }
  }
}

@c @implementation
public func glvk_target_release_barrier(
  _ target: glvk_target, _ use: UnsafePointer<glvk_use>!, _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    try target.use("release the target") { target in
      let out = try SizedStruct.checkOut(out, "out")
      try target.releaseBarrier(VulkanAccess(c: use, usual: .colorAttachment)).write(to: out)
    }
  }
}

@c @implementation
public func glvk_target_did_submit_release(
  _ target: glvk_target, _ present: UnsafePointer<glvk_present_options>!, _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  target.show("release the target", present, out) { target throws(InteropError) in try target.didSubmitReleaseKeeping()
  }
}

@c @implementation
public func glvk_target_cancel_acquire(_ target: glvk_target) -> glvk_result {
  report { try target.use("cancel the acquire") { target in try target.cancelAcquire() } }
}

@c @implementation
public func glvk_target_drop(_ target: glvk_target) -> glvk_result { report { try target.remove() } }
