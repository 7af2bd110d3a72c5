/* A producer on one thread, consumers on two others, with a queue of frames between; three more make and destroy
 * handles meanwhile. Every frame that arrives holds the colour of its number. Arguments: how many frames.
 */
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE = 32, BYTES = SIZE * SIZE * 4, CONSUMERS = 2, CHURNERS = 3 };

static void check_at(int line, glvk_result result) {
  if (result == GLVK_SUCCESS) return;
  fprintf(stderr, "threads.c:%d: %s: %s\n", line, glvk_result_name(result), glvk_last_error_message());
  _exit(1);
}
#define CHECK(call) check_at(__LINE__, call)

static VkDevice device;
static glvk_frame_queue queue;
static volatile int is_done;

static PFN_vkCreateBuffer create_buffer;
static PFN_vkDestroyBuffer destroy_buffer;
static PFN_vkGetBufferMemoryRequirements buffer_requirements;
static PFN_vkAllocateMemory allocate_memory;
static PFN_vkFreeMemory free_memory;
static PFN_vkBindBufferMemory bind_memory;
static PFN_vkMapMemory map_memory;
static PFN_vkCmdCopyImageToBuffer copy_image;
static PFN_vkCmdPipelineBarrier pipeline_barrier;
static VkPhysicalDeviceMemoryProperties properties;

typedef struct {
  pthread_t thread;
  VkBuffer buffer;
  VkDeviceMemory memory;
  unsigned char *pixels;
  unsigned count, wrong;
} consumer;

static void make_buffer(consumer *one) {
  VkBufferCreateInfo info;
  memset(&info, 0, sizeof info);
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = BYTES;
  info.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  CHECK(create_buffer(device, &info, NULL, &one->buffer));
  VkMemoryRequirements needs;
  buffer_requirements(device, one->buffer, &needs);
  const VkMemoryPropertyFlags flags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;
  while (!(needs.memoryTypeBits & 1u << type && (properties.memoryTypes[type].propertyFlags & flags) == flags)) type++;
  VkMemoryAllocateInfo allocate = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, NULL, needs.size, type};
  void *address;
  CHECK(allocate_memory(device, &allocate, NULL, &one->memory));
  CHECK(bind_memory(device, one->buffer, one->memory, 0));
  CHECK(map_memory(device, one->memory, 0, BYTES, 0, &address));
  one->pixels = address;
}

static int32_t copy(void *user_data, VkCommandBuffer commands, VkImage image) {
  consumer *one = user_data;
  VkBufferImageCopy region;
  memset(&region, 0, sizeof region);
  region.imageSubresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
  region.imageSubresource.layerCount = 1;
  region.imageExtent.width = region.imageExtent.height = SIZE;
  region.imageExtent.depth = 1;
  copy_image(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, one->buffer, 1, &region);
  VkMemoryBarrier barrier = {
    VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, VK_ACCESS_TRANSFER_WRITE_BIT, VK_ACCESS_HOST_READ_BIT};
  pipeline_barrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
  return 0;
}

static void *consume(void *argument) {
  consumer *one = argument;
  glvk_access_options access;
  GLVK_INIT(access);
  access.use.layout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  access.use.stages = VK_PIPELINE_STAGE_TRANSFER_BIT;
  access.use.access = VK_ACCESS_TRANSFER_READ_BIT;
  access.timeout_ns = UINT64_C(10000000000);
  for (;;) {
    glvk_frame frame;
    glvk_result result = glvk_frame_queue_receive(queue, UINT64_C(10000000000), &frame);
    if (result == GLVK_ERROR_NOT_AVAILABLE) return NULL;
    CHECK(result);
    glvk_frame_info info;
    GLVK_INIT(info);
    CHECK(glvk_frame_get_info(frame, &info));
    CHECK(glvk_frame_access(frame, &access, copy, one));
    unsigned byte;
    for (byte = 0; byte < BYTES; byte += 4)
      if (one->pixels[byte] != info.number % 256 || one->pixels[byte + 1] != info.number / 256 % 256) break;
    one->wrong += byte < BYTES;
    one->count++;
  }
}

static void *churn(void *unused) {
  (void)unused;
  while (!is_done) {
    glvk_frame_queue mine;
    CHECK(glvk_frame_queue_create(1, &mine));
    CHECK(glvk_frame_queue_destroy(mine));
    if (glvk_frame_queue_destroy(mine) != GLVK_ERROR_INVALID_HANDLE) _exit(2);
  }
  return NULL;
}

