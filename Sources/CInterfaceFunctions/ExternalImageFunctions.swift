public import CInterface
internal import InteropDrivers
internal import Glibc
internal import Producers
internal import RawImport

extension glvk_external_image: Handle { typealias Object = ExternalImageObject }

/// The object behind a `glvk_external_image`.
final class ExternalImageObject: HandleObject {
  static let kind = HandleKind.externalImage
  let image: ExternalImage
  /// Kept alive: GL's objects of the image are destroyed before the context.
  let context: ContextObject?

  init(_ image: ExternalImage, _ context: ContextObject?) {
    self.image = image
    self.context = context
  }
}

// MARK: Points

extension ExternalPoint {
  /// Reads a point; NULL is ``done``. A sync file is duplicated: see ``takeFile(of:)``.
  fileprivate init(c pointer: UnsafePointer<glvk_external_point>?) throws(InteropError) {
    guard let point = try SizedStruct.read(pointer, "point") else {
      self = .done
      return
    }
    switch point.kind {
    case glvk_external_point_kind(GLVK_EXTERNAL_POINT_DONE): self = .done
    case glvk_external_point_kind(GLVK_EXTERNAL_POINT_SEMAPHORE): self = .semaphore
    case glvk_external_point_kind(GLVK_EXTERNAL_POINT_TIMELINE):
      self = .timeline(point.value, next: max(point.next_value, 1))
    case glvk_external_point_kind(GLVK_EXTERNAL_POINT_SYNC_FILE):
      guard point.descriptor >= 0, let file = try fence(point.descriptor) else {
        throw invalidArgument("check point", "descriptor is \(point.descriptor)")
      }
      self = .syncFile(file)
    case glvk_external_point_kind(GLVK_EXTERNAL_POINT_NEW_SEMAPHORE):
      guard point.descriptor >= 0 else { throw invalidArgument("check point", "descriptor is \(point.descriptor)") }
      self = .newSemaphore(try FileDescriptorOwner(duplicating: point.descriptor))
    default: throw unknown("kind", point.kind)
    }
  }

  /// The layout in which a taker released the image.
  fileprivate static func layout(of pointer: UnsafePointer<glvk_external_point>?) throws(InteropError) -> VkImageLayout
  {
    guard let point = try SizedStruct.read(pointer, "point"), point.layout != VK_IMAGE_LAYOUT_UNDEFINED else {
      return VK_IMAGE_LAYOUT_GENERAL
    }
    return point.layout
  }

  /// Closes the application's descriptor after a call that took the point.
  fileprivate static func takeFile(of pointer: UnsafePointer<glvk_external_point>?) {
    guard let point = try? SizedStruct.read(pointer, "point"),
      [GLVK_EXTERNAL_POINT_SYNC_FILE, GLVK_EXTERNAL_POINT_NEW_SEMAPHORE].contains(where: {
        glvk_external_point_kind($0) == point.kind
      })
    else { return }
    close(point.descriptor)
  }

  fileprivate consuming func write(to out: UnsafeMutablePointer<glvk_external_point>) {
    var point = glvk_external_point()
    point.descriptor = -1
    switch consume self {
    case .done: point.kind = glvk_external_point_kind(GLVK_EXTERNAL_POINT_DONE)
    case .semaphore: point.kind = glvk_external_point_kind(GLVK_EXTERNAL_POINT_SEMAPHORE)
    case .timeline(let value, let next):
      point.kind = glvk_external_point_kind(GLVK_EXTERNAL_POINT_TIMELINE)
      (point.value, point.next_value) = (value, next)
    case .syncFile(let file):
      point.kind = glvk_external_point_kind(GLVK_EXTERNAL_POINT_SYNC_FILE)
      point.descriptor = file.handOver()
    case .newSemaphore(let descriptor):
      point.kind = glvk_external_point_kind(GLVK_EXTERNAL_POINT_NEW_SEMAPHORE)
      point.descriptor = descriptor.handOver()
    }
    SizedStruct.write(point, to: out)
  }
}

// MARK: Bundles

