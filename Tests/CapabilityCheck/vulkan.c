#include "vulkan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *vulkan_name(VkResult code) {
  static char number[16];
#define NAME(code) \
  case code: return #code
  switch (code) {
    NAME(VK_TIMEOUT);
    NAME(VK_ERROR_OUT_OF_HOST_MEMORY);
    NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY);
    NAME(VK_ERROR_INITIALIZATION_FAILED);
    NAME(VK_ERROR_DEVICE_LOST);
    NAME(VK_ERROR_LAYER_NOT_PRESENT);
    NAME(VK_ERROR_EXTENSION_NOT_PRESENT);
    NAME(VK_ERROR_INCOMPATIBLE_DRIVER);
    NAME(VK_ERROR_TOO_MANY_OBJECTS);
    NAME(VK_ERROR_FORMAT_NOT_SUPPORTED);
    NAME(VK_ERROR_INVALID_EXTERNAL_HANDLE);
    default: break;
  }
#undef NAME
  snprintf(number, sizeof number, "VkResult %d", code);
  return number;
}

uint32_t vulkan_memory_type(const Vulkan *vulkan, uint32_t allowed, VkMemoryPropertyFlags wanted) {
  for (uint32_t i = 0; i < vulkan->memory.memoryTypeCount; i++)
    if (allowed >> i & 1 && (vulkan->memory.memoryTypes[i].propertyFlags & wanted) == wanted) return i;
  return UINT32_MAX;
}

static bool make_instance(Vulkan *vulkan, Result *result) {
  vulkan->library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!vulkan->library) return failed(result, "%s", dlerror());
  PFN_vkGetInstanceProcAddr get = (PFN_vkGetInstanceProcAddr)dlsym(vulkan->library, "vkGetInstanceProcAddr");
  if (!get) return failed(result, "libvulkan.so.1 is no Vulkan loader");
  vulkan->GetInstanceProcAddr = get;
  PFN_vkEnumerateInstanceVersion version = (PFN_vkEnumerateInstanceVersion)get(NULL, "vkEnumerateInstanceVersion");
  PFN_vkCreateInstance create = (PFN_vkCreateInstance)get(NULL, "vkCreateInstance");
  uint32_t found = VK_API_VERSION_1_0;
  if (!create || !version || version(&found) != VK_SUCCESS || found < VK_API_VERSION_1_1)
    return failed(result, "the Vulkan loader knows no Vulkan 1.1");
  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "capability-check",
    .apiVersion = VK_API_VERSION_1_1};
  const VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  VkResult code = create(&info, NULL, &vulkan->instance);
  if (code != VK_SUCCESS) return failed(result, "vkCreateInstance: %s", vulkan_name(code));
#define X(name) \
  vulkan->name = (PFN_vk##name)get(vulkan->instance, "vk" #name); \
  if (!vulkan->name) return failed(result, "Vulkan has no function vk%s", #name);
  VULKAN_FUNCTIONS(X)
#undef X
  return true;
}

static bool choose_physical(Vulkan *vulkan, int index, const uint8_t *gl_uuid, Result *result) {
  VkPhysicalDevice devices[64];
  uint32_t count = 64;
  VkResult code = vulkan->EnumeratePhysicalDevices(vulkan->instance, &count, devices);
  if (code != VK_SUCCESS && code != VK_INCOMPLETE)
    return failed(result, "vkEnumeratePhysicalDevices: %s", vulkan_name(code));
  if (!count) return failed(result, "there is no Vulkan device");
  if (index >= (int)count) return failed(result, "no Vulkan device %d, there are %u", index, count);
  for (uint32_t i = 0; i < count; i++) {
    VkPhysicalDeviceIDProperties id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &id};
    vulkan->GetPhysicalDeviceProperties2(devices[i], &properties);
    // All 16 bytes: those of Mesa's software drivers contain zeros.
    bool matches = gl_uuid && !memcmp(id.deviceUUID, gl_uuid, VK_UUID_SIZE);
    bool chosen = index >= 0 ? (int)i == index : matches || i == 0;
    if (!chosen) continue;
    if (properties.properties.apiVersion < VK_API_VERSION_1_1) {
      failed(result, "%s has no Vulkan 1.1", properties.properties.deviceName);
      vulkan->physical = VK_NULL_HANDLE;
      continue;
    }
    vulkan->physical = devices[i];
    vulkan->uuid_matches = matches;
    memcpy(vulkan->device_name, properties.properties.deviceName, sizeof vulkan->device_name);
    if (matches) break;
  }
  return vulkan->physical != VK_NULL_HANDLE;
}

static bool has_extension(const VkExtensionProperties *list, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; i++)
    if (!strcmp(list[i].extensionName, name)) return true;
  return false;
}

