// What the files of this library share: the tables of driver functions, and the parts of a cb_baseline.
#ifndef C_BASELINE_INTERNAL_H
#define C_BASELINE_INTERNAL_H

#include "CBaseline.h"

#define VK_NO_PROTOTYPES 1
#include <vulkan/vulkan_core.h>

#define EGL_NO_X11 1
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <GL/glext.h>

// --- Driver functions ------------------------------------------------------------------------------------------------
// Each list names functions with their types; tables and loaders are made from it.

#define CB_EGL_FUNCTIONS(X) \
  X(PFNEGLGETERRORPROC, eglGetError) \
  X(PFNEGLINITIALIZEPROC, eglInitialize) \
  X(PFNEGLBINDAPIPROC, eglBindAPI) \
  X(PFNEGLCHOOSECONFIGPROC, eglChooseConfig) \
  X(PFNEGLCREATECONTEXTPROC, eglCreateContext) \
  X(PFNEGLDESTROYCONTEXTPROC, eglDestroyContext) \
  X(PFNEGLMAKECURRENTPROC, eglMakeCurrent) \
  X(PFNEGLGETCURRENTCONTEXTPROC, eglGetCurrentContext) \
  X(PFNEGLGETPLATFORMDISPLAYEXTPROC, eglGetPlatformDisplayEXT)

#define CB_GL_FUNCTIONS(X) \
  X(PFNGLGETERRORPROC, glGetError) \
  X(PFNGLFINISHPROC, glFinish) \
  X(PFNGLFLUSHPROC, glFlush) \
  X(PFNGLGENTEXTURESPROC, glGenTextures) \
  X(PFNGLDELETETEXTURESPROC, glDeleteTextures) \
  X(PFNGLBINDTEXTUREPROC, glBindTexture) \
  X(PFNGLTEXPARAMETERIPROC, glTexParameteri) \
  X(PFNGLTEXSTORAGE2DPROC, glTexStorage2D) \
  X(PFNGLGENFRAMEBUFFERSPROC, glGenFramebuffers) \
  X(PFNGLDELETEFRAMEBUFFERSPROC, glDeleteFramebuffers) \
  X(PFNGLBINDFRAMEBUFFERPROC, glBindFramebuffer) \
  X(PFNGLFRAMEBUFFERTEXTURE2DPROC, glFramebufferTexture2D) \
  X(PFNGLCHECKFRAMEBUFFERSTATUSPROC, glCheckFramebufferStatus) \
  X(PFNGLBLITFRAMEBUFFERPROC, glBlitFramebuffer) \
  X(PFNGLREADPIXELSPROC, glReadPixels) \
  X(PFNGLGENBUFFERSPROC, glGenBuffers) \
  X(PFNGLDELETEBUFFERSPROC, glDeleteBuffers) \
  X(PFNGLBINDBUFFERPROC, glBindBuffer) \
  X(PFNGLBUFFERDATAPROC, glBufferData) \
  X(PFNGLMAPBUFFERRANGEPROC, glMapBufferRange) \
  X(PFNGLUNMAPBUFFERPROC, glUnmapBuffer) \
  X(PFNGLFENCESYNCPROC, glFenceSync) \
  X(PFNGLCLIENTWAITSYNCPROC, glClientWaitSync) \
  X(PFNGLDELETESYNCPROC, glDeleteSync) \
  X(PFNGLVIEWPORTPROC, glViewport) \
  X(PFNGLCLEARCOLORPROC, glClearColor) \
  X(PFNGLCLEARPROC, glClear) \
  X(PFNGLCREATEMEMORYOBJECTSEXTPROC, glCreateMemoryObjectsEXT) \
  X(PFNGLDELETEMEMORYOBJECTSEXTPROC, glDeleteMemoryObjectsEXT) \
  X(PFNGLMEMORYOBJECTPARAMETERIVEXTPROC, glMemoryObjectParameterivEXT) \
  X(PFNGLIMPORTMEMORYFDEXTPROC, glImportMemoryFdEXT) \
  X(PFNGLTEXSTORAGEMEM2DEXTPROC, glTexStorageMem2DEXT)

