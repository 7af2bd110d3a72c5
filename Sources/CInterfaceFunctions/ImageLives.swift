internal import CInterface
internal import InteropDrivers
internal import RawImport

// Views and retirement, which images, frames and targets have in common.

/// `glvk_view_options`, checked.
struct ViewOptions {
  var format: VkFormat?
  var components = VkComponentMapping()

  init(_ pointer: UnsafePointer<glvk_view_options>?) throws(InteropError) {
    guard let options = try SizedStruct.read(pointer, "options") else { return }
    if options.format != VK_FORMAT_UNDEFINED { format = options.format }
    components = options.components
    for swizzle in [components.r, components.g, components.b, components.a]
    where !(VK_COMPONENT_SWIZZLE_IDENTITY.rawValue...VK_COMPONENT_SWIZZLE_A.rawValue).contains(swizzle.rawValue) {
      throw invalidArgument("check components", "there is no VkComponentSwizzle \(swizzle.rawValue)")
    }
  }
}

/// Writes the view that `make` gives.
func view(
  _ pointer: UnsafePointer<glvk_view_options>?, _ out: UnsafeMutablePointer<VkImageView?>?,
  _ make: (ViewOptions) throws(InteropError) -> VkImageView
) throws(InteropError) {
  let out = try required(out, "out")
  out.pointee = try make(ViewOptions(pointer))
}

extension RetirementNotice {
  /// Sets the callback of the C application; NULL for none.
  func set(_ callback: glvk_image_retired?, _ userData: UnsafeMutableRawPointer?) {
    guard let callback else { return set(nil) }
    let user = UserData(pointer: userData)
    set { callback(user.pointer, $0.rawValue) }
  }

  /// Makes a notice for an image that the C application holds from the beginning.
  convenience init(of life: ImageLifetime) {
    self.init()
    life.belongs(to: self)
    life.becomesKnown()
  }
}

// Structures that have grown since the first version.

extension glvk_image_options: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.is_opaque) }
extension glvk_import_options: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.is_opaque) }
extension glvk_producer_options: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.usage) }
extension glvk_frame_info: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.component_mapping) }
extension glvk_target_info: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.image_id) }
extension glvk_gl_frame_info: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.image_id) }
extension glvk_image_info: GrownStruct { static let firstAddition = MemoryLayout<Self>.offset(of: \.is_opaque) }
extension glvk_dma_buf_image_info: GrownStruct {
  static let firstAddition = MemoryLayout<Self>.offset(of: \.component_mapping)
}
extension glvk_dma_buf_texture_info: GrownStruct {
  static let firstAddition = MemoryLayout<Self>.offset(of: \.image_id)
}
