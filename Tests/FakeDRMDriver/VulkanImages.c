#define _GNU_SOURCE
#include "Internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static PFN_vkCreateImage real_vkCreateImage;
static PFN_vkDestroyImage real_vkDestroyImage;
static PFN_vkGetImageMemoryRequirements2 real_vkGetImageMemoryRequirements2;
static PFN_vkGetImageSubresourceLayout real_vkGetImageSubresourceLayout;
static PFN_vkGetImageDrmFormatModifierPropertiesEXT real_vkGetImageDrmFormatModifierPropertiesEXT;
static PFN_vkAllocateMemory real_vkAllocateMemory;
static PFN_vkFreeMemory real_vkFreeMemory;
static PFN_vkBindImageMemory real_vkBindImageMemory;
static PFN_vkBindImageMemory2 real_vkBindImageMemory2;
static PFN_vkGetMemoryFdKHR real_vkGetMemoryFdKHR;
static PFN_vkGetMemoryFdPropertiesKHR real_vkGetMemoryFdPropertiesKHR;
static PFN_vkCmdPipelineBarrier real_vkCmdPipelineBarrier;

static object *find_image(VkImage image) { return find_object(IMAGE, HANDLE(image)); }
static bool is_ours(VkDevice device) { return find_object(DEVICE, HANDLE(device)) != NULL; }

// The index of a VK_IMAGE_ASPECT_MEMORY_PLANE_…_BIT_EXT, -1 for anything else.
static int plane_of(VkImageAspectFlags aspect) {
  switch (aspect) {
    case VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT: return 0;
    case VK_IMAGE_ASPECT_MEMORY_PLANE_1_BIT_EXT: return 1;
    case VK_IMAGE_ASPECT_MEMORY_PLANE_2_BIT_EXT: return 2;
    case VK_IMAGE_ASPECT_MEMORY_PLANE_3_BIT_EXT: return 3;
    default: return -1;
  }
}

// Making images.

// Takes the planes over that the caller says.
static VkResult take_layout(
  object *made, const VkImageCreateInfo *info, const VkImageDrmFormatModifierExplicitCreateInfoEXT *explicit) {
  const known_modifier *known = find_modifier(explicit->drmFormatModifier);
  uint32_t count = explicit->drmFormatModifierPlaneCount;
  if (explicit->drmFormatModifier == MOD_INVALID) violate("an image is made with DRM_FORMAT_MOD_INVALID");
  if (known == NULL || known->is.vulkan_planes == 0) {
    violate("an image is made with modifier 0x%lx, which the device does not have", (long)explicit->drmFormatModifier);
    return VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT;
  }
  // VUID-VkImageDrmFormatModifierExplicitCreateInfoEXT-drmFormatModifierPlaneCount-02265, and there are 4 memory
  // planes.
  if (count != known->is.vulkan_planes || count > 4) {
    violate("an image is made with %u planes, the modifier has %u", count, known->is.vulkan_planes);
    return VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT;
  }
  made->image.modifier = explicit->drmFormatModifier;
  made->image.planes = count;
  for (uint32_t i = 0; i < count; i++) {
    const VkSubresourceLayout *plane = &explicit->pPlaneLayouts[i];
    if (plane->size != 0 || plane->arrayPitch != 0 || plane->depthPitch != 0) {
      violate("plane %u says size, arrayPitch or depthPitch, which must be 0", i);
    }
    if (plane->offset > INT32_MAX || plane->rowPitch > INT32_MAX) {
      violate(
        "plane %u has offset %lu and stride %lu, more than 31 bits", i, (long)plane->offset, (long)plane->rowPitch);
    }
    made->image.offsets[i] = plane->offset;
    made->image.strides[i] = plane->rowPitch;
    uint64_t end = plane->offset + plane_bytes(known, i, plane->rowPitch, info->extent.height);
    if (end > made->image.bytes) made->image.bytes = end;
    // As drivers do, whatever the rest is.
    if (plane->rowPitch == 0) return VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT;
  }
  return VK_SUCCESS;
}

