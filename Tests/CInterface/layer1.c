/* Shared images by hand: each way that the interface has to take one in Vulkan and in GL, with pixels compared. What GL draws is
 * read by Vulkan, what Vulkan clears is read by GL; submitted by the package and by the program itself, with the barriers and
 * semaphores that it is given. The same for frames of a producer. With the argument "dma-buf", images in DMA-BUFs instead, given
 * from hand to hand; for machines that have them.
 */
#include <gl_vulkan_interop.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 64, HEIGHT = 32, BYTES = WIDTH * HEIGHT * 4 };

static void check_at(int line, int32_t result) {
  if (result == 0) return;
  fprintf(stderr, "layer1.c:%d: %d %s\n", line, result, glvk_last_error_message());
  _exit(1);
}
#define CHECK(call) check_at(__LINE__, call)
#define FAILS(call, result) CHECK((call) != (result))

static unsigned comparisons, wrong;

static glvk_context context;
static glvk_host host;
static VkDevice device;
static glvk_queue queue;
static VkBuffer buffer;
static VkDeviceMemory memory;
static unsigned char *mapped;
static VkCommandPool pool;
static VkCommandBuffer commands;

static const glvk_use COPY = {
  VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT};
static const glvk_use FILL = {
  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT};

#define EACH_VULKAN_FUNCTION(use) \
  use(CreateBuffer) use(DestroyBuffer) use(GetBufferMemoryRequirements) use(AllocateMemory) use(FreeMemory) \
    use(BindBufferMemory) use(MapMemory) use(CmdCopyImageToBuffer) use(CmdPipelineBarrier) use(CmdClearColorImage) \
      use(CreateCommandPool) use(DestroyCommandPool) use(AllocateCommandBuffers) use(BeginCommandBuffer) \
        use(EndCommandBuffer) use(QueueSubmit) use(QueueWaitIdle) use(GetPhysicalDeviceMemoryProperties)
#define DECLARE(name) static PFN_vk##name vk##name##_;
EACH_VULKAN_FUNCTION(DECLARE)

static void (*gl_gen_textures)(int, unsigned *);
static void (*gl_bind_texture)(unsigned, unsigned);
static void (*gl_tex_storage)(unsigned, int, unsigned, int, int);
static void (*gl_gen_framebuffers)(int, unsigned *);
static void (*gl_bind_framebuffer)(unsigned, unsigned);
static void (*gl_framebuffer_texture)(unsigned, unsigned, unsigned, unsigned, int);
static void (*gl_clear_color)(float, float, float, float);
static void (*gl_clear)(unsigned);
static void (*gl_enable)(unsigned);
static void (*gl_disable)(unsigned);
static void (*gl_scissor)(int, int, int, int);
static void (*gl_read_pixels)(int, int, int, int, unsigned, unsigned, void *);

static void load(const char *name, void *function) {
  void *address;
  CHECK(glvk_context_get_proc_address(context, name, &address));
  CHECK(address == NULL);
  memcpy(function, &address, sizeof address);
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
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  CHECK(glvk_host_create(&creation, &host));
  load("glGenTextures", &gl_gen_textures);
  load("glBindTexture", &gl_bind_texture);
  load("glTexStorage2D", &gl_tex_storage);
  load("glGenFramebuffers", &gl_gen_framebuffers);
  load("glBindFramebuffer", &gl_bind_framebuffer);
  load("glFramebufferTexture2D", &gl_framebuffer_texture);
  load("glClearColor", &gl_clear_color);
  load("glClear", &gl_clear);
  load("glEnable", &gl_enable);
  load("glDisable", &gl_disable);
  load("glScissor", &gl_scissor);
  load("glReadPixels", &gl_read_pixels);

  glvk_host_info info;
  GLVK_INIT(info);
  CHECK(glvk_host_get_info(host, &info));
  device = info.device;
#define LOOK_UP(name) vk##name##_ = (PFN_vk##name)info.get_instance_proc_addr(info.instance, "vk" #name);
  EACH_VULKAN_FUNCTION(LOOK_UP)
  GLVK_INIT(queue);
  CHECK(glvk_host_get_queue(host, 0, &queue));

  VkBufferCreateInfo create;
  memset(&create, 0, sizeof create);
  create.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  create.size = BYTES;
  create.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  CHECK(vkCreateBuffer_(device, &create, NULL, &buffer));
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements_(device, buffer, &needs);
  VkPhysicalDeviceMemoryProperties properties;
  vkGetPhysicalDeviceMemoryProperties_(info.physical_device, &properties);
  const VkMemoryPropertyFlags flags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;
  while (!(needs.memoryTypeBits & 1u << type && (properties.memoryTypes[type].propertyFlags & flags) == flags)) type++;
  VkMemoryAllocateInfo allocate = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, NULL, needs.size, type};
  void *address;
  CHECK(vkAllocateMemory_(device, &allocate, NULL, &memory));
  CHECK(vkBindBufferMemory_(device, buffer, memory, 0));
  CHECK(vkMapMemory_(device, memory, 0, BYTES, 0, &address));
  mapped = address;
  VkCommandPoolCreateInfo pool_info = {
    VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, NULL, VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, queue.family};
  CHECK(vkCreateCommandPool_(device, &pool_info, NULL, &pool));
  VkCommandBufferAllocateInfo buffers = {
    VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL, pool, VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
  CHECK(vkAllocateCommandBuffers_(device, &buffers, &commands));
}