// Only where GL and Vulkan wait for each other by semaphores.
#define CB_GL_SEMAPHORE_FUNCTIONS(X) \
  X(PFNGLGENSEMAPHORESEXTPROC, glGenSemaphoresEXT) \
  X(PFNGLDELETESEMAPHORESEXTPROC, glDeleteSemaphoresEXT) \
  X(PFNGLIMPORTSEMAPHOREFDEXTPROC, glImportSemaphoreFdEXT) \
  X(PFNGLWAITSEMAPHOREEXTPROC, glWaitSemaphoreEXT) \
  X(PFNGLSIGNALSEMAPHOREEXTPROC, glSignalSemaphoreEXT)

#define CB_VULKAN_INSTANCE_FUNCTIONS(X) \
  X(PFN_vkDestroyInstance, vkDestroyInstance) \
  X(PFN_vkEnumeratePhysicalDevices, vkEnumeratePhysicalDevices) \
  X(PFN_vkGetPhysicalDeviceProperties2, vkGetPhysicalDeviceProperties2) \
  X(PFN_vkGetPhysicalDeviceQueueFamilyProperties, vkGetPhysicalDeviceQueueFamilyProperties) \
  X(PFN_vkGetPhysicalDeviceMemoryProperties, vkGetPhysicalDeviceMemoryProperties) \
  X(PFN_vkCreateDevice, vkCreateDevice) \
  X(PFN_vkGetDeviceProcAddr, vkGetDeviceProcAddr) \
  X(PFN_vkGetInstanceProcAddr, vkGetInstanceProcAddr)

#define CB_VULKAN_DEVICE_FUNCTIONS(X) \
  X(PFN_vkDestroyDevice, vkDestroyDevice) \
  X(PFN_vkDeviceWaitIdle, vkDeviceWaitIdle) \
  X(PFN_vkGetDeviceQueue, vkGetDeviceQueue) \
  X(PFN_vkQueueSubmit, vkQueueSubmit) \
  X(PFN_vkCreateImage, vkCreateImage) \
  X(PFN_vkDestroyImage, vkDestroyImage) \
  X(PFN_vkGetImageMemoryRequirements, vkGetImageMemoryRequirements) \
  X(PFN_vkBindImageMemory, vkBindImageMemory) \
  X(PFN_vkCreateBuffer, vkCreateBuffer) \
  X(PFN_vkDestroyBuffer, vkDestroyBuffer) \
  X(PFN_vkGetBufferMemoryRequirements, vkGetBufferMemoryRequirements) \
  X(PFN_vkBindBufferMemory, vkBindBufferMemory) \
  X(PFN_vkAllocateMemory, vkAllocateMemory) \
  X(PFN_vkFreeMemory, vkFreeMemory) \
  X(PFN_vkMapMemory, vkMapMemory) \
  X(PFN_vkGetMemoryFdKHR, vkGetMemoryFdKHR) \
  X(PFN_vkCreateCommandPool, vkCreateCommandPool) \
  X(PFN_vkDestroyCommandPool, vkDestroyCommandPool) \
  X(PFN_vkAllocateCommandBuffers, vkAllocateCommandBuffers) \
  X(PFN_vkBeginCommandBuffer, vkBeginCommandBuffer) \
  X(PFN_vkEndCommandBuffer, vkEndCommandBuffer) \
  X(PFN_vkCmdPipelineBarrier, vkCmdPipelineBarrier) \
  X(PFN_vkCmdCopyImageToBuffer, vkCmdCopyImageToBuffer) \
  X(PFN_vkCmdClearColorImage, vkCmdClearColorImage) \
  X(PFN_vkCmdCopyBufferToImage, vkCmdCopyBufferToImage) \
  X(PFN_vkCreateFence, vkCreateFence) \
  X(PFN_vkDestroyFence, vkDestroyFence) \
  X(PFN_vkWaitForFences, vkWaitForFences) \
  X(PFN_vkResetFences, vkResetFences) \
  X(PFN_vkDestroySemaphore, vkDestroySemaphore)

