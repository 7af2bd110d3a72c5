public import CInterface
internal import InteropDrivers
internal import Glibc
internal import RawImport

extension glvk_image: Handle { typealias Object = ImageObject }

/// The object behind a `glvk_image`.
final class ImageObject: HandleObject {
  static let kind = HandleKind.image
  let shared: SharedImage
  /// Kept alive: GL's objects of the image are destroyed before the context.
  let context: ContextObject
  let notice: RetirementNotice

  init(_ shared: SharedImage, _ context: ContextObject) {
    self.shared = shared
    notice = RetirementNotice(of: shared.life)
    self.context = context
  }
}

extension SharedImageDescription {
  fileprivate init(c options: glvk_image_options) throws(InteropError) {
    self.init(
      size: PixelSize(c: options.width, options.height), format: try Numbers.format.optional(options.format) ?? .rgba8,
      tiling: try Numbers.tiling.optional(options.tiling), direction: try TransferDirection(c: options.direction),
      mode: try Numbers.mode.optional(options.mode) ?? .direct,
      handleType: try ExternalMemoryHandleType(c: options.handle_type),
      allocator: try SharedMemoryAllocator(c: options.allocator),
      modifiers: try CInterfaceFunctions.modifiers(options.modifiers, options.modifier_count),
      orientation: try ImageOrientation(c: options.orientation), usage: options.usage == 0 ? nil : options.usage,
      glEncoding: try GLColorEncoding(c: options.gl_encoding), isOpaque: options.is_opaque != 0,
      allowsDeviceMismatch: options.allows_device_mismatch != 0)
  }
}

@c @implementation
public func glvk_image_create(
  _ context: glvk_context, _ host: glvk_host, _ options: UnsafePointer<glvk_image_options>!,
  _ out: UnsafeMutablePointer<glvk_image>!
) -> glvk_result {
  make(out) {
    let (context, host) = (try context.object(), try host.object())
    let options = try SizedStruct.readRequired(options, "options")
    let image = try SharedImage(
      SharedImageDescription(c: options), gl: context.gl, host: host.host, sync: Numbers.sync.optional(options.sync),
      ownershipQueue: host.queue(options.ownership_queue, "ownership_queue"))
    return ImageObject(image, context)
  }
}

@c @implementation
public func glvk_image_import_dma_buf(
  _ context: glvk_context, _ host: glvk_host, _ buffer: glvk_dma_buf, _ options: UnsafePointer<glvk_image_options>!,
  _ out: UnsafeMutablePointer<glvk_image>!
) -> glvk_result {
  make(out) {
    let (context, host, buffer) = (try context.object(), try host.object(), try buffer.object())
    let options = try SizedStruct.read(options, "options") ?? glvk_image_options()
    let image = try SharedImage(
      importing: buffer.dmaBuf, format: Numbers.format.optional(options.format),
      direction: TransferDirection(c: options.direction),
      mode: Numbers.mode.optional(options.mode) ?? .direct, orientation: ImageOrientation(c: options.orientation),
      usage: options.usage == 0 ? nil : options.usage, implicitLayout: ImplicitLayout(c: options.implicit_layout),
      gl: context.gl, host: host.host, sync: Numbers.sync.optional(options.sync),
      ownershipQueue: host.queue(options.ownership_queue, "ownership_queue"))
    return ImageObject(image, context)
  }
}

@c @implementation
public func glvk_import_gl_framebuffer(
  _ context: glvk_context, _ host: glvk_host, _ framebuffer: UnsafePointer<glvk_framebuffer>!,
  _ options: UnsafePointer<glvk_import_options>!, _ out: UnsafeMutablePointer<glvk_image>!
) -> glvk_result {
  make(out) {
    let (context, host) = (try context.object(), try host.object())
    let source = try GLFramebuffer(c: SizedStruct.readRequired(framebuffer, "framebuffer"))
    let given = try SizedStruct.read(options, "options") ?? glvk_import_options()
    let options = ImportOptions(
      format: try Numbers.format.optional(given.format), orientation: try ImageOrientation(c: given.orientation),
      tiling: try Numbers.tiling.optional(given.tiling) ?? .optimal,
      mode: try Numbers.mode.optional(given.mode) ?? .blit,
      modifiers: try modifiers(given.modifiers, given.modifier_count), usage: given.usage == 0 ? nil : given.usage,
      sync: try Numbers.sync.optional(given.sync), isOpaque: given.is_opaque != 0 ? true : nil,
      allowsDeviceMismatch: given.allows_device_mismatch != 0)
    let imported = try importGLFramebufferVulkan(
      source, gl: context.gl, host: host.host, handleType: ExternalMemoryHandleType(c: given.handle_type),
      options: options)
    return ImageObject(imported.shared, context)
  }
}

