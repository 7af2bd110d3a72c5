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

// How much of a baseline to make.
typedef enum {
  CB_EVERYTHING,
  // What cb_frame_direct needs: what the library makes for a producer.
  CB_DIRECT,
  // What cb_frame_render_only needs: no Vulkan.
  CB_RENDER_ONLY,
} cb_parts;

// What the Swift side found out and chose; the C side does the same, so that both measure the same thing.
typedef struct {
  // ANGLE's libEGL, used with its Vulkan backend and OpenGL ES 3; NULL for the system's libEGL, the surfaceless
  // platform and desktop OpenGL 3.3 core.
  const char *angle_library;
  uint32_t width, height;
  // Images in the ring, 1 to 16.
  uint32_t image_count;
  // VkPhysicalDeviceIDProperties.deviceUUID of the device to use.
  uint8_t device_uuid[16];
  // Index of the queue family that acquires the frames.
  uint32_t queue_family;
  // Index of the queue family that draws: cb_frame_sample acquires there.
  uint32_t graphics_family;
  // VkImageUsageFlags of the shared images.
  uint32_t image_usage;
  // Wait by GL_EXT_semaphore_fd and VK_KHR_external_semaphore_fd; otherwise by glFinish and vkWaitForFences.
  bool semaphores;
  cb_parts parts;
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
// Whether it was that a frame did not have its colour.
bool cb_last_error_is_wrong_pixels(void);

// --- Frames ----------------------------------------------------------------------------------------------------------
// Each draws one frame (a clear of the whole framebuffer, in a colour made from `number`) and gets some pixels of it to
// the CPU by way of Vulkan, where they must have the frame's colour. Frames that are pipelined look at the pixels when
// the ring comes round or cb_drain ends them. Frames without Vulkan's part are looked at by cb_check_rendered.

// GL draws into the shared image, Vulkan acquires, copies 4x4 pixels, releases.
//
// checked: also make the calls by which the Swift library guards its callers: is the context current
// (eglGetCurrentContext), did GL report an error (glGetError).
bool cb_frame_direct(cb_baseline *baseline, uint32_t number, bool checked);

// cb_frame_direct without the wait at its end: up to image_count frames are under way at once. cb_drain ends it.
bool cb_frame_direct_pipelined(cb_baseline *baseline, uint32_t number, bool checked);

// Waits for all frames under way, of every kind.
bool cb_drain(cb_baseline *baseline);

// The two halves of cb_frame_direct: up to the end of GL's drawing, which is waited for, and the ownership transfer
// alone.
bool cb_transfer_prepare(cb_baseline *baseline, uint32_t number);
bool cb_transfer(cb_baseline *baseline, uint32_t number);

// GL draws into an ordinary texture and finishes. No Vulkan.
bool cb_frame_render_only(cb_baseline *baseline, uint32_t number);

// The same with a ring of image_count textures: waits only for the frame that many before.
bool cb_frame_render_only_pipelined(cb_baseline *baseline, uint32_t number);

// Whether the texture that frame `number` was drawn into has its colour. Of cb_frame_render_only and of the pipelined
// one.
bool cb_check_rendered(cb_baseline *baseline, uint32_t number, bool pipelined);

// GL draws into an ordinary texture; glReadPixels; vkCmdCopyBufferToImage.
//
// into_staging: glReadPixels writes into the mapped staging buffer; otherwise into the program's memory, from where it
// is copied there.
bool cb_frame_readback_upload(cb_baseline *baseline, uint32_t number, bool into_staging);

// glReadPixels into one of `depth` (2 or 3) pixel buffers, without waiting; then the frame depth - 1 before is mapped,
// copied into staging memory of its own and uploaded, without waiting. cb_drain ends it.
bool cb_frame_pixel_buffers(cb_baseline *baseline, uint32_t number, uint32_t depth);

// An image is made, exported, imported into GL and freed again for this one frame; what GL drew into an ordinary
// texture is blitted into it. What bridges do that keep nothing between frames.
bool cb_frame_import_each_frame(cb_baseline *baseline, uint32_t number);

// Submits a command buffer without commands and waits for it: the floor of any frame that Vulkan takes part in.
bool cb_frame_vulkan_only(cb_baseline *baseline);

// GL draws into the shared image; on the graphics queue Vulkan acquires it, samples every pixel in a cb_pass, releases
// it. Not waited for: up to image_count frames are under way at once.
bool cb_frame_sample(cb_baseline *baseline, uint32_t number);

// The same work without sharing: GL draws into a ring of ordinary textures, Vulkan samples an image of its own, and
// neither waits for the other.
bool cb_frame_sample_unshared(cb_baseline *baseline, uint32_t number);

// --- A pass that samples every pixel ---------------------------------------------------------------------------------
// An application's use of the frames: it draws the image over the whole of a framebuffer of the same size. The Swift
// side records the same pass into the command buffers of its own device.

typedef struct cb_pass cb_pass;

// Handles of a device that the caller owns: VkInstance, VkPhysicalDevice, VkDevice, PFN_vkGetInstanceProcAddr. They are
// untyped here so that this header needs no Vulkan.
typedef struct {
  void *instance, *physical_device, *device, *get_instance_proc_addr;
} cb_device;

// images: `count` VkImages (1 to 16) of width x height pixels in VK_FORMAT_R8G8B8A8_UNORM with
// VK_IMAGE_USAGE_SAMPLED_BIT.
//
// The images and the device outlive the pass, and the device is done with it before cb_pass_close. NULL on failure.
cb_pass *cb_pass_open(const cb_device *device, uint32_t width, uint32_t height, void *const *images, uint32_t count);
void cb_pass_close(cb_pass *pass);

// Records: the pass over image `index`, which is in VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, and the copy of three
// places of the result for the CPU. commands: a VkCommandBuffer of a family that draws. What was recorded with this
// index before must be done; a due result is compared first, false if it was wrong.
bool cb_pass_record(cb_pass *pass, void *commands, uint32_t index, uint32_t number);

// Compares all results that are due, after the device has finished them.
bool cb_pass_check(cb_pass *pass);

#ifdef __cplusplus
}
#endif

#endif
