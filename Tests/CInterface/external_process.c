/* Frames in another process. The giver draws with GL and sends each image's bundle once, as a message with descriptors, and
 * a point for each frame; the taker is this program again, with a context and a device of its own. It reads the frames in
 * Vulkan and in GL by turns, compares every pixel, and answers with its own point. The size changes in the middle.
 * Arguments: the number of frames, then the giver's path (opaque-fd, dma-buf-import, dma-buf-export). "dead" instead of the
 * path: the taker ends while it has a frame, and the giver goes on with the others of its ring.
 */
#define _GNU_SOURCE
#include <gl_vulkan_interop.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vulkan_side.h"

enum { READ_FRAMEBUFFER = 0x8CA8, COLOR_BUFFER = 0x4000, SCISSOR_TEST = 0xC11, RGBA = 0x1908, BYTE = 0x1401 };

static const char *role = "giver";
static void check_at(int line, int failed) {
  if (!failed) return;
  fprintf(stderr, "external_process.c:%d: %s: %d %s\n", line, role, failed, glvk_last_error_message());
  _exit(1);
}
#define CHECK(failed) check_at(__LINE__, failed)

/* The structures of the interface are plain numbers, so they travel as they are; the descriptors in them as SCM_RIGHTS. */
typedef struct message {
  uint64_t image_id;
  uint32_t frame;
  uint32_t has_bundle;
  glvk_external_bundle bundle;
  glvk_dma_buf_info buffer;
  glvk_external_point point;
} message;
enum { MOST_DESCRIPTORS = 8 };

static int has_semaphores(const glvk_external_bundle *bundle) {
  return bundle->sync == GLVK_SYNC_SEMAPHORE_FD || bundle->sync == GLVK_SYNC_TIMELINE_SEMAPHORE;
}

/* The places of a message's descriptors, in their order. */
static unsigned descriptors(message *text, int32_t *places[MOST_DESCRIPTORS]) {
  unsigned count = 0;
  if (text->has_bundle) {
    if (text->bundle.handle_type == GLVK_HANDLE_TYPE_OPAQUE_FD) places[count++] = &text->bundle.memory;
    else
      for (unsigned i = 0; i < text->buffer.plane_count; i++) places[count++] = &text->buffer.planes[i].descriptor;
    if (has_semaphores(&text->bundle)) {
      places[count++] = &text->bundle.giver_done;
      places[count++] = &text->bundle.taker_done;
    }
  }
  if (text->point.kind == GLVK_EXTERNAL_POINT_SYNC_FILE) places[count++] = &text->point.descriptor;
  return count;
}

typedef union room {
  char bytes[CMSG_SPACE(sizeof(int) * MOST_DESCRIPTORS)];
  struct cmsghdr alignment;
} room;

static void send_message(int socket, message *text) {
  int32_t *places[MOST_DESCRIPTORS];
  const unsigned count = descriptors(text, places);
  struct iovec part = {text, sizeof *text};
  room control;
  memset(&control, 0, sizeof control);
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
  if (count) {
    header.msg_control = &control;
    header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
    for (unsigned i = 0; i < count; i++) memcpy(CMSG_DATA(rights) + sizeof(int) * i, places[i], sizeof(int));
  }
  CHECK(sendmsg(socket, &header, MSG_NOSIGNAL) != sizeof *text);
}

/* 0 at the end of the connection. */
static int receive_message(int socket, message *text) {
  struct iovec part = {text, sizeof *text};
  room control;
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  const ssize_t size = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  if (size <= 0) return 0;
  CHECK(size != sizeof *text || (header.msg_flags & MSG_CTRUNC) != 0);
  int32_t *places[MOST_DESCRIPTORS];
  const unsigned count = descriptors(text, places);
  struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
  CHECK((rights ? (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0) != count);
  for (unsigned i = 0; i < count; i++) memcpy(places[i], CMSG_DATA(rights) + sizeof(int) * i, sizeof(int));
  return 1;
}

/* The picture of a frame: four colours. */
static uint8_t wanted(uint32_t frame, int right, int top, unsigned channel) {
  return channel == 3 ? 255 : (uint8_t)(frame * 37 + (unsigned)right * 90 + (unsigned)top * 45 + channel * 70);
}

static void compare(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t frame) {
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++)
      for (unsigned channel = 0; channel < 4; channel++) {
        const uint8_t found = pixels[((size_t)y * width + x) * 4 + channel];
        const uint8_t right = wanted(frame, x >= width / 2, y >= height / 2, channel);
        if (found == right) continue;
        fprintf(stderr, "frame %u, pixel %u,%u, channel %u: %u, not %u\n", frame, x, y, channel, found, right);
        CHECK(1);
      }
}

static glvk_context open_context(void) {
  glvk_surfaceless_options options;
  GLVK_INIT(options);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    options.platform = GLVK_PLATFORM_ANGLE;
    options.angle_path = library;
    options.gles = 1;
  }
  glvk_context context;
  CHECK(glvk_context_create_surfaceless(&options, &context));
  return context;
}

