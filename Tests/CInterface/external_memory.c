/* An image that this program's own Vulkan code makes (image, memory, semaphores or timelines, all by the specification and
 * without this package), given to the package, which uses it in GL. In each frame Vulkan writes a picture that GL reads, and
 * GL writes one that Vulkan reads, every pixel compared. Tried with each sync, best first; the size changes in between.
 * Arguments: the number of frames; a sync's name to try no other.
 */
#include <gl_vulkan_interop.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <vulkan/vulkan.h>

enum { FRAMEBUFFER = 0x8D40, COLOR_BUFFER = 0x4000, SCISSOR_TEST = 0xC11, RGBA = 0x1908, BYTE = 0x1401 };

static void check_at(int line, int failed) {
  if (!failed) return;
  fprintf(stderr, "external_memory.c:%d: %d %s\n", line, failed, glvk_last_error_message());
  _exit(1);
}
#define CHECK(failed) check_at(__LINE__, failed)

static glvk_context context;
static VkInstance instance;
static VkPhysicalDevice physical_device;
static VkDevice device;
static VkQueue queue;
static VkCommandBuffer commands;
static VkFence fence;
static PFN_vkGetMemoryFdKHR get_memory_fd;
static PFN_vkGetSemaphoreFdKHR get_semaphore_fd;
static int has_timelines, has_semaphores;
static unsigned pictures;

static struct {
  void (*bind_framebuffer)(unsigned, unsigned);
  void (*read_pixels)(int, int, int, int, unsigned, unsigned, void *);
  void (*clear_color)(float, float, float, float);
  void (*clear)(unsigned);
  void (*enable)(unsigned);
  void (*disable)(unsigned);
  void (*scissor)(int, int, int, int);
} gl;

static void load(const char *name, void *function) {
  void *address;
  CHECK(glvk_context_get_proc_address(context, name, &address));
  CHECK(address == NULL);
  memcpy(function, &address, sizeof address);
}

static int has_extension(const char *name) {
  uint32_t count = 0;
  CHECK(vkEnumerateDeviceExtensionProperties(physical_device, NULL, &count, NULL));
  VkExtensionProperties *all = calloc(count, sizeof *all);
  CHECK(vkEnumerateDeviceExtensionProperties(physical_device, NULL, &count, all));
  int found = 0;
  for (uint32_t i = 0; i < count; i++) found |= strcmp(all[i].extensionName, name) == 0;
  free(all);
  return found;
}

static int exports_semaphores(int is_timeline) {
  const VkSemaphoreTypeCreateInfo type = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
  const VkPhysicalDeviceExternalSemaphoreInfo info = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO,
    .pNext = is_timeline ? &type : NULL,
    .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  VkExternalSemaphoreProperties answer = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES};
  vkGetPhysicalDeviceExternalSemaphoreProperties(physical_device, &info, &answer);
  return (answer.externalSemaphoreFeatures & VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT) != 0;
}

