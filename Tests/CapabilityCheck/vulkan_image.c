#include "vulkan.h"

// --- Images
// ------------------------------------------------------------------------------------------------------------

// The whole creation of an image, kept together because the query and the creation must say the same.
typedef struct {
  VkFormat views[2];
  VkImageFormatListCreateInfo list;
  VkExternalMemoryImageCreateInfo external;
  VkImageCreateInfo info;
} ImagePlan;

static void plan_image(const Vulkan *vulkan, const Cell *cell, bool is_external, ImagePlan *plan) {
  const Format *format = cell->format;
  plan->views[0] = format->vulkan;
  plan->views[1] = format->other_view;
  plan->list = (VkImageFormatListCreateInfo){.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO,
    .viewFormatCount = format->other_view == VK_FORMAT_UNDEFINED ? 1 : 2,
    .pViewFormats = plan->views};
  plan->external = (VkExternalMemoryImageCreateInfo){.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
    .pNext = vulkan->has_format_list ? &plan->list : NULL,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  plan->info = (VkImageCreateInfo){
    .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .pNext = is_external ? &plan->external : NULL,
    .flags = is_external ? VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT : 0,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = format->vulkan,
    .extent = {(uint32_t)cell->size.width, (uint32_t)cell->size.height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .tiling = cell->tiling == TILING_LINEAR ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
    .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
  };
}

static bool device_takes(const Vulkan *vulkan, const ImagePlan *plan, bool is_external, VkImageUsageFlags usage) {
  VkImageFormatListCreateInfo list = plan->list;
  const VkPhysicalDeviceExternalImageFormatInfo handle = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO,
    .pNext = vulkan->has_format_list ? &list : NULL,
    .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkPhysicalDeviceImageFormatInfo2 info = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
    .pNext = is_external ? &handle : NULL,
    .format = plan->info.format,
    .type = plan->info.imageType,
    .tiling = plan->info.tiling,
    .usage = usage,
    .flags = plan->info.flags};
  VkExternalImageFormatProperties external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES};
  VkImageFormatProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2, .pNext = is_external ? &external : NULL};
  if (vulkan->GetPhysicalDeviceImageFormatProperties2(vulkan->physical, &info, &properties) != VK_SUCCESS) return false;
  const VkExtent3D *limit = &properties.imageFormatProperties.maxExtent, *extent = &plan->info.extent;
  if (extent->width > limit->width || extent->height > limit->height) return false;
  return !is_external ||
         external.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT;
}

// The usages that the format has in this tiling, less the last ones until the device agrees. 0 when it never does.
static VkImageUsageFlags choose_usage(const Vulkan *vulkan, const ImagePlan *plan, bool is_external) {
  const struct {
    VkImageUsageFlags usage;
    VkFormatFeatureFlags feature;
  } steps[5] = {
    {VK_IMAGE_USAGE_TRANSFER_SRC_BIT, VK_FORMAT_FEATURE_TRANSFER_SRC_BIT},
    {VK_IMAGE_USAGE_TRANSFER_DST_BIT, VK_FORMAT_FEATURE_TRANSFER_DST_BIT},
    {VK_IMAGE_USAGE_SAMPLED_BIT, VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT},
    {VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT},
    {VK_IMAGE_USAGE_STORAGE_BIT, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT},
  };
  VkFormatProperties properties;
  vulkan->GetPhysicalDeviceFormatProperties(vulkan->physical, plan->info.format, &properties);
  VkFormatFeatureFlags features =
    plan->info.tiling == VK_IMAGE_TILING_LINEAR ? properties.linearTilingFeatures : properties.optimalTilingFeatures;
  const VkImageUsageFlags needed = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  for (int kept = is_external ? 5 : 2; kept >= 2; kept--) {
    VkImageUsageFlags usage = 0;
    for (int i = 0; i < kept; i++)
      if (features & steps[i].feature) usage |= steps[i].usage;
    if ((usage & needed) != needed) return 0;
    if (device_takes(vulkan, plan, is_external, usage)) return usage;
  }
  return 0;
}