static bool make_device(Vulkan *vulkan, Result *result) {
  VkQueueFamilyProperties families[32];
  uint32_t family_count = 32;
  vulkan->GetPhysicalDeviceQueueFamilyProperties(vulkan->physical, &family_count, families);
  vulkan->family = UINT32_MAX;
  for (uint32_t i = 0; i < family_count && vulkan->family == UINT32_MAX; i++)
    if (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT) vulkan->family = i;
  if (vulkan->family == UINT32_MAX) return failed(result, "%s has no graphics queue", vulkan->device_name);

  uint32_t count = 0, enabled_count = 0;
  vulkan->EnumerateDeviceExtensionProperties(vulkan->physical, NULL, &count, NULL);
  VkExtensionProperties *list = calloc(count + 1, sizeof *list);
  if (!list) return failed(result, "no memory");
  vulkan->EnumerateDeviceExtensionProperties(vulkan->physical, NULL, &count, list);
  vulkan->has_memory_fd = has_extension(list, count, VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME);
  vulkan->has_semaphore_fd = has_extension(list, count, VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME);
  vulkan->has_format_list = has_extension(list, count, VK_KHR_IMAGE_FORMAT_LIST_EXTENSION_NAME);
  free(list);
  const char *enabled[3];
  if (vulkan->has_memory_fd) enabled[enabled_count++] = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
  if (vulkan->has_semaphore_fd) enabled[enabled_count++] = VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME;
  if (vulkan->has_format_list) enabled[enabled_count++] = VK_KHR_IMAGE_FORMAT_LIST_EXTENSION_NAME;

  const float priority = 1;
  const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = vulkan->family,
    .queueCount = 1,
    .pQueuePriorities = &priority};
  const VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue,
    .enabledExtensionCount = enabled_count,
    .ppEnabledExtensionNames = enabled};
  VkResult code = vulkan->CreateDevice(vulkan->physical, &info, NULL, &vulkan->device);
  if (code != VK_SUCCESS) return failed(result, "vkCreateDevice: %s", vulkan_name(code));
  vulkan->GetDeviceQueue(vulkan->device, vulkan->family, 0, &vulkan->queue);
  vulkan->GetPhysicalDeviceMemoryProperties(vulkan->physical, &vulkan->memory);
  vulkan->GetMemoryFdKHR = (PFN_vkGetMemoryFdKHR)vulkan->GetInstanceProcAddr(vulkan->instance, "vkGetMemoryFdKHR");
  vulkan->GetSemaphoreFdKHR =
    (PFN_vkGetSemaphoreFdKHR)vulkan->GetInstanceProcAddr(vulkan->instance, "vkGetSemaphoreFdKHR");
  vulkan->has_memory_fd = vulkan->has_memory_fd && vulkan->GetMemoryFdKHR;
  vulkan->has_semaphore_fd = vulkan->has_semaphore_fd && vulkan->GetSemaphoreFdKHR;
  return true;
}

static bool make_commands(Vulkan *vulkan, Result *result) {
  const VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = vulkan->family};
  VkResult code = vulkan->CreateCommandPool(vulkan->device, &pool, NULL, &vulkan->pool);
  if (code != VK_SUCCESS) return failed(result, "vkCreateCommandPool: %s", vulkan_name(code));
  const VkCommandBufferAllocateInfo commands = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = vulkan->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1};
  code = vulkan->AllocateCommandBuffers(vulkan->device, &commands, &vulkan->commands);
  if (code != VK_SUCCESS) return failed(result, "vkAllocateCommandBuffers: %s", vulkan_name(code));
  const VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  code = vulkan->CreateFence(vulkan->device, &fence, NULL, &vulkan->fence);
  return code == VK_SUCCESS || failed(result, "vkCreateFence: %s", vulkan_name(code));
}

bool vulkan_open(Vulkan *vulkan, int index, const uint8_t *gl_uuid, Result *result) {
  memset(vulkan, 0, sizeof *vulkan);
  return make_instance(vulkan, result) && choose_physical(vulkan, index, gl_uuid, result) &&
         make_device(vulkan, result) && make_commands(vulkan, result);
}

void vulkan_close(Vulkan *vulkan) {
  if (vulkan->device) {
    vulkan->DeviceWaitIdle(vulkan->device);
    vulkan->DestroyFence(vulkan->device, vulkan->fence, NULL);
    vulkan->DestroyCommandPool(vulkan->device, vulkan->pool, NULL);
    vulkan->DestroyDevice(vulkan->device, NULL);
  }
  if (vulkan->instance && vulkan->DestroyInstance) vulkan->DestroyInstance(vulkan->instance, NULL);
  // The library stays: drivers leave threads and exit handlers behind.
}