static void close_drivers(void) {
  vkDestroyBuffer_(device, buffer, NULL);
  vkFreeMemory_(device, memory, NULL);
  vkDestroyCommandPool_(device, pool, NULL);
  CHECK(glvk_host_destroy(host));
  CHECK(glvk_context_destroy(context));
}

/* ---- What is drawn, and what must arrive ---- */

static unsigned char expected[BYTES];

/* Two colours that depend on the number, the second in one corner, so that a picture that stands on its head is found. */
static void expect(unsigned number) {
  unsigned x, y;
  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++) {
      const int corner = x < WIDTH / 4 && y < HEIGHT / 2;
      unsigned char *pixel = expected + (y * WIDTH + x) * 4;
      pixel[0] = (unsigned char)(corner ? 255 - number % 256 : number % 256);
      pixel[1] = (unsigned char)(number * 7 % 256);
      pixel[2] = corner ? 255 : 0;
      pixel[3] = 255;
    }
}

static void draw(unsigned framebuffer, unsigned number) {
  gl_bind_framebuffer(0x8D40, framebuffer);
  gl_disable(0x0C11);
  gl_clear_color((float)(number % 256) / 255, (float)(number * 7 % 256) / 255, 0, 1);
  gl_clear(0x4000);
  gl_enable(0x0C11);
  gl_scissor(0, 0, WIDTH / 4, HEIGHT / 2);
  gl_clear_color((float)(255 - number % 256) / 255, (float)(number * 7 % 256) / 255, 1, 1);
  gl_clear(0x4000);
  gl_disable(0x0C11);
  expect(number);
}

static unsigned make_framebuffer(void) {
  unsigned texture, framebuffer;
  gl_gen_textures(1, &texture);
  gl_bind_texture(0x0DE1, texture);
  gl_tex_storage(0x0DE1, 1, 0x8058, WIDTH, HEIGHT);
  gl_gen_framebuffers(1, &framebuffer);
  gl_bind_framebuffer(0x8D40, framebuffer);
  gl_framebuffer_texture(0x8D40, 0x8CE0, 0x0DE1, texture, 0);
  return framebuffer;
}

static void compare(const char *what, const unsigned char *pixels) {
  comparisons++;
  if (memcmp(expected, pixels, BYTES) != 0) {
    wrong++;
    printf("layer1: %s: wrong pixels\n", what);
  }
}

static void compare_buffer(const char *what) {
  compare(what, mapped);
  memset(mapped, 0xAA, BYTES);
}