static void (*clear_color)(float, float, float, float);
static void (*clear)(unsigned);

static int32_t draw(void *user_data, const glvk_render_target *target) {
  (void)user_data;
  clear_color((float)(target->frame_number % 256) / 255, (float)(target->frame_number / 256 % 256) / 255, 0, 1);
  clear(0x4000);
  return 0;
}

int main(int argc, char **argv) {
  unsigned frames = argc > 1 ? (unsigned)atoi(argv[1]) : 1000, number, index, count = 0, wrong = 0;
  glvk_surfaceless_options surfaceless;
  glvk_context context;
  glvk_host host;
  GLVK_INIT(surfaceless);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  CHECK(glvk_context_create_surfaceless(&surfaceless, &context));
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  CHECK(glvk_host_create(&creation, &host));
  void *address;
  CHECK(glvk_context_get_proc_address(context, "glClearColor", &address));
  memcpy(&clear_color, &address, sizeof address);
  CHECK(glvk_context_get_proc_address(context, "glClear", &address));
  memcpy(&clear, &address, sizeof address);

  glvk_host_info info;
  GLVK_INIT(info);
  CHECK(glvk_host_get_info(host, &info));
  device = info.device;
#define VULKAN(variable, name) variable = (PFN_##name)info.get_instance_proc_addr(info.instance, #name)
  VULKAN(create_buffer, vkCreateBuffer);
  VULKAN(destroy_buffer, vkDestroyBuffer);
  VULKAN(buffer_requirements, vkGetBufferMemoryRequirements);
  VULKAN(allocate_memory, vkAllocateMemory);
  VULKAN(free_memory, vkFreeMemory);
  VULKAN(bind_memory, vkBindBufferMemory);
  VULKAN(map_memory, vkMapMemory);
  VULKAN(copy_image, vkCmdCopyImageToBuffer);
  VULKAN(pipeline_barrier, vkCmdPipelineBarrier);
  PFN_vkGetPhysicalDeviceMemoryProperties VULKAN(get_properties, vkGetPhysicalDeviceMemoryProperties);
  get_properties(info.physical_device, &properties);

  glvk_producer_options options;
  glvk_producer producer;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  /* An emulated processor on a busy machine takes its time. */
  options.wait_timeout_ns = UINT64_C(60000000000);
  options.width = options.height = SIZE;
  CHECK(glvk_producer_create_surfaceless(&options, &producer));
  CHECK(glvk_frame_queue_create(0, &queue));

  consumer consumers[CONSUMERS];
  pthread_t churners[CHURNERS];
  memset(consumers, 0, sizeof consumers);
  for (index = 0; index < CONSUMERS; index++) {
    make_buffer(&consumers[index]);
    pthread_create(&consumers[index].thread, NULL, consume, &consumers[index]);
  }
  for (index = 0; index < CHURNERS; index++) pthread_create(&churners[index], NULL, churn, NULL);
  for (number = 0; number < frames; number++) {
    glvk_frame frame;
    CHECK(glvk_producer_render(producer, NULL, draw, NULL, &frame));
    CHECK(glvk_frame_queue_send(queue, frame));
  }
  CHECK(glvk_frame_queue_close(queue));
  for (index = 0; index < CONSUMERS; index++) {
    pthread_join(consumers[index].thread, NULL);
    count += consumers[index].count;
    wrong += consumers[index].wrong;
    destroy_buffer(device, consumers[index].buffer, NULL);
    free_memory(device, consumers[index].memory, NULL);
  }
  is_done = 1;
  for (index = 0; index < CHURNERS; index++) pthread_join(churners[index], NULL);
  glvk_producer_info producer_info;
  GLVK_INIT(producer_info);
  CHECK(glvk_producer_get_info(producer, &producer_info));
  printf("%u of %u frames by %s, %s: %u wrong\n", count, frames, glvk_path_name(producer_info.path),
    glvk_sync_name(producer_info.sync), wrong);
  CHECK(glvk_frame_queue_destroy(queue));
  CHECK(glvk_producer_destroy(producer));
  CHECK(glvk_host_destroy(host));
  CHECK(glvk_context_destroy(context));
  return wrong != 0 || count != frames || glvk_live_object_count() != 0;
}
