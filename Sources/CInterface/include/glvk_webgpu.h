/* WebGPU for gl_vulkan_interop.h: a producer's frames become textures of a WebGPU device of Dawn's, and what the device
 * draws is shown by GL.
 *
 *   glvk_webgpu_options options;
 *   GLVK_INIT(options);
 *   options.context = context, options.host = host;              // the GL context and the Vulkan device of the frames
 *   options.device = device, options.library = "libwebgpu_dawn.so.0";
 *   glvk_webgpu webgpu;
 *   glvk_webgpu_create(&options, &webgpu);
 *   glvk_webgpu_get_info(webgpu, &info);                         // path and sync for the producer's options
 *   ... for each frame:
 *   glvk_webgpu_begin_frame(webgpu, frame, &texture);
 *   ... encode and submit commands that read the WGPUTexture ...
 *   glvk_webgpu_end_frame(webgpu, frame);
 *
 * The rules of gl_vulkan_interop.h hold. Nothing of Dawn is linked, and its header is not needed: WGPUDevice and
 * WGPUTexture are pointers. Dawn's calls happen on the calling thread, which may be any thread, one at a time, except for
 * glvk_webgpu_create(). */
#ifndef GLVK_WEBGPU_H
#define GLVK_WEBGPU_H

#include "gl_vulkan_interop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A WebGPU device that takes frames. */
typedef struct glvk_webgpu {
  uint64_t id;
} glvk_webgpu;

/* Options of glvk_webgpu_create(). All but one of the last three members are needed. */
typedef struct glvk_webgpu_options {
  size_t struct_size;
  glvk_context context; /* current on this thread */
  glvk_host host;       /* the Vulkan device of the frames, on the same GPU */
  /* A WGPUDevice of Dawn's, on Vulkan, made with the features SharedTextureMemoryOpaqueFD or SharedTextureMemoryDmaBuf,
   * and SharedFenceVkSemaphoreOpaqueFD or SharedFenceSyncFD. The object takes a reference. */
  void *device;
  /* Where Dawn's functions are: a file that the application opened, or a function that finds them by name. NULL for both:
   * the process itself, whose program links Dawn. */
  const char *library;
  glvk_get_proc_address get_proc_address;
  void *user_data;
} glvk_webgpu_options;

/* Tries the combinations of memory and sync that the device has features for, best first: GL draws patterns, the very
 * device copies them, and GL compares every pixel. The caller destroys the object. GL thread.
 *
 * Errors: DRIVER_MISSING, naming the function, for a library that is not Dawn; UNSUPPORTED for features that the device
 * was made without, by name, for a device on another GPU, and where no combination carries pixels, with the reasons. */
GLVK_API glvk_result glvk_webgpu_create(const glvk_webgpu_options *options, glvk_webgpu *out);
/* Textures that were begun stay valid until they are ended; producers and frames live on. Any thread. */
GLVK_API glvk_result glvk_webgpu_destroy(glvk_webgpu webgpu);

/* What carries the frames. */
typedef struct glvk_webgpu_info {
  size_t struct_size;
  glvk_path path; /* for glvk_producer_options and glvk_consumer_options */
  glvk_sync sync; /* for both as well */
  /* The number of combinations that were tried before and did not carry pixels. */
  uint32_t refusal_count;
  char adapter_name[256];
} glvk_webgpu_info;

/* Any thread. */
GLVK_API glvk_result glvk_webgpu_get_info(glvk_webgpu webgpu, glvk_webgpu_info *out);
/* Writes why a combination was refused, as a sentence. size: the number of bytes including the final 0; buffer may be NULL
 * with capacity 0. Any thread. Errors: BUFFER_TOO_SMALL (size is written). */
GLVK_API glvk_result glvk_webgpu_get_refusal(
  glvk_webgpu webgpu, uint32_t index, char *buffer, size_t capacity, size_t *size);

/* Lets the device use a frame: commands that it submits until glvk_webgpu_end_frame() may read the texture, and wait for
 * GL, on the GPU where the sync is one. The texture is the library's; it stays the same for frames of the same image_id.
 *
 * texture: a WGPUTexture.
 * Errors: UNSUPPORTED for a frame of another path or sync; INVALID_STATE; DRIVER_FAILURE where Dawn refuses: its reason goes
 * to the device's error callback.
 * Stands for wgpuDeviceImportSharedTextureMemory, wgpuSharedTextureMemoryCreateTexture (once for each image) and
 * wgpuSharedTextureMemoryBeginAccess. */
GLVK_API glvk_result glvk_webgpu_begin_frame(glvk_webgpu webgpu, glvk_frame frame, void **texture);
/* Ends the access: GL waits for what the device has submitted before it draws into the image again. Takes the frame, except
 * after INVALID_ARGUMENT and INVALID_STATE. Stands for wgpuSharedTextureMemoryEndAccess and wgpuSharedFenceExportInfo. */
GLVK_API glvk_result glvk_webgpu_end_frame(glvk_webgpu webgpu, glvk_frame frame);

/* The same for a consumer's target: the device writes the whole texture, and glvk_webgpu_end_target() makes it a frame for
 * GL. present: may be NULL. */
GLVK_API glvk_result glvk_webgpu_begin_target(glvk_webgpu webgpu, glvk_target target, void **texture);
GLVK_API glvk_result glvk_webgpu_end_target(
  glvk_webgpu webgpu, glvk_target target, const glvk_present_options *present, glvk_gl_frame *out);

#ifdef __cplusplus
}
#endif

#endif
