/* What a program makes for an image, kept by image_id and dropped when the image retires: forty changes of size, frames and targets
 * that outlive what they are from, images by hand; the views that images own; structures as long as in the first version; functions
 * that are looked up in contexts of every origin.
 */
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void check_at(int line, int32_t result) {
  if (result == 0) return;
  fprintf(stderr, "identity.c:%d: %d %s\n", line, result, glvk_last_error_message());
  _exit(1);
}
#define CHECK(call) check_at(__LINE__, call)
#define EXPECT(wanted, call) check_at(__LINE__, (call) != GLVK_##wanted)

enum { MOST = 4096 };
/* By image_id, which counts from 1 on. */
static struct {
  uint32_t width, height;
  VkImageView view;
  unsigned retired;
} images[MOST];
static unsigned seen_count, retired_count, kept_views;

static glvk_context context;
static glvk_host host;
static VkDevice device;
static PFN_vkCreateImageView create_view;
static PFN_vkDestroyImageView destroy_view;
static void (*clear_color)(float, float, float, float);
static void (*clear)(unsigned);
static pthread_t last_thread;

/* The program's cache loses what it made. */
static void retire(void *user_data, uint64_t image_id) {
  CHECK(user_data != &images || image_id == 0 || image_id >= MOST);
  CHECK(images[image_id].width == 0);
  CHECK(images[image_id].retired++ != 0);
  if (images[image_id].view) {
    destroy_view(device, images[image_id].view, NULL);
    kept_views--;
  }
  retired_count++;
  last_thread = pthread_self();
}

/* A view of the program's own for each image, made once. */
static void use(uint64_t id, VkImage image, VkFormat format, uint32_t width, uint32_t height) {
  CHECK(id == 0 || id >= MOST || images[id].retired);
  if (images[id].width == 0) {
    const VkImageViewCreateInfo create = {VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO, NULL, 0, image,
      VK_IMAGE_VIEW_TYPE_2D, format,
      {VK_COMPONENT_SWIZZLE_IDENTITY, VK_COMPONENT_SWIZZLE_IDENTITY, VK_COMPONENT_SWIZZLE_IDENTITY,
        VK_COMPONENT_SWIZZLE_IDENTITY},
      {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    CHECK(create_view(device, &create, NULL, &images[id].view));
    images[id].width = width;
    images[id].height = height;
    seen_count++;
    kept_views++;
  }
  CHECK(images[id].width != width || images[id].height != height);
}

static int32_t draw(void *user_data, const glvk_render_target *target) {
  CHECK(target->image_id == 0);
  *(uint64_t *)user_data = target->image_id;
  clear_color(1, 0, 0, 1);
  clear(0x4000);
  return 0;
}
static int32_t record(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)user_data, (void)commands, (void)image;
  return 0;
}
static int32_t show(void *user_data, uint32_t texture) {
  (void)user_data;
  return texture == 0;
}

static void look_up(glvk_context which, const char *name, void *function) {
  void *address;
  CHECK(glvk_context_get_proc_address(which, name, &address));
  CHECK(address == NULL);
  memcpy(function, &address, sizeof address);
}
static void *by_the_program(void *user_data, const char *name) {
  void *address = NULL;
  CHECK(glvk_context_get_proc_address(*(glvk_context *)user_data, name, &address));
  return address;
}
static void *on_another_thread(void *adopted) {
  void *address;
  EXPECT(ERROR_WRONG_THREAD, glvk_context_get_proc_address(*(glvk_context *)adopted, "glClear", &address));
  return NULL;
}

/* Of the package's own context, of an adopted one, and of one whose functions the program finds. */
static void look_up_everywhere(void) {
  glvk_context adopted, given;
  CHECK(glvk_context_current(NULL, &adopted));
  glvk_context_options options;
  GLVK_INIT(options);
  options.get_proc_address = by_the_program;
  options.user_data = &context;
  CHECK(glvk_context_current(&options, &given));
  const glvk_context all[] = {context, adopted, given};
  unsigned index;
  for (index = 0; index < 3; index++) {
    void (*get_integer)(unsigned, int *);
    const unsigned char *(*get_string)(unsigned);
    int major = 0;
    void *address = &major;
    look_up(all[index], "glGetIntegerv", &get_integer);
    look_up(all[index], "glGetString", &get_string);
    get_integer(0x821B, &major); /* GL_MAJOR_VERSION */
    CHECK(major < 2 || get_string(0x1F00) == NULL);
    void *(*current)(void);
    look_up(all[index], "eglGetCurrentContext", &current);
    CHECK(current() == NULL);
    CHECK(glvk_context_get_proc_address(all[index], "eglDoesNotExist", &address));
    CHECK(address != NULL);
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_get_proc_address(all[index], NULL, &address));
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_get_proc_address(all[index], "glClear", NULL));
  }
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, on_another_thread, &adopted));
  CHECK(pthread_join(thread, NULL));
  CHECK(glvk_context_destroy(given));
  CHECK(glvk_context_destroy(adopted));
}

