// Xlib and Vulkan's surface for it, in a module of their own: Xlib's macros (None, Bool, Status, Success) must reach
// nobody who does not open a window. Debian package: libx11-dev.
#ifndef GL_VULKAN_INTEROP_CX11_H
#define GL_VULKAN_INTEROP_CX11_H

// Vulkan's core types are CInteropGraphics'. Including vulkan_core.h here would make a second, different VkInstance in
// Swift.
#pragma clang module import CInteropGraphics

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <vulkan/vulkan_xlib.h>

#endif
