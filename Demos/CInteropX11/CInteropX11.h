// Xlib and Vulkan's surface for it, in a module of their own, so that Xlib's macros (None, Bool, Status, Success) reach
// only code that opens a window. Debian package: libx11-dev.
#ifndef GL_VULKAN_INTEROP_CX11_H
#define GL_VULKAN_INTEROP_CX11_H

// Vulkan's core types come from CInteropGraphics. Including vulkan_core.h here would define a second, different
// VkInstance in Swift.
#pragma clang module import CInteropGraphics

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <vulkan/vulkan_xlib.h>

#endif
