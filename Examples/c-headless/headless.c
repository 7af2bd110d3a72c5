/* A program with its own OpenGL context and its own Vulkan device, without a window and without a Swift toolchain:
 *
 *   cc headless.c -o headless $(pkg-config --cflags --libs gl-vulkan-interop) -lEGL -lvulkan
 *
 * It draws frames with GL, submits each to Vulkan, reads it back from the VkImage, and compares every pixel with GL's
 * own glReadPixels. Arguments: the number of frames, and the path ("opaque-fd", "host-copy"). The defaults are 100 and
 * the best path.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

enum { WIDTH = 320, HEIGHT = 240, BYTES = WIDTH * HEIGHT * 4 };

static void stop(const char *what) {
  fprintf(stderr, "headless: %s\n", what);
  exit(1);
}

/* Every function of the interface returns 0 or an error, which glvk_last_error_message() describes. */
static void check(glvk_result result) {
  if (result != GLVK_SUCCESS) stop(glvk_last_error_message());
}

static void check_vk(VkResult result, const char *what) {
  if (result != VK_SUCCESS) stop(what);
}

/* ---- GL, as in any program: a context, a framebuffer, a picture ---- */

static PFNGLGENFRAMEBUFFERSPROC gl_gen_framebuffers;
static PFNGLBINDFRAMEBUFFERPROC gl_bind_framebuffer;
static PFNGLFRAMEBUFFERTEXTURE2DPROC gl_framebuffer_texture;
static PFNGLGENTEXTURESPROC gl_gen_textures;
static PFNGLBINDTEXTUREPROC gl_bind_texture;
static PFNGLTEXIMAGE2DPROC gl_tex_image;
static PFNGLCLEARCOLORPROC gl_clear_color;
static PFNGLCLEARPROC gl_clear;
static PFNGLSCISSORPROC gl_scissor;
static PFNGLENABLEPROC gl_enable;
static PFNGLREADPIXELSPROC gl_read_pixels;

/* Loads a function of any type: the pointer is written through its address. */
static void load(const char *name, void (**function)(void)) {
  *function = eglGetProcAddress(name);
  if (!*function) stop(name);
}
#define LOAD(variable, name) load(name, (void (**)(void))(void *)&variable)

static EGLDisplay display;
static EGLContext context;

static void open_gl(void) {
  PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
    (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");
  if (!get_display) stop("no eglGetPlatformDisplayEXT");
  display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
  if (!eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_API)) stop("no EGL on this machine");
  const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE};
  context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
  if (!eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) stop("no OpenGL 3.3 context");
  LOAD(gl_gen_framebuffers, "glGenFramebuffers");
  LOAD(gl_bind_framebuffer, "glBindFramebuffer");
  LOAD(gl_framebuffer_texture, "glFramebufferTexture2D");
  LOAD(gl_gen_textures, "glGenTextures");
  LOAD(gl_bind_texture, "glBindTexture");
  LOAD(gl_tex_image, "glTexImage2D");
  LOAD(gl_clear_color, "glClearColor");
  LOAD(gl_clear, "glClear");
  LOAD(gl_scissor, "glScissor");
  LOAD(gl_enable, "glEnable");
  LOAD(gl_read_pixels, "glReadPixels");
}

