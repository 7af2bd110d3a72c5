#define _GNU_SOURCE
#include "Internal.h"

#include <stdlib.h>
#include <string.h>

static PFN_vkEnumerateDeviceExtensionProperties real_vkEnumerateDeviceExtensionProperties;
static PFN_vkCreateDevice real_vkCreateDevice;
static PFN_vkDestroyDevice real_vkDestroyDevice;
static PFN_vkGetDeviceProcAddr real_vkGetDeviceProcAddr;
static PFN_vkGetPhysicalDeviceFormatProperties2 real_vkGetPhysicalDeviceFormatProperties2;
static PFN_vkGetPhysicalDeviceImageFormatProperties2 real_vkGetPhysicalDeviceImageFormatProperties2;
static PFN_vkGetPhysicalDeviceExternalSemaphoreProperties real_vkGetPhysicalDeviceExternalSemaphoreProperties;

// What the driver has beside the real one's.
static const char *const extensions[] = {
  "VK_EXT_external_memory_dma_buf",
  "VK_EXT_image_drm_format_modifier",
  "VK_EXT_queue_family_foreign",
  "VK_KHR_external_semaphore_fd",
  "VK_KHR_image_format_list",
};
enum { EXTENSIONS = sizeof extensions / sizeof *extensions };

static bool lists(const VkExtensionProperties *list, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; i++) {
    if (strcmp(list[i].extensionName, name) == 0) return true;
  }
  return false;
}