// Chooses among the modifiers the caller gives: the one that comes first with the driver.
static VkResult choose_layout(object *made, const VkImageDrmFormatModifierListCreateInfoEXT *list) {
  for (uint32_t i = 0; i < list->drmFormatModifierCount; i++) {
    uint64_t modifier = list->pDrmFormatModifiers[i];
    const known_modifier *known = find_modifier(modifier);
    if (modifier == MOD_INVALID) violate("DRM_FORMAT_MOD_INVALID is in a list of modifiers");
    if (known == NULL || known->is.vulkan_planes == 0) {
      violate("modifier 0x%lx is in a list, and the device does not have it", (long)modifier);
    }
  }
  if (list->drmFormatModifierCount == 0) violate("a list of modifiers is empty");
  for (uint32_t i = 0; i < fake_modifier_count; i++) {
    const known_modifier *known = &fake_modifiers[i];
    for (uint32_t j = 0; j < list->drmFormatModifierCount; j++) {
      if (list->pDrmFormatModifiers[j] != known->is.modifier) continue;
      made->image.modifier = known->is.modifier;
      made->image.planes = known->is.vulkan_planes;
      for (uint32_t plane = 0; plane < FAKE_DRM_PLANES; plane++) {
        made->image.offsets[plane] = known->planes[plane].offset;
        made->image.strides[plane] = known->planes[plane].stride;
      }
      made->image.bytes = known->is.bytes;
      return VK_SUCCESS;
    }
  }
  return VK_ERROR_FORMAT_NOT_SUPPORTED;
}

