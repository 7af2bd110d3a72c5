// A Vulkan instance and device, and what is recorded and submitted on it.

#include "internal.h"

#include <dlfcn.h>
#include <string.h>

bool cb_vulkan_ok(VkResult result, const char *what) {
  return result == VK_SUCCESS || cb_fail("%s: VkResult %d", what, result);
}

// --- Device ----------------------------------------------------------------------------------------------------------

static bool make_instance(cb_baseline *b) {
  void *library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return cb_fail("dlopen: %s", dlerror());
  PFN_vkGetInstanceProcAddr get = (PFN_vkGetInstanceProcAddr)dlsym(library, "vkGetInstanceProcAddr");
  if (!get) return cb_fail("libvulkan.so.1 has no vkGetInstanceProcAddr");
  PFN_vkEnumerateInstanceVersion version_function =
    (PFN_vkEnumerateInstanceVersion)get(NULL, "vkEnumerateInstanceVersion");
  PFN_vkCreateInstance create_instance = (PFN_vkCreateInstance)get(NULL, "vkCreateInstance");
  uint32_t version = 0;
  if (!version_function || !create_instance || version_function(&version) != VK_SUCCESS || version < VK_API_VERSION_1_1)
    return cb_fail("the loader lacks Vulkan 1.1");
  const VkApplicationInfo application = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .apiVersion = version < VK_API_VERSION_1_3 ? version : VK_API_VERSION_1_3,
  };
  const VkInstanceCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  if (!cb_vulkan_ok(create_instance(&create, NULL, &b->instance), "vkCreateInstance")) return false;
#define LOAD(type, name) \
  b->vk.name = (type)get(b->instance, #name); \
  if (!b->vk.name) return cb_fail("the loader has no %s", #name);
  CB_VULKAN_INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
  return true;
}

static bool choose_physical_device(cb_baseline *b) {
  VkPhysicalDevice devices[16];
  uint32_t count = sizeof devices / sizeof devices[0];
  const VkResult result = b->vk.vkEnumeratePhysicalDevices(b->instance, &count, devices);
  if (result != VK_INCOMPLETE && !cb_vulkan_ok(result, "vkEnumeratePhysicalDevices")) return false;
  for (uint32_t i = 0; i < count; i++) {
    VkPhysicalDeviceIDProperties ids = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &ids};
    b->vk.vkGetPhysicalDeviceProperties2(devices[i], &properties);
    // All 16 bytes count: llvmpipe's contain NULs.
    if (memcmp(ids.deviceUUID, b->options.device_uuid, VK_UUID_SIZE) == 0) {
      b->physical_device = devices[i];
      b->vk.vkGetPhysicalDeviceMemoryProperties(devices[i], &b->memory_properties);
      return true;
    }
  }
  return cb_fail("no Vulkan device has the UUID asked for");
}

static bool make_device(cb_baseline *b) {
  VkQueueFamilyProperties families[CB_MAXIMUM_QUEUE_FAMILIES];
  uint32_t family_count = CB_MAXIMUM_QUEUE_FAMILIES;
  b->vk.vkGetPhysicalDeviceQueueFamilyProperties(b->physical_device, &family_count, families);
  if (b->options.queue_family >= family_count || b->options.graphics_family >= family_count)
    return cb_fail("there is no queue family %u or %u", b->options.queue_family, b->options.graphics_family);
  // One queue of every family that copies, as the Swift library makes its device.
  const VkQueueFlags copies = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT;
  const float priority = 1;
  VkDeviceQueueCreateInfo queues[CB_MAXIMUM_QUEUE_FAMILIES];
  uint32_t queue_count = 0;
  for (uint32_t family = 0; family < family_count; family++) {
    if (families[family].queueCount == 0 || !(families[family].queueFlags & copies)) continue;
    queues[queue_count++] = (VkDeviceQueueCreateInfo){
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueFamilyIndex = family,
      .queueCount = 1,
      .pQueuePriorities = &priority,
    };
  }
  const char *extensions[] = {"VK_KHR_external_memory_fd", "VK_KHR_external_semaphore_fd"};
  const VkDeviceCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .queueCreateInfoCount = queue_count,
    .pQueueCreateInfos = queues,
    .enabledExtensionCount = b->options.semaphores ? 2 : 1,
    .ppEnabledExtensionNames = extensions,
  };
  if (!cb_vulkan_ok(b->vk.vkCreateDevice(b->physical_device, &create, NULL, &b->device), "vkCreateDevice"))
    return false;
  if (!cb_load_device_functions(b)) return false;
  b->vk.vkGetDeviceQueue(b->device, b->options.queue_family, 0, &b->queue);
  b->vk.vkGetDeviceQueue(b->device, b->options.graphics_family, 0, &b->graphics_queue);
  return true;
}