static void load(glvk_context context, const char *name, void *function) {
  void *address;
  CHECK(glvk_context_get_proc_address(context, name, &address));
  CHECK(address == NULL);
  memcpy(function, &address, sizeof address);
}

/* ---- The taker --------------------------------------------------------------------------------------------------- */

typedef struct known {
  uint64_t image_id;
  uint32_t width, height;
  glvk_external_image image;
} known;

static int32_t copy(void *user_data, VkCommandBuffer commands, VkImage image) {
  const known *entry = user_data;
  vulkan_side_copy(commands, image, entry->width, entry->height);
  return 0;
}

static known take_bundle(message *text, glvk_context context, glvk_host host) {
  glvk_external_import_options options;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  const int is_buffer = text->bundle.handle_type == GLVK_HANDLE_TYPE_DMA_BUF;
  if (is_buffer) {
    CHECK(glvk_dma_buf_create(&text->buffer, &text->bundle.dma_buf));
    for (unsigned i = 0; i < text->buffer.plane_count; i++) close(text->buffer.planes[i].descriptor);
  }
  known entry = {text->image_id, text->bundle.width, text->bundle.height, {0}};
  CHECK(glvk_external_image_import(&text->bundle, &options, &entry.image));
  CHECK(glvk_external_bundle_close(&text->bundle));
  return entry;
}

static int taker(int socket, long last) {
  role = "taker";
  glvk_context context = open_context();
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  glvk_host host;
  CHECK(glvk_host_create(&creation, &host));
  glvk_host_info info;
  GLVK_INIT(info);
  CHECK(glvk_host_get_info(host, &info));
  vulkan_side_open_device(info.physical_device, info.device);
  glvk_queue queue;
  GLVK_INIT(queue);
  CHECK(glvk_host_get_queue(host, 0, &queue));
  void (*bind_framebuffer)(unsigned, unsigned);
  void (*read_pixels)(int, int, int, int, unsigned, unsigned, void *);
  load(context, "glBindFramebuffer", &bind_framebuffer);
  load(context, "glReadPixels", &read_pixels);
  const glvk_use reading = {
    VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT};

  known images[64];
  unsigned count = 0;
  message text;
  while (receive_message(socket, &text)) {
    unsigned i = 0;
    while (i < count && images[i].image_id != text.image_id) i++;
    if (i == count) {
      CHECK(!text.has_bundle || count == sizeof images / sizeof *images);
      images[count++] = take_bundle(&text, context, host);
    }
    known *entry = &images[i];
    if ((long)text.frame == last) _exit(3);
    glvk_external_point done;
    GLVK_INIT(done);
    if (text.frame % 2 == 0) {
      CHECK(glvk_external_image_access(entry->image, &reading, VK_NULL_HANDLE, &text.point, copy, entry, &done));
      CHECK(vkQueueWaitIdle(queue.queue));
      uint32_t width, height;
      const uint8_t *pixels = vulkan_side_pixels(&width, &height);
      CHECK(width != entry->width || height != entry->height);
      compare(pixels, width, height, text.frame);
    } else {
      glvk_external_image_info handles;
      GLVK_INIT(handles);
      CHECK(glvk_external_image_get_info(entry->image, &handles));
      uint8_t *pixels = malloc((size_t)entry->width * entry->height * 4);
      CHECK(!pixels || !handles.gl_framebuffer);
      CHECK(glvk_external_image_acquire_for_gl(entry->image, &text.point));
      bind_framebuffer(READ_FRAMEBUFFER, handles.gl_framebuffer);
      read_pixels(0, 0, (int)entry->width, (int)entry->height, RGBA, BYTE, pixels);
      bind_framebuffer(READ_FRAMEBUFFER, 0);
      CHECK(glvk_external_image_release_from_gl(entry->image, &done));
      compare(pixels, entry->width, entry->height, text.frame);
      free(pixels);
    }
    text.has_bundle = 0;
    text.point = done;
    send_message(socket, &text);
    if (done.kind == GLVK_EXTERNAL_POINT_SYNC_FILE) close(done.descriptor);
  }
  vulkan_side_close();
  for (unsigned i = 0; i < count; i++) CHECK(glvk_external_image_destroy(images[i].image));
  CHECK(glvk_host_destroy(host));
  CHECK(glvk_context_destroy(context));
  CHECK((int)glvk_live_object_count());
  return 0;
}

/* ---- The giver --------------------------------------------------------------------------------------------------- */

static struct {
  void (*clear_color)(float, float, float, float);
  void (*clear)(unsigned);
  void (*enable)(unsigned);
  void (*disable)(unsigned);
  void (*scissor)(int, int, int, int);
  uint32_t frame;
} gl;