extension ExternalImageDescription {
  fileprivate init(c bundle: glvk_external_bundle) throws(InteropError) {
    let handleType = try ExternalMemoryHandleType(c: bundle.handle_type)
    guard let sync = try Numbers.sync.optional(bundle.sync) else {
      throw invalidArgument("check sync", "sync is AUTOMATIC", "State how the giver orders the accesses")
    }
    func uuid(_ bytes: some Any) -> DriverUUID? {
      bundle.has_uuids == 0 ? nil : withUnsafeBytes(of: bytes) { DriverUUID(Array($0)) }
    }
    self.init(
      size: PixelSize(c: bundle.width, bundle.height), format: .rgba8, usage: bundle.usage, handleType: handleType,
      allocationSize: bundle.allocation_size, memoryTypeIndex: bundle.memory_type_index,
      deviceUUID: uuid(bundle.device_uuid), driverUUID: uuid(bundle.driver_uuid), sync: sync)
    vkFormat = bundle.vk_format
    flags = bundle.flags
    let formats = withUnsafeBytes(of: bundle.view_formats) { Array($0.bindMemory(to: VkFormat.self)) }
    guard Int(bundle.view_format_count) <= formats.count else {
      throw invalidArgument(
        "check view_format_count", "there are \(bundle.view_format_count) view formats", "Give at most \(formats.count)"
      )
    }
    viewFormats = Array(formats.prefix(Int(bundle.view_format_count)))
    if let given = try Numbers.tiling.optional(bundle.tiling) { tiling = given }
    isDedicated = bundle.is_dedicated != 0
    offset = bundle.offset
    if bundle.layout != VK_IMAGE_LAYOUT_UNDEFINED { layout = bundle.layout }
    if bundle.queue_family != 0 { queueFamily = bundle.queue_family }
    orientation = try ImageOrientation(c: bundle.orientation)
    isOpaque = bundle.is_opaque != 0
  }
}

extension ExternalImageBundle {
  /// Reads a bundle, whose descriptors are duplicated.
  fileprivate init(c pointer: UnsafePointer<glvk_external_bundle>?) throws(InteropError) {
    let bundle = try SizedStruct.readRequired(pointer, "bundle")
    let description = try ExternalImageDescription(c: bundle)
    func duplicate(_ descriptor: Int32, _ name: String) throws(InteropError) -> FileDescriptorOwner {
      guard descriptor >= 0 else { throw invalidArgument("check \(name)", "\(name) is \(descriptor)") }
      return try FileDescriptorOwner(duplicating: descriptor)
    }
    let memory: ExternalImageBundle.Memory =
      if description.handleType == .dmaBuf {
        .dmaBuf(try bundle.dma_buf.object().dmaBuf.duplicate())
      } else {
        .opaqueFD(try duplicate(bundle.memory, "memory"))
      }
    guard bundle.hasSemaphores else {
      self.init(description, memory: memory)
      return
    }
    self.init(
      description, memory: memory, giverDone: try duplicate(bundle.giver_done, "giver_done"),
      takerDone: try duplicate(bundle.taker_done, "taker_done"))
  }

  fileprivate consuming func write(to out: UnsafeMutablePointer<glvk_external_bundle>) throws(InteropError) {
    var bundle = glvk_external_bundle()
    bundle.width = UInt32(description.size.width)
    bundle.height = UInt32(description.size.height)
    bundle.vk_format = description.vkFormat
    bundle.flags = description.flags
    bundle.usage = description.usage
    bundle.tiling = Numbers.tiling.number(description.tiling)
    bundle.view_format_count = UInt32(description.viewFormats.count)
    withUnsafeMutableBytes(of: &bundle.view_formats) { bytes in
      for (place, format) in zip(bytes.bindMemory(to: VkFormat.self).indices, description.viewFormats) {
        bytes.bindMemory(to: VkFormat.self)[place] = format
      }
    }
    bundle.handle_type = description.handleType.number
    bundle.allocation_size = description.allocationSize
    bundle.memory_type_index = description.memoryTypeIndex
    bundle.is_dedicated = flag(description.isDedicated)
    bundle.offset = description.offset
    if let device = description.deviceUUID, let driver = description.driverUUID {
      bundle.has_uuids = 1
      copy(device.bytes, into: &bundle.device_uuid)
      copy(driver.bytes, into: &bundle.driver_uuid)
    }
    bundle.layout = description.layout
    bundle.queue_family = description.queueFamily
    bundle.sync = Numbers.sync.number(description.sync)
    bundle.orientation = description.orientation.number
    bundle.is_opaque = flag(description.isOpaque)
    (bundle.memory, bundle.giver_done, bundle.taker_done) = (-1, -1, -1)
    var whole = self
    // The only step that can fail comes first: until then every descriptor has its owner.
    switch whole.memory {
    case .opaqueFD(let descriptor): bundle.memory = try descriptor.duplicate().handOver()
    case .dmaBuf(let buffer):
      bundle.dma_buf.id = try HandleTable.shared.insert(DMABufHandleObject(try buffer.duplicate()))
    }
    if let descriptor = whole.giverDone.take() { bundle.giver_done = descriptor.handOver() }
    if let descriptor = whole.takerDone.take() { bundle.taker_done = descriptor.handOver() }
    SizedStruct.write(bundle, to: out)
  }
}

