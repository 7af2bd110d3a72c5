public import CInterface
internal import InteropDrivers
internal import RawImport

extension glvk_dma_buf: Handle { typealias Object = DMABufHandleObject }

/// The object behind a `glvk_dma_buf`.
final class DMABufHandleObject: HandleObject {
  static let kind = HandleKind.dmaBuf
  let dmaBuf: DMABuf

  init(_ dmaBuf: DMABuf) { self.dmaBuf = dmaBuf }

  /// - Throws: ``InteropError/Code/notAvailable`` for nil.
  convenience init(duplicating dmaBuf: DMABuf?) throws(InteropError) {
    guard let dmaBuf else {
      throw InteropError(
        .notAvailable, step: "get the DMA-BUF", reason: "the memory is not shared as DMA-BUF",
        advice: "Ask for GLVK_PATH_DMA_BUF_IMPORT or GLVK_PATH_DMA_BUF_EXPORT")
    }
    self.init(try dmaBuf.duplicate())
  }
}

extension glvk_dma_buf_image: Handle { typealias Object = DMABufImageObject }

/// The object behind a `glvk_dma_buf_image`.
final class DMABufImageObject: HandleObject {
  static let kind = HandleKind.dmaBufImage
  let image: DMABufImage
  let notice: RetirementNotice
  init(_ image: DMABufImage) {
    self.image = image
    notice = RetirementNotice(of: image.life)
  }
}

extension glvk_dma_buf_texture: Handle { typealias Object = DMABufTextureObject }

/// The object behind a `glvk_dma_buf_texture`.
final class DMABufTextureObject: HandleObject {
  static let kind = HandleKind.dmaBufTexture
  let texture: DMABufTexture
  let context: ContextObject
  let notice: RetirementNotice
  init(_ texture: DMABufTexture, _ context: ContextObject) {
    self.texture = texture
    notice = RetirementNotice(of: texture.life)
    self.context = context
  }
}

@c @implementation
public func glvk_dma_buf_create(
  _ info: UnsafePointer<glvk_dma_buf_info>!, _ out: UnsafeMutablePointer<glvk_dma_buf>!
) -> glvk_result {
  make(out) {
    var info = try SizedStruct.readRequired(info, "info")
    let planes = withUnsafeBytes(of: &info.planes) { Array($0.bindMemory(to: glvk_dma_buf_plane.self)) }
    guard (1...UInt32(planes.count)).contains(info.plane_count) else {
      throw invalidArgument("check plane_count", "there are \(info.plane_count) planes", "Give 1 to \(planes.count)")
    }
    return DMABufHandleObject(
      try DMABuf(
        size: PixelSize(c: info.width, info.height), format: DRMFourCC(rawValue: info.fourcc),
        modifier: DRMModifier(rawValue: info.modifier),
        planes: planes.prefix(Int(info.plane_count)).map {
          DMABuf.PlaneDescriptor(descriptor: $0.descriptor, offset: $0.offset, stride: $0.stride)
        }))
  }
}

@c @implementation
public func glvk_dma_buf_export_texture(
  _ context: glvk_context, _ texture: UInt32, _ width: UInt32, _ height: UInt32,
  _ out: UnsafeMutablePointer<glvk_dma_buf>!
) -> glvk_result {
  make(out) {
    DMABufHandleObject(try DMABuf(exporting: texture, size: PixelSize(c: width, height), gl: try context.object().gl))
  }
}