@c @implementation
public func glvk_image_get_info(_ image: glvk_image, _ out: UnsafeMutablePointer<glvk_image_info>!) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_image_info()
    info.width = UInt32(image.size.width)
    info.height = UInt32(image.size.height)
    info.format = Numbers.format.number(image.format)
    info.orientation = image.orientation.number
    info.direction = image.description.direction.number
    info.sync = Numbers.sync.number(image.sync)
    info.state =
      switch image.state {
      case .idle: glvk_image_state(GLVK_IMAGE_IDLE)
      case .writing: glvk_image_state(GLVK_IMAGE_WRITING)
      case .ready: glvk_image_state(GLVK_IMAGE_READY)
      case .reading: glvk_image_state(GLVK_IMAGE_READING)
      }
    info.image = image.vkImage
    info.memory = image.vkMemory
    info.vk_format = image.format.vkFormat
    info.usage = image.usage
    info.memory_size = image.memorySize
    info.outside_family = image.outsideFamily
    info.gl_texture = image.glTexture
    info.gl_framebuffer = image.glFramebuffer ?? 0
    info.has_modifier = flag(image.modifier != nil)
    info.modifier = (image.modifier ?? .invalid).rawValue
    info.is_opaque = flag(image.isOpaque)
    info.component_mapping = image.componentMapping
    info.image_id = image.imageID.rawValue
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_image_get_view(
  _ image: glvk_image, _ options: UnsafePointer<glvk_view_options>!, _ out: UnsafeMutablePointer<VkImageView?>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    try view(options, out) { options throws(InteropError) in
      try image.view(format: options.format, components: options.components)
    }
  }
}

@c @implementation
public func glvk_image_set_retired_callback(
  _ image: glvk_image, _ callback: glvk_image_retired!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result { report { try image.object().notice.set(callback, user_data) } }

@c @implementation
public func glvk_image_get_dma_buf(_ image: glvk_image, _ out: UnsafeMutablePointer<glvk_dma_buf>!) -> glvk_result {
  make(out) { try DMABufHandleObject(duplicating: try image.object().shared.dmaBuf) }
}

@c @implementation
public func glvk_image_acquire_for_gl(_ image: glvk_image) -> glvk_result {
  report { try image.object().shared.acquireForGL() }
}

@c @implementation
public func glvk_image_release_from_gl(_ image: glvk_image) -> glvk_result {
  report { try image.object().shared.releaseFromGL() }
}

@c @implementation
public func glvk_image_cancel_acquire_for_gl(_ image: glvk_image) -> glvk_result {
  report {
    try image.object().shared.cancelAcquireForGL()
  }
}

@c @implementation
public func glvk_image_acquire_barrier(
  _ image: glvk_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try SizedStruct.checkOut(out, "out")
    let queues = try AccessQueues(image.host, queue, ownership: ownership_queue)
    try image.acquireBarrier(VulkanAccess(c: use), on: queues).write(to: out)
  }
}

@c @implementation
public func glvk_image_release_barrier(
  _ image: glvk_image, _ use: UnsafePointer<glvk_use>!, _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try SizedStruct.checkOut(out, "out")
    try image.releaseBarrier(VulkanAccess(c: use)).write(to: out)
  }
}

@c @implementation
public func glvk_image_did_submit_release(_ image: glvk_image) -> glvk_result {
  report { try image.object().shared.didSubmitRelease() }
}

@c @implementation
public func glvk_image_cancel_acquire(_ image: glvk_image) -> glvk_result {
  report { try image.object().shared.cancelAcquire() }
}

