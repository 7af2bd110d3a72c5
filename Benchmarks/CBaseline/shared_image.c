// Memory and semaphores that GL and Vulkan both see. Vulkan makes and exports, GL imports.

#include "internal.h"

#include <unistd.h>

static bool make_image(cb_baseline *b, cb_shared_image *shared) {
  const VkExternalMemoryImageCreateInfo external = {
    .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  const VkFormat views[] = {VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_SRGB};
  const VkImageFormatListCreateInfo list = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO,
    .pNext = &external,
    .viewFormatCount = 2,
    .pViewFormats = views,
  };
  const VkImageCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .pNext = &list,
    .flags = VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .extent = {b->options.width, b->options.height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .tiling = VK_IMAGE_TILING_OPTIMAL,
    .usage = b->options.image_usage,
    .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
  };
  return cb_vulkan_ok(b->vk.vkCreateImage(b->device, &create, NULL, &shared->image), "vkCreateImage");
}

// A dedicated allocation of the exact size. Returns its file descriptor, -1 on failure.
static int allocate_and_export(cb_baseline *b, cb_shared_image *shared, VkDeviceSize *size) {
  VkMemoryRequirements requirements;
  b->vk.vkGetImageMemoryRequirements(b->device, shared->image, &requirements);
  const int type = cb_memory_type(b, requirements.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0);
  if (type < 0) {
    cb_fail("the shared image allows no memory type");
    return -1;
  }
  const VkMemoryDedicatedAllocateInfo dedicated = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, .image = shared->image};
  const VkExportMemoryAllocateInfo export = {
    .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
    .pNext = &dedicated,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  const VkMemoryAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .pNext = &export,
    .allocationSize = requirements.size,
    .memoryTypeIndex = (uint32_t)type,
  };
  if (!cb_vulkan_ok(b->vk.vkAllocateMemory(b->device, &allocate, NULL, &shared->memory), "vkAllocateMemory") ||
      !cb_vulkan_ok(b->vk.vkBindImageMemory(b->device, shared->image, shared->memory, 0), "vkBindImageMemory"))
    return -1;
  const VkMemoryGetFdInfoKHR get = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
    .memory = shared->memory,
    .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  int fd = -1;
  if (!cb_vulkan_ok(b->vk.vkGetMemoryFdKHR(b->device, &get, &fd), "vkGetMemoryFdKHR")) return -1;
  *size = requirements.size;
  return fd;
}

static bool import_into_gl(cb_baseline *b, cb_shared_image *shared, int fd, VkDeviceSize size) {
  const cb_gl *gl = &b->gl;
  gl->glCreateMemoryObjectsEXT(1, &shared->gl_memory);
  const GLint dedicated = GL_TRUE;
  gl->glMemoryObjectParameterivEXT(shared->gl_memory, GL_DEDICATED_MEMORY_OBJECT_EXT, &dedicated);
  gl->glImportMemoryFdEXT(shared->gl_memory, size, GL_HANDLE_TYPE_OPAQUE_FD_EXT, fd);
  if (!cb_gl_ok(b, "glImportMemoryFdEXT")) {
    close(fd);  // GL takes the descriptor only if the import succeeds.
    return false;
  }
  gl->glGenTextures(1, &shared->texture);
  gl->glBindTexture(GL_TEXTURE_2D, shared->texture);
  gl->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_TILING_EXT, GL_OPTIMAL_TILING_EXT);
  gl->glTexStorageMem2DEXT(
    GL_TEXTURE_2D, 1, GL_RGBA8, (GLsizei)b->options.width, (GLsizei)b->options.height, shared->gl_memory, 0);
  gl->glBindTexture(GL_TEXTURE_2D, 0);
  gl->glGenFramebuffers(1, &shared->framebuffer);
  gl->glBindFramebuffer(GL_FRAMEBUFFER, shared->framebuffer);
  gl->glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, shared->texture, 0);
  // Mesa's import fails without an error; the framebuffer tells.
  const GLenum status = gl->glCheckFramebufferStatus(GL_FRAMEBUFFER);
  gl->glBindFramebuffer(GL_FRAMEBUFFER, 0);
  if (status != GL_FRAMEBUFFER_COMPLETE) return cb_fail("the shared framebuffer has status 0x%x", status);
  return cb_gl_ok(b, "glTexStorageMem2DEXT");
}

bool cb_make_shared_image(cb_baseline *b, cb_shared_image *shared) {
  if (!make_image(b, shared)) return false;
  VkDeviceSize size = 0;
  const int fd = allocate_and_export(b, shared, &size);
  return fd >= 0 && import_into_gl(b, shared, fd, size);
}

void cb_free_shared_image(cb_baseline *b, cb_shared_image *shared) {
  b->gl.glDeleteFramebuffers(1, &shared->framebuffer);
  b->gl.glDeleteTextures(1, &shared->texture);
  if (shared->gl_memory) b->gl.glDeleteMemoryObjectsEXT(1, &shared->gl_memory);
  b->vk.vkDestroyImage(b->device, shared->image, NULL);
  b->vk.vkFreeMemory(b->device, shared->memory, NULL);
  *shared = (cb_shared_image){0};
}

bool cb_make_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore) {
  const VkExportSemaphoreCreateInfo export = {
    .sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO,
    .handleTypes = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  const VkSemaphoreCreateInfo create = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &export};
  if (!cb_vulkan_ok(b->vk.vkCreateSemaphore(b->device, &create, NULL, &semaphore->vulkan), "vkCreateSemaphore"))
    return false;
  const VkSemaphoreGetFdInfoKHR get = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
    .semaphore = semaphore->vulkan,
    .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT,
  };
  int fd = -1;
  if (!cb_vulkan_ok(b->vk.vkGetSemaphoreFdKHR(b->device, &get, &fd), "vkGetSemaphoreFdKHR")) return false;
  b->gl.glGenSemaphoresEXT(1, &semaphore->gl);
  b->gl.glImportSemaphoreFdEXT(semaphore->gl, GL_HANDLE_TYPE_OPAQUE_FD_EXT, fd);
  if (cb_gl_ok(b, "glImportSemaphoreFdEXT")) return true;
  close(fd);
  return false;
}

void cb_free_shared_semaphore(cb_baseline *b, cb_shared_semaphore *semaphore) {
  if (semaphore->gl) b->gl.glDeleteSemaphoresEXT(1, &semaphore->gl);
  b->vk.vkDestroySemaphore(b->device, semaphore->vulkan, NULL);
}
