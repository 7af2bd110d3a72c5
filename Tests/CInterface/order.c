/* Calls of images, frames and targets in every order, against tables of their own: every wrong call is GLVK_ERROR_INVALID_STATE and
 * changes nothing, and afterwards a whole access works. Pixels are compared elsewhere (layer1, reverse): the
 * application's submissions here are semaphores only. */
#define _GNU_SOURCE
#include <gl_vulkan_interop.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned failures, checks;
static glvk_context context;
static glvk_host host;
static VkQueue queue;
static PFN_vkQueueSubmit submit_to_queue;
static PFN_vkQueueWaitIdle wait_for_queue;

static void check_at(int line, int is_true, const char *text) {
  checks++;
  if (is_true) return;
  failures++;
  if (failures < 40) fprintf(stderr, "line %d: %s: %s\n", line, text, glvk_last_error_message());
}
#define CHECK(condition) check_at(__LINE__, (condition) != 0, #condition)

static int32_t nothing_recorded(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)commands, (void)image;
  return user_data ? *(const int32_t *)user_data : 0;
}
static int32_t nothing_drawn(void *user_data, const glvk_render_target *target) {
  (void)user_data, (void)target;
  return 0;
}
static int32_t nothing_shown(void *user_data, uint32_t texture) {
  (void)user_data, (void)texture;
  return 0;
}

/* The application's submission: both semaphores, no commands. */
static void submit(const glvk_ownership_transfer *acquired, const glvk_ownership_transfer *released) {
  VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  VkTimelineSemaphoreSubmitInfo values = {VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO, NULL, 0, NULL, 0, NULL};
  VkSubmitInfo info = {VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, 0, NULL, NULL, 0, NULL, 0, NULL};
  if (acquired->semaphore != VK_NULL_HANDLE) {
    info.waitSemaphoreCount = 1;
    info.pWaitSemaphores = &acquired->semaphore;
    info.pWaitDstStageMask = &stage;
  }
  if (released->semaphore != VK_NULL_HANDLE) {
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &released->semaphore;
  }
  if (acquired->semaphore_value || released->semaphore_value) {
    values.waitSemaphoreValueCount = info.waitSemaphoreCount;
    values.pWaitSemaphoreValues = &acquired->semaphore_value;
    values.signalSemaphoreValueCount = info.signalSemaphoreCount;
    values.pSignalSemaphoreValues = &released->semaphore_value;
    info.pNext = &values;
  }
  CHECK(submit_to_queue(queue, 1, &info, VK_NULL_HANDLE) == VK_SUCCESS);
}

/* ---- Images ---- */

enum { IDLE, GL_WRITES, READY, GL_READS, ACQUIRED, RELEASE_GIVEN, SUBMITTED, STATES, WRONG = -1 };
enum {
  BEGIN_GL,
  END_GL,
  ABANDON_GL,
  ACQUIRE,
  RELEASE,
  DID_SUBMIT,
  CANCEL,
  SUBMIT_ACQUIRE,
  SUBMIT_RELEASE,
  ACCESS,
  DROP,
  RETIRE,
  FROM_FOREIGN,
  CALLS
};
static const char *const call_names[] = {"begin_gl", "end_gl", "abandon_gl", "acquire", "release", "did_submit_release",
  "cancel", "submit_acquire", "submit_release", "access", "drop", "retire", "release_from_foreign"};