#define CB_VULKAN_SEMAPHORE_FUNCTIONS(X) \
  X(PFN_vkCreateSemaphore, vkCreateSemaphore) \
  X(PFN_vkGetSemaphoreFdKHR, vkGetSemaphoreFdKHR)

#define CB_MEMBER(type, name) type name;
typedef struct {
  CB_EGL_FUNCTIONS(CB_MEMBER)
} cb_egl;
typedef struct {
  CB_GL_FUNCTIONS(CB_MEMBER) CB_GL_SEMAPHORE_FUNCTIONS(CB_MEMBER)
} cb_gl;
typedef struct {
  CB_VULKAN_INSTANCE_FUNCTIONS(CB_MEMBER)
  CB_VULKAN_DEVICE_FUNCTIONS(CB_MEMBER)
  CB_VULKAN_SEMAPHORE_FUNCTIONS(CB_MEMBER)
} cb_vulkan;
#undef CB_MEMBER

// --- Parts -----------------------------------------------------------------------------------------------------------

enum { CB_MAXIMUM_IMAGES = 16, CB_MAXIMUM_QUEUE_FAMILIES = 16, CB_SAMPLE_SIDE = 4 };

// A buffer that the CPU sees, mapped for as long as it lives.
typedef struct {
  VkBuffer buffer;
  VkDeviceMemory memory;
  void *bytes;
} cb_host_buffer;

// Memory that GL and Vulkan both see as an image.
typedef struct {
  VkImage image;
  VkDeviceMemory memory;
  GLuint gl_memory, texture, framebuffer;
} cb_shared_image;

// A semaphore that both sides see.
typedef struct {
  VkSemaphore vulkan;
  GLuint gl;
} cb_shared_semaphore;

// Commands for one frame under way on one queue, and where its 4x4 pixels land.
typedef struct {
  VkQueue queue;
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  // A submission carried the fence, and it has not been waited for.
  bool fence_is_pending;
  cb_host_buffer landing;
  // The frame whose colour the landing buffer shall have once the fence has signalled, if that is still to be looked
  // at.
  uint32_t expected;
  bool is_due;
} cb_commands;

// One place of the ring.
typedef struct {
  cb_shared_image image;
  cb_shared_semaphore gl_is_done, vulkan_is_done;
  cb_commands commands;
  // For the graphics queue.
  cb_commands sampling;
} cb_slot;

// An ordinary texture to draw into.
typedef struct {
  GLuint texture, framebuffer;
  // Behind the last frame drawn into it; NULL if nothing has to wait for that.
  GLsync fence;
} cb_texture;

enum { CB_MAXIMUM_PIXEL_BUFFERS = 3 };

// A frame on its way through a pixel buffer.
typedef struct {
  GLuint buffer;
  // Behind glReadPixels; NULL while no frame is in the buffer.
  GLsync fence;
  uint32_t number;
  cb_host_buffer staging;
  cb_commands commands;
} cb_pixel_buffer;

struct cb_baseline {
  cb_options options;

  cb_egl egl;
  cb_gl gl;
  EGLDisplay display;
  EGLContext context;

  cb_vulkan vk;
  VkInstance instance;
  VkPhysicalDevice physical_device;
  VkPhysicalDeviceMemoryProperties memory_properties;
  VkDevice device;
  VkQueue queue, graphics_queue;

  cb_slot slots[CB_MAXIMUM_IMAGES];
  // For the frames that are not direct.
  cb_commands commands;
  // As long as the ring of shared images. All but the first are made when they are needed.
  cb_texture textures[CB_MAXIMUM_IMAGES];
  // ANGLE only: a few pixels to copy into, which makes it draw.
  cb_texture sink;
  // For readback and upload.
  void *pixels;
  cb_host_buffer staging;
  VkImage upload_image;
  VkDeviceMemory upload_memory;
  // Made when they are needed.
  cb_pixel_buffer pixel_buffers[CB_MAXIMUM_PIXEL_BUFFERS];
  cb_pass *pass, *unshared_pass;
  VkImage unshared_image;
  VkDeviceMemory unshared_memory;
  cb_commands unshared[CB_MAXIMUM_IMAGES];
};

