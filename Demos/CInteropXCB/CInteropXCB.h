// XCB and Vulkan's surface for it. Debian package: libxcb1-dev.
#ifndef GL_VULKAN_INTEROP_CXCB_H
#define GL_VULKAN_INTEROP_CXCB_H

// Vulkan's core types come from CInteropGraphics. Including vulkan_core.h here would define a second, different
// VkInstance in Swift.
#pragma clang module import CInteropGraphics

#include <xcb/xcb.h>
#include <vulkan/vulkan_xcb.h>

#endif