extension glvk_external_bundle {
  fileprivate var hasSemaphores: Bool {
    [GLVK_SYNC_SEMAPHORE_FD, GLVK_SYNC_TIMELINE_SEMAPHORE].map(glvk_sync.init).contains(sync)
  }
}

@c @implementation
public func glvk_external_bundle_close(_ bundle: UnsafeMutablePointer<glvk_external_bundle>!) -> glvk_result {
  report {
    let pointer = try SizedStruct.checkOut(bundle, "bundle")
    var bundle = try SizedStruct.readRequired(pointer, "bundle")
    if bundle.dma_buf.id != 0 { try bundle.dma_buf.remove() }
    if bundle.handle_type == glvk_handle_type(GLVK_HANDLE_TYPE_OPAQUE_FD), bundle.memory >= 0 { close(bundle.memory) }
    if bundle.hasSemaphores {
      for descriptor in [bundle.giver_done, bundle.taker_done] where descriptor >= 0 { close(descriptor) }
    }
    bundle.dma_buf.id = 0
    (bundle.memory, bundle.giver_done, bundle.taker_done) = (-1, -1, -1)
    SizedStruct.write(bundle, to: pointer)
  }
}

// MARK: Giving

@c @implementation
public func glvk_image_get_external_bundle(
  _ image: glvk_image, _ out: UnsafeMutablePointer<glvk_external_bundle>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try SizedStruct.checkOut(out, "out")
    try image.externalBundle().write(to: out)
  }
}

@c @implementation
public func glvk_image_acquire_for_external(
  _ image: glvk_image, _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try SizedStruct.checkOut(out, "out")
    try image.acquireForExternal().write(to: out)
  }
}

@c @implementation
public func glvk_image_release_from_external(
  _ image: glvk_image, _ point: UnsafePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    try image.releaseFromExternal(after: try ExternalPoint(c: point), layout: ExternalPoint.layout(of: point))
    ExternalPoint.takeFile(of: point)
  }
}

@c @implementation
public func glvk_frame_get_external_bundle(
  _ frame: glvk_frame, _ out: UnsafeMutablePointer<glvk_external_bundle>!
) -> glvk_result {
  report {
    try frame.use("export the frame's bundle") { frame in
      let out = try SizedStruct.checkOut(out, "out")
      try frame.externalBundle().write(to: out)
    }
  }
}

@c @implementation
public func glvk_frame_acquire_for_external(
  _ frame: glvk_frame, _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    try frame.hold("give the frame away") { frame throws(InteropError) in
      let out = try SizedStruct.checkOut(out, "out")
      try frame.acquireForExternal().write(to: out)
    }
  }
}

@c @implementation
public func glvk_frame_release_from_external(
  _ frame: glvk_frame, _ point: UnsafePointer<glvk_external_point>!
) -> glvk_result {
  report {
    try frame.end("take the frame back") { frame throws(InteropError) in
      try frame.releaseFromExternalKeeping(
        after: try ExternalPoint(c: point), layout: ExternalPoint.layout(of: point))
    }
    ExternalPoint.takeFile(of: point)
  }
}

@c @implementation
public func glvk_target_get_external_bundle(
  _ target: glvk_target, _ out: UnsafeMutablePointer<glvk_external_bundle>!
) -> glvk_result {
  report {
    try target.use("export the target's bundle") { target in
      let out = try SizedStruct.checkOut(out, "out")
      try target.externalBundle().write(to: out)
    }
  }
}

@c @implementation
public func glvk_target_acquire_for_external(
  _ target: glvk_target, _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    try target.use("give the target away") { target in
      let out = try SizedStruct.checkOut(out, "out")
      try target.acquireForExternal().write(to: out)
    }
  }
}

