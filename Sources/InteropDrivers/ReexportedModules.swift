// Users name Vulkan, EGL and GL types (VkImage, VkFormat, GLuint) without another import, and this package's errors.
@_exported public import CInteropGraphics
@_exported public import InteropBase
