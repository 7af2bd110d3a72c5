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

#define CB_EGL_FUNCTIONS(X)                                                                                            \
  X(PFNEGLGETERRORPROC, eglGetError)                                                                                   \
  X(PFNEGLINITIALIZEPROC, eglInitialize)                                                                               \
  X(PFNEGLBINDAPIPROC, eglBindAPI)                                                                                     \
  X(PFNEGLCHOOSECONFIGPROC, eglChooseConfig)                                                                           \
  X(PFNEGLCREATECONTEXTPROC, eglCreateContext)                                                                         \
  X(PFNEGLDESTROYCONTEXTPROC, eglDestroyContext)                                                                       \
  X(PFNEGLMAKECURRENTPROC, eglMakeCurrent)                                                                             \
  X(PFNEGLGETCURRENTCONTEXTPROC, eglGetCurrentContext)                                                                 \
  X(PFNEGLGETPLATFORMDISPLAYEXTPROC, eglGetPlatformDisplayEXT)

#define CB_GL_FUNCTIONS(X)                                                                                             \
  X(PFNGLGETERRORPROC, glGetError)                                                                                     \
  X(PFNGLFINISHPROC, glFinish)                                                                                         \
  X(PFNGLFLUSHPROC, glFlush)                                                                                           \
  X(PFNGLGENTEXTURESPROC, glGenTextures)                                                                               \
  X(PFNGLDELETETEXTURESPROC, glDeleteTextures)                                                                         \
  X(PFNGLBINDTEXTUREPROC, glBindTexture)                                                                               \
  X(PFNGLTEXPARAMETERIPROC, glTexParameteri)                                                                           \
  X(PFNGLTEXSTORAGE2DPROC, glTexStorage2D)                                                                             \
  X(PFNGLGENFRAMEBUFFERSPROC, glGenFramebuffers)                                                                       \
  X(PFNGLDELETEFRAMEBUFFERSPROC, glDeleteFramebuffers)                                                                 \
  X(PFNGLBINDFRAMEBUFFERPROC, glBindFramebuffer)                                                                       \
  X(PFNGLFRAMEBUFFERTEXTURE2DPROC, glFramebufferTexture2D)                                                             \
  X(PFNGLCHECKFRAMEBUFFERSTATUSPROC, glCheckFramebufferStatus)                                                         \
  X(PFNGLBLITFRAMEBUFFERPROC, glBlitFramebuffer)                                                                       \
  X(PFNGLREADPIXELSPROC, glReadPixels)                                                                                 \
  X(PFNGLVIEWPORTPROC, glViewport)                                                                                     \
  X(PFNGLCLEARCOLORPROC, glClearColor)                                                                                 \
  X(PFNGLCLEARPROC, glClear)                                                                                           \
  X(PFNGLCREATEMEMORYOBJECTSEXTPROC, glCreateMemoryObjectsEXT)                                                         \
  X(PFNGLDELETEMEMORYOBJECTSEXTPROC, glDeleteMemoryObjectsEXT)                                                         \
  X(PFNGLMEMORYOBJECTPARAMETERIVEXTPROC, glMemoryObjectParameterivEXT)                                                 \
  X(PFNGLIMPORTMEMORYFDEXTPROC, glImportMemoryFdEXT)                                                                   \
  X(PFNGLTEXSTORAGEMEM2DEXTPROC, glTexStorageMem2DEXT)

// Only where the hand-over is by semaphores.
#define CB_GL_SEMAPHORE_FUNCTIONS(X)                                                                                   \
  X(PFNGLGENSEMAPHORESEXTPROC, glGenSemaphoresEXT)                                                                     \
  X(PFNGLDELETESEMAPHORESEXTPROC, glDeleteSemaphoresEXT)                                                               \
  X(PFNGLIMPORTSEMAPHOREFDEXTPROC, glImportSemaphoreFdEXT)                                                             \
  X(PFNGLWAITSEMAPHOREEXTPROC, glWaitSemaphoreEXT)                                                                     \
  X(PFNGLSIGNALSEMAPHOREEXTPROC, glSignalSemaphoreEXT)

#define CB_VULKAN_INSTANCE_FUNCTIONS(X)                                                                                \
  X(PFN_vkDestroyInstance, vkDestroyInstance)                                                                          \
  X(PFN_vkEnumeratePhysicalDevices, vkEnumeratePhysicalDevices)                                                        \
  X(PFN_vkGetPhysicalDeviceProperties2, vkGetPhysicalDeviceProperties2)                                                \
  X(PFN_vkGetPhysicalDeviceQueueFamilyProperties, vkGetPhysicalDeviceQueueFamilyProperties)                            \
  X(PFN_vkGetPhysicalDeviceMemoryProperties, vkGetPhysicalDeviceMemoryProperties)                                      \
  X(PFN_vkCreateDevice, vkCreateDevice)                                                                                \
  X(PFN_vkGetDeviceProcAddr, vkGetDeviceProcAddr)

