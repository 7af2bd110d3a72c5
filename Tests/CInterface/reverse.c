/* The reverse: Vulkan draws on a thread of its own, by each way that the interface has for that, and a GL context that this program
 * made itself shows it. Each frame is drawn with its texture, and read by its framebuffer where it has one; every pixel is
 * compared. Some targets and frames are dropped on either thread, and the size changes under way. What is called in the
 * wrong order or on the wrong thread meanwhile must be an error and change nothing. Arguments: how many frames are shown (100),
 * and the path ("opaque-fd", "dma-buf-import", "host-copy").
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <dlfcn.h>
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The picture is larger than the frames: each shows its first columns and rows. */
enum { WIDTH = 96, HEIGHT = 48, PICTURE = WIDTH * HEIGHT * 4, PICTURES = 16 };

static void check_at(int line, int32_t result) {
  if (result == 0) return;
  fprintf(stderr, "reverse.c:%d: %d %s\n", line, result, glvk_last_error_message());
  _exit(1);
}
#define CHECK(call) check_at(__LINE__, call)

static void expect_at(int line, const char *text, glvk_result result, glvk_result wanted) {
  if (result == wanted && glvk_last_error_result() == wanted && *glvk_last_error_message()) return;
  fprintf(stderr, "reverse.c:%d: %s is %s, not %s\n", line, text, glvk_result_name(result), glvk_result_name(wanted));
  _exit(1);
}
#define EXPECT(wanted, call) expect_at(__LINE__, #call, call, GLVK_##wanted)

/* ---- Pictures, different in each place ---- */

static void pixel_of(uint64_t number, unsigned x, unsigned y, unsigned char *pixel) {
  const unsigned picture = (unsigned)(number % PICTURES);
  pixel[0] = (unsigned char)(x * 2 + picture * 16);
  pixel[1] = (unsigned char)(y * 5 + picture);
  pixel[2] = (unsigned char)(x * y + picture * 7);
  pixel[3] = (unsigned char)(255 - picture);
}

static unsigned comparisons, wrong;

static void compare(const char *what, uint64_t number, unsigned width, unsigned height, const unsigned char *pixels) {
  unsigned x, y;
  unsigned char wanted[4];
  comparisons++;
  for (y = 0; y < height; y++)
    for (x = 0; x < width; x++) {
      const unsigned char *found = pixels + (y * width + x) * 4;
      pixel_of(number, x, y, wanted);
      if (memcmp(found, wanted, 4) == 0) continue;
      if (wrong++ < 10)
        printf("reverse: frame %u, %s: (%u, %u) is %u %u %u %u, not %u %u %u %u\n", (unsigned)number, what, x, y,
          found[0], found[1], found[2], found[3], wanted[0], wanted[1], wanted[2], wanted[3]);
      return;
    }
}

/* ---- GL, as any program has it ---- */

#define EACH_EGL_FUNCTION(use) \
  use(eglGetProcAddress) use(eglInitialize) use(eglBindAPI) use(eglChooseConfig) use(eglCreateContext) \
    use(eglMakeCurrent) use(eglDestroyContext) use(eglTerminate)
#define EACH_GL_FUNCTION(use) \
  use(GENTEXTURES, GenTextures) use(BINDTEXTURE, BindTexture) use(TEXIMAGE2D, TexImage2D) \
    use(GENFRAMEBUFFERS, GenFramebuffers) use(BINDFRAMEBUFFER, BindFramebuffer) \
      use(FRAMEBUFFERTEXTURE2D, FramebufferTexture2D) use(VIEWPORT, Viewport) use(CREATESHADER, CreateShader) \
        use(SHADERSOURCE, ShaderSource) use(COMPILESHADER, CompileShader) use(CREATEPROGRAM, CreateProgram) \
          use(ATTACHSHADER, AttachShader) use(LINKPROGRAM, LinkProgram) use(GETPROGRAMIV, GetProgramiv) \
            use(USEPROGRAM, UseProgram) use(GENVERTEXARRAYS, GenVertexArrays) use(BINDVERTEXARRAY, BindVertexArray) \
              use(DRAWARRAYS, DrawArrays) use(READPIXELS, ReadPixels) use(GETERROR, GetError)