bool vulkan_image_create(const Vulkan *vulkan, const Cell *cell, bool is_external, VulkanImage *image, Result *result) {
  ImagePlan plan;
  plan_image(vulkan, cell, is_external, &plan);
  plan.info.usage = choose_usage(vulkan, &plan, is_external);
  if (!plan.info.usage)
    return unsupported(result, "Vulkan has no %s %s images of this size%s", tiling_names[cell->tiling],
      cell->format->name, is_external ? " that can be exported" : "");
  VkResult code = vulkan->CreateImage(vulkan->device, &plan.info, NULL, &image->image);
  if (code != VK_SUCCESS) return failed(result, "vkCreateImage: %s", vulkan_name(code));

  VkMemoryRequirements requirements;
  vulkan->GetImageMemoryRequirements(vulkan->device, image->image, &requirements);
  uint32_t type = vulkan_memory_type(vulkan, requirements.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  if (type == UINT32_MAX) type = vulkan_memory_type(vulkan, requirements.memoryTypeBits, 0);
  if (type == UINT32_MAX) return failed(result, "Vulkan has no memory for the image");
  const VkExportMemoryAllocateInfo export = {.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkMemoryDedicatedAllocateInfo dedicated = {.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO,
    .pNext = is_external ? &export : NULL,
    .image = image->image};
  const VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .pNext = &dedicated,
    .allocationSize = requirements.size,
    .memoryTypeIndex = type};
  code = vulkan->AllocateMemory(vulkan->device, &info, NULL, &image->memory);
  if (code != VK_SUCCESS) return failed(result, "vkAllocateMemory: %s", vulkan_name(code));
  image->memory_size = requirements.size;
  code = vulkan->BindImageMemory(vulkan->device, image->image, image->memory, 0);
  return code == VK_SUCCESS || failed(result, "vkBindImageMemory: %s", vulkan_name(code));
}

void vulkan_image_destroy(const Vulkan *vulkan, VulkanImage *image) {
  vulkan->DestroyImage(vulkan->device, image->image, NULL);
  vulkan->FreeMemory(vulkan->device, image->memory, NULL);
  *image = (VulkanImage){0};
}

bool vulkan_image_export(const Vulkan *vulkan, const VulkanImage *image, int *descriptor, Result *result) {
  const VkMemoryGetFdInfoKHR info = {.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
    .memory = image->memory,
    .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  VkResult code = vulkan->GetMemoryFdKHR(vulkan->device, &info, descriptor);
  return code == VK_SUCCESS || failed(result, "vkGetMemoryFdKHR: %s", vulkan_name(code));
}

// --- Buffers
// -----------------------------------------------------------------------------------------------------------

bool vulkan_buffer_create(const Vulkan *vulkan, VkDeviceSize size, VulkanBuffer *buffer, Result *result) {
  buffer->size = size;
  const VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = size,
    .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE};
  VkResult code = vulkan->CreateBuffer(vulkan->device, &info, NULL, &buffer->buffer);
  if (code != VK_SUCCESS) return failed(result, "vkCreateBuffer: %s", vulkan_name(code));
  VkMemoryRequirements requirements;
  vulkan->GetBufferMemoryRequirements(vulkan->device, buffer->buffer, &requirements);
  const VkMemoryAllocateInfo memory = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = requirements.size,
    .memoryTypeIndex = vulkan_memory_type(
      vulkan, requirements.memoryTypeBits, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)};
  if (memory.memoryTypeIndex == UINT32_MAX) return failed(result, "Vulkan has no coherent memory for a buffer");
  code = vulkan->AllocateMemory(vulkan->device, &memory, NULL, &buffer->memory);
  if (code != VK_SUCCESS) return failed(result, "vkAllocateMemory (buffer): %s", vulkan_name(code));
  code = vulkan->BindBufferMemory(vulkan->device, buffer->buffer, buffer->memory, 0);
  if (code != VK_SUCCESS) return failed(result, "vkBindBufferMemory: %s", vulkan_name(code));
  void *bytes = NULL;
  code = vulkan->MapMemory(vulkan->device, buffer->memory, 0, VK_WHOLE_SIZE, 0, &bytes);
  buffer->bytes = bytes;
  return code == VK_SUCCESS || failed(result, "vkMapMemory: %s", vulkan_name(code));
}

void vulkan_buffer_destroy(const Vulkan *vulkan, VulkanBuffer *buffer) {
  if (buffer->bytes) vulkan->UnmapMemory(vulkan->device, buffer->memory);
  vulkan->DestroyBuffer(vulkan->device, buffer->buffer, NULL);
  vulkan->FreeMemory(vulkan->device, buffer->memory, NULL);
  *buffer = (VulkanBuffer){0};
}

// --- Semaphores
// --------------------------------------------------------------------------------------------------------

bool vulkan_can_export_semaphores(const Vulkan *vulkan) {
  if (!vulkan->has_semaphore_fd) return false;
  // The extension alone may mean SYNC_FD only.
  const VkPhysicalDeviceExternalSemaphoreInfo info = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO,
    .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  VkExternalSemaphoreProperties properties = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES};
  vulkan->GetPhysicalDeviceExternalSemaphoreProperties(vulkan->physical, &info, &properties);
  return properties.externalSemaphoreFeatures & VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT;
}

bool vulkan_semaphore_create(const Vulkan *vulkan, VkSemaphore *semaphore, int *descriptor, Result *result) {
  const VkExportSemaphoreCreateInfo export = {.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO,
    .handleTypes = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &export};
  VkResult code = vulkan->CreateSemaphore(vulkan->device, &info, NULL, semaphore);
  if (code != VK_SUCCESS) return failed(result, "vkCreateSemaphore: %s", vulkan_name(code));
  const VkSemaphoreGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
    .semaphore = *semaphore,
    .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  code = vulkan->GetSemaphoreFdKHR(vulkan->device, &get, descriptor);
  return code == VK_SUCCESS || failed(result, "vkGetSemaphoreFdKHR: %s", vulkan_name(code));
}