#define CB_VULKAN_DEVICE_FUNCTIONS(X)                                                                                  \
  X(PFN_vkDestroyDevice, vkDestroyDevice)                                                                              \
  X(PFN_vkDeviceWaitIdle, vkDeviceWaitIdle)                                                                            \
  X(PFN_vkGetDeviceQueue, vkGetDeviceQueue)                                                                            \
  X(PFN_vkQueueSubmit, vkQueueSubmit)                                                                                  \
  X(PFN_vkCreateImage, vkCreateImage)                                                                                  \
  X(PFN_vkDestroyImage, vkDestroyImage)                                                                                \
  X(PFN_vkGetImageMemoryRequirements, vkGetImageMemoryRequirements)                                                    \
  X(PFN_vkBindImageMemory, vkBindImageMemory)                                                                          \
  X(PFN_vkCreateBuffer, vkCreateBuffer)                                                                                \
  X(PFN_vkDestroyBuffer, vkDestroyBuffer)                                                                              \
  X(PFN_vkGetBufferMemoryRequirements, vkGetBufferMemoryRequirements)                                                  \
  X(PFN_vkBindBufferMemory, vkBindBufferMemory)                                                                        \
  X(PFN_vkAllocateMemory, vkAllocateMemory)                                                                            \
  X(PFN_vkFreeMemory, vkFreeMemory)                                                                                    \
  X(PFN_vkMapMemory, vkMapMemory)                                                                                      \
  X(PFN_vkGetMemoryFdKHR, vkGetMemoryFdKHR)                                                                            \
  X(PFN_vkCreateCommandPool, vkCreateCommandPool)                                                                      \
  X(PFN_vkDestroyCommandPool, vkDestroyCommandPool)                                                                    \
  X(PFN_vkAllocateCommandBuffers, vkAllocateCommandBuffers)                                                            \
  X(PFN_vkBeginCommandBuffer, vkBeginCommandBuffer)                                                                    \
  X(PFN_vkEndCommandBuffer, vkEndCommandBuffer)                                                                        \
  X(PFN_vkCmdPipelineBarrier, vkCmdPipelineBarrier)                                                                    \
  X(PFN_vkCmdCopyImageToBuffer, vkCmdCopyImageToBuffer)                                                                \
  X(PFN_vkCmdCopyBufferToImage, vkCmdCopyBufferToImage)                                                                \
  X(PFN_vkCreateFence, vkCreateFence)                                                                                  \
  X(PFN_vkDestroyFence, vkDestroyFence)                                                                                \
  X(PFN_vkWaitForFences, vkWaitForFences)                                                                              \
  X(PFN_vkResetFences, vkResetFences)                                                                                  \
  X(PFN_vkDestroySemaphore, vkDestroySemaphore)

#define CB_VULKAN_SEMAPHORE_FUNCTIONS(X)                                                                               \
  X(PFN_vkCreateSemaphore, vkCreateSemaphore)                                                                          \
  X(PFN_vkGetSemaphoreFdKHR, vkGetSemaphoreFdKHR)

#define CB_MEMBER(type, name) type name;
typedef struct { CB_EGL_FUNCTIONS(CB_MEMBER) } cb_egl;
typedef struct { CB_GL_FUNCTIONS(CB_MEMBER) CB_GL_SEMAPHORE_FUNCTIONS(CB_MEMBER) } cb_gl;
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

// Commands for one frame under way, and where its 4x4 pixels land.
typedef struct {
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  // A submission carried the fence, and it has not been waited for.
  bool fence_is_pending;
  cb_host_buffer landing;
  // The frame whose colour the landing buffer shall have once the fence has signalled.
  uint32_t expected;
} cb_commands;

// One place of the ring.
typedef struct {
  cb_shared_image image;
  cb_shared_semaphore gl_is_done, vulkan_is_done;
  cb_commands commands;
} cb_slot;

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
  VkQueue queue;

  cb_slot slots[CB_MAXIMUM_IMAGES];
  // For the frames that are not direct.
  cb_commands commands;
  GLuint texture, framebuffer;
  // For readback and upload.
  void *pixels;
  cb_host_buffer staging;
  VkImage upload_image;
  VkDeviceMemory upload_memory;
};

// Notes the reason of a failure, in the manner of printf; returns false.
bool cb_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
// For results of Vulkan functions: notes `what` and the number unless it is VK_SUCCESS.
bool cb_vulkan_ok(VkResult result, const char *what);
// For GL: notes `what` and the error unless there is none.
bool cb_gl_ok(cb_baseline *b, const char *what);

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
bool cb_make_commands(cb_baseline *b, cb_commands *commands);
void cb_free_commands(cb_baseline *b, cb_commands *commands);
// Waits until what was submitted is done; then the pixels of the expected frame must have landed.
bool cb_finish(cb_baseline *b, cb_commands *commands);
bool cb_begin(cb_baseline *b, cb_commands *commands);
// Ends recording and submits. Semaphores may be VK_NULL_HANDLE.
bool cb_submit(cb_baseline *b, cb_commands *commands, VkSemaphore wait, VkSemaphore signal);

// shared_image.c
bool cb_make_shared_image(cb_baseline *b, cb_shared_image *image);
void cb_free_shared_image(cb_baseline *b, cb_shared_image *image);
bool cb_make_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore);
void cb_free_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore);

#endif