#define DECLARE_EGL(name) static __typeof__(name) *name##_;
#define DECLARE_GL(type, name) static PFNGL##type##PROC gl##name##_;
EACH_EGL_FUNCTION(DECLARE_EGL)
EACH_GL_FUNCTION(DECLARE_GL)

static EGLDisplay display;
static EGLContext egl_context;
static GLuint screen;

static GLuint shader(GLenum kind, int is_es, const char *text) {
  const char *const parts[] = {is_es ? "#version 300 es\nprecision highp float;\n" : "#version 330\n", text};
  const GLuint name = glCreateShader_(kind);
  glShaderSource_(name, 2, parts, NULL);
  glCompileShader_(name);
  return name;
}

static void open_gl(void) {
  const char *angle = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (angle && !*angle) angle = NULL;
  void *library = dlopen(angle ? angle : "libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
  CHECK(library == NULL);
#define FIND_EGL(name) \
  *(void **)&name##_ = dlsym(library, #name); \
  CHECK(name##_ == NULL);
  EACH_EGL_FUNCTION(FIND_EGL)
  PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
    (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress_("eglGetPlatformDisplayEXT");
  CHECK(get_display == NULL);
  if (angle) {
    /* ANGLE on Vulkan, EGL_ANGLE_platform_angle_vulkan; without a window system where it knows of that. */
    const EGLint offscreen[] = {0x3203, 0x3450, 0x348F, EGL_PLATFORM_SURFACELESS_MESA, EGL_NONE};
    const EGLint old[] = {0x3203, 0x3450, EGL_NONE};
    display = get_display(0x3202, NULL, offscreen);
    if (!display) display = get_display(0x3202, NULL, old);
  } else {
    display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
  }
  CHECK(!eglInitialize_(display, NULL, NULL));
  CHECK(!eglBindAPI_(angle ? EGL_OPENGL_ES_API : EGL_OPENGL_API));
  const EGLint wishes[] = {
    EGL_RENDERABLE_TYPE, angle ? EGL_OPENGL_ES3_BIT : EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
  const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, angle ? 0 : 3, EGL_NONE};
  EGLConfig config;
  EGLint count;
  CHECK(!eglChooseConfig_(display, wishes, &config, 1, &count) || count != 1);
  egl_context = eglCreateContext_(display, config, EGL_NO_CONTEXT, version);
  CHECK(!eglMakeCurrent_(display, EGL_NO_SURFACE, EGL_NO_SURFACE, egl_context));
#define FIND_GL(type, name) \
  gl##name##_ = (PFNGL##type##PROC)eglGetProcAddress_("gl" #name); \
  CHECK(gl##name##_ == NULL);
  EACH_GL_FUNCTION(FIND_GL)

  /* A screen, and a program that draws a texture on it, texel by texel. */
  GLuint texture, vertices;
  glGenTextures_(1, &texture);
  glBindTexture_(GL_TEXTURE_2D, texture);
  glTexImage2D_(GL_TEXTURE_2D, 0, GL_RGBA8, WIDTH, HEIGHT, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
  glGenFramebuffers_(1, &screen);
  glBindFramebuffer_(GL_FRAMEBUFFER, screen);
  glFramebufferTexture2D_(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  glGenVertexArrays_(1, &vertices);
  glBindVertexArray_(vertices);
  const GLuint program = glCreateProgram_();
  glAttachShader_(program,
    shader(GL_VERTEX_SHADER, angle != NULL,
      "void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }"));
  glAttachShader_(program,
    shader(GL_FRAGMENT_SHADER, angle != NULL,
      "uniform sampler2D frame; out vec4 color; void main() { color = texelFetch(frame, ivec2(gl_FragCoord.xy), 0); }"));
  glLinkProgram_(program);
  GLint is_linked = 0;
  glGetProgramiv_(program, GL_LINK_STATUS, &is_linked);
  CHECK(!is_linked);
  glUseProgram_(program);
  CHECK((int32_t)glGetError_());
}

typedef struct {
  uint64_t number;
  unsigned width, height;
  int32_t answer;
} shown;

static int32_t show(void *user_data, uint32_t texture) {
  static unsigned char pixels[PICTURE];
  const shown *frame = user_data;
  glBindFramebuffer_(GL_FRAMEBUFFER, screen);
  glViewport_(0, 0, (GLsizei)frame->width, (GLsizei)frame->height);
  glBindTexture_(GL_TEXTURE_2D, texture);
  glDrawArrays_(GL_TRIANGLES, 0, 3);
  glReadPixels_(0, 0, (GLsizei)frame->width, (GLsizei)frame->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
  compare("its texture", frame->number, frame->width, frame->height, pixels);
  return frame->answer;
}

/* ---- Vulkan ---- */

#define EACH_VULKAN_FUNCTION(use) \
  use(CreateBuffer) use(DestroyBuffer) use(GetBufferMemoryRequirements) use(AllocateMemory) use(FreeMemory) \
    use(BindBufferMemory) use(MapMemory) use(CmdCopyBufferToImage) use(CmdPipelineBarrier) use(CreateCommandPool) \
      use(DestroyCommandPool) use(AllocateCommandBuffers) use(BeginCommandBuffer) use(EndCommandBuffer) \
        use(QueueSubmit) use(QueueWaitIdle) use(GetPhysicalDeviceMemoryProperties)
#define DECLARE(name) static PFN_vk##name vk##name##_;
EACH_VULKAN_FUNCTION(DECLARE)

static glvk_host host;
static VkDevice device;
static glvk_queue queue;
static VkBuffer buffer;
static VkDeviceMemory memory;
static VkCommandPool pool;
static VkCommandBuffer commands;

static const glvk_use FILL = {
  VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT};

/* All pictures one behind the other in a buffer, written before anything is submitted. */
static void open_vulkan(void) {
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
  create.size = PICTURE * PICTURES;
  create.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
  CHECK(vkCreateBuffer_(device, &create, NULL, &buffer));
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements_(device, buffer, &needs);
  VkPhysicalDeviceMemoryProperties properties;
  vkGetPhysicalDeviceMemoryProperties_(info.physical_device, &properties);
  const VkMemoryPropertyFlags flags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;
  while (!(needs.memoryTypeBits & 1u << type && (properties.memoryTypes[type].propertyFlags & flags) == flags)) type++;
  VkMemoryAllocateInfo allocate = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, NULL, needs.size, type};
  void *mapped;
  CHECK(vkAllocateMemory_(device, &allocate, NULL, &memory));
  CHECK(vkBindBufferMemory_(device, buffer, memory, 0));
  CHECK(vkMapMemory_(device, memory, 0, PICTURE * PICTURES, 0, &mapped));
  unsigned picture, x, y;
  for (picture = 0; picture < PICTURES; picture++)
    for (y = 0; y < HEIGHT; y++)
      for (x = 0; x < WIDTH; x++)
        pixel_of(picture, x, y, (unsigned char *)mapped + picture * PICTURE + (y * WIDTH + x) * 4);
  VkCommandPoolCreateInfo pool_info = {
    VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, NULL, VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, queue.family};
  CHECK(vkCreateCommandPool_(device, &pool_info, NULL, &pool));
  VkCommandBufferAllocateInfo buffers = {
    VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL, pool, VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1};
  CHECK(vkAllocateCommandBuffers_(device, &buffers, &commands));
}

static void close_vulkan(void) {
  vkDestroyBuffer_(device, buffer, NULL);
  vkFreeMemory_(device, memory, NULL);
  vkDestroyCommandPool_(device, pool, NULL);
}

static int32_t draw(void *user_data, VkCommandBuffer into, VkImage image) {
  const glvk_target_info *target = user_data;
  VkBufferImageCopy region;
  memset(&region, 0, sizeof region);
  region.bufferOffset = target->number % PICTURES * PICTURE;
  region.bufferRowLength = WIDTH;
  region.imageSubresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
  region.imageSubresource.layerCount = 1;
  region.imageExtent.width = target->width;
  region.imageExtent.height = target->height;
  region.imageExtent.depth = 1;
  vkCmdCopyBufferToImage_(into, buffer, image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
  return 0;
}

static int32_t refuse(void *user_data, VkCommandBuffer into, VkImage image) {
  (void)user_data, (void)into, (void)image;
  return 5;
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

/* An application's own submission. */
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
  if (release && release->semaphore_value != 0) {
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.waitSemaphoreValueCount = info.waitSemaphoreCount;
    values.pWaitSemaphoreValues = &acquire->semaphore_value;
    values.signalSemaphoreValueCount = 1;
    values.pSignalSemaphoreValues = &release->semaphore_value;
    info.pNext = &values;
  }
  queue.lock(queue.user_data, queue.queue);
  CHECK(vkQueueSubmit_(queue.queue, 1, &info, VK_NULL_HANDLE));
  queue.unlock(queue.user_data, queue.queue);
}

/* The one command buffer is used again. */
static void wait_for_queue(void) {
  queue.lock(queue.user_data, queue.queue);
  CHECK(vkQueueWaitIdle_(queue.queue));
  queue.unlock(queue.user_data, queue.queue);
}

/* ---- The thread that draws ---- */

static glvk_consumer consumer;
static glvk_gl_frame_queue frames;
static unsigned wanted = 100;

/* Those that the other thread receives and drops instead of showing them. */
static int is_not_shown(uint64_t number) { return number % 11 == 7; }

static void *draw_frames(void *unused) {
  unsigned sent = 0;
  (void)unused;
  while (sent < wanted) {
    glvk_target target;
    glvk_gl_frame frame;
    glvk_target_info info;
    glvk_access_options access;
    glvk_present_options present;
    glvk_ownership_transfer acquire, release;
    const glvk_rect damage[2] = {{1, 2, 3, 4}, {0, 0, 8, 8}};
    GLVK_INIT(info);
    GLVK_INIT(access);
    GLVK_INIT(present);
    GLVK_INIT(acquire);
    GLVK_INIT(release);
    access.use = FILL;
    CHECK(glvk_consumer_next_target(consumer, &target));
    CHECK(glvk_target_get_info(target, &info));
    if (info.number % 13 == 5) {
      /* Not drawn, one way or another. */
      if (info.number % 2) {
        CHECK(glvk_target_drop(target));
      } else {
        EXPECT(ERROR_CALLBACK, glvk_target_access(target, &access, NULL, refuse, NULL, &frame));
        CHECK(frame.id != 0);
      }
      EXPECT(ERROR_INVALID_HANDLE, glvk_target_access(target, &access, NULL, draw, &info, &frame));
      continue;
    }
    if (info.number % 2) {
      present.has_presentation_time = 1;
      present.presentation_time_ns = (int64_t)info.number * 1000;
      present.damage = damage;
      present.damage_count = 2;
    }
    switch (info.number % 3) {
      case 0:
        if (info.number % 2) access.timeout_ns = UINT64_C(60000000000);
        CHECK(glvk_target_access(target, &access, &present, draw, &info, &frame));
        break;
      case 1:
        EXPECT(ERROR_INVALID_STATE, glvk_target_release(target, NULL, &present, &frame));
        CHECK(glvk_target_acquire(target, &FILL, VK_NULL_HANDLE, VK_NULL_HANDLE));
        EXPECT(ERROR_INVALID_STATE, glvk_target_access(target, &access, &present, draw, &info, &frame));
        begin_commands();
        draw(&info, commands, info.image);
        submit(NULL, NULL);
        CHECK(glvk_target_release(target, NULL, &present, &frame));
        wait_for_queue();
        break;
      case 2:
        CHECK(glvk_target_acquire_barrier(target, &FILL, queue.queue, VK_NULL_HANDLE, &acquire));
        CHECK(glvk_target_cancel_acquire(target));
        EXPECT(ERROR_INVALID_STATE, glvk_target_did_submit_release(target, &present, &frame));
        CHECK(glvk_target_acquire_barrier(target, &FILL, queue.queue, VK_NULL_HANDLE, &acquire));
        begin_commands();
        barrier(&acquire);
        draw(&info, commands, info.image);
        CHECK(glvk_target_release_barrier(target, &FILL, &release));
        barrier(&release);
        submit(&acquire, &release);
        CHECK(glvk_target_did_submit_release(target, &present, &frame));
        wait_for_queue();
        break;
    }
    /* The target has become a frame, which is GL's. */
    EXPECT(ERROR_INVALID_HANDLE, glvk_target_drop(target));
    EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_acquire(frame));
    EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_access(frame, show, NULL));
    EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_release(frame));
    EXPECT(ERROR_WRONG_THREAD, glvk_consumer_poll(consumer));
    if (info.number % 10 == 3) {
      CHECK(glvk_gl_frame_drop(frame));
      continue;
    }
    CHECK(glvk_gl_frame_queue_send(frames, frame));
    EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_drop(frame));
    sent += !is_not_shown(info.number);
  }
  CHECK(glvk_gl_frame_queue_close(frames));
  return NULL;
}

/* ---- The thread that shows ---- */

static void check_what_comes_along(glvk_gl_frame frame, const glvk_gl_frame_info *info) {
  glvk_rect damage[2];
  size_t count;
  CHECK(info->orientation != GLVK_ORIENTATION_TOP_DOWN || info->texture == 0);
  CHECK(glvk_gl_frame_get_damage(frame, damage, 2, &count));
  glvk_dma_buf buffer;
  glvk_dma_buf_info buffer_info;
  GLVK_INIT(buffer_info);
  if (info->has_modifier) {
    CHECK(glvk_gl_frame_get_dma_buf(frame, &buffer));
    CHECK(glvk_dma_buf_get_info(buffer, &buffer_info));
    CHECK(
      buffer_info.width != info->width || buffer_info.height != info->height || buffer_info.modifier != info->modifier);
    CHECK(glvk_dma_buf_destroy(buffer));
  } else {
    EXPECT(ERROR_NOT_AVAILABLE, glvk_gl_frame_get_dma_buf(frame, &buffer));
  }
  if (info->number % 2) {
    CHECK(!info->has_presentation_time || info->presentation_time_ns != (int64_t)info->number * 1000);
    CHECK(!info->has_damage || info->damage_count != 2 || count != 2 || damage[0].height != 4 || damage[1].width != 8);
    EXPECT(ERROR_BUFFER_TOO_SMALL, glvk_gl_frame_get_damage(frame, damage, 1, &count));
  } else {
    CHECK(info->has_presentation_time || info->has_damage || count != 0);
  }
}

int main(int argc, char **argv) {
  glvk_consumer_options options;
  glvk_consumer_info info;
  glvk_context gl;
  glvk_gl_frame frame = {0};
  pthread_t thread;
  unsigned count = 0, framebuffers = 0, sizes = 0, last_width = 0;
  uint64_t last = 0;
  static unsigned char pixels[PICTURE];
  if (argc > 1) wanted = (unsigned)atoi(argv[1]);
  GLVK_INIT(options);
  GLVK_INIT(info);
  if (argc > 2)
    while (strcmp(glvk_path_name(++options.path), argv[2]) != 0)
      CHECK(strcmp(glvk_path_name(options.path), "unknown") == 0);

  open_gl();
  glvk_host_creation creation;
  GLVK_INIT(creation);
  CHECK(glvk_context_current(NULL, &gl));
  creation.context = gl;
  CHECK(glvk_host_create(&creation, &host));
  CHECK(glvk_context_destroy(gl));
  open_vulkan();
  options.host = host;
  options.width = 64;
  /* An emulated processor on a busy machine takes its time. */
  options.wait_timeout_ns = UINT64_C(60000000000);
  options.height = 40;
  CHECK(glvk_consumer_create(&options, &consumer));
  CHECK(glvk_gl_frame_queue_create(0, &frames));
  pthread_create(&thread, NULL, draw_frames, NULL);

  for (;;) {
    const glvk_result result = glvk_gl_frame_queue_receive(frames, UINT64_C(2000000), &frame);
    if (result == GLVK_ERROR_TIMEOUT) {
      CHECK(glvk_consumer_poll(consumer));
      continue;
    }
    if (result == GLVK_ERROR_NOT_AVAILABLE) break;
    CHECK(result);
    glvk_gl_frame_info frame_info;
    GLVK_INIT(frame_info);
    CHECK(glvk_gl_frame_get_info(frame, &frame_info));
    CHECK(frame_info.number <= last);
    last = frame_info.number;
    check_what_comes_along(frame, &frame_info);
    sizes += frame_info.width != last_width;
    last_width = frame_info.width;
    if (is_not_shown(frame_info.number)) {
      /* Half of them after GL has waited for it. */
      if (frame_info.number % 2) CHECK(glvk_gl_frame_acquire(frame));
      CHECK(glvk_gl_frame_drop(frame));
      EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_access(frame, show, NULL));
      continue;
    }
    shown one = {frame_info.number, frame_info.width, frame_info.height, frame_info.number % 5 == 1 ? 9 : 0};
    if (frame_info.number % 2 || frame_info.framebuffer == 0) {
      if (one.answer == 0) CHECK(glvk_gl_frame_access(frame, show, &one));
      else EXPECT(ERROR_CALLBACK, glvk_gl_frame_access(frame, show, &one));
    } else {
      EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_release(frame));
      CHECK(glvk_gl_frame_acquire(frame));
      EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_acquire(frame));
      EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_access(frame, show, &one));
      glBindFramebuffer_(GL_FRAMEBUFFER, frame_info.framebuffer);
      glReadPixels_(0, 0, (GLsizei)one.width, (GLsizei)one.height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
      compare("its framebuffer", one.number, one.width, one.height, pixels);
      framebuffers++;
      show(&one, frame_info.texture);
      CHECK(glvk_gl_frame_release(frame));
    }
    EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_release(frame));
    CHECK((int32_t)glGetError_());
    /* Larger, and small again. */
    if (++count == wanted / 3) CHECK(glvk_consumer_resize(consumer, WIDTH, HEIGHT));
    if (count == wanted / 3 * 2) CHECK(glvk_consumer_resize(consumer, 17, 5));
  }
  pthread_join(thread, NULL);
  CHECK(glvk_consumer_get_info(consumer, &info));
  CHECK(options.path != 0 && info.path != options.path);

  /* A target and a frame that are out when the context goes. */
  glvk_target target, none;
  glvk_target_info target_info;
  glvk_access_options access;
  GLVK_INIT(target_info);
  GLVK_INIT(access);
  access.use = FILL;
  CHECK(glvk_consumer_next_target(consumer, &target));
  CHECK(glvk_target_get_info(target, &target_info));
  CHECK(target_info.width != 17 || target_info.height != 5);
  CHECK(glvk_target_access(target, &access, NULL, draw, &target_info, &frame));
  CHECK(glvk_consumer_next_target(consumer, &target));
  CHECK(glvk_target_get_info(target, &target_info));
  CHECK(glvk_consumer_context_will_be_destroyed(consumer));
  CHECK(glvk_consumer_context_will_be_destroyed(consumer));
  CHECK(!eglMakeCurrent_(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
  CHECK(!eglDestroyContext_(display, egl_context));
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_acquire(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_consumer_next_target(consumer, &none));
  CHECK(none.id != 0);
  EXPECT(ERROR_INVALID_STATE, glvk_consumer_poll(consumer));
  CHECK(glvk_gl_frame_drop(frame));
  CHECK(glvk_target_access(target, &access, NULL, draw, &target_info, &frame));
  CHECK(glvk_gl_frame_drop(frame));
  CHECK(glvk_consumer_destroy(consumer));
  CHECK(glvk_gl_frame_queue_destroy(frames));
  wait_for_queue();
  close_vulkan();
  CHECK(glvk_host_destroy(host));
  CHECK(!eglTerminate_(display));
  CHECK(glvk_live_object_count() != 0);
  printf("%u frames of %u targets by %s, %s, in %u sizes, %u read by their framebuffers: %u comparisons, %u wrong\n",
    count, (unsigned)info.target_count, glvk_path_name(info.path), glvk_sync_name(info.sync), sizes, framebuffers,
    comparisons, wrong);
  return wrong != 0 || count != wanted || comparisons != count + framebuffers || sizes != 3;
}