@c @implementation
public func glvk_target_release_from_external(
  _ target: glvk_target, _ point: UnsafePointer<glvk_external_point>!, _ present: UnsafePointer<glvk_present_options>!,
  _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  let result = target.show("take the target back", present, out) { target throws(InteropError) in
    try target.releaseFromExternalKeeping(
      after: try ExternalPoint(c: point), layout: ExternalPoint.layout(of: point))
  }
  if result == GLVK_SUCCESS { ExternalPoint.takeFile(of: point) }
  return result
}

// MARK: Taking

@c @implementation
public func glvk_external_image_import(
  _ bundle: UnsafePointer<glvk_external_bundle>!, _ options: UnsafePointer<glvk_external_import_options>!,
  _ out: UnsafeMutablePointer<glvk_external_image>!
) -> glvk_result {
  make(out) {
    let options = try SizedStruct.readRequired(options, "options")
    let (context, host) = (try options.context.optional(), try options.host.optional())
    let image = try ExternalImage(
      importing: try ExternalImageBundle(c: bundle), glWrites: options.gl_writes != 0, gl: context?.gl,
      host: host?.host)
    return ExternalImageObject(image, context)
  }
}

@c @implementation
public func glvk_external_image_get_info(
  _ image: glvk_external_image, _ out: UnsafeMutablePointer<glvk_external_image_info>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_external_image_info()
    info.width = UInt32(image.description.size.width)
    info.height = UInt32(image.description.size.height)
    info.vk_format = image.description.vkFormat
    info.sync = Numbers.sync.number(image.description.sync)
    info.image = image.vkImage
    info.gl_texture = image.glTexture ?? 0
    info.gl_framebuffer = image.glFramebuffer ?? 0
    info.component_mapping = image.componentMapping
    info.image_id = image.imageID?.rawValue ?? 0
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_external_image_get_view(
  _ image: glvk_external_image, _ options: UnsafePointer<glvk_view_options>!,
  _ out: UnsafeMutablePointer<VkImageView?>!
) -> glvk_result {
  report {
    let image = try image.object().image
    try view(options, out) { options throws(InteropError) in
      try image.view(format: options.format, components: options.components)
    }
  }
}

@c @implementation
public func glvk_external_image_acquire_for_gl(
  _ image: glvk_external_image, _ point: UnsafePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().image
    try image.acquireForGL(after: try ExternalPoint(c: point))
    ExternalPoint.takeFile(of: point)
  }
}

@c @implementation
public func glvk_external_image_release_from_gl(
  _ image: glvk_external_image, _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    try image.releaseFromGL().write(to: out)
  }
}

@c @implementation
public func glvk_external_image_access(
  _ image: glvk_external_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!,
  _ point: UnsafePointer<glvk_external_point>!, _ record: glvk_record!, _ user_data: UnsafeMutableRawPointer!,
  _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    let record = try required(record, "record")
    let queue = try image.host?.queue(queue, "queue")
    let done = try image.access(VulkanAccess(c: use), on: queue, after: try ExternalPoint(c: point)) { commands in
      try checkCallback("record", record(user_data, commands, image.vkImage))
    }
    ExternalPoint.takeFile(of: point)
    done.write(to: out)
  }
}

@c @implementation
public func glvk_external_image_acquire_barrier(
  _ image: glvk_external_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!,
  _ point: UnsafePointer<glvk_external_point>!, _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    let queue = try image.host?.queue(queue, "queue")
    try image.acquireBarrier(VulkanAccess(c: use), on: queue, after: try ExternalPoint(c: point)).write(to: out)
    ExternalPoint.takeFile(of: point)
  }
}

@c @implementation
public func glvk_external_image_release_barrier(
  _ image: glvk_external_image, _ use: UnsafePointer<glvk_use>!, _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    try image.releaseBarrier(VulkanAccess(c: use)).write(to: out)
  }
}

@c @implementation
public func glvk_external_image_did_submit_release(
  _ image: glvk_external_image, _ out: UnsafeMutablePointer<glvk_external_point>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    try image.didSubmitRelease().write(to: out)
  }
}

@c @implementation
public func glvk_external_image_destroy(_ image: glvk_external_image) -> glvk_result { report { try image.remove() } }