static void check_image(const VkImageCreateInfo *info, const object *made, const VkImageFormatListCreateInfo *formats) {
  if (!made->image.is_implicit && (info->flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) &&
      (formats == NULL || formats->viewFormatCount == 0)) {
    violate("a mutable image with a modifier has no format list");
  }
  if (info->initialLayout != VK_IMAGE_LAYOUT_UNDEFINED) violate("an image begins in layout %d", info->initialLayout);
  if (info->mipLevels != 1 || info->arrayLayers != 1 || info->samples != VK_SAMPLE_COUNT_1_BIT) {
    violate("an image in a DMA-BUF has more than one level, layer or sample");
  }
  const known_modifier *known = made->image.is_implicit ? NULL : find_modifier(made->image.modifier);
  if ((info->flags & VK_IMAGE_CREATE_DISJOINT_BIT) && (known == NULL || !known->is.has_disjoint)) {
    violate("an image is disjoint, and the modifier lacks VK_FORMAT_FEATURE_DISJOINT_BIT");
  }
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkCreateImage(
  VkDevice device, const VkImageCreateInfo *info, const VkAllocationCallbacks *allocator, VkImage *image) {
  const VkExternalMemoryImageCreateInfo *external =
    chained(info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO);
  bool is_shared = external != NULL && (external->handleTypes & VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT);
  if (!is_shared || !is_ours(device)) return real_vkCreateImage(device, info, allocator, image);
  const VkImageFormatListCreateInfo *formats = chained(info->pNext, VK_STRUCTURE_TYPE_IMAGE_FORMAT_LIST_CREATE_INFO);
  const VkImageDrmFormatModifierListCreateInfoEXT *list =
    chained(info->pNext, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT);
  const VkImageDrmFormatModifierExplicitCreateInfoEXT *explicit =
    chained(info->pNext, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT);
  object made = {.kind = IMAGE};
  made.image.device = device;
  made.image.width = info->extent.width;
  made.image.height = info->extent.height;
  made.image.is_explicit = explicit != NULL;
  made.image.is_implicit = info->tiling == VK_IMAGE_TILING_OPTIMAL;
  made.image.is_disjoint = info->flags & VK_IMAGE_CREATE_DISJOINT_BIT;
  bool has_modifier = info->tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT;
  // VUID-VkImageCreateInfo-tiling-02261, -02262.
  if (has_modifier != ((list != NULL) != (explicit != NULL))) {
    violate("tiling %d does not go with the modifiers", info->tiling);
  }
  if (!has_modifier && !made.image.is_implicit) violate("an image in a DMA-BUF has tiling %d", info->tiling);
  VkResult result = VK_SUCCESS;
  if (explicit != NULL) {
    result = take_layout(&made, info, explicit);
  } else if (list != NULL) {
    result = choose_layout(&made, list);
  } else {
    made.image.planes = 1;
    made.image.bytes = 4ull * info->extent.width * info->extent.height;
  }
  check_image(info, &made, formats);
  if (result != VK_SUCCESS) return result;
  made.image.bytes += fake.extra_bytes;
  uint64_t handle = 0;
  made.image.real.memoryTypeBits = 1;
  made.image.real.alignment = 1;
  if (!fake.makes_no_objects) {
    // A plain image, which the real driver and the validation layer understand.
    VkImageFormatListCreateInfo plain = formats != NULL ? *formats : (VkImageFormatListCreateInfo){0};
    plain.pNext = NULL;
    VkImageCreateInfo changed = *info;
    changed.pNext = formats != NULL ? &plain : NULL;
    changed.flags &= ~(VkImageCreateFlags)VK_IMAGE_CREATE_DISJOINT_BIT;
    changed.tiling = VK_IMAGE_TILING_OPTIMAL;
    VkImage real = VK_NULL_HANDLE;
    result = real_vkCreateImage(device, &changed, allocator, &real);
    if (result != VK_SUCCESS) return result;
    VkImageMemoryRequirementsInfo2 ask = {VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, NULL, real};
    VkMemoryRequirements2 answer = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    real_vkGetImageMemoryRequirements2(device, &ask, &answer);
    made.image.real = answer.memoryRequirements;
    handle = HANDLE(real);
  }
  object *kept = add_object(IMAGE, handle);
  kept->image = made.image;
  if (explicit != NULL || made.image.is_implicit) count_import();
  *image = (VkImage)(uintptr_t)kept->handle;
  return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL my_vkDestroyImage(
  VkDevice device, VkImage image, const VkAllocationCallbacks *allocator) {
  bool was_ours = remove_object(IMAGE, HANDLE(image));
  if (!was_ours || !fake.makes_no_objects) real_vkDestroyImage(device, image, allocator);
}

// What an image is like.

// Whose plane requirements this thread asked for last: the memory of a disjoint image does not name it.
static _Thread_local uint64_t asked_image;

static VKAPI_ATTR void VKAPI_CALL my_vkGetImageMemoryRequirements2(
  VkDevice device, const VkImageMemoryRequirementsInfo2 *info, VkMemoryRequirements2 *requirements) {
  object *found = find_image(info->image);
  if (found == NULL) return real_vkGetImageMemoryRequirements2(device, info, requirements);
  const VkImagePlaneMemoryRequirementsInfo *part =
    chained(info->pNext, VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO);
  VkMemoryRequirements *answer = &requirements->memoryRequirements;
  *answer = found->image.real;
  answer->size = found->image.bytes;
  // VUID-VkImageMemoryRequirementsInfo2-image-01589, -02279, -02280.
  if ((part != NULL) != found->image.is_disjoint) {
    violate("the requirements of %s image are asked for %s plane",
      found->image.is_disjoint ? "a disjoint" : "an undivided", part != NULL ? "a" : "no");
  }
  if (part == NULL) return;
  int plane = plane_of(part->planeAspect);
  if (plane < 0 || (uint32_t)plane >= found->image.planes) {
    violate("the requirements of aspect 0x%x of %u planes are asked for", part->planeAspect, found->image.planes);
    return;
  }
  const known_modifier *known = find_modifier(found->image.modifier);
  answer->size = found->image.offsets[plane] + fake.extra_bytes +
                 plane_bytes(known, (uint32_t)plane, found->image.strides[plane], found->image.height);
  asked_image = found->handle;
}

static VKAPI_ATTR void VKAPI_CALL my_vkGetImageSubresourceLayout(
  VkDevice device, VkImage image, const VkImageSubresource *part, VkSubresourceLayout *layout) {
  object *found = find_image(image);
  if (found == NULL) return real_vkGetImageSubresourceLayout(device, image, part, layout);
  int plane = plane_of(part->aspectMask);
  memset(layout, 0, sizeof *layout);
  if (plane < 0 || (uint32_t)plane >= found->image.planes || part->mipLevel != 0 || part->arrayLayer != 0) {
    violate("the layout of aspect 0x%x of %u planes is asked for", part->aspectMask, found->image.planes);
    return;
  }
  layout->offset = found->image.offsets[plane];
  layout->rowPitch = found->image.strides[plane];
  layout->size = plane_bytes(
    find_modifier(found->image.modifier), (uint32_t)plane, found->image.strides[plane], found->image.height);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkGetImageDrmFormatModifierPropertiesEXT(
  VkDevice device, VkImage image, VkImageDrmFormatModifierPropertiesEXT *properties) {
  object *found = find_image(image);
  if (found == NULL) return real_vkGetImageDrmFormatModifierPropertiesEXT(device, image, properties);
  if (found->image.is_implicit) violate("the modifier of an image without one is asked for");
  properties->drmFormatModifier = fake.misreports_modifier ? fake.reported_modifier : found->image.modifier;
  return VK_SUCCESS;
}

// Memory.

static VKAPI_ATTR VkResult VKAPI_CALL my_vkGetMemoryFdPropertiesKHR(
  VkDevice device, VkExternalMemoryHandleTypeFlagBits type, int descriptor, VkMemoryFdPropertiesKHR *properties) {
  if (!is_ours(device)) return real_vkGetMemoryFdPropertiesKHR(device, type, descriptor, properties);
  if (type != VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT) {
    violate("properties of handle type 0x%x are asked for", type);
  }
  if (!fake_drm_is_buffer(descriptor)) return VK_ERROR_INVALID_EXTERNAL_HANDLE;
  properties->memoryTypeBits = fake.has_no_memory_type ? 0 : ~0u;
  return VK_SUCCESS;
}

static VkResult check_import(
  const VkMemoryAllocateInfo *info, const VkImportMemoryFdInfoKHR *import, const object *image) {
  if (import->handleType != VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT) {
    violate("memory is imported as 0x%x", import->handleType);
  }
  if (!fake_drm_is_buffer(import->fd)) {
    violate("memory is imported from descriptor %d, which is no buffer", import->fd);
    return VK_ERROR_INVALID_EXTERNAL_HANDLE;
  }
  uint64_t bytes = file_bytes(import->fd);
  if (info->allocationSize > bytes) {
    violate("%lu bytes are imported from a buffer of %lu", (long)info->allocationSize, (long)bytes);
    return VK_ERROR_INVALID_EXTERNAL_HANDLE;
  }
  if (image == NULL) return VK_SUCCESS;
  for (uint32_t i = 0; i < image->image.planes && image->image.is_explicit; i++) {
    if (image->image.offsets[i] < bytes) continue;
    violate("plane %u begins at byte %lu of a buffer of %lu", i, (long)image->image.offsets[i], (long)bytes);
  }
  return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkAllocateMemory(
  VkDevice device, const VkMemoryAllocateInfo *info, const VkAllocationCallbacks *allocator, VkDeviceMemory *memory) {
  const VkExportMemoryAllocateInfo *export = chained(info->pNext, VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO);
  const VkImportMemoryFdInfoKHR *import = chained(info->pNext, VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR);
  const VkMemoryDedicatedAllocateInfo *dedicated =
    chained(info->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO);
  bool exports = export != NULL && (export->handleTypes & VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT);
  if (!is_ours(device) || (!exports && import == NULL)) return real_vkAllocateMemory(device, info, allocator, memory);
  object *image = dedicated != NULL ? find_image(dedicated->image) : NULL;
  if (dedicated != NULL && image == NULL) violate("memory is dedicated to something else than an image in a DMA-BUF");
  if (image != NULL && image->image.is_disjoint) violate("memory is dedicated to a disjoint image");
  if (image != NULL && info->allocationSize != image->image.bytes) {
    violate("%lu bytes are dedicated to an image of %lu", (long)info->allocationSize, (long)image->image.bytes);
  }
  if (exports && image == NULL) violate("memory to be exported is not dedicated");
  if (import != NULL) {
    VkResult result = check_import(info, import, image);
    if (result != VK_SUCCESS) return result;
  }
  int descriptor = -1;
  if (exports) {
    descriptor = fake_drm_make_buffer(info->allocationSize);
    if (descriptor < 0) return VK_ERROR_TOO_MANY_OBJECTS;
  }
  uint64_t handle = 0;
  if (!fake.makes_no_objects) {
    object *sized = image != NULL ? image : find_object(IMAGE, asked_image);
    VkMemoryDedicatedAllocateInfo plain = {.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO};
    VkMemoryAllocateInfo changed = *info;
    changed.pNext = NULL;
    if (image != NULL) {
      plain.image = dedicated->image;
      changed.pNext = &plain;
    }
    if (sized != NULL) changed.allocationSize = sized->image.real.size;
    VkDeviceMemory real = VK_NULL_HANDLE;
    VkResult result = real_vkAllocateMemory(device, &changed, allocator, &real);
    if (result != VK_SUCCESS) {
      if (descriptor >= 0) close(descriptor);
      return result;
    }
    handle = HANDLE(real);
  }
  object *kept = add_object(MEMORY, handle);
  kept->memory.descriptor = descriptor;
  kept->memory.is_import = import != NULL;
  kept->memory.dedicated_image = image != NULL ? image->handle : 0;
  if (import != NULL) {
    kept->memory.buffer_bytes = file_bytes(import->fd);
    // The driver has taken it.
    close(import->fd);
  }
  *memory = (VkDeviceMemory)(uintptr_t)kept->handle;
  return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL my_vkFreeMemory(
  VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks *allocator) {
  object *found = find_object(MEMORY, HANDLE(memory));
  if (found == NULL) return real_vkFreeMemory(device, memory, allocator);
  if (found->memory.descriptor >= 0) close(found->memory.descriptor);
  remove_object(MEMORY, HANDLE(memory));
  if (!fake.makes_no_objects) real_vkFreeMemory(device, memory, allocator);
}

static void check_bind(const object *image, VkDeviceMemory memory, VkDeviceSize offset) {
  const object *found = find_object(MEMORY, HANDLE(memory));
  if (found == NULL) return violate("an image in a DMA-BUF is bound to other memory");
  if (offset != 0) violate("an image is bound at offset %lu", (long)offset);
  if (found->memory.is_import == (!image->image.is_explicit && !image->image.is_implicit)) {
    violate(
      "an image with a list of modifiers is bound to imported memory, or one with a layout to memory that is not");
  }
  // Every driver that has DMA-BUFs says that their images are dedicated only.
  if (!image->image.is_disjoint && found->memory.dedicated_image != image->handle) {
    violate("an image is bound to memory that is not dedicated to it");
  }
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkBindImageMemory(
  VkDevice device, VkImage image, VkDeviceMemory memory, VkDeviceSize offset) {
  object *found = find_image(image);
  if (found == NULL) return real_vkBindImageMemory(device, image, memory, offset);
  // VUID-vkBindImageMemory-image-01608.
  if (found->image.is_disjoint) violate("a disjoint image is bound with vkBindImageMemory");
  check_bind(found, memory, offset);
  if (found->image.bound_planes++ != 0) violate("an image is bound twice");
  return fake.makes_no_objects ? VK_SUCCESS : real_vkBindImageMemory(device, image, memory, offset);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkBindImageMemory2(
  VkDevice device, uint32_t count, const VkBindImageMemoryInfo *infos) {
  object *found = count > 0 ? find_image(infos[0].image) : NULL;
  if (found == NULL) return real_vkBindImageMemory2(device, count, infos);
  uint32_t seen = 0;
  for (uint32_t i = 0; i < count; i++) {
    const VkBindImagePlaneMemoryInfo *part = chained(infos[i].pNext, VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO);
    int plane = part != NULL ? plane_of(part->planeAspect) : -1;
    if (infos[i].image != infos[0].image) violate("two images are bound at once");
    bool is_there = plane >= 0 && (uint32_t)plane < found->image.planes;
    if (!is_there) violate("bind %u names no plane of %u", i, found->image.planes);
    else if (seen & 1u << plane) violate("plane %d is bound twice", plane);
    else seen |= 1u << plane;
    check_bind(found, infos[i].memory, infos[i].memoryOffset);
    const object *memory = find_object(MEMORY, HANDLE(infos[i].memory));
    if (!is_there || memory == NULL || found->image.offsets[plane] < memory->memory.buffer_bytes) continue;
    violate("plane %d begins at byte %lu of a buffer of %lu", plane, (long)found->image.offsets[plane],
      (long)memory->memory.buffer_bytes);
  }
  if (!found->image.is_disjoint) violate("an image that is not disjoint is bound by planes");
  // VUID-vkBindImageMemory2-pBindInfos-02858.
  if (seen != (1u << found->image.planes) - 1) violate("planes 0x%x of %u are bound", seen, found->image.planes);
  if (found->image.bound_planes++ != 0) violate("an image is bound twice");
  // The real image has no planes; the first memory is as large as all of it.
  return fake.makes_no_objects ? VK_SUCCESS : real_vkBindImageMemory(device, infos[0].image, infos[0].memory, 0);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkGetMemoryFdKHR(
  VkDevice device, const VkMemoryGetFdInfoKHR *info, int *descriptor) {
  object *found = find_object(MEMORY, HANDLE(info->memory));
  if (found == NULL) return real_vkGetMemoryFdKHR(device, info, descriptor);
  if (info->handleType != VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT) {
    violate("memory of a DMA-BUF is exported as 0x%x", info->handleType);
  }
  if (found->memory.descriptor < 0) {
    violate("memory is exported that was not made for it");
    return VK_ERROR_TOO_MANY_OBJECTS;
  }
  *descriptor = -1;
  if (fake.gives_no_descriptor) return VK_SUCCESS;
  int copy = fcntl(found->memory.descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return VK_ERROR_TOO_MANY_OBJECTS;
  *descriptor = copy;
  return VK_SUCCESS;
}

// Commands.

static bool is_external(uint32_t family) {
  return family == VK_QUEUE_FAMILY_EXTERNAL || family == VK_QUEUE_FAMILY_FOREIGN_EXT;
}

// To the real driver its images never leave the device: what comes from an external family begins anew, since nothing
// is in it, and what goes there stays.
static VKAPI_ATTR void VKAPI_CALL my_vkCmdPipelineBarrier(VkCommandBuffer commands, VkPipelineStageFlags source,
  VkPipelineStageFlags destination, VkDependencyFlags flags, uint32_t memory_count, const VkMemoryBarrier *memory,
  uint32_t buffer_count, const VkBufferMemoryBarrier *buffers, uint32_t count, const VkImageMemoryBarrier *images) {
  VkImageMemoryBarrier changed[8];
  if (count <= sizeof changed / sizeof *changed) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
      changed[kept] = images[i];
      if (find_image(images[i].image) == NULL) {
        kept++;
        continue;
      }
      if (fake.makes_no_objects) continue;
      if (is_external(images[i].srcQueueFamilyIndex)) changed[kept].oldLayout = VK_IMAGE_LAYOUT_UNDEFINED;
      if (is_external(images[i].srcQueueFamilyIndex) || is_external(images[i].dstQueueFamilyIndex)) {
        changed[kept].srcQueueFamilyIndex = changed[kept].dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
      }
      kept++;
    }
    images = changed;
    count = kept;
  }
  real_vkCmdPipelineBarrier(
    commands, source, destination, flags, memory_count, memory, buffer_count, buffers, count, images);
}

PFN_vkVoidFunction replace_vulkan_image(const char *name, PFN_vkVoidFunction real) {
  TAKE(vkCreateImage)
  TAKE(vkDestroyImage)
  TAKE(vkGetImageMemoryRequirements2)
  TAKE(vkGetImageSubresourceLayout)
  TAKE(vkGetImageDrmFormatModifierPropertiesEXT)
  TAKE(vkAllocateMemory)
  TAKE(vkFreeMemory)
  TAKE(vkBindImageMemory)
  TAKE(vkBindImageMemory2)
  TAKE(vkGetMemoryFdKHR)
  TAKE(vkGetMemoryFdPropertiesKHR)
  TAKE(vkCmdPipelineBarrier)
  return NULL;
}