static void open_drivers(void) {
  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  CHECK(glvk_context_create_surfaceless(&surfaceless, &context));
  load("glBindFramebuffer", &gl.bind_framebuffer);
  load("glReadPixels", &gl.read_pixels);
  load("glClearColor", &gl.clear_color);
  load("glClear", &gl.clear);
  load("glEnable", &gl.enable);
  load("glDisable", &gl.disable);
  load("glScissor", &gl.scissor);

  const VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2};
  const VkInstanceCreateInfo create = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  CHECK(vkCreateInstance(&create, NULL, &instance));
  size_t count;
  CHECK(glvk_physical_devices_matching(context, instance, vkGetInstanceProcAddr, &physical_device, 1, &count));
  CHECK(count == 0);

  VkPhysicalDeviceTimelineSemaphoreFeatures timelines = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES};
  VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &timelines};
  vkGetPhysicalDeviceFeatures2(physical_device, &features);
  const char *extensions[2] = {"VK_KHR_external_memory_fd", "VK_KHR_external_semaphore_fd"};
  CHECK(!has_extension(extensions[0]));
  has_semaphores = has_extension(extensions[1]);
  const float priority = 1;
  const VkDeviceQueueCreateInfo queues = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
  const VkDeviceCreateInfo device_info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &timelines,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queues,
    .enabledExtensionCount = has_semaphores ? 2 : 1,
    .ppEnabledExtensionNames = extensions};
  CHECK(vkCreateDevice(physical_device, &device_info, NULL, &device));
  vkGetDeviceQueue(device, 0, 0, &queue);
  get_memory_fd = (PFN_vkGetMemoryFdKHR)vkGetDeviceProcAddr(device, "vkGetMemoryFdKHR");
  get_semaphore_fd = (PFN_vkGetSemaphoreFdKHR)vkGetDeviceProcAddr(device, "vkGetSemaphoreFdKHR");
  has_timelines = has_semaphores && timelines.timelineSemaphore && exports_semaphores(1);
  has_semaphores = has_semaphores && exports_semaphores(0);

  const VkCommandPoolCreateInfo pool_info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT};
  VkCommandPool pool;
  CHECK(vkCreateCommandPool(device, &pool_info, NULL, &pool));
  const VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1};
  CHECK(vkAllocateCommandBuffers(device, &allocate, &commands));
  const VkFenceCreateInfo fence_info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  CHECK(vkCreateFence(device, &fence_info, NULL, &fence));
}

static uint32_t memory_type(uint32_t allowed, VkMemoryPropertyFlags wanted) {
  VkPhysicalDeviceMemoryProperties properties;
  vkGetPhysicalDeviceMemoryProperties(physical_device, &properties);
  uint32_t type = 0;
  while (!(allowed >> type & 1) || (properties.memoryTypes[type].propertyFlags & wanted) != wanted)
    CHECK(++type == properties.memoryTypeCount);
  return type;
}

/* ---- An image with its memory and semaphores --------------------------------------------------------------------- */

typedef struct sharing {
  uint32_t width, height;
  glvk_sync sync;
  VkImage image;
  VkDeviceMemory memory, buffer_memory;
  VkBuffer buffer;
  uint8_t *bytes;
  VkSemaphore giver_done, taker_done;
  uint64_t giver_value, taker_value;
  glvk_external_bundle bundle;
} sharing;

static VkSemaphore make_semaphore(const sharing *s, int32_t *descriptor) {
  const VkExportSemaphoreCreateInfo exported = {.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO,
    .handleTypes = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkSemaphoreTypeCreateInfo type = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
    .pNext = &exported,
    .semaphoreType = s->sync == GLVK_SYNC_TIMELINE_SEMAPHORE ? VK_SEMAPHORE_TYPE_TIMELINE : VK_SEMAPHORE_TYPE_BINARY};
  const VkSemaphoreCreateInfo create = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
  VkSemaphore semaphore;
  CHECK(vkCreateSemaphore(device, &create, NULL, &semaphore));
  const VkSemaphoreGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
    .semaphore = semaphore,
    .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT};
  CHECK(get_semaphore_fd(device, &get, descriptor));
  return semaphore;
}

