// One Vulkan device with one queue, images that can be shared, and the copies that the experiments need.
#ifndef CAPABILITY_CHECK_VULKAN_H
#define CAPABILITY_CHECK_VULKAN_H

#include "pattern.h"

// clang-format off
#define VULKAN_FUNCTIONS(X)                                                                                            \
  X(AllocateCommandBuffers) X(AllocateMemory) X(BeginCommandBuffer) X(BindBufferMemory) X(BindImageMemory)              \
  X(CmdCopyBufferToImage) X(CmdCopyImageToBuffer) X(CmdPipelineBarrier) X(CreateBuffer) X(CreateCommandPool)            \
  X(CreateDevice) X(CreateFence) X(CreateImage) X(CreateSemaphore) X(DestroyBuffer) X(DestroyCommandPool)               \
  X(DestroyDevice) X(DestroyFence) X(DestroyImage) X(DestroyInstance) X(DestroySemaphore) X(DeviceWaitIdle)             \
  X(EndCommandBuffer) X(EnumerateDeviceExtensionProperties) X(EnumeratePhysicalDevices) X(FreeMemory)                   \
  X(GetBufferMemoryRequirements) X(GetDeviceQueue) X(GetImageMemoryRequirements)                                        \
  X(GetPhysicalDeviceExternalSemaphoreProperties) X(GetPhysicalDeviceFormatProperties)                                  \
  X(GetPhysicalDeviceImageFormatProperties2) X(GetPhysicalDeviceMemoryProperties) X(GetPhysicalDeviceProperties2)       \
  X(GetPhysicalDeviceQueueFamilyProperties) X(MapMemory) X(QueueSubmit) X(ResetCommandPool) X(ResetFences)              \
  X(UnmapMemory) X(WaitForFences)
// clang-format on

typedef struct {
  void *library;
  VkInstance instance;
  VkPhysicalDevice physical;
  VkDevice device;
  VkQueue queue;
  uint32_t family;
  VkCommandPool pool;
  VkCommandBuffer commands;
  VkFence fence;
  bool is_pending;  // the fence was handed to the queue and not yet waited for
  VkPhysicalDeviceMemoryProperties memory;
  char device_name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
  bool uuid_matches, has_memory_fd, has_semaphore_fd, has_format_list;
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr;
  PFN_vkGetMemoryFdKHR GetMemoryFdKHR;
  PFN_vkGetSemaphoreFdKHR GetSemaphoreFdKHR;
#define X(name) PFN_vk##name name;
  VULKAN_FUNCTIONS(X)
#undef X
} Vulkan;

// `index` < 0: the device with GL's UUID (16 bytes, may be NULL), else the first. vulkan_close is to be called either
// way.
bool vulkan_open(Vulkan *vulkan, int index, const uint8_t *gl_uuid, Result *result);
void vulkan_close(Vulkan *vulkan);
const char *vulkan_name(VkResult code);
// UINT32_MAX when there is none.
uint32_t vulkan_memory_type(const Vulkan *vulkan, uint32_t allowed, VkMemoryPropertyFlags wanted);

// --- Images, buffers, semaphores (vulkan_image.c)
// ----------------------------------------------------------------------
typedef struct {
  VkImage image;
  VkDeviceMemory memory;
  VkDeviceSize memory_size;
} VulkanImage;

typedef struct {
  VkBuffer buffer;
  VkDeviceMemory memory;
  VkDeviceSize size;
  uint8_t *bytes;  // mapped, coherent
} VulkanBuffer;

// `is_external`: exportable as OPAQUE_FD, with every usage that the device gives; otherwise with transfer usage only.
bool vulkan_image_create(const Vulkan *vulkan, const Cell *cell, bool is_external, VulkanImage *image, Result *result);
void vulkan_image_destroy(const Vulkan *vulkan, VulkanImage *image);
bool vulkan_image_export(const Vulkan *vulkan, const VulkanImage *image, int *descriptor, Result *result);

bool vulkan_buffer_create(const Vulkan *vulkan, VkDeviceSize size, VulkanBuffer *buffer, Result *result);
void vulkan_buffer_destroy(const Vulkan *vulkan, VulkanBuffer *buffer);

bool vulkan_can_export_semaphores(const Vulkan *vulkan);
bool vulkan_semaphore_create(const Vulkan *vulkan, VkSemaphore *semaphore, int *descriptor, Result *result);

// --- Commands (vulkan_commands.c)
// -------------------------------------------------------------------------------------- vulkan_begin waits for what
// was submitted before. The image is in the layout GENERAL from its initialization on.
bool vulkan_begin(Vulkan *vulkan, Result *result);
void vulkan_initialize(const Vulkan *vulkan, VkImage image);  // from UNDEFINED; the content is lost
void vulkan_keep(const Vulkan *vulkan, VkImage image);        // what was written before is seen by what comes
void vulkan_acquire(const Vulkan *vulkan, VkImage image);     // from GL
void vulkan_release(const Vulkan *vulkan, VkImage image);     // to GL
void vulkan_copy_to_image(const Vulkan *vulkan, const VulkanBuffer *buffer, VkImage image, Size size);
void vulkan_copy_from_image(const Vulkan *vulkan, VkImage image, const VulkanBuffer *buffer, Size size);
bool vulkan_submit(Vulkan *vulkan, VkSemaphore wait, VkSemaphore signal, Result *result);  // both may be VK_NULL_HANDLE
bool vulkan_wait(Vulkan *vulkan, Result *result);

#endif