static GLuint make_framebuffer(void) {
  GLuint texture, framebuffer;
  gl_gen_textures(1, &texture);
  gl_bind_texture(GL_TEXTURE_2D, texture);
  gl_tex_image(GL_TEXTURE_2D, 0, GL_RGBA8, WIDTH, HEIGHT, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
  gl_gen_framebuffers(1, &framebuffer);
  gl_bind_framebuffer(GL_FRAMEBUFFER, framebuffer);
  gl_framebuffer_texture(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  gl_enable(GL_SCISSOR_TEST);
  return framebuffer;
}

/* Draws rectangles whose colours and places depend on the frame. */
static void draw(unsigned frame) {
  unsigned part;
  for (part = 0; part < 8; part++) {
    unsigned value = frame * 37 + part * 29;
    gl_scissor((GLint)(value % WIDTH / 2) * (part > 0), (GLint)(value * 7 % HEIGHT / 2) * (part > 0), WIDTH, HEIGHT);
    gl_clear_color((float)(value % 256) / 255, (float)(value * 3 % 256) / 255, (float)(value * 11 % 256) / 255, 1);
    gl_clear(GL_COLOR_BUFFER_BIT);
  }
}

/* ---- Vulkan, as in an engine: its own instance, device, queue and lock ---- */

static VkInstance instance;
static VkPhysicalDevice physical_device;
static VkDevice device;
static VkQueue queue;
static VkBuffer buffer;
static VkDeviceMemory memory;
static unsigned char *mapped;
static pthread_mutex_t queue_mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock_queue(void *user_data, VkQueue locked) {
  (void)user_data, (void)locked;
  pthread_mutex_lock(&queue_mutex);
}

static void unlock_queue(void *user_data, VkQueue locked) {
  (void)user_data, (void)locked;
  pthread_mutex_unlock(&queue_mutex);
}

static int has(const VkExtensionProperties *list, uint32_t count, const char *name) {
  uint32_t index;
  for (index = 0; index < count; index++)
    if (strcmp(list[index].extensionName, name) == 0) return 1;
  return 0;
}

static glvk_host open_vulkan(glvk_context gl) {
  VkApplicationInfo application = {
    VK_STRUCTURE_TYPE_APPLICATION_INFO, NULL, "headless", 0, NULL, 0, VK_API_VERSION_1_2};
  VkInstanceCreateInfo instance_info = {
    VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, NULL, 0, &application, 0, NULL, 0, NULL};
  check_vk(vkCreateInstance(&instance_info, NULL, &instance), "vkCreateInstance");

  /* The physical device that GL runs on. */
  VkPhysicalDevice matching[8];
  size_t matching_count;
  check(glvk_physical_devices_matching(gl, instance, vkGetInstanceProcAddr, matching, 8, &matching_count));
  if (matching_count == 0) stop("no Vulkan device is GL's");
  physical_device = matching[0];

  /* The extensions that sharing can use, as far as the device has them. */
  const char *wanted[16], *enabled[16];
  size_t wanted_count, index;
  uint32_t enabled_count = 0, count;
  check(glvk_host_required_device_extensions(
    GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_2, wanted, 16, &wanted_count));
  vkEnumerateDeviceExtensionProperties(physical_device, NULL, &count, NULL);
  VkExtensionProperties *extensions = malloc(count * sizeof *extensions);
  vkEnumerateDeviceExtensionProperties(physical_device, NULL, &count, extensions);
  for (index = 0; index < wanted_count; index++)
    if (has(extensions, count, wanted[index])) enabled[enabled_count++] = wanted[index];
  free(extensions);

  float priority = 1;
  VkDeviceQueueCreateInfo queue_info = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, NULL, 0, 0, 1, &priority};
  VkDeviceCreateInfo device_info;
  memset(&device_info, 0, sizeof device_info);
  device_info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  device_info.queueCreateInfoCount = 1;
  device_info.pQueueCreateInfos = &queue_info;
  device_info.enabledExtensionCount = enabled_count;
  device_info.ppEnabledExtensionNames = enabled;
  check_vk(vkCreateDevice(physical_device, &device_info, NULL, &device), "vkCreateDevice");
  vkGetDeviceQueue(device, 0, 0, &queue);

  glvk_queue shared_queue;
  GLVK_INIT(shared_queue);
  shared_queue.queue = queue;
  shared_queue.lock = lock_queue;
  shared_queue.unlock = unlock_queue;
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  adoption.instance = instance;
  adoption.physical_device = physical_device;
  adoption.device = device;
  adoption.api_version = VK_API_VERSION_1_2;
  adoption.queue_count = 1;
  adoption.queues = &shared_queue;
  adoption.device_extension_count = enabled_count;
  adoption.device_extensions = enabled;
  adoption.get_instance_proc_addr = vkGetInstanceProcAddr;
  glvk_host host;
  check(glvk_host_adopt(&adoption, &host));
  return host;
}

/* Memory that the CPU can read, to compare the pixels that arrived. */
static void make_buffer(void) {
  VkBufferCreateInfo info;
  memset(&info, 0, sizeof info);
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = BYTES;
  info.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  check_vk(vkCreateBuffer(device, &info, NULL, &buffer), "vkCreateBuffer");
  VkMemoryRequirements needs;
  vkGetBufferMemoryRequirements(device, buffer, &needs);
  VkPhysicalDeviceMemoryProperties properties;
  vkGetPhysicalDeviceMemoryProperties(physical_device, &properties);
  const VkMemoryPropertyFlags flags = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;
  while (type < properties.memoryTypeCount &&
         !(needs.memoryTypeBits & 1u << type && (properties.memoryTypes[type].propertyFlags & flags) == flags))
    type++;
  VkMemoryAllocateInfo allocate = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, NULL, needs.size, type};
  void *address;
  check_vk(vkAllocateMemory(device, &allocate, NULL, &memory), "vkAllocateMemory");
  check_vk(vkBindBufferMemory(device, buffer, memory, 0), "vkBindBufferMemory");
  check_vk(vkMapMemory(device, memory, 0, BYTES, 0, &address), "vkMapMemory");
  mapped = address;
}