// The real driver's list with room for ours; the caller frees it.
static VkExtensionProperties *real_list(VkPhysicalDevice physical, uint32_t *count) {
  *count = 0;
  real_vkEnumerateDeviceExtensionProperties(physical, NULL, count, NULL);
  VkExtensionProperties *list = calloc(*count + EXTENSIONS, sizeof *list);
  if (list == NULL) abort();
  real_vkEnumerateDeviceExtensionProperties(physical, NULL, count, list);
  return list;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkEnumerateDeviceExtensionProperties(
  VkPhysicalDevice physical, const char *layer, uint32_t *count, VkExtensionProperties *properties) {
  if (!fake_is_on || layer != NULL)
    return real_vkEnumerateDeviceExtensionProperties(physical, layer, count, properties);
  uint32_t there;
  VkExtensionProperties *list = real_list(physical, &there);
  for (int i = 0; i < EXTENSIONS; i++) {
    if (lists(list, there, extensions[i])) continue;
    strcpy(list[there].extensionName, extensions[i]);
    list[there++].specVersion = 1;
  }
  VkResult result = VK_SUCCESS;
  if (properties != NULL) {
    if (*count < there) result = VK_INCOMPLETE;
    if (*count > there) *count = there;
    memcpy(properties, list, *count * sizeof *list);
  } else {
    *count = there;
  }
  free(list);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkCreateDevice(
  VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *device) {
  if (!fake_is_on) return real_vkCreateDevice(physical, info, allocator, device);
  uint32_t there;
  VkExtensionProperties *list = real_list(physical, &there);
  const char **enabled = calloc(info->enabledExtensionCount + 1, sizeof *enabled);
  if (enabled == NULL) abort();
  VkDeviceCreateInfo changed = *info;
  changed.enabledExtensionCount = 0;
  for (uint32_t i = 0; i < info->enabledExtensionCount; i++) {
    if (!lists(list, there, info->ppEnabledExtensionNames[i])) continue;
    enabled[changed.enabledExtensionCount++] = info->ppEnabledExtensionNames[i];
  }
  changed.ppEnabledExtensionNames = enabled;
  VkResult result = real_vkCreateDevice(physical, &changed, allocator, device);
  if (result == VK_SUCCESS) add_object(DEVICE, HANDLE(*device));
  free(enabled);
  free(list);
  return result;
}

static VKAPI_ATTR void VKAPI_CALL my_vkDestroyDevice(VkDevice device, const VkAllocationCallbacks *allocator) {
  remove_object(DEVICE, HANDLE(device));
  real_vkDestroyDevice(device, allocator);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL my_vkGetDeviceProcAddr(VkDevice device, const char *name) {
  PFN_vkVoidFunction real = real_vkGetDeviceProcAddr(device, name);
  if (real != NULL || find_object(DEVICE, HANDLE(device)) == NULL) return real;
  // The caller's thunk goes to what was resolved for the instance; here it counts that there is something.
  PFN_vkVoidFunction ours = replace_vulkan_image(name, NULL);
  return ours != NULL ? ours : replace_vulkan_semaphore(name, NULL);
}

// Formats.

static VKAPI_ATTR void VKAPI_CALL my_vkGetPhysicalDeviceFormatProperties2(
  VkPhysicalDevice physical, VkFormat format, VkFormatProperties2 *properties) {
  VkDrmFormatModifierPropertiesListEXT *list = (VkDrmFormatModifierPropertiesListEXT *)chained(
    properties->pNext, VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_EXT);
  if (!fake_is_on || list == NULL) return real_vkGetPhysicalDeviceFormatProperties2(physical, format, properties);
  VkFormatProperties2 real = {.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_2};
  real_vkGetPhysicalDeviceFormatProperties2(physical, format, &real);
  properties->formatProperties = real.formatProperties;
  uint32_t room = list->pDrmFormatModifierProperties != NULL ? list->drmFormatModifierCount : 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < fake_modifier_count; i++) {
    const fake_drm_modifier *known = &fake_modifiers[i].is;
    if (known->vulkan_planes == 0) continue;
    if (count < room) {
      list->pDrmFormatModifierProperties[count] = (VkDrmFormatModifierPropertiesEXT){
        .drmFormatModifier = known->modifier,
        .drmFormatModifierPlaneCount = known->vulkan_planes,
        .drmFormatModifierTilingFeatures =
          real.formatProperties.optimalTilingFeatures | (known->has_disjoint ? VK_FORMAT_FEATURE_DISJOINT_BIT : 0),
      };
    }
    count++;
  }
  list->drmFormatModifierCount = list->pDrmFormatModifierProperties != NULL && room < count ? room : count;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkGetPhysicalDeviceImageFormatProperties2(
  VkPhysicalDevice physical, const VkPhysicalDeviceImageFormatInfo2 *info, VkImageFormatProperties2 *properties) {
  const VkPhysicalDeviceImageDrmFormatModifierInfoEXT *drm =
    chained(info->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_DRM_FORMAT_MODIFIER_INFO_EXT);
  if (!fake_is_on || drm == NULL) return real_vkGetPhysicalDeviceImageFormatProperties2(physical, info, properties);
  const VkImageFormatListCreateInfo *formats = chained(info->pNext, VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO);
  const VkPhysicalDeviceExternalImageFormatInfo *external =
    chained(info->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO);
  if (info->tiling != VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT) {
    violate("a modifier is asked about with tiling %d", info->tiling);
  }
  if (drm->drmFormatModifier == MOD_INVALID) violate("DRM_FORMAT_MOD_INVALID is asked about");
  if (external == NULL || external->handleType != VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT) {
    violate("a modifier is asked about for other memory than DMA-BUFs");
  }
  if ((info->flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) && (formats == NULL || formats->viewFormatCount == 0)) {
    violate("a mutable image with a modifier is asked about without a format list");
  }
  if (info->usage == 0) violate("an image without usage is asked about");
  const known_modifier *known = find_modifier(drm->drmFormatModifier);
  if (known == NULL || known->is.vulkan_planes == 0) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  if ((info->flags & VK_IMAGE_CREATE_DISJOINT_BIT) && !known->is.has_disjoint) return VK_ERROR_FORMAT_NOT_SUPPORTED;
  uint32_t side = known->is.vulkan_largest != 0 ? known->is.vulkan_largest : 16384;
  properties->imageFormatProperties = (VkImageFormatProperties){.maxExtent = {side, side, 1},
    .maxMipLevels = 1,
    .maxArrayLayers = 1,
    .sampleCounts = VK_SAMPLE_COUNT_1_BIT,
    .maxResourceSize = 1ull << 31};
  VkExternalImageFormatProperties *answer =
    (VkExternalImageFormatProperties *)chained(properties->pNext, VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES);
  if (answer != NULL) {
    answer->externalMemoryProperties = (VkExternalMemoryProperties){
      .externalMemoryFeatures = VK_EXTERNAL_MEMORY_FEATURE_DEDICATED_ONLY_BIT |
                                VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT,
      .compatibleHandleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT};
  }
  return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL my_vkGetPhysicalDeviceExternalSemaphoreProperties(VkPhysicalDevice physical,
  const VkPhysicalDeviceExternalSemaphoreInfo *info, VkExternalSemaphoreProperties *properties) {
  if (!fake_is_on || info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) {
    return real_vkGetPhysicalDeviceExternalSemaphoreProperties(physical, info, properties);
  }
  properties->externalSemaphoreFeatures =
    VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_SEMAPHORE_FEATURE_IMPORTABLE_BIT;
  properties->compatibleHandleTypes = properties->exportFromImportedHandleTypes = info->handleType;
}

PFN_vkVoidFunction replace_vulkan_device(const char *name, PFN_vkVoidFunction real) {
  if (real == NULL) return NULL;
  TAKE(vkEnumerateDeviceExtensionProperties)
  TAKE(vkCreateDevice)
  TAKE(vkDestroyDevice)
  TAKE(vkGetDeviceProcAddr)
  TAKE(vkGetPhysicalDeviceFormatProperties2)
  TAKE(vkGetPhysicalDeviceImageFormatProperties2)
  TAKE(vkGetPhysicalDeviceExternalSemaphoreProperties)
  return NULL;
}