static int32_t draw(void *user_data, const glvk_render_target *target) {
  (void)user_data;
  const int width = (int)target->width, height = (int)target->height;
  gl.enable(SCISSOR_TEST);
  for (int right = 0; right < 2; right++)
    for (int top = 0; top < 2; top++) {
      gl.scissor(right ? width / 2 : 0, top ? height / 2 : 0, width, height);
      gl.clear_color(wanted(gl.frame, right, top, 0) / 255.0f, wanted(gl.frame, right, top, 1) / 255.0f,
        wanted(gl.frame, right, top, 2) / 255.0f, 1);
      gl.clear(COLOR_BUFFER);
    }
  gl.disable(SCISSOR_TEST);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "taker") == 0) return taker(atoi(argv[2]), atol(argv[3]));
  const uint32_t frames = argc > 1 ? (uint32_t)atoi(argv[1]) : 60;
  const char *path = argc > 2 ? argv[2] : "opaque-fd";
  const int dies = strcmp(path, "dead") == 0;
  const long last = dies ? (long)(frames / 2) : -1;

  int sockets[2];
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
  const pid_t child = fork();
  CHECK(child < 0);
  if (child == 0) {
    char number[16], end[16];
    snprintf(number, sizeof number, "%d", dup(sockets[1]));
    snprintf(end, sizeof end, "%ld", last);
    execl("/proc/self/exe", argv[0], "taker", number, end, (char *)NULL);
    _exit(127);
  }
  close(sockets[1]);

  glvk_context context = open_context();
  load(context, "glClearColor", &gl.clear_color);
  load(context, "glClear", &gl.clear);
  load(context, "glEnable", &gl.enable);
  load(context, "glDisable", &gl.disable);
  load(context, "glScissor", &gl.scissor);
  glvk_producer_options options;
  GLVK_INIT(options);
  options.context = context;
  options.width = 160;
  options.height = 90;
  options.path = GLVK_PATH_OPAQUE_FD;
  options.back_pressure = GLVK_BACK_PRESSURE_FAIL;
  while (!dies && strcmp(glvk_path_name(options.path), path) != 0) CHECK(++options.path > GLVK_PATH_HOST_COPY);
  glvk_producer producer;
  CHECK(glvk_producer_create_surfaceless(&options, &producer));

  uint64_t sent[64];
  unsigned sent_count = 0;
  message text;
  const char *sync = "";
  uint32_t lost = 0;
  for (gl.frame = 0; gl.frame < frames; gl.frame++) {
    if (gl.frame == frames / 2) CHECK(glvk_producer_resize(producer, 97, 61));
    glvk_frame frame;
    CHECK(glvk_producer_render(producer, NULL, draw, NULL, &frame));
    if (lost) {
      CHECK(glvk_frame_drop(frame));
      continue;
    }
    glvk_frame_info info;
    GLVK_INIT(info);
    CHECK(glvk_frame_get_info(frame, &info));
    sync = glvk_sync_name(info.sync);
    memset(&text, 0, sizeof text);
    text.image_id = info.image_id;
    text.frame = gl.frame;
    GLVK_INIT(text.bundle);
    GLVK_INIT(text.buffer);
    GLVK_INIT(text.point);
    unsigned i = 0;
    while (i < sent_count && sent[i] != info.image_id) i++;
    if (i == sent_count) {
      CHECK(sent_count == sizeof sent / sizeof *sent);
      sent[sent_count++] = info.image_id;
      text.has_bundle = 1;
      CHECK(glvk_frame_get_external_bundle(frame, &text.bundle));
      if (text.bundle.dma_buf.id) CHECK(glvk_dma_buf_get_info(text.bundle.dma_buf, &text.buffer));
    }
    CHECK(glvk_frame_acquire_for_external(frame, &text.point));
    send_message(sockets[0], &text);
    if (text.has_bundle) CHECK(glvk_external_bundle_close(&text.bundle));
    if (text.point.kind == GLVK_EXTERNAL_POINT_SYNC_FILE) close(text.point.descriptor);
    if (!receive_message(sockets[0], &text)) {
      /* The taker is gone, with its signal. What the driver still has of it is done. */
      CHECK(!dies || (long)gl.frame != last);
      glvk_external_point none;
      GLVK_INIT(none);
      none.kind = GLVK_EXTERNAL_POINT_TIMELINE;
      none.value = UINT64_MAX;
      if (strcmp(sync, "timeline-semaphore") != 0) CHECK(!glvk_frame_release_from_external(frame, &none));
      CHECK(glvk_frame_drop(frame));
      lost++;
      continue;
    }
    CHECK(text.frame != gl.frame);
    CHECK(glvk_frame_release_from_external(frame, &text.point));
  }
  close(sockets[0]);
  int status;
  CHECK(waitpid(child, &status, 0) != child);
  CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != (dies ? 3 : 0));
  CHECK(glvk_producer_destroy(producer));
  CHECK(glvk_context_destroy(context));
  CHECK((int)glvk_live_object_count());
  printf("%u frames by %s and %s in %u images to another process, every pixel right%s\n", frames, path, sync,
    sent_count, lost ? "; the taker died with one" : "");
  return 0;
}