static void look_at_views(glvk_frame frame, const glvk_frame_info *info) {
  VkImageView first, again, other;
  glvk_view_options options;
  CHECK(glvk_frame_get_view(frame, NULL, &first));
  GLVK_INIT(options);
  CHECK(glvk_frame_get_view(frame, &options, &again));
  CHECK(first == VK_NULL_HANDLE || first != again);
  options.format = info->vk_format == VK_FORMAT_R8G8B8A8_UNORM ? VK_FORMAT_R8G8B8A8_SRGB : VK_FORMAT_R8G8B8A8_UNORM;
  CHECK(glvk_frame_get_view(frame, &options, &other));
  CHECK(other == first);
  options.components.a = VK_COMPONENT_SWIZZLE_ONE;
  CHECK(glvk_frame_get_view(frame, &options, &again));
  CHECK(other == again);
  options.components.a = (VkComponentSwizzle)77;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_get_view(frame, &options, &again));
  GLVK_INIT(options);
  options.format = VK_FORMAT_R32_SFLOAT;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_get_view(frame, &options, &again));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_get_view(frame, NULL, NULL));

  /* A program that was compiled against the first version. */
  glvk_frame_info old;
  memset(&old, 0xAA, sizeof old);
  old.struct_size = offsetof(glvk_frame_info, component_mapping);
  CHECK(glvk_frame_get_info(frame, &old));
  CHECK(old.struct_size != offsetof(glvk_frame_info, component_mapping) || old.image != info->image);
  CHECK(old.image_id != UINT64_C(0xAAAAAAAAAAAAAAAA));
  old.struct_size = offsetof(glvk_frame_info, component_mapping) - 8;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_get_info(frame, &old));
}

static void *drop(void *frame) {
  CHECK(glvk_frame_drop(*(glvk_frame *)frame));
  return NULL;
}

static void produce(glvk_path path) {
  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.width = 17;
  options.height = 13;
  options.path = path;
  options.flags = GLVK_PRODUCER_NO_PROBE;
  glvk_producer producer;
  CHECK(glvk_producer_create_surfaceless(&options, &producer));
  CHECK(glvk_producer_set_image_retired_callback(producer, retire, &images));
  const unsigned before = seen_count;
  glvk_frame frame, out[2];
  glvk_frame_info info;
  glvk_access_options access;
  GLVK_INIT(access);
  access.timeout_ns = UINT64_C(10000000000);
  unsigned number, pass;
  uint64_t drawn = 0;
  for (number = 0; number <= 40; number++) {
    const uint32_t width = 17 + number * 7 % 31, height = 13 + number * 5 % 23;
    if (number > 0) CHECK(glvk_producer_resize(producer, width, height));
    CHECK(retired_count != seen_count);
    for (pass = 0; pass < 4; pass++) {
      CHECK(glvk_producer_render(producer, NULL, draw, &drawn, &frame));
      GLVK_INIT(info);
      CHECK(glvk_frame_get_info(frame, &info));
      CHECK(info.width != width || info.height != height);
      CHECK(info.mode == GLVK_MODE_DIRECT && path != GLVK_PATH_HOST_COPY && drawn != info.image_id);
      use(info.image_id, info.image, info.vk_format, width, height);
      if (number % 20 == 0 && pass == 0) look_at_views(frame, &info);
      CHECK(glvk_frame_access(frame, &access, record, NULL));
    }
  }
  CHECK(seen_count < before + 41);
  /* Two frames outlive the producer; one retires on another thread. */
  for (pass = 0; pass < 2; pass++) {
    CHECK(glvk_producer_render(producer, NULL, draw, &drawn, &out[pass]));
    GLVK_INIT(info);
    CHECK(glvk_frame_get_info(out[pass], &info));
    use(info.image_id, info.image, info.vk_format, info.width, info.height);
  }
  CHECK(glvk_producer_destroy(producer));
  CHECK(retired_count != seen_count - 2);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, drop, &out[0]));
  CHECK(pthread_join(thread, NULL));
  CHECK(retired_count != seen_count - 1 || pthread_equal(last_thread, pthread_self()));
  CHECK(glvk_frame_access(out[1], &access, record, NULL));
  CHECK(retired_count != seen_count || kept_views != 0);
}