/* From state and call to the next state. */
static const int tables[2][STATES][CALLS] = {
  /* GL writes, Vulkan reads.
   *              begin      end    aband acquire   release        didsub cancel s.acq      s.rel access drop  retire foreign */
  {/* idle */ {GL_WRITES, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, IDLE, WRONG},
    /* writes */ {WRONG, READY, IDLE, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* ready */ {WRONG, WRONG, WRONG, ACQUIRED, WRONG, WRONG, WRONG, SUBMITTED, WRONG, IDLE, IDLE, IDLE, WRONG},
    /* reads */ {WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* acquired */ {WRONG, WRONG, WRONG, WRONG, RELEASE_GIVEN, WRONG, READY, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* given */ {WRONG, WRONG, WRONG, WRONG, WRONG, IDLE, READY, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* submitted */ {WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, IDLE, WRONG, WRONG, WRONG, WRONG}},
  /* Vulkan writes, GL reads. */
  {/* idle */ {WRONG, WRONG, WRONG, ACQUIRED, WRONG, WRONG, WRONG, SUBMITTED, WRONG, READY, WRONG, IDLE, WRONG},
    /* writes */ {WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* ready */ {GL_READS, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, IDLE, WRONG},
    /* reads */ {WRONG, IDLE, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* acquired */ {WRONG, WRONG, WRONG, WRONG, RELEASE_GIVEN, WRONG, IDLE, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* given */ {WRONG, WRONG, WRONG, WRONG, WRONG, READY, IDLE, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG},
    /* submitted */ {WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, READY, WRONG, WRONG, WRONG, WRONG}},
};

typedef struct {
  glvk_image image;
  int direction, state;
  glvk_ownership_transfer acquired, released;
  int calls[16];
  unsigned count;
} bench;

static void call(bench *b, int which) {
  static const glvk_use use = {VK_IMAGE_LAYOUT_GENERAL, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT};
  const int next = tables[b->direction][b->state][which];
  glvk_result result = GLVK_ERROR_OTHER;
  glvk_access_options access;
  glvk_image_info info;
  unsigned index;
  GLVK_INIT(access);
  GLVK_INIT(info);
  access.use = use;
  switch (which) {
    case BEGIN_GL: result = glvk_image_acquire_for_gl(b->image); break;
    case END_GL: result = glvk_image_release_from_gl(b->image); break;
    case ABANDON_GL: result = glvk_image_cancel_acquire_for_gl(b->image); break;
    case ACQUIRE: result = glvk_image_acquire_barrier(b->image, &use, queue, VK_NULL_HANDLE, &b->acquired); break;
    case RELEASE: result = glvk_image_release_barrier(b->image, &use, &b->released); break;
    case DID_SUBMIT:
      if (b->state == RELEASE_GIVEN) submit(&b->acquired, &b->released);
      result = glvk_image_did_submit_release(b->image);
      break;
    case CANCEL: result = glvk_image_cancel_acquire(b->image); break;
    case SUBMIT_ACQUIRE: result = glvk_image_acquire(b->image, &use, queue, VK_NULL_HANDLE); break;
    case SUBMIT_RELEASE: result = glvk_image_release(b->image, NULL); break;
    case ACCESS: result = glvk_image_access(b->image, &access, nothing_recorded, NULL); break;
    case DROP: result = glvk_image_drop(b->image); break;
    case RETIRE: result = glvk_image_retire(b->image); break;
    case FROM_FOREIGN: result = glvk_image_release_from_foreign(b->image, -1); break;
  }
  checks++;
  if (result != (next == WRONG ? GLVK_ERROR_INVALID_STATE : GLVK_SUCCESS)) {
    if (++failures < 40) {
      fprintf(stderr, "direction %d, state %d, %s: %s %s, after", b->direction, b->state, call_names[which],
        glvk_result_name(result), result == GLVK_SUCCESS ? "" : glvk_last_error_message());
      for (index = 0; index < b->count; index++) fprintf(stderr, " %s", call_names[b->calls[index]]);
      fprintf(stderr, "\n");
    }
  }
  if (result == GLVK_ERROR_INVALID_STATE) CHECK(strlen(glvk_last_error_advice()) > 0);
  if (next == WRONG) return;
  b->state = next;
  b->calls[b->count++ % 16] = which;
  CHECK(glvk_image_get_info(b->image, &info) == GLVK_SUCCESS);
  CHECK(
    (info.state == GLVK_IMAGE_IDLE) == (b->state == IDLE) && (info.state == GLVK_IMAGE_READY) == (b->state == READY));
}

static void wrong_calls(bench *b) {
  int which;
  for (which = 0; which < CALLS; which++)
    if (tables[b->direction][b->state][which] == WRONG) call(b, which);
}

static void finish(bench *b) {
  while (b->state != IDLE) switch (b->state) {
      case GL_WRITES:
      case GL_READS: call(b, END_GL); break;
      case READY: call(b, b->direction == 0 ? ACCESS : BEGIN_GL); break;
      case ACQUIRED: call(b, RELEASE); break;
      case RELEASE_GIVEN: call(b, DID_SUBMIT); break;
      default: call(b, SUBMIT_RELEASE); break;
    }
}

static unsigned sequences;

/* Every right sequence of this length, from idle: by its number in base CALLS, as far as it is right. */
static void go(bench *b, const int *path, unsigned length, unsigned deepest) {
  int which;
  unsigned index;
  int next[16];
  /* Where it leads, by the table. */
  int state = IDLE;
  for (index = 0; index < length; index++) state = tables[b->direction][state][path[index]];
  if (length == deepest) {
    sequences++;
    b->count = 0;
    for (index = 0; index < length; index++) {
      wrong_calls(b);
      call(b, path[index]);
    }
    wrong_calls(b);
    finish(b);
    return;
  }
  memcpy(next, path, sizeof *path * length);
  for (which = 0; which < CALLS; which++) {
    if (tables[b->direction][state][which] == WRONG) continue;
    next[length] = which;
    go(b, next, length + 1, deepest);
  }
}

static void images(glvk_sync sync, unsigned length) {
  int direction;
  for (direction = 0; direction < 2; direction++) {
    bench b;
    glvk_image_options options;
    int path[16] = {0};
    memset(&b, 0, sizeof b);
    GLVK_INIT(b.acquired);
    GLVK_INIT(b.released);
    GLVK_INIT(options);
    options.width = options.height = 16;
    options.direction = direction;
    options.sync = sync;
    if (glvk_image_create(context, host, &options, &b.image) != GLVK_SUCCESS) {
      CHECK(sync != GLVK_SYNC_CPU_WAIT && glvk_last_error_result() == GLVK_ERROR_UNSUPPORTED);
      printf("sync %s: not here\n", glvk_sync_name(sync));
      return;
    }
    b.direction = direction;
    go(&b, path, 0, length);
    CHECK(wait_for_queue(queue) == VK_SUCCESS);
    CHECK(glvk_image_retire(b.image) == GLVK_SUCCESS);
    CHECK(glvk_image_destroy(b.image) == GLVK_SUCCESS);
  }
}

/* ---- Frames ---- */

static void frames(glvk_path path) {
  glvk_producer_options options;
  glvk_producer producer;
  glvk_frame frame;
  glvk_ownership_transfer acquired, released;
  unsigned round;
  GLVK_INIT(options);
  GLVK_INIT(acquired);
  GLVK_INIT(released);
  options.context = context;
  options.host = host;
  options.width = options.height = 16;
  options.path = path;
  options.frames_in_flight = 2;
  options.back_pressure = GLVK_BACK_PRESSURE_FAIL;
  options.flags = GLVK_PRODUCER_NO_PROBE;
  if (glvk_producer_create(&options, &producer) != GLVK_SUCCESS) {
    CHECK(glvk_last_error_result() == GLVK_ERROR_UNSUPPORTED);
    return;
  }
#define WRONG_CALL(call) CHECK((call) == GLVK_ERROR_INVALID_STATE && strlen(glvk_last_error_advice()) > 0)
#define RIGHT_CALL(call) CHECK((call) == GLVK_SUCCESS)
  for (round = 0; round < 20; round++) {
    RIGHT_CALL(glvk_producer_render(producer, NULL, nothing_drawn, NULL, &frame));
    WRONG_CALL(glvk_frame_did_submit_release(frame));
    WRONG_CALL(glvk_frame_release_barrier(frame, NULL, &released));
    WRONG_CALL(glvk_frame_cancel_acquire(frame));
    WRONG_CALL(glvk_frame_release(frame, NULL));
    RIGHT_CALL(glvk_frame_acquire_barrier(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &acquired));
    WRONG_CALL(glvk_frame_did_submit_release(frame));
    WRONG_CALL(glvk_frame_did_submit_release(frame));
    WRONG_CALL(glvk_frame_acquire_barrier(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &acquired));
    WRONG_CALL(glvk_frame_acquire(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    WRONG_CALL(glvk_frame_release(frame, NULL));
    WRONG_CALL(glvk_frame_access(frame, NULL, nothing_recorded, NULL));
    RIGHT_CALL(glvk_frame_release_barrier(frame, NULL, &released));
    WRONG_CALL(glvk_frame_release_barrier(frame, NULL, &released));
    WRONG_CALL(glvk_frame_release(frame, NULL));
    if (round % 2) {
      RIGHT_CALL(glvk_frame_cancel_acquire(frame));
      WRONG_CALL(glvk_frame_release_barrier(frame, NULL, &released));
      RIGHT_CALL(glvk_frame_acquire_barrier(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &acquired));
      RIGHT_CALL(glvk_frame_release_barrier(frame, NULL, &released));
    }
    submit(&acquired, &released);
    RIGHT_CALL(glvk_frame_did_submit_release(frame));
    CHECK(glvk_frame_did_submit_release(frame) == GLVK_ERROR_INVALID_HANDLE);
    /* The other pair of calls, and this pair's in between. */
    RIGHT_CALL(glvk_producer_render(producer, NULL, nothing_drawn, NULL, &frame));
    RIGHT_CALL(glvk_frame_acquire(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    WRONG_CALL(glvk_frame_release_barrier(frame, NULL, &released));
    WRONG_CALL(glvk_frame_did_submit_release(frame));
    WRONG_CALL(glvk_frame_cancel_acquire(frame));
    RIGHT_CALL(glvk_frame_release(frame, NULL));
  }
  CHECK(wait_for_queue(queue) == VK_SUCCESS);
  RIGHT_CALL(glvk_producer_destroy(producer));
}

/* ---- Targets ---- */

static void targets(glvk_path path) {
  glvk_consumer_options options;
  glvk_consumer consumer;
  glvk_target target;
  glvk_gl_frame frame;
  glvk_ownership_transfer acquired, released;
  unsigned round;
  GLVK_INIT(options);
  GLVK_INIT(acquired);
  GLVK_INIT(released);
  options.context = context;
  options.host = host;
  options.width = options.height = 16;
  options.path = path;
  options.frames_in_flight = 2;
  options.back_pressure = GLVK_BACK_PRESSURE_FAIL;
  options.flags = GLVK_CONSUMER_NO_PROBE;
  if (glvk_consumer_create(&options, &consumer) != GLVK_SUCCESS) {
    CHECK(glvk_last_error_result() == GLVK_ERROR_UNSUPPORTED);
    return;
  }
  for (round = 0; round < 20; round++) {
    RIGHT_CALL(glvk_consumer_next_target(consumer, &target));
    WRONG_CALL(glvk_target_did_submit_release(target, NULL, &frame));
    WRONG_CALL(glvk_target_release_barrier(target, NULL, &released));
    WRONG_CALL(glvk_target_cancel_acquire(target));
    WRONG_CALL(glvk_target_release(target, NULL, NULL, &frame));
    RIGHT_CALL(glvk_target_acquire_barrier(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &acquired));
    WRONG_CALL(glvk_target_did_submit_release(target, NULL, &frame));
    CHECK(frame.id == 0);
    WRONG_CALL(glvk_target_release(target, NULL, NULL, &frame));
    WRONG_CALL(glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &frame));
    RIGHT_CALL(glvk_target_release_barrier(target, NULL, &released));
    WRONG_CALL(glvk_target_release_barrier(target, NULL, &released));
    if (round % 2) {
      RIGHT_CALL(glvk_target_cancel_acquire(target));
      RIGHT_CALL(glvk_target_acquire_barrier(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &acquired));
      RIGHT_CALL(glvk_target_release_barrier(target, NULL, &released));
    }
    submit(&acquired, &released);
    RIGHT_CALL(glvk_target_did_submit_release(target, NULL, &frame));
    WRONG_CALL(glvk_gl_frame_release(frame));
    RIGHT_CALL(glvk_gl_frame_acquire(frame));
    WRONG_CALL(glvk_gl_frame_acquire(frame));
    WRONG_CALL(glvk_gl_frame_access(frame, nothing_shown, NULL));
    RIGHT_CALL(glvk_gl_frame_release(frame));
    RIGHT_CALL(glvk_consumer_next_target(consumer, &target));
    RIGHT_CALL(glvk_target_acquire(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    WRONG_CALL(glvk_target_release_barrier(target, NULL, &released));
    WRONG_CALL(glvk_target_did_submit_release(target, NULL, &frame));
    RIGHT_CALL(glvk_target_release(target, NULL, NULL, &frame));
    RIGHT_CALL(glvk_gl_frame_access(frame, nothing_shown, NULL));
  }
  CHECK(wait_for_queue(queue) == VK_SUCCESS);
  RIGHT_CALL(glvk_consumer_destroy(consumer));
}

static unsigned open_descriptors(void) {
  unsigned count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

int main(int argc, char **argv) {
  const unsigned length = argc > 1 ? (unsigned)atoi(argv[1]) : 6;
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  glvk_surfaceless_options surfaceless;
  glvk_host_creation creation;
  glvk_host_info info;
  PFN_vkGetDeviceProcAddr get_device_function;
  unsigned descriptors = 0, round;
  glvk_sync sync;
  GLVK_INIT(surfaceless);
  GLVK_INIT(creation);
  GLVK_INIT(info);
  glvk_queue first;
  GLVK_INIT(first);
  alarm(280); /* a wait for a signal that is never given has no end */
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  CHECK(glvk_context_create_surfaceless(&surfaceless, &context) == GLVK_SUCCESS);
  creation.context = context;
  CHECK(glvk_host_create(&creation, &host) == GLVK_SUCCESS);
  CHECK(glvk_host_get_info(host, &info) == GLVK_SUCCESS);
  CHECK(glvk_host_get_queue(host, 0, &first) == GLVK_SUCCESS);
  if (failures) return 1;
  queue = first.queue;
  get_device_function = (PFN_vkGetDeviceProcAddr)info.get_instance_proc_addr(info.instance, "vkGetDeviceProcAddr");
  submit_to_queue = (PFN_vkQueueSubmit)get_device_function(info.device, "vkQueueSubmit");
  wait_for_queue = (PFN_vkQueueWaitIdle)get_device_function(info.device, "vkQueueWaitIdle");
  for (round = 0; round < 2; round++) {
    for (sync = 1; sync <= 4; sync++) images(sync, round == 0 ? 3 : length);
    frames(GLVK_PATH_HOST_COPY);
    frames(GLVK_PATH_AUTOMATIC);
    targets(GLVK_PATH_HOST_COPY);
    targets(GLVK_PATH_AUTOMATIC);
    CHECK(glvk_live_object_count() == 2);
    if (round == 0) descriptors = open_descriptors();
    else CHECK(open_descriptors() <= descriptors);
  }
  CHECK(glvk_host_destroy(host) == GLVK_SUCCESS);
  CHECK(glvk_context_destroy(context) == GLVK_SUCCESS);
  printf("%u sequences, %u checks, %u failed\n", sequences, checks, failures);
  return failures != 0;
}