static int32_t copy_to_buffer(void *user_data, VkCommandBuffer into, VkImage image) {
  (void)user_data;
  VkBufferImageCopy region;
  memset(&region, 0, sizeof region);
  region.imageSubresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
  region.imageSubresource.layerCount = 1;
  region.imageExtent.width = WIDTH;
  region.imageExtent.height = HEIGHT;
  region.imageExtent.depth = 1;
  vkCmdCopyImageToBuffer_(into, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer, 1, &region);
  VkMemoryBarrier barrier = {
    VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, VK_ACCESS_TRANSFER_WRITE_BIT, VK_ACCESS_HOST_READ_BIT};
  vkCmdPipelineBarrier_(
    into, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
  return 0;
}

static int32_t fill(void *user_data, VkCommandBuffer into, VkImage image) {
  const VkClearColorValue *color = user_data;
  VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
  vkCmdClearColorImage_(into, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, color, 1, &range);
  return 0;
}

static void begin_commands(void) {
  VkCommandBufferBeginInfo begin = {
    VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, NULL, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, NULL};
  CHECK(vkBeginCommandBuffer_(commands, &begin));
}

static void barrier(const glvk_ownership_transfer *transfer) {
  vkCmdPipelineBarrier_(
    commands, transfer->source_stage, transfer->destination_stage, 0, 0, NULL, 0, NULL, 1, &transfer->barrier);
}

/* An application's own submission: waits for the acquire's semaphore, signals the release's, under the queue's lock. */
static void submit(const glvk_ownership_transfer *acquire, const glvk_ownership_transfer *release) {
  CHECK(vkEndCommandBuffer_(commands));
  VkSubmitInfo info;
  memset(&info, 0, sizeof info);
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  if (acquire && acquire->semaphore) {
    info.waitSemaphoreCount = 1;
    info.pWaitSemaphores = &acquire->semaphore;
    info.pWaitDstStageMask = &acquire->source_stage;
  }
  if (release && release->semaphore) {
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &release->semaphore;
  }
  VkTimelineSemaphoreSubmitInfo values;
  memset(&values, 0, sizeof values);
  if (acquire && release && acquire->semaphore_value != 0) {
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.waitSemaphoreValueCount = values.signalSemaphoreValueCount = 1;
    values.pWaitSemaphoreValues = &acquire->semaphore_value;
    values.pSignalSemaphoreValues = &release->semaphore_value;
    info.pNext = &values;
  }
  queue.lock(queue.user_data, queue.queue);
  CHECK(vkQueueSubmit_(queue.queue, 1, &info, VK_NULL_HANDLE));
  queue.unlock(queue.user_data, queue.queue);
}

static void wait_for_queue(void) {
  queue.lock(queue.user_data, queue.queue);
  CHECK(vkQueueWaitIdle_(queue.queue));
  queue.unlock(queue.user_data, queue.queue);
}

/* ---- The ways ---- */

static void gl_to_vulkan(glvk_mode mode, glvk_orientation orientation) {
  glvk_image_options options;
  glvk_image_info info;
  glvk_image image;
  glvk_blitter blitter;
  glvk_ownership_transfer acquire, release;
  glvk_access_options access;
  glvk_framebuffer source;
  unsigned number;
  GLVK_INIT(options);
  GLVK_INIT(info);
  GLVK_INIT(acquire);
  GLVK_INIT(release);
  GLVK_INIT(access);
  GLVK_INIT(source);
  options.width = WIDTH;
  options.height = HEIGHT;
  options.mode = mode;
  CHECK(glvk_image_create(context, host, &options, &image));
  CHECK(glvk_image_get_info(image, &info));
  CHECK(glvk_blitter_create(context, &blitter));
  const unsigned own = make_framebuffer();
  source.name = own;
  source.width = WIDTH;
  source.height = HEIGHT;
  source.orientation = orientation;
  access.use = COPY;
  access.timeout_ns = UINT64_C(60000000000);
  for (number = 0; number < 12; number++) {
    if (mode == GLVK_MODE_BLIT) draw(own, number * 11);
    CHECK(glvk_image_acquire_for_gl(image));
    if (mode == GLVK_MODE_BLIT) CHECK(glvk_blitter_copy_to_image(blitter, &source, image));
    else draw(info.gl_framebuffer, number * 11);
    CHECK(glvk_image_release_from_gl(image));
    if (orientation == GLVK_ORIENTATION_TOP_DOWN) {
      /* The image is bottom-up: it was turned. */
      unsigned char row[WIDTH * 4];
      unsigned y;
      for (y = 0; y < HEIGHT / 2; y++) {
        memcpy(row, expected + y * sizeof row, sizeof row);
        memcpy(expected + y * sizeof row, expected + (HEIGHT - 1 - y) * sizeof row, sizeof row);
        memcpy(expected + (HEIGHT - 1 - y) * sizeof row, row, sizeof row);
      }
    }
    switch (number % 4) {
      case 0:
        CHECK(glvk_image_access(image, &access, copy_to_buffer, NULL));
        compare_buffer("glvk_image_access");
        break;
      case 1:
        CHECK(glvk_image_acquire_barrier(image, &COPY, queue.queue, VK_NULL_HANDLE, &acquire));
        begin_commands();
        barrier(&acquire);
        copy_to_buffer(NULL, commands, info.image);
        CHECK(glvk_image_release_barrier(image, &COPY, &release));
        barrier(&release);
        submit(&acquire, &release);
        CHECK(glvk_image_did_submit_release(image));
        wait_for_queue();
        compare_buffer("glvk_image_acquire_barrier");
        break;
      case 2:
        CHECK(glvk_image_acquire(image, &COPY, VK_NULL_HANDLE, VK_NULL_HANDLE));
        begin_commands();
        copy_to_buffer(NULL, commands, info.image);
        submit(NULL, NULL);
        CHECK(glvk_image_release(image, NULL));
        wait_for_queue();
        compare_buffer("glvk_image_acquire");
        break;
      case 3: CHECK(glvk_image_drop(image)); break;
    }
  }
  CHECK(glvk_image_retire(image));
  CHECK(glvk_image_destroy(image));
  CHECK(glvk_blitter_destroy(blitter));
}

static void vulkan_to_gl(void) {
  glvk_image_options options;
  glvk_image_info info;
  glvk_image image;
  glvk_blitter blitter;
  glvk_access_options access;
  glvk_framebuffer destination;
  static unsigned char pixels[BYTES];
  unsigned number, byte;
  GLVK_INIT(options);
  GLVK_INIT(info);
  GLVK_INIT(access);
  GLVK_INIT(destination);
  options.width = WIDTH;
  options.height = HEIGHT;
  options.direction = GLVK_DIRECTION_VULKAN_TO_GL;
  CHECK(glvk_image_create(context, host, &options, &image));
  CHECK(glvk_image_get_info(image, &info));
  CHECK(info.direction != GLVK_DIRECTION_VULKAN_TO_GL || info.state != GLVK_IMAGE_IDLE);
  CHECK(glvk_blitter_create(context, &blitter));
  destination.name = make_framebuffer();
  destination.width = WIDTH;
  destination.height = HEIGHT;
  access.use = FILL;
  for (number = 0; number < 6; number++) {
    const unsigned char bytes[4] = {(unsigned char)(number * 40), 255, (unsigned char)(255 - number), 51};
    VkClearColorValue color;
    for (byte = 0; byte < 4; byte++) color.float32[byte] = (float)bytes[byte] / 255;
    for (byte = 0; byte < BYTES; byte++) expected[byte] = bytes[byte % 4];
    CHECK(glvk_image_access(image, &access, fill, &color));
    CHECK(glvk_image_acquire_for_gl(image));
    gl_bind_framebuffer(0x8D40, info.gl_framebuffer);
    gl_read_pixels(0, 0, WIDTH, HEIGHT, 0x1908, 0x1401, pixels);
    compare("what Vulkan wrote, read by GL", pixels);
    CHECK(glvk_blitter_copy_to_framebuffer(blitter, image, &destination));
    CHECK(glvk_image_release_from_gl(image));
    gl_bind_framebuffer(0x8D40, destination.name);
    gl_read_pixels(0, 0, WIDTH, HEIGHT, 0x1908, 0x1401, pixels);
    compare("glvk_blitter_copy_to_framebuffer", pixels);
  }
  CHECK(glvk_image_retire(image));
  CHECK(glvk_image_destroy(image));
  CHECK(glvk_blitter_destroy(blitter));
}

static void one_picture(void) {
  glvk_framebuffer framebuffer;
  glvk_access_options access;
  glvk_image image;
  glvk_image_info info;
  GLVK_INIT(framebuffer);
  GLVK_INIT(access);
  GLVK_INIT(info);
  framebuffer.name = make_framebuffer();
  framebuffer.width = WIDTH;
  framebuffer.height = HEIGHT;
  draw(framebuffer.name, 77);
  CHECK(glvk_import_gl_framebuffer(context, host, &framebuffer, NULL, &image));
  CHECK(glvk_image_get_info(image, &info));
  CHECK(info.state != GLVK_IMAGE_READY || info.format != GLVK_FORMAT_RGBA8 ||
        info.outside_family != VK_QUEUE_FAMILY_EXTERNAL);
  access.use = COPY;
  CHECK(glvk_image_access(image, &access, copy_to_buffer, NULL));
  CHECK(glvk_image_wait(image, UINT64_C(60000000000)));
  compare_buffer("glvk_import_gl_framebuffer");
  CHECK(glvk_image_retire(image));
  CHECK(glvk_image_destroy(image));
}

static unsigned drawn;
static int32_t draw_frame(void *user_data, const glvk_render_target *target) {
  (void)user_data;
  draw(target->framebuffer, drawn++ * 13);
  return 0;
}

static void frames(glvk_path path) {
  glvk_producer_options options;
  glvk_producer producer;
  glvk_frame_info info;
  glvk_ownership_transfer acquire, release;
  glvk_submit_options submission;
  const glvk_rect damage[2] = {{1, 2, 3, 4}, {-5, 6, 7, 8}};
  unsigned number;
  GLVK_INIT(options);
  GLVK_INIT(info);
  GLVK_INIT(acquire);
  GLVK_INIT(release);
  GLVK_INIT(submission);
  options.context = context;
  options.host = host;
  options.width = WIDTH;
  options.height = HEIGHT;
  options.path = path;
  options.alpha_mode = GLVK_ALPHA_STRAIGHT;
  options.color_space = GLVK_COLOR_SPACE_DISPLAY_P3;
  CHECK(glvk_producer_create_surfaceless(&options, &producer));
  for (number = 0; number < 10; number++) {
    glvk_frame frame;
    submission.has_presentation_time = number % 2;
    submission.presentation_time_ns = INT64_C(123456789012) + number;
    submission.damage = number % 2 ? damage : NULL;
    submission.damage_count = number % 2 ? 2 : 0;
    CHECK(glvk_producer_render(producer, &submission, draw_frame, NULL, &frame));
    CHECK(glvk_frame_get_info(frame, &info));
    CHECK(info.number != number + 1 || info.width != WIDTH || info.height != HEIGHT ||
          info.vk_format != VK_FORMAT_R8G8B8A8_UNORM || info.alpha_mode != GLVK_ALPHA_STRAIGHT ||
          info.color_space != GLVK_COLOR_SPACE_DISPLAY_P3 || info.orientation != GLVK_ORIENTATION_BOTTOM_UP ||
          (path && info.path != path) || info.has_presentation_time != number % 2 || info.has_damage != number % 2 ||
          (number % 2 && (info.presentation_time_ns != submission.presentation_time_ns || info.damage_count != 2)));
    if (number % 2) {
      glvk_rect rects[2];
      size_t count;
      CHECK(glvk_frame_get_damage(frame, rects, 2, &count));
      CHECK(count != 2 || memcmp(rects, damage, sizeof rects) != 0);
    }
    if (number % 3 == 0) {
      CHECK(glvk_frame_acquire_barrier(frame, &COPY, queue.queue, VK_NULL_HANDLE, &acquire));
      begin_commands();
      barrier(&acquire);
      copy_to_buffer(NULL, commands, info.image);
      CHECK(glvk_frame_release_barrier(frame, &COPY, &release));
      barrier(&release);
      submit(&acquire, &release);
      CHECK(glvk_frame_did_submit_release(frame));
      wait_for_queue();
    } else {
      CHECK(glvk_frame_acquire(frame, &COPY, queue.queue, VK_NULL_HANDLE));
      begin_commands();
      copy_to_buffer(NULL, commands, info.image);
      submit(NULL, NULL);
      CHECK(glvk_frame_release(frame, number % 3 == 1 ? NULL : &COPY));
      wait_for_queue();
    }
    compare_buffer("a frame");
  }
  CHECK(glvk_producer_destroy(producer));
}

/* ---- DMA-BUFs ---- */

/* Compares the pixels of a DMA-BUF through an image of another Vulkan device, which has nothing of GL. */
static void compare_elsewhere(const char *what, glvk_dma_buf dma_buf) {
  glvk_dma_buf_image image;
  glvk_dma_buf_image_info info;
  glvk_ownership_transfer acquire, release;
  GLVK_INIT(info);
  GLVK_INIT(acquire);
  GLVK_INIT(release);
  CHECK(glvk_dma_buf_import_vulkan(dma_buf, host, GLVK_FORMAT_DEFAULT, 0, &image));
  CHECK(glvk_dma_buf_image_get_info(image, &info));
  CHECK(info.width != WIDTH || info.height != HEIGHT || info.image == VK_NULL_HANDLE || info.memory_size < BYTES);
  CHECK(glvk_dma_buf_image_acquire_barrier(image, &COPY, queue.queue, &acquire));
  begin_commands();
  barrier(&acquire);
  copy_to_buffer(NULL, commands, info.image);
  CHECK(glvk_dma_buf_image_release_barrier(image, &COPY, VK_NULL_HANDLE, &release));
  barrier(&release);
  submit(NULL, NULL);
  wait_for_queue();
  compare_buffer(what);
  CHECK(glvk_dma_buf_image_destroy(image));
}

/* A buffer without a modifier (DRM_FORMAT_MOD_INVALID): refused, in words that C understands, unless the caller knows
 * that it is linear. The buffer has the content, and `info` describes it. */
static void without_a_modifier(const glvk_dma_buf_info *linear) {
  glvk_dma_buf_info info = *linear;
  glvk_dma_buf dma_buf;
  glvk_dma_buf_image image;
  glvk_dma_buf_image_info image_info;
  glvk_dma_buf_import_options import;
  glvk_image_options options;
  glvk_image shared;
  glvk_ownership_transfer acquire;
  int wrong;
  GLVK_INIT(image_info);
  GLVK_INIT(import);
  GLVK_INIT(options);
  GLVK_INIT(acquire);
  info.modifier = UINT64_C(0x00ffffffffffffff);
  CHECK(glvk_dma_buf_create(&info, &dma_buf));
  FAILS(glvk_dma_buf_import_vulkan(dma_buf, host, GLVK_FORMAT_DEFAULT, 0, &image), GLVK_ERROR_UNSUPPORTED);
  CHECK(strstr(glvk_last_error_advice(), "GLVK_IMPLICIT_LAYOUT_LINEAR") == NULL);
  FAILS(glvk_dma_buf_import_vulkan_with_options(dma_buf, host, NULL, &image), GLVK_ERROR_UNSUPPORTED);
  FAILS(glvk_dma_buf_import_vulkan_with_options(dma_buf, host, &import, &image), GLVK_ERROR_UNSUPPORTED);
  FAILS(glvk_image_import_dma_buf(context, host, dma_buf, NULL, &shared), GLVK_ERROR_UNSUPPORTED);
  for (wrong = -1; wrong <= 3; wrong += 4) {
    import.implicit_layout = options.implicit_layout = wrong;
    FAILS(glvk_dma_buf_import_vulkan_with_options(dma_buf, host, &import, &image), GLVK_ERROR_INVALID_ARGUMENT);
    FAILS(glvk_image_import_dma_buf(context, host, dma_buf, &options, &shared), GLVK_ERROR_INVALID_ARGUMENT);
  }
  import.implicit_layout = options.implicit_layout = GLVK_IMPLICIT_LAYOUT_LINEAR;
  CHECK(glvk_dma_buf_import_vulkan_with_options(dma_buf, host, &import, &image));
  CHECK(glvk_dma_buf_image_get_info(image, &image_info));
  CHECK(glvk_dma_buf_image_acquire_barrier(image, &COPY, queue.queue, &acquire));
  begin_commands();
  barrier(&acquire);
  copy_to_buffer(NULL, commands, image_info.image);
  submit(NULL, NULL);
  wait_for_queue();
  compare_buffer("a buffer without a modifier");
  CHECK(glvk_dma_buf_image_destroy(image));
  CHECK(glvk_image_import_dma_buf(context, host, dma_buf, &options, &shared));
  CHECK(glvk_image_retire(shared));
  CHECK(glvk_image_destroy(shared));
  CHECK(glvk_dma_buf_destroy(dma_buf));
}

static void dma_bufs(void) {
  glvk_image_options options;
  glvk_image image, imported;
  glvk_image_info image_info;
  glvk_dma_buf exported, copy, own;
  glvk_dma_buf_info info;
  glvk_dma_buf_texture texture;
  glvk_dma_buf_texture_info texture_info;
  glvk_access_options access;
  static unsigned char pixels[BYTES];
  int fence = 4711;
  GLVK_INIT(options);
  GLVK_INIT(image_info);
  GLVK_INIT(info);
  GLVK_INIT(texture_info);
  GLVK_INIT(access);
  access.use = COPY;
  access.timeout_ns = UINT64_C(60000000000);
  options.width = WIDTH;
  options.height = HEIGHT;
  options.handle_type = GLVK_HANDLE_TYPE_DMA_BUF;
  options.sync = GLVK_SYNC_CPU_WAIT;
  CHECK(glvk_image_create(context, host, &options, &image));
  CHECK(glvk_image_get_info(image, &image_info));
  CHECK(!image_info.has_modifier || image_info.outside_family == VK_QUEUE_FAMILY_IGNORED);
  CHECK(glvk_image_acquire_for_gl(image));
  draw(image_info.gl_framebuffer, 5);
  CHECK(glvk_image_release_from_gl(image));

  /* To a foreign reader, and back. */
  CHECK(glvk_image_get_dma_buf(image, &exported));
  CHECK(glvk_dma_buf_get_info(exported, &info));
  CHECK(info.fourcc != 0x34324241 || info.plane_count < 1 || info.modifier != image_info.modifier ||
        info.planes[0].descriptor < 0);
  CHECK(glvk_dma_buf_create(&info, &copy));
  CHECK(glvk_image_acquire_for_foreign(image, &fence));
  CHECK(fence != -1);
  compare_elsewhere("a DMA-BUF in a foreign Vulkan", copy);
  without_a_modifier(&info);
  CHECK(glvk_image_release_from_foreign(image, -1));
  CHECK(glvk_dma_buf_import_gl(exported, context, 1, &texture));
  CHECK(glvk_dma_buf_texture_get_info(texture, &texture_info));
  CHECK(texture_info.target != 0x0DE1 || texture_info.framebuffer == 0);
  gl_bind_framebuffer(0x8D40, texture_info.framebuffer);
  gl_read_pixels(0, 0, WIDTH, HEIGHT, 0x1908, 0x1401, pixels);
  compare("a DMA-BUF in a foreign GL", pixels);
  CHECK(glvk_dma_buf_texture_destroy(texture));
  CHECK(glvk_image_retire(image));
  CHECK(glvk_image_destroy(image));
  CHECK(glvk_dma_buf_destroy(exported));

  /* A buffer that others allocated, in both. */
  GLVK_INIT(options);
  options.sync = GLVK_SYNC_CPU_WAIT;
  CHECK(glvk_image_import_dma_buf(context, host, copy, &options, &imported));
  CHECK(glvk_dma_buf_destroy(copy));
  CHECK(glvk_image_get_info(imported, &image_info));
  CHECK(glvk_image_acquire_for_gl(imported));
  draw(image_info.gl_framebuffer, 9);
  CHECK(glvk_image_release_from_gl(imported));
  CHECK(glvk_image_access(imported, &access, copy_to_buffer, NULL));
  compare_buffer("glvk_image_import_dma_buf");
  CHECK(glvk_image_retire(imported));
  CHECK(glvk_image_destroy(imported));

  /* GL's own. */
  unsigned gl_texture, framebuffer;
  gl_gen_textures(1, &gl_texture);
  gl_bind_texture(0x0DE1, gl_texture);
  gl_tex_storage(0x0DE1, 1, 0x8058, WIDTH, HEIGHT);
  gl_gen_framebuffers(1, &framebuffer);
  gl_bind_framebuffer(0x8D40, framebuffer);
  gl_framebuffer_texture(0x8D40, 0x8CE0, 0x0DE1, gl_texture, 0);
  CHECK(glvk_dma_buf_export_texture(context, gl_texture, WIDTH, HEIGHT, &own));
  draw(framebuffer, 21);
  gl_read_pixels(0, 0, WIDTH, HEIGHT, 0x1908, 0x1401, pixels);
  compare_elsewhere("glvk_dma_buf_export_texture", own);
  CHECK(glvk_dma_buf_destroy(own));
}

/* A frame that goes to another process: its buffer and a fence. */
static void frames_given_away(void) {
  glvk_producer_options options;
  glvk_producer producer;
  unsigned number;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.width = WIDTH;
  options.height = HEIGHT;
  options.path = GLVK_PATH_DMA_BUF_IMPORT;
  options.sync = GLVK_SYNC_CPU_WAIT;
  CHECK(glvk_producer_create_surfaceless(&options, &producer));
  for (number = 0; number < 8; number++) {
    glvk_frame frame;
    glvk_dma_buf dma_buf;
    int fence = 4711;
    CHECK(glvk_producer_render(producer, NULL, draw_frame, NULL, &frame));
    CHECK(glvk_frame_get_dma_buf(frame, &dma_buf));
    CHECK(glvk_frame_acquire_for_foreign(frame, &fence));
    compare_elsewhere("a frame in a foreign Vulkan", dma_buf);
    CHECK(glvk_frame_release_from_foreign(frame, fence));
    CHECK(glvk_dma_buf_destroy(dma_buf));
  }
  CHECK(glvk_producer_destroy(producer));
}

static void check_mapping(const char *what, VkComponentMapping mapping, int is_opaque) {
  const VkComponentSwizzle alpha = is_opaque ? VK_COMPONENT_SWIZZLE_ONE : VK_COMPONENT_SWIZZLE_IDENTITY;
  comparisons++;
  if (mapping.r != VK_COMPONENT_SWIZZLE_IDENTITY || mapping.g != mapping.r || mapping.b != mapping.r ||
      mapping.a != alpha) {
    wrong++;
    printf("layer1: %s: component mapping %d %d %d %d\n", what, mapping.r, mapping.g, mapping.b, mapping.a);
  }
}

/* Alpha without a meaning: the application left 0 in it. */
static void clear_alpha(unsigned framebuffer) {
  unsigned x;
  gl_bind_framebuffer(0x8D40, framebuffer);
  gl_disable(0x0C11);
  gl_clear_color(1, 0, 0, 0);
  gl_clear(0x4000);
  for (x = 0; x < BYTES; x += 4) memcpy(expected + x, "\xff\0\0\xff", 4);
}

static int32_t draw_without_alpha(void *user_data, const glvk_render_target *target) {
  (void)user_data;
  clear_alpha(target->framebuffer);
  return 0;
}

static void opaque(glvk_handle_type type, glvk_path path) {
  glvk_image_options options;
  glvk_image image;
  glvk_image_info info;
  glvk_blitter blitter;
  glvk_framebuffer source;
  glvk_access_options access;
  glvk_producer_options frames;
  glvk_producer producer;
  glvk_dma_buf buffer;
  glvk_dma_buf_info buffer_info;
  int is_opaque, mode;
  GLVK_INIT(options);
  GLVK_INIT(info);
  GLVK_INIT(source);
  GLVK_INIT(access);
  GLVK_INIT(buffer_info);
  access.use = COPY;
  access.timeout_ns = UINT64_C(60000000000);
  options.width = WIDTH;
  options.height = HEIGHT;
  options.handle_type = type;
  options.sync = GLVK_SYNC_CPU_WAIT;
  options.mode = GLVK_MODE_BLIT;
  source.name = make_framebuffer();
  source.width = WIDTH;
  source.height = HEIGHT;
  CHECK(glvk_blitter_create(context, &blitter));
  for (is_opaque = 0; is_opaque < 2; is_opaque++) {
    options.is_opaque = (uint32_t)is_opaque;
    CHECK(glvk_image_create(context, host, &options, &image));
    CHECK(glvk_image_get_info(image, &info));
    CHECK(info.is_opaque != (uint32_t)is_opaque);
    check_mapping("glvk_image_info", info.component_mapping, is_opaque);
    if (type == GLVK_HANDLE_TYPE_DMA_BUF) {
      CHECK(glvk_image_get_dma_buf(image, &buffer));
      CHECK(glvk_dma_buf_get_info(buffer, &buffer_info));
      CHECK(buffer_info.fourcc != (is_opaque ? 0x34324258 /* XB24 */ : 0x34324241 /* AB24 */));
      CHECK(glvk_dma_buf_destroy(buffer));
    }
    CHECK(glvk_image_acquire_for_gl(image));
    clear_alpha(source.name);
    CHECK(glvk_blitter_copy_to_image(blitter, &source, image));
    CHECK(glvk_image_release_from_gl(image));
    CHECK(glvk_image_access(image, &access, copy_to_buffer, NULL));
    if (is_opaque) compare_buffer("an opaque image");
    CHECK(glvk_image_retire(image));
    CHECK(glvk_image_destroy(image));
  }
  CHECK(glvk_blitter_destroy(blitter));

  for (mode = GLVK_MODE_DIRECT; mode <= GLVK_MODE_BLIT; mode++) {
    glvk_frame frame;
    glvk_frame_info frame_info;
    GLVK_INIT(frames);
    GLVK_INIT(frame_info);
    frames.context = context;
    frames.host = host;
    frames.width = WIDTH;
    frames.height = HEIGHT;
    frames.path = path;
    frames.mode = path == GLVK_PATH_HOST_COPY ? GLVK_MODE_AUTOMATIC : mode;
    frames.alpha_mode = GLVK_ALPHA_OPAQUE;
    CHECK(glvk_producer_create_surfaceless(&frames, &producer));
    CHECK(glvk_producer_render(producer, NULL, draw_without_alpha, NULL, &frame));
    CHECK(glvk_frame_get_info(frame, &frame_info));
    check_mapping("glvk_frame_info", frame_info.component_mapping, 1);
    /* As the first version had it: what came later is not written. */
    memset(&frame_info, 0x55, sizeof frame_info);
    frame_info.struct_size = 104;
    CHECK(glvk_frame_get_info(frame, &frame_info));
    CHECK(frame_info.struct_size != 104 || frame_info.width != WIDTH ||
          (uint32_t)frame_info.component_mapping.a != 0x55555555);
    CHECK(glvk_frame_access(frame, &access, copy_to_buffer, NULL));
    if (frames.mode != GLVK_MODE_DIRECT) compare_buffer("an opaque frame");
    CHECK(glvk_producer_destroy(producer));
  }
}

int main(int argc, char **argv) {
  open_drivers();
  if (argc > 1 && strcmp(argv[1], "dma-buf") == 0) {
    dma_bufs();
    frames_given_away();
    opaque(GLVK_HANDLE_TYPE_DMA_BUF, GLVK_PATH_DMA_BUF_IMPORT);
    frames(GLVK_PATH_DMA_BUF_IMPORT);
    frames(GLVK_PATH_DMA_BUF_EXPORT);
    close_drivers();
    printf("%u pictures in DMA-BUFs, %u wrong\n", comparisons, wrong);
    return wrong != 0 || glvk_live_object_count() != 0;
  }
  one_picture();
  gl_to_vulkan(GLVK_MODE_DIRECT, GLVK_ORIENTATION_BOTTOM_UP);
  gl_to_vulkan(GLVK_MODE_BLIT, GLVK_ORIENTATION_BOTTOM_UP);
  gl_to_vulkan(GLVK_MODE_BLIT, GLVK_ORIENTATION_TOP_DOWN);
  vulkan_to_gl();
  frames(GLVK_PATH_AUTOMATIC);
  frames(GLVK_PATH_OPAQUE_FD);
  frames(GLVK_PATH_HOST_COPY);
  opaque(GLVK_HANDLE_TYPE_OPAQUE_FD, GLVK_PATH_OPAQUE_FD);
  opaque(GLVK_HANDLE_TYPE_OPAQUE_FD, GLVK_PATH_HOST_COPY);
  close_drivers();
  printf("%u pictures, %u wrong\n", comparisons, wrong);
  return wrong != 0 || glvk_live_object_count() != 0;
}