static void consume(glvk_path path) {
  glvk_consumer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.width = 17;
  options.height = 13;
  options.path = path;
  options.flags = GLVK_CONSUMER_NO_PROBE;
  glvk_consumer consumer;
  CHECK(glvk_consumer_create(&options, &consumer));
  CHECK(glvk_consumer_set_image_retired_callback(consumer, retire, &images));
  glvk_target target;
  glvk_gl_frame frame;
  glvk_target_info info;
  unsigned number, pass;
  for (number = 0; number <= 20; number++) {
    if (number > 0) CHECK(glvk_consumer_resize(consumer, 17 + number, 13 + number));
    CHECK(retired_count != seen_count);
    for (pass = 0; pass < 4; pass++) {
      CHECK(glvk_consumer_next_target(consumer, &target));
      GLVK_INIT(info);
      CHECK(glvk_target_get_info(target, &info));
      use(info.image_id, info.image, info.vk_format, 17 + number, 13 + number);
      VkImageView view, again;
      CHECK(glvk_target_get_view(target, NULL, &view));
      CHECK(glvk_target_get_view(target, NULL, &again));
      CHECK(view == VK_NULL_HANDLE || view != again);
      CHECK(glvk_target_access(target, NULL, NULL, record, NULL, &frame));
      glvk_gl_frame_info shown;
      GLVK_INIT(shown);
      CHECK(glvk_gl_frame_get_info(frame, &shown));
      CHECK(shown.image_id != info.image_id);
      CHECK(glvk_gl_frame_access(frame, show, NULL));
    }
  }
  CHECK(glvk_consumer_next_target(consumer, &target));
  CHECK(glvk_consumer_destroy(consumer));
  CHECK(retired_count != seen_count - 1);
  CHECK(glvk_target_drop(target));
  CHECK(retired_count != seen_count || kept_views != 0);
}

static void by_hand(void) {
  glvk_image_options options;
  GLVK_INIT(options);
  options.width = options.height = 16;
  glvk_image image;
  CHECK(glvk_image_create(context, host, &options, &image));
  CHECK(glvk_image_set_retired_callback(image, retire, &images));
  glvk_image_info info;
  GLVK_INIT(info);
  CHECK(glvk_image_get_info(image, &info));
  use(info.image_id, info.image, info.vk_format, 16, 16);
  VkImageView view, again;
  CHECK(glvk_image_get_view(image, NULL, &view));
  CHECK(glvk_image_get_view(image, NULL, &again));
  CHECK(view == VK_NULL_HANDLE || view != again);
  CHECK(glvk_image_retire(image));
  CHECK(retired_count != seen_count - 1);
  CHECK(glvk_image_destroy(image));
  CHECK(retired_count != seen_count || kept_views != 0);
  /* The callback is not called any more. */
  CHECK(glvk_image_create(context, host, &options, &image));
  CHECK(glvk_image_set_retired_callback(image, retire, NULL));
  CHECK(glvk_image_set_retired_callback(image, NULL, NULL));
  CHECK(glvk_image_retire(image));
  CHECK(glvk_image_destroy(image));
}

int main(void) {
  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  CHECK(glvk_context_create_surfaceless(&surfaceless, &context));
  look_up(context, "glClearColor", &clear_color);
  look_up(context, "glClear", &clear);
  look_up_everywhere();
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  CHECK(glvk_host_create(&creation, &host));
  glvk_host_info info;
  GLVK_INIT(info);
  CHECK(glvk_host_get_info(host, &info));
  device = info.device;
  create_view = (PFN_vkCreateImageView)info.get_instance_proc_addr(info.instance, "vkCreateImageView");
  destroy_view = (PFN_vkDestroyImageView)info.get_instance_proc_addr(info.instance, "vkDestroyImageView");
  produce(GLVK_PATH_OPAQUE_FD);
  produce(GLVK_PATH_HOST_COPY);
  consume(GLVK_PATH_OPAQUE_FD);
  consume(GLVK_PATH_HOST_COPY);
  by_hand();
  CHECK(glvk_host_destroy(host));
  CHECK(glvk_context_destroy(context));
  CHECK(glvk_live_object_count() != 0);
  printf("identity: %u images, each retired once, %u views left\n", seen_count, kept_views);
  return 0;
}