static sharing make_sharing(uint32_t width, uint32_t height, glvk_sync sync) {
  sharing s;
  memset(&s, 0, sizeof s);
  s.width = width;
  s.height = height;
  s.sync = sync;
  glvk_external_bundle *bundle = &s.bundle;
  GLVK_INIT(*bundle);
  bundle->width = width;
  bundle->height = height;
  bundle->vk_format = VK_FORMAT_R8G8B8A8_UNORM;
  bundle->usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_SAMPLED_BIT |
                  VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
  bundle->sync = sync;

  const VkExternalMemoryImageCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkImageCreateInfo image_info = {.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
    .pNext = &external,
    .imageType = VK_IMAGE_TYPE_2D,
    .format = bundle->vk_format,
    .extent = {width, height, 1},
    .mipLevels = 1,
    .arrayLayers = 1,
    .samples = VK_SAMPLE_COUNT_1_BIT,
    .tiling = VK_IMAGE_TILING_OPTIMAL,
    .usage = bundle->usage};
  CHECK(vkCreateImage(device, &image_info, NULL, &s.image));
  VkMemoryDedicatedRequirements dedicated = {.sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS};
  VkMemoryRequirements2 needs = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, .pNext = &dedicated};
  const VkImageMemoryRequirementsInfo2 ask = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, .image = s.image};
  vkGetImageMemoryRequirements2(device, &ask, &needs);
  bundle->allocation_size = needs.memoryRequirements.size;
  bundle->memory_type_index = memory_type(needs.memoryRequirements.memoryTypeBits, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
  bundle->is_dedicated = dedicated.requiresDedicatedAllocation || dedicated.prefersDedicatedAllocation;
  const VkMemoryDedicatedAllocateInfo for_image = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, .image = s.image};
  const VkExportMemoryAllocateInfo exported = {.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
    .pNext = bundle->is_dedicated ? &for_image : NULL,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  const VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .pNext = &exported,
    .allocationSize = bundle->allocation_size,
    .memoryTypeIndex = bundle->memory_type_index};
  CHECK(vkAllocateMemory(device, &allocate, NULL, &s.memory));
  CHECK(vkBindImageMemory(device, s.image, s.memory, 0));
  const VkMemoryGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
    .memory = s.memory,
    .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
  CHECK(get_memory_fd(device, &get, &bundle->memory));

  VkPhysicalDeviceIDProperties ids = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
  VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &ids};
  vkGetPhysicalDeviceProperties2(physical_device, &properties);
  bundle->has_uuids = 1;
  memcpy(bundle->device_uuid, ids.deviceUUID, VK_UUID_SIZE);
  memcpy(bundle->driver_uuid, ids.driverUUID, VK_UUID_SIZE);
  if (sync != GLVK_SYNC_CPU_WAIT) {
    s.giver_done = make_semaphore(&s, &bundle->giver_done);
    s.taker_done = make_semaphore(&s, &bundle->taker_done);
  }

  const VkBufferCreateInfo buffer_info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = (VkDeviceSize)width * height * 4,
    .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT};
  CHECK(vkCreateBuffer(device, &buffer_info, NULL, &s.buffer));
  VkMemoryRequirements buffer_needs;
  vkGetBufferMemoryRequirements(device, s.buffer, &buffer_needs);
  const VkMemoryAllocateInfo buffer_allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = buffer_needs.size,
    .memoryTypeIndex = memory_type(
      buffer_needs.memoryTypeBits, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)};
  CHECK(vkAllocateMemory(device, &buffer_allocate, NULL, &s.buffer_memory));
  CHECK(vkBindBufferMemory(device, s.buffer, s.buffer_memory, 0));
  void *address;
  CHECK(vkMapMemory(device, s.buffer_memory, 0, VK_WHOLE_SIZE, 0, &address));
  s.bytes = address;
  return s;
}

static void destroy_sharing(sharing *s) {
  vkDestroySemaphore(device, s->giver_done, NULL);
  vkDestroySemaphore(device, s->taker_done, NULL);
  vkDestroyImage(device, s->image, NULL);
  vkFreeMemory(device, s->memory, NULL);
  vkDestroyBuffer(device, s->buffer, NULL);
  vkFreeMemory(device, s->buffer_memory, NULL);
}