/* Called by glvk_frame_access() with a command buffer that is being recorded. */
static int32_t copy_to_buffer(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)user_data;
  VkBufferImageCopy region;
  memset(&region, 0, sizeof region);
  region.imageSubresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
  region.imageSubresource.layerCount = 1;
  region.imageExtent.width = WIDTH;
  region.imageExtent.height = HEIGHT;
  region.imageExtent.depth = 1;
  vkCmdCopyImageToBuffer(commands, image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer, 1, &region);
  VkMemoryBarrier barrier = {
    VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, VK_ACCESS_TRANSFER_WRITE_BIT, VK_ACCESS_HOST_READ_BIT};
  vkCmdPipelineBarrier(
    commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
  return 0;
}

/* Set before all other calls: the library reports only here that frames use a slower path than they could. Without a
 * callback a program gets such lines on standard error, as GLVK_LOG says. */
static void log_line(void *user_data, glvk_log_level level, const char *message) {
  (void)user_data, (void)level;
  fprintf(stderr, "headless: %s\n", message);
}

static glvk_path path_named(const char *name) {
  glvk_path path;
  for (path = GLVK_PATH_AUTOMATIC; path <= GLVK_PATH_HOST_COPY; path++)
    if (strcmp(glvk_path_name(path), name) == 0) return path;
  stop("unknown path");
  return GLVK_PATH_AUTOMATIC;
}

int main(int argc, char **argv) {
  unsigned frames = argc > 1 ? (unsigned)atoi(argv[1]) : 100, number, wrong = 0;
  if (glvk_abi_version() >> 16 != GLVK_ABI_MAJOR) stop("libglvulkaninterop.so is of another version");
  check(glvk_set_log_callback(log_line, NULL, GLVK_LOG_WARNING));

  open_gl();
  GLuint framebuffer = make_framebuffer();

  glvk_context gl;
  check(glvk_context_current(NULL, &gl));
  glvk_host host = open_vulkan(gl);
  make_buffer();

  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = gl;
  options.host = host;
  options.width = WIDTH;
  options.height = HEIGHT;
  if (argc > 2) options.path = path_named(argv[2]);
  glvk_producer producer;
  check(glvk_producer_create(&options, &producer));

  glvk_submit_options submit;
  GLVK_INIT(submit);
  submit.framebuffer = framebuffer;
  submit.width = WIDTH;
  submit.height = HEIGHT;
  glvk_access_options access;
  GLVK_INIT(access);
  access.use.layout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
  access.use.stages = VK_PIPELINE_STAGE_TRANSFER_BIT;
  access.use.access = VK_ACCESS_TRANSFER_READ_BIT;
  access.timeout_ns = UINT64_C(5000000000); /* wait, because the CPU reads the result */

  unsigned char *expected = malloc(BYTES);
  for (number = 0; number < frames; number++) {
    glvk_frame frame;
    gl_bind_framebuffer(GL_FRAMEBUFFER, framebuffer);
    draw(number);
    check(glvk_producer_submit(producer, &submit, &frame));
    check(glvk_frame_access(frame, &access, copy_to_buffer, NULL));
    gl_read_pixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, expected);
    wrong += memcmp(expected, mapped, BYTES) != 0;
  }
  free(expected);

  glvk_producer_info info;
  GLVK_INIT(info);
  check(glvk_producer_get_info(producer, &info));
  printf("%u frames by %s, %s, %s: %u wrong\n", frames, glvk_path_name(info.path), glvk_mode_name(info.mode),
    glvk_sync_name(info.sync), wrong);

  check(glvk_producer_context_will_be_destroyed(producer));
  check(glvk_producer_destroy(producer));
  check(glvk_context_destroy(gl));
  check(glvk_host_destroy(host));
  eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(display, context);
  vkDestroyBuffer(device, buffer, NULL);
  vkFreeMemory(device, memory, NULL);
  vkDestroyDevice(device, NULL);
  vkDestroyInstance(instance, NULL);
  return wrong != 0;
}