// Notes the reason of a failure, in the manner of printf; returns false.
bool cb_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
// The same for a frame that has another colour than its own; `found` has 4 bytes.
bool cb_wrong_color(uint32_t number, const uint8_t *found, const char *where);
// For results of Vulkan functions: notes `what` and the number unless it is VK_SUCCESS.
bool cb_vulkan_ok(VkResult result, const char *what);
// For GL: notes `what` and the error unless there is none.
bool cb_gl_ok(cb_baseline *b, const char *what);

// baseline.c
bool cb_make_texture(cb_baseline *b, uint32_t width, uint32_t height, cb_texture *texture);

// context.c
bool cb_open_context(cb_baseline *b);
void cb_close_context(cb_baseline *b);

// device.c
bool cb_open_device(cb_baseline *b);
void cb_close_device(cb_baseline *b);
// The first memory type that `bits` allows with all of `wanted`, else with all of `needed`; -1 if there is none.
int cb_memory_type(const cb_baseline *b, uint32_t bits, VkMemoryPropertyFlags wanted, VkMemoryPropertyFlags needed);
bool cb_make_host_buffer(cb_baseline *b, VkDeviceSize size, VkBufferUsageFlags usage, cb_host_buffer *buffer);
void cb_free_host_buffer(cb_baseline *b, cb_host_buffer *buffer);
// A device-local image of the frames' size and format, of Vulkan's own.
bool cb_make_image(cb_baseline *b, VkImageUsageFlags usage, VkImage *image, VkDeviceMemory *memory);
bool cb_load_device_functions(cb_baseline *b);
bool cb_make_commands(cb_baseline *b, uint32_t family, VkQueue queue, cb_commands *commands);
void cb_free_commands(cb_baseline *b, cb_commands *commands);
// Waits until what was submitted is done; then the pixels of the expected frame must have landed.
bool cb_finish(cb_baseline *b, cb_commands *commands);
bool cb_begin(cb_baseline *b, cb_commands *commands);
// Ends recording and submits. Semaphores may be VK_NULL_HANDLE.
bool cb_submit(cb_baseline *b, cb_commands *commands, VkSemaphore wait, VkSemaphore signal);

// frames.c
// The colour that frame `number` is cleared to.
void cb_color_of_frame(uint32_t number, uint8_t color[4]);
// The whole framebuffer in the frame's colour.
void cb_draw(cb_baseline *b, GLuint framebuffer, uint32_t number);
// cb_draw into texture `number` of the ring, which is made if need be and waited for, and a fence behind it.
bool cb_draw_pipelined(cb_baseline *b, uint32_t number);
// Waits for a sync object and deletes it; NULL is done already.
bool cb_wait_for_fence(cb_baseline *b, GLsync *fence);
// The library's beginning and end of GL's access. Without semaphores GL waits for `last`, Vulkan's last use of the
// image.
bool cb_begin_gl_access(cb_baseline *b, cb_slot *slot, cb_commands *last, bool checked);
bool cb_end_gl_access(cb_baseline *b, cb_slot *slot, bool checked);
// cb_finish, and the pixels that have landed are those of the frame.
bool cb_finish_and_compare(cb_baseline *b, cb_commands *commands);
// Recording: 4x4 pixels of an image in TRANSFER_SRC_OPTIMAL, for the CPU: those of frame `number`.
void cb_record_sample(cb_baseline *b, cb_commands *commands, VkImage image, uint32_t number);
// Recording: the staging buffer into the image for uploads, which is in TRANSFER_SRC_OPTIMAL then.
void cb_record_upload(cb_baseline *b, cb_commands *commands, VkBuffer staging);

// pixel_buffers.c
bool cb_drain_pixel_buffers(cb_baseline *b);
void cb_free_pixel_buffers(cb_baseline *b);

// sampling.c
bool cb_drain_sampling(cb_baseline *b);
void cb_free_sampling(cb_baseline *b);

// shared_image.c
bool cb_make_shared_image(cb_baseline *b, cb_shared_image *image);
void cb_free_shared_image(cb_baseline *b, cb_shared_image *image);
bool cb_make_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore);
void cb_free_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore);

#endif
