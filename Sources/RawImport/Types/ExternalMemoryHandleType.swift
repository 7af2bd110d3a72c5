public import InteropDrivers

/// The kind of handle that carries memory from one API to the other. More kinds may be added.
public struct ExternalMemoryHandleType: Sendable, Hashable, CustomStringConvertible {
  /// Vulkan's bit for the handle type.
  public let vkBit: VkExternalMemoryHandleTypeFlagBits
  /// GL's token for the handle type; nil where GL_EXT_memory_object_fd has none.
  public let glToken: GLenum?
  public let description: String

  /// A POSIX file descriptor that only the same driver and device understand: VK_KHR_external_memory_fd with
  /// GL_EXT_memory_object_fd. Vulkan allocates, GL imports.
  public static let opaqueFD = ExternalMemoryHandleType(
    vkBit: VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT, glToken: GLenum(GL_HANDLE_TYPE_OPAQUE_FD_EXT),
    description: "opaque-fd")
  /// A Linux DMA-BUF, which other drivers, devices and processes understand: VK_EXT_external_memory_dma_buf with
  /// EGL_EXT_image_dma_buf_import or EGL_MESA_image_dma_buf_export. GL reaches it only through EGL.
  public static let dmaBuf = ExternalMemoryHandleType(
    vkBit: VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT, glToken: nil, description: "dma-buf")
}