bool cb_load_device_functions(cb_baseline *b) {
#define LOAD(type, name) \
  b->vk.name = (type)b->vk.vkGetDeviceProcAddr(b->device, #name); \
  if (!b->vk.name) return cb_fail("the device has no %s", #name);
  CB_VULKAN_DEVICE_FUNCTIONS(LOAD)
  if (b->options.semaphores) { CB_VULKAN_SEMAPHORE_FUNCTIONS(LOAD) }
#undef LOAD
  return true;
}

bool cb_open_device(cb_baseline *b) { return make_instance(b) && choose_physical_device(b) && make_device(b); }

void cb_close_device(cb_baseline *b) {
  if (b->device && b->vk.vkDestroyDevice) b->vk.vkDestroyDevice(b->device, NULL);
  if (b->instance && b->vk.vkDestroyInstance) b->vk.vkDestroyInstance(b->instance, NULL);
}

// --- Buffers ---------------------------------------------------------------------------------------------------------

int cb_memory_type(const cb_baseline *b, uint32_t bits, VkMemoryPropertyFlags wanted, VkMemoryPropertyFlags needed) {
  const VkMemoryPropertyFlags tries[] = {wanted, needed};
  for (int t = 0; t < 2; t++)
    for (uint32_t i = 0; i < b->memory_properties.memoryTypeCount; i++)
      if (bits & 1u << i && (b->memory_properties.memoryTypes[i].propertyFlags & tries[t]) == tries[t]) return (int)i;
  return -1;
}

bool cb_make_host_buffer(cb_baseline *b, VkDeviceSize size, VkBufferUsageFlags usage, cb_host_buffer *buffer) {
  const VkBufferCreateInfo create = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = size, .usage = usage};
  if (!cb_vulkan_ok(b->vk.vkCreateBuffer(b->device, &create, NULL, &buffer->buffer), "vkCreateBuffer")) return false;
  VkMemoryRequirements requirements;
  b->vk.vkGetBufferMemoryRequirements(b->device, buffer->buffer, &requirements);
  const VkMemoryPropertyFlags visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  // Reading uncached memory is slow.
  const bool is_read = usage & VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  const int type = cb_memory_type(
    b, requirements.memoryTypeBits, is_read ? visible | VK_MEMORY_PROPERTY_HOST_CACHED_BIT : visible, visible);
  if (type < 0) return cb_fail("no memory that the CPU sees");
  const VkMemoryAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = requirements.size,
    .memoryTypeIndex = (uint32_t)type,
  };
  return cb_vulkan_ok(b->vk.vkAllocateMemory(b->device, &allocate, NULL, &buffer->memory), "vkAllocateMemory") &&
         cb_vulkan_ok(b->vk.vkBindBufferMemory(b->device, buffer->buffer, buffer->memory, 0), "vkBindBufferMemory") &&
         cb_vulkan_ok(b->vk.vkMapMemory(b->device, buffer->memory, 0, VK_WHOLE_SIZE, 0, &buffer->bytes), "vkMapMemory");
}

void cb_free_host_buffer(cb_baseline *b, cb_host_buffer *buffer) {
  b->vk.vkDestroyBuffer(b->device, buffer->buffer, NULL);
  // Unmaps it too.
  b->vk.vkFreeMemory(b->device, buffer->memory, NULL);
}

// --- Images ----------------------------------------------------------------------------------------------------------