@c @implementation
public func glvk_dma_buf_get_info(
  _ buffer: glvk_dma_buf, _ out: UnsafeMutablePointer<glvk_dma_buf_info>!
) -> glvk_result {
  report {
    let buffer = try buffer.object().dmaBuf
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_dma_buf_info()
    info.width = UInt32(buffer.size.width)
    info.height = UInt32(buffer.size.height)
    info.fourcc = buffer.format.rawValue
    info.modifier = buffer.modifier.rawValue
    info.plane_count = UInt32(buffer.planes.count)
    // The descriptors are lent: they stay open as long as the object.
    let descriptors = buffer.withDescriptors { $0 }
    withUnsafeMutableBytes(of: &info.planes) { bytes in
      for (place, plane) in zip(bytes.bindMemory(to: glvk_dma_buf_plane.self).indices, buffer.planes) {
        bytes.bindMemory(to: glvk_dma_buf_plane.self)[place] = glvk_dma_buf_plane(
          descriptor: descriptors[plane.object], reserved: 0, offset: plane.offset, stride: plane.stride)
      }
    }
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_dma_buf_destroy(_ buffer: glvk_dma_buf) -> glvk_result { report { try buffer.remove() } }

@c @implementation
public func glvk_dma_buf_import_vulkan(
  _ buffer: glvk_dma_buf, _ host: glvk_host, _ format: glvk_format, _ usage: VkImageUsageFlags,
  _ out: UnsafeMutablePointer<glvk_dma_buf_image>!
) -> glvk_result {
  make(out) {
    let (buffer, host) = (try buffer.object(), try host.object())
    return DMABufImageObject(
      try buffer.dmaBuf.importIntoVulkan(
        host.host, format: Numbers.format.optional(format), usage: usage == 0 ? nil : usage))
  }
}

@c @implementation
public func glvk_dma_buf_import_vulkan_with_options(
  _ buffer: glvk_dma_buf, _ host: glvk_host, _ options: UnsafePointer<glvk_dma_buf_import_options>!,
  _ out: UnsafeMutablePointer<glvk_dma_buf_image>!
) -> glvk_result {
  make(out) {
    let (buffer, host) = (try buffer.object(), try host.object())
    let options = try SizedStruct.read(options, "options") ?? glvk_dma_buf_import_options()
    return DMABufImageObject(
      try buffer.dmaBuf.importIntoVulkan(
        host.host, format: Numbers.format.optional(options.format), usage: options.usage == 0 ? nil : options.usage,
        implicitLayout: ImplicitLayout(c: options.implicit_layout)))
  }
}

@c @implementation
public func glvk_dma_buf_image_get_info(
  _ image: glvk_dma_buf_image, _ out: UnsafeMutablePointer<glvk_dma_buf_image_info>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_dma_buf_image_info()
    info.width = UInt32(image.size.width)
    info.height = UInt32(image.size.height)
    info.image = image.vkImage
    info.memory = image.vkMemory
    info.vk_format = image.vkFormat
    info.usage = image.usage
    info.memory_size = image.memorySize
    info.modifier = image.modifier.rawValue
    info.outside_family = image.outsideFamily
    info.component_mapping = image.componentMapping
    info.image_id = image.imageID.rawValue
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_dma_buf_image_get_view(
  _ image: glvk_dma_buf_image, _ options: UnsafePointer<glvk_view_options>!, _ out: UnsafeMutablePointer<VkImageView?>!
) -> glvk_result {
  report {
    let image = try image.object().image
    try view(options, out) { options throws(InteropError) in
      try image.view(format: options.format, components: options.components)
    }
  }
}

@c @implementation
public func glvk_dma_buf_image_set_retired_callback(
  _ image: glvk_dma_buf_image, _ callback: glvk_image_retired!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result { report { try image.object().notice.set(callback, user_data) } }

@c @implementation
public func glvk_dma_buf_image_acquire_barrier(
  _ image: glvk_dma_buf_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    let queue = try image.host.queue(queue, "queue") ?? image.host.queues[0]
    try image.acquireBarrier(VulkanAccess(c: use), queue: queue).write(to: out)
  }
}

@c @implementation
public func glvk_dma_buf_image_release_barrier(
  _ image: glvk_dma_buf_image, _ use: UnsafePointer<glvk_use>!, _ queue: VkQueue!,
  _ out: UnsafeMutablePointer<glvk_ownership_transfer>!
) -> glvk_result {
  report {
    let image = try image.object().image
    let out = try SizedStruct.checkOut(out, "out")
    let queue = try image.host.queue(queue, "queue") ?? image.host.queues[0]
    try image.releaseBarrier(VulkanAccess(c: use), queue: queue).write(to: out)
  }
}

@c @implementation
public func glvk_dma_buf_image_destroy(_ image: glvk_dma_buf_image) -> glvk_result { report { try image.remove() } }

@c @implementation
public func glvk_dma_buf_import_gl(
  _ buffer: glvk_dma_buf, _ context: glvk_context, _ can_render: UInt32,
  _ out: UnsafeMutablePointer<glvk_dma_buf_texture>!
) -> glvk_result {
  make(out) {
    let (buffer, context) = (try buffer.object(), try context.object())
    return DMABufTextureObject(
      try buffer.dmaBuf.importIntoGL(context.gl, for: can_render != 0 ? .rendering : .sampling), context)
  }
}

@c @implementation
public func glvk_dma_buf_texture_get_info(
  _ texture: glvk_dma_buf_texture, _ out: UnsafeMutablePointer<glvk_dma_buf_texture_info>!
) -> glvk_result {
  report {
    let texture = try texture.object().texture
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_dma_buf_texture_info()
    info.width = UInt32(texture.size.width)
    info.height = UInt32(texture.size.height)
    info.target = texture.target
    info.texture = texture.texture
    info.framebuffer = texture.renderFramebuffer ?? 0
    info.image_id = texture.imageID.rawValue
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_dma_buf_texture_set_retired_callback(
  _ texture: glvk_dma_buf_texture, _ callback: glvk_image_retired!, _ user_data: UnsafeMutableRawPointer!
) -> glvk_result { report { try texture.object().notice.set(callback, user_data) } }

@c @implementation
public func glvk_dma_buf_texture_destroy(_ texture: glvk_dma_buf_texture) -> glvk_result {
  report { try texture.remove() }
}