/* Copies between the buffer and the image, which the other side has had, if any, and gets next. */
static void submit_copy(sharing *s, int writes, int is_first) {
  const VkCommandBufferBeginInfo begin = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
  CHECK(vkBeginCommandBuffer(commands, &begin));
  const VkImageLayout layout = writes ? VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL : VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  const VkAccessFlags access = writes ? VK_ACCESS_TRANSFER_WRITE_BIT : VK_ACCESS_TRANSFER_READ_BIT;
  const VkImageSubresourceRange whole = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
  VkImageMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
    .dstAccessMask = access,
    .oldLayout = is_first ? VK_IMAGE_LAYOUT_UNDEFINED : VK_IMAGE_LAYOUT_GENERAL,
    .newLayout = layout,
    .srcQueueFamilyIndex = is_first ? VK_QUEUE_FAMILY_IGNORED : VK_QUEUE_FAMILY_EXTERNAL,
    .dstQueueFamilyIndex = is_first ? VK_QUEUE_FAMILY_IGNORED : 0,
    .image = s->image,
    .subresourceRange = whole};
  vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
  const VkBufferImageCopy region = {
    .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, .imageExtent = {s->width, s->height, 1}};
  if (writes) vkCmdCopyBufferToImage(commands, s->buffer, s->image, layout, 1, &region);
  else vkCmdCopyImageToBuffer(commands, s->image, layout, s->buffer, 1, &region);
  barrier.srcAccessMask = access;
  barrier.dstAccessMask = 0;
  barrier.oldLayout = layout;
  barrier.newLayout = VK_IMAGE_LAYOUT_GENERAL;
  barrier.srcQueueFamilyIndex = 0;
  barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_EXTERNAL;
  vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
  CHECK(vkEndCommandBuffer(commands));

  s->giver_value++;
  const int has_signals = s->sync != GLVK_SYNC_CPU_WAIT;
  const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_TRANSFER_BIT;
  const uint32_t waits = has_signals && !is_first ? 1 : 0;
  const VkTimelineSemaphoreSubmitInfo values = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
    .waitSemaphoreValueCount = waits,
    .pWaitSemaphoreValues = &s->taker_value,
    .signalSemaphoreValueCount = has_signals ? 1 : 0,
    .pSignalSemaphoreValues = &s->giver_value};
  const VkSubmitInfo submission = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .pNext = s->sync == GLVK_SYNC_TIMELINE_SEMAPHORE ? &values : NULL,
    .waitSemaphoreCount = waits,
    .pWaitSemaphores = &s->taker_done,
    .pWaitDstStageMask = &stage,
    .commandBufferCount = 1,
    .pCommandBuffers = &commands,
    .signalSemaphoreCount = has_signals ? 1 : 0,
    .pSignalSemaphores = &s->giver_done};
  CHECK(vkQueueSubmit(queue, 1, &submission, fence));
}

static void finish(void) {
  CHECK(vkWaitForFences(device, 1, &fence, VK_TRUE, UINT64_MAX));
  CHECK(vkResetFences(device, 1, &fence));
}

/* What the taker waits for. */
static glvk_external_point point_of(const sharing *s) {
  glvk_external_point point;
  GLVK_INIT(point);
  if (s->sync == GLVK_SYNC_SEMAPHORE_FD) point.kind = GLVK_EXTERNAL_POINT_SEMAPHORE;
  if (s->sync == GLVK_SYNC_TIMELINE_SEMAPHORE) {
    point.kind = GLVK_EXTERNAL_POINT_TIMELINE;
    point.value = s->giver_value;
    point.next_value = s->taker_value + 1;
  }
  return point;
}

/* GL's access; its end becomes what Vulkan waits for next. */
static void in_gl(sharing *s, glvk_external_image image, uint32_t framebuffer, uint8_t *read, uint32_t frame) {
  const glvk_external_point point = point_of(s);
  CHECK(glvk_external_image_acquire_for_gl(image, &point));
  gl.bind_framebuffer(FRAMEBUFFER, framebuffer);
  if (read) gl.read_pixels(0, 0, (int)s->width, (int)s->height, RGBA, BYTE, read);
  gl.enable(SCISSOR_TEST);
  for (uint32_t row = 0; row < s->height; row++) {
    gl.scissor(0, (int)row, (int)s->width, 1);
    gl.clear_color(((row * 3 + frame) & 255) / 255.0f, (row & 255) / 255.0f, (frame & 255) / 255.0f, 1);
    gl.clear(COLOR_BUFFER);
  }
  gl.disable(SCISSOR_TEST);
  gl.bind_framebuffer(FRAMEBUFFER, 0);
  glvk_external_point done;
  GLVK_INIT(done);
  CHECK(glvk_external_image_release_from_gl(image, &done));
  CHECK(done.kind != point.kind);
  s->taker_value = done.value;
}

