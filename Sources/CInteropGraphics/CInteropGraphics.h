// The C headers of the graphics stack as one Clang module. It has no code and links nothing: it provides types and
// constants only. Every function is looked up at run time (see Sources/InteropDrivers).
//
// Debian packages: libegl-dev libgl-dev libgles-dev libvulkan-dev libgbm-dev.
#ifndef GL_VULKAN_INTEROP_CGRAPHICS_H
#define GL_VULKAN_INTEROP_CGRAPHICS_H

// Types only; VK_NO_PROTOTYPES keeps the loader's symbols out of the link.
#define VK_NO_PROTOTYPES 1
#include <vulkan/vulkan_core.h>

// EGL without X11 types: Xlib's macros (None, Bool, Status) must not reach a library user.
#define EGL_NO_X11 1
#include <EGL/egl.h>
#include <EGL/eglext.h>

// Desktop GL core names first, then the extensions of both desktop GL and GLES. The three registries
// share token values and PFN types; each header guards what an earlier one defined.
#include <GL/glcorearb.h>
#include <GL/glext.h>
#include <GLES2/gl2platform.h>
#include <GLES2/gl2ext.h>

// EGL_ANGLE_platform_angle and EGL_ANGLE_device_vulkan: ANGLE defines these tokens in a header of its own, which Debian
// does not package.
#define EGL_PLATFORM_ANGLE_ANGLE 0x3202
#define EGL_PLATFORM_ANGLE_TYPE_ANGLE 0x3203
#define EGL_PLATFORM_ANGLE_TYPE_VULKAN_ANGLE 0x3450
#define EGL_PLATFORM_ANGLE_DEVICE_TYPE_ANGLE 0x3209
#define EGL_PLATFORM_ANGLE_NATIVE_PLATFORM_TYPE_ANGLE 0x348F
#define EGL_PLATFORM_ANGLE_DEVICE_TYPE_SWIFTSHADER_ANGLE 0x3487
#define EGL_VULKAN_INSTANCE_ANGLE 0x34A9
#define EGL_VULKAN_PHYSICAL_DEVICE_ANGLE 0x34AB
#define EGL_VULKAN_GET_INSTANCE_PROC_ADDR 0x34D1

#endif