@c @implementation
public func glvk_image_access(
  _ image: glvk_image, _ options: UnsafePointer<glvk_access_options>!, _ record: glvk_record!,
  _ user_data: UnsafeMutableRawPointer!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let record = try required(record, "record")
    let options = try AccessOptions(options, image.host)
    try image.ownership.access(options.use, on: options.queues) {
      commands throws(InteropError) in
      try checkCallback("record", record(user_data, commands, image.vkImage))
    }
    if let timeout = options.timeout { try image.waitForVulkan(timeout: timeout) }
  }
}

@c @implementation
public func glvk_image_acquire(
  _ image: glvk_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!, _ ownership_queue: VkQueue!
) -> glvk_result {
  report {
    let image = try image.object().shared
    let queues = try AccessQueues(image.host, queue, ownership: ownership_queue)
    try image.acquire(VulkanAccess(c: use), on: queues)
  }
}

@c @implementation
public func glvk_image_release(_ image: glvk_image, _ use: UnsafePointer<glvk_use>!) -> glvk_result {
  report { try image.object().shared.release(VulkanAccess.optional(c: use)) }
}

@c @implementation
public func glvk_image_wait(_ image: glvk_image, _ timeout_ns: UInt64) -> glvk_result {
  report { try image.object().shared.waitForVulkan(timeout: Duration(nanoseconds: timeout_ns)) }
}

@c @implementation
public func glvk_image_acquire_for_foreign(_ image: glvk_image, _ fence: UnsafeMutablePointer<Int32>!) -> glvk_result {
  report {
    let image = try image.object().shared
    let out = try required(fence, "fence")
    let file = try image.acquireForForeign()
    out.pointee = file?.handOver() ?? -1
  }
}

@c @implementation
public func glvk_image_release_from_foreign(_ image: glvk_image, _ fence: Int32) -> glvk_result {
  report {
    let image = try image.object().shared
    try image.releaseFromForeign(after: CInterfaceFunctions.fence(fence))
    if fence >= 0 { close(fence) }
  }
}

@c @implementation
public func glvk_image_drop(_ image: glvk_image) -> glvk_result { report { try image.object().shared.drop() } }

@c @implementation
public func glvk_image_retire(_ image: glvk_image) -> glvk_result { report { try image.object().shared.retire() } }

@c @implementation
public func glvk_image_destroy(_ image: glvk_image) -> glvk_result { report { try image.remove() } }

// MARK: Copies

extension glvk_blitter: Handle { typealias Object = BlitterObject }

/// The object behind a `glvk_blitter`. Used on the GL thread, which is checked before.
final class BlitterObject: HandleObject, @unchecked Sendable {
  static let kind = HandleKind.blitter
  let blitter: FramebufferBlitter
  let context: ContextObject

  init(_ context: ContextObject) {
    blitter = FramebufferBlitter(context.gl)
    self.context = context
  }
}

@c @implementation
public func glvk_blitter_create(_ context: glvk_context, _ out: UnsafeMutablePointer<glvk_blitter>!) -> glvk_result {
  make(out) {
    let context = try context.object()
    try context.checkCurrent("make a blitter")
    return BlitterObject(context)
  }
}

@c @implementation
public func glvk_blitter_copy_to_image(
  _ blitter: glvk_blitter, _ source: UnsafePointer<glvk_framebuffer>!, _ destination: glvk_image
) -> glvk_result {
  report {
    let (blitter, image) = (try blitter.object(), try destination.object())
    let source = try GLFramebuffer(c: SizedStruct.readRequired(source, "source"))
    try blitter.blitter.copy(from: source, to: image.shared)
  }
}

@c @implementation
public func glvk_blitter_copy_to_framebuffer(
  _ blitter: glvk_blitter, _ source: glvk_image, _ destination: UnsafePointer<glvk_framebuffer>!
) -> glvk_result {
  report {
    let (blitter, image) = (try blitter.object(), try source.object())
    let destination = try GLFramebuffer(c: SizedStruct.readRequired(destination, "destination"))
    try blitter.blitter.copy(from: image.shared, to: destination)
  }
}

@c @implementation
public func glvk_blitter_destroy(_ blitter: glvk_blitter) -> glvk_result {
  report {
    try blitter.object().context.checkCurrent("destroy the blitter")
    try blitter.remove()
  }
}
