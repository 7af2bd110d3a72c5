// The frame loops of this package, written in C against the drivers: what the Swift library is measured against.
//
// One cb_baseline is a GL context of its own, a Vulkan device of its own and a ring of images that both see. libEGL and
// libvulkan are opened at run time, as the library does it, and no call is made that the library does not make per
// frame (cb_frame_direct), so that a difference between the two is the language's and the library's own.
//
// Every function is called on the thread that called cb_open. Functions that return bool return false on failure and
// leave the reason in cb_last_error.
#ifndef C_BASELINE_H
#define C_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cb_baseline cb_baseline;

// What the Swift side found out and chose; the C side does the same, so that both measure the same thing.
typedef struct {
  // ANGLE's libEGL, used with its Vulkan backend and OpenGL ES 3; NULL for the system's libEGL, the surfaceless platform
  // and desktop OpenGL 3.3 core.
  const char *angle_library;
  uint32_t width, height;
  // Images in the ring, 1 to 16.
  uint32_t image_count;
  // VkPhysicalDeviceIDProperties.deviceUUID of the device to use.
  uint8_t device_uuid[16];
  // Index of the queue family that acquires the frames.
  uint32_t queue_family;
  // VkImageUsageFlags of the shared images.
  uint32_t image_usage;
  // Hand over with GL_EXT_semaphore_fd and VK_KHR_external_semaphore_fd; otherwise with glFinish and vkWaitForFences.
  bool semaphores;
} cb_options;

// Makes everything that frames need. The new context is current afterwards.
//
// Returns NULL on failure, after giving back what was made. cb_close ends it.
cb_baseline *cb_open(const cb_options *options);

// Gives everything back and leaves no context current. May be NULL.
//
// The EGL display stays initialised: EGL has one per process, which the Swift side uses too.
void cb_close(cb_baseline *baseline);

// Makes the context current on this thread.
bool cb_make_current(cb_baseline *baseline);

// The reason of this thread's last failure. Valid until the next one.
const char *cb_last_error(void);

// --- Frames ----------------------------------------------------------------------------------------------------------
// Each draws one frame (a clear of the whole framebuffer, in a colour made from `number`). All but cb_frame_render_only
// and cb_frame_vulkan_only then let Vulkan copy 4x4 pixels of it into memory that the CPU sees, wait for that, and fail
// if they have not the frame's colour.

// GL draws into the shared image, Vulkan acquires, copies, releases.
//
// checked: also make the calls by which the Swift library guards its callers: is the context current
// (eglGetCurrentContext), did GL report an error (glGetError).
bool cb_frame_direct(cb_baseline *baseline, uint32_t number, bool checked);

// cb_frame_direct without the wait at its end: up to image_count frames are under way at once. cb_drain ends it.
bool cb_frame_direct_pipelined(cb_baseline *baseline, uint32_t number, bool checked);

// Waits for all frames under way.
bool cb_drain(cb_baseline *baseline);

// GL draws into an ordinary texture and finishes. No Vulkan.
bool cb_frame_render_only(cb_baseline *baseline, uint32_t number);

// GL draws into an ordinary texture; glReadPixels; vkCmdCopyBufferToImage.
//
// into_staging: glReadPixels writes into the mapped staging buffer; otherwise into the program's memory, from where it
// is copied there.
bool cb_frame_readback_upload(cb_baseline *baseline, uint32_t number, bool into_staging);

// An image is made, exported, imported into GL and freed again for this one frame; what GL drew into an ordinary texture
// is blitted into it. What bridges do that keep nothing between frames.
bool cb_frame_import_each_frame(cb_baseline *baseline, uint32_t number);

// Submits a command buffer without commands and waits for it: the floor of any frame that Vulkan takes part in.
bool cb_frame_vulkan_only(cb_baseline *baseline);

#ifdef __cplusplus
}
#endif

#endif