/* 0 where GL has no such sync. */
static int run(uint32_t width, uint32_t height, glvk_sync sync, uint32_t frames) {
  sharing s = make_sharing(width, height, sync);
  glvk_external_import_options options;
  GLVK_INIT(options);
  options.context = context;
  options.gl_writes = 1;
  glvk_external_image image;
  const glvk_result imported = glvk_external_image_import(&s.bundle, &options, &image);
  if (imported == GLVK_ERROR_UNSUPPORTED && sync != GLVK_SYNC_CPU_WAIT) {
    printf("%s: %s\n", glvk_sync_name(sync), glvk_last_error_message());
    CHECK(glvk_external_bundle_close(&s.bundle));
    destroy_sharing(&s);
    return 0;
  }
  CHECK(imported);
  CHECK(glvk_external_bundle_close(&s.bundle));
  glvk_external_image_info info;
  GLVK_INIT(info);
  CHECK(glvk_external_image_get_info(image, &info));
  CHECK(!info.gl_framebuffer || info.image != VK_NULL_HANDLE);
  const size_t size = (size_t)width * height * 4;
  uint8_t *read = malloc(size);
  CHECK(!read);
  for (uint32_t frame = 0; frame < frames; frame++) {
    for (size_t i = 0; i < size; i++) s.bytes[i] = (uint8_t)(i * 7 + i / 251 + frame * 13);
    submit_copy(&s, 1, frame == 0);
    if (sync == GLVK_SYNC_CPU_WAIT) finish();
    in_gl(&s, image, info.gl_framebuffer, read, frame);
    if (sync != GLVK_SYNC_CPU_WAIT) finish();
    CHECK(memcmp(read, s.bytes, size) != 0);
    submit_copy(&s, 0, 0);
    finish();
    for (size_t i = 0; i < size; i++) {
      const uint32_t row = (uint32_t)(i / 4 / width);
      const uint8_t wanted[4] = {(uint8_t)(row * 3 + frame), (uint8_t)row, (uint8_t)frame, 255};
      CHECK(s.bytes[i] != wanted[i % 4]);
    }
    /* Its signal has to have a wait of its own before the giver signals again. */
    if (frame + 1 < frames) {
      const glvk_external_point point = point_of(&s);
      glvk_external_point done;
      GLVK_INIT(done);
      CHECK(glvk_external_image_acquire_for_gl(image, &point));
      CHECK(glvk_external_image_release_from_gl(image, &done));
      s.taker_value = done.value;
    }
    pictures += 2;
  }
  free(read);
  CHECK(glvk_external_image_destroy(image));
  destroy_sharing(&s);
  return 1;
}

int main(int argc, char **argv) {
  const uint32_t frames = argc > 1 ? (uint32_t)atoi(argv[1]) : 20;
  open_drivers();
  static const glvk_sync syncs[] = {GLVK_SYNC_TIMELINE_SEMAPHORE, GLVK_SYNC_SEMAPHORE_FD, GLVK_SYNC_CPU_WAIT};
  char shared[128] = "";
  for (unsigned i = 0; i < 3; i++) {
    const char *name = glvk_sync_name(syncs[i]);
    if (argc > 2 && strcmp(argv[2], name) != 0) continue;
    if (syncs[i] == GLVK_SYNC_TIMELINE_SEMAPHORE && !has_timelines) continue;
    if (syncs[i] == GLVK_SYNC_SEMAPHORE_FD && !has_semaphores) continue;
    if (!run(64, 48, syncs[i], frames) || !run(37, 29, syncs[i], frames)) continue;
    snprintf(shared + strlen(shared), sizeof shared - strlen(shared), " %s", name);
  }
  CHECK(!pictures);
  vkDeviceWaitIdle(device);
  CHECK(glvk_context_destroy(context));
  CHECK((int)glvk_live_object_count());
  printf("%u pictures in memory of the program's own, every pixel right, by%s\n", pictures, shared);
  return 0;
}