bool cb_make_image(cb_baseline *b, VkImageUsageFlags usage, VkImage *image, VkDeviceMemory *memory) {
  const VkImageCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = VK_FORMAT_R8G8B8A8_UNORM,
    .extent = {b->options.width, b->options.height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .tiling = VK_IMAGE_TILING_OPTIMAL,
    .usage = usage,
    .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
  };
  if (!cb_vulkan_ok(b->vk.vkCreateImage(b->device, &create, NULL, image), "vkCreateImage")) return false;
  VkMemoryRequirements requirements;
  b->vk.vkGetImageMemoryRequirements(b->device, *image, &requirements);
  const int type = cb_memory_type(b, requirements.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0);
  if (type < 0) return cb_fail("an image allows no memory type");
  const VkMemoryAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = requirements.size,
    .memoryTypeIndex = (uint32_t)type,
  };
  return cb_vulkan_ok(b->vk.vkAllocateMemory(b->device, &allocate, NULL, memory), "vkAllocateMemory") &&
         cb_vulkan_ok(b->vk.vkBindImageMemory(b->device, *image, *memory, 0), "vkBindImageMemory");
}

// --- Commands --------------------------------------------------------------------------------------------------------

bool cb_make_commands(cb_baseline *b, uint32_t family, VkQueue queue, cb_commands *commands) {
  commands->queue = queue;
  const VkCommandPoolCreateInfo create_pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
    .queueFamilyIndex = family,
  };
  if (!cb_vulkan_ok(b->vk.vkCreateCommandPool(b->device, &create_pool, NULL, &commands->pool), "vkCreateCommandPool"))
    return false;
  const VkCommandBufferAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = commands->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  const VkFenceCreateInfo create_fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  return cb_vulkan_ok(
           b->vk.vkAllocateCommandBuffers(b->device, &allocate, &commands->commands), "vkAllocateCommandBuffers") &&
         cb_vulkan_ok(b->vk.vkCreateFence(b->device, &create_fence, NULL, &commands->fence), "vkCreateFence") &&
         cb_make_host_buffer(
           b, CB_SAMPLE_SIDE * CB_SAMPLE_SIDE * 4, VK_BUFFER_USAGE_TRANSFER_DST_BIT, &commands->landing);
}

void cb_free_commands(cb_baseline *b, cb_commands *commands) {
  cb_free_host_buffer(b, &commands->landing);
  b->vk.vkDestroyFence(b->device, commands->fence, NULL);
  b->vk.vkDestroyCommandPool(b->device, commands->pool, NULL);
}

bool cb_finish(cb_baseline *b, cb_commands *commands) {
  if (!commands->fence_is_pending) return true;
  const uint64_t ten_seconds = 10000000000u;
  if (!cb_vulkan_ok(b->vk.vkWaitForFences(b->device, 1, &commands->fence, VK_TRUE, ten_seconds), "vkWaitForFences") ||
      !cb_vulkan_ok(b->vk.vkResetFences(b->device, 1, &commands->fence), "vkResetFences"))
    return false;
  commands->fence_is_pending = false;
  return true;
}

bool cb_begin(cb_baseline *b, cb_commands *commands) {
  const VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };
  return cb_vulkan_ok(b->vk.vkBeginCommandBuffer(commands->commands, &begin), "vkBeginCommandBuffer");
}

bool cb_submit(cb_baseline *b, cb_commands *commands, VkSemaphore wait, VkSemaphore signal) {
  if (!cb_vulkan_ok(b->vk.vkEndCommandBuffer(commands->commands), "vkEndCommandBuffer")) return false;
  const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  const VkSubmitInfo submit = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .waitSemaphoreCount = wait != VK_NULL_HANDLE,
    .pWaitSemaphores = &wait,
    .pWaitDstStageMask = &stage,
    .commandBufferCount = 1,
    .pCommandBuffers = &commands->commands,
    .signalSemaphoreCount = signal != VK_NULL_HANDLE,
    .pSignalSemaphores = &signal,
  };
  if (!cb_vulkan_ok(b->vk.vkQueueSubmit(commands->queue, 1, &submit, commands->fence), "vkQueueSubmit")) return false;
  commands->fence_is_pending = true;
  return true;
}
