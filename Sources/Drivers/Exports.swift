// Users name Vulkan, EGL and GL types (VkImage, VkFormat, GLuint) without another import.
@_exported public import CGraphics
