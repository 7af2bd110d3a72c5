// What the files of the driver share.
#ifndef FAKE_DRM_DRIVER_INTERNAL_H
#define FAKE_DRM_DRIVER_INTERNAL_H

#include "../../Sources/CInteropGraphics/CInteropGraphics.h"
#include "include/FakeDRMDriver.h"

typedef struct known_modifier {
  fake_drm_modifier is;
  fake_drm_plane planes[FAKE_DRM_PLANES];
} known_modifier;

/// Set between fake_drm_start and fake_drm_stop.
extern fake_drm_driver fake;
extern bool fake_is_on;
extern known_modifier fake_modifiers[16];
extern uint32_t fake_modifier_count;

#define MOD_LINEAR 0ull
#define MOD_INVALID 0x00ffffffffffffffull

known_modifier *find_modifier(uint64_t modifier);
/// Bytes of a plane of an image of that height.
uint64_t plane_bytes(const known_modifier *known, uint32_t plane, uint64_t stride, uint32_t height);

void violate(const char *format, ...) __attribute__((format(printf, 1, 2)));
void count_import(void);

// Objects of ours, found by the handle that the package has.

typedef enum object_kind { DEVICE, IMAGE, MEMORY, SEMAPHORE, EGL_IMAGE, EGL_SYNC } object_kind;

typedef struct object {
  struct object *next;
  object_kind kind;
  uint64_t handle;
  union {
    struct {
      VkDevice device;
      uint32_t width, height;
      uint64_t modifier;
      /// VK_IMAGE_TILING_OPTIMAL, without a modifier.
      bool is_implicit, is_explicit, is_disjoint;
      uint32_t planes;
      uint64_t offsets[FAKE_DRM_PLANES], strides[FAKE_DRM_PLANES];
      /// What the real driver needs; the image's own in all.
      VkMemoryRequirements real;
      uint64_t bytes;
      uint32_t bound_planes;
    } image;
    struct {
      /// Of memory to be exported, else -1.
      int descriptor;
      /// Of imported memory, the buffer's.
      uint64_t buffer_bytes;
      uint64_t dedicated_image;
      bool is_import;
    } memory;
    struct {
      bool is_signalled;
    } semaphore;
    struct {
      uint32_t fourcc, width, height;
      /// A texture's, else 0.
      GLuint texture;
      bool cannot_render, is_external_only;
    } egl_image;
    struct {
      /// Imported, else made of the context's commands at this count of flushes.
      bool is_import;
      uint64_t made_at;
    } egl_sync;
  };
} object;

/// Makes one; its handle is its address where `handle` is 0.
object *add_object(object_kind kind, uint64_t handle);
object *find_object(object_kind kind, uint64_t handle);
/// Whether there was one.
bool remove_object(object_kind kind, uint64_t handle);

#define HANDLE(object) ((uint64_t)(uintptr_t)(object))

int make_sync_file(void);
bool is_sync_file(int descriptor);
uint64_t file_bytes(int descriptor);

/// The structure of that type in a pNext chain, NULL if there is none.
const void *chained(const void *first, VkStructureType type);

// VulkanDevice.c, VulkanImages.c, VulkanSemaphores.c: what stands in the place of a function, NULL if nothing does.
// Where the real driver lacks it, `real` is NULL.
PFN_vkVoidFunction replace_vulkan_device(const char *name, PFN_vkVoidFunction real);
PFN_vkVoidFunction replace_vulkan_image(const char *name, PFN_vkVoidFunction real);
PFN_vkVoidFunction replace_vulkan_semaphore(const char *name, PFN_vkVoidFunction real);
// EGLDisplay.c, EGLImages.c, EGLSyncs.c.
void *replace_egl_display(const char *name, void *real);
void *replace_egl_image(const char *name, void *real);
void *replace_egl_sync(const char *name, void *real);

/// The next eglGetError of this thread gives it.
void raise_egl_error(EGLint error);
/// Of real GL, whatever the tables of the package have.
void *find_gl_function(const char *name);

#define STORE(function, type) __atomic_store_n(&real_##function, (type)real, __ATOMIC_RELEASE)
#define TAKE(function) \
  if (strcmp(name, #function) == 0) { \
    if (real != NULL) STORE(function, PFN_##function); \
    return (PFN_vkVoidFunction)my_##function; \
  }

#endif
