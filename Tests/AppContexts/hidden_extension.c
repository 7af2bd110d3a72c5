// A Vulkan layer whose devices lack the extension that HIDDEN_EXTENSION names: what programs say where a device has less.
// Its manifest is hidden_extension.json; scripts/test-examples.sh compiles it, run.sh uses it.
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>

static PFN_vkGetInstanceProcAddr next;
static PFN_vkEnumerateDeviceExtensionProperties next_enumerate;

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(
  const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator, VkInstance *instance) {
  VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)info->pNext;
  while (link->sType != VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO || link->function != VK_LAYER_LINK_INFO)
    link = (VkLayerInstanceCreateInfo *)link->pNext;
  next = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;  // for the layer below
  VkResult result = ((PFN_vkCreateInstance)next(NULL, "vkCreateInstance"))(info, allocator, instance);
  if (result != VK_SUCCESS) return result;
  next_enumerate = (PFN_vkEnumerateDeviceExtensionProperties)next(*instance, "vkEnumerateDeviceExtensionProperties");
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL enumerate(
  VkPhysicalDevice device, const char *layer, uint32_t *count, VkExtensionProperties *properties) {
  if (layer) {
    *count = 0;
    return VK_SUCCESS;
  }
  uint32_t all_count = 0, kept = 0;
  VkResult result = next_enumerate(device, NULL, &all_count, NULL);
  if (result != VK_SUCCESS) return result;
  VkExtensionProperties *all = calloc(all_count, sizeof *all);
  result = next_enumerate(device, NULL, &all_count, all);
  const char *hidden = getenv("HIDDEN_EXTENSION");
  for (uint32_t i = 0; i < all_count; i++) {
    if (hidden && strcmp(all[i].extensionName, hidden) == 0) continue;
    if (properties && kept == *count) {
      result = VK_INCOMPLETE;
      break;
    }
    if (properties) properties[kept] = all[i];
    kept++;
  }
  *count = kept;
  free(all);
  return result;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_instance_proc_addr(VkInstance instance, const char *name) {
  if (strcmp(name, "vkCreateInstance") == 0) return (PFN_vkVoidFunction)create_instance;
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (PFN_vkVoidFunction)get_instance_proc_addr;
  if (strcmp(name, "vkEnumerateDeviceExtensionProperties") == 0) return (PFN_vkVoidFunction)enumerate;
  return next ? next(instance, name) : NULL;
}

__attribute__((visibility("default"))) VkResult vkNegotiateLoaderLayerInterfaceVersion(
  VkNegotiateLayerInterface *interface) {
  interface->loaderLayerInterfaceVersion = 2;
  interface->pfnGetInstanceProcAddr = get_instance_proc_addr;
  interface->pfnGetDeviceProcAddr = NULL;  // Devices' functions stay as they are.
  interface->pfnGetPhysicalDeviceProcAddr = NULL;
  return VK_SUCCESS;
}
