/* What a caller can do wrong is an error code: wrong order, wrong thread, after destroy, null, stale and foreign handles, null
 * pointers, wrong structure sizes, unknown numbers. Run under the address sanitizer and under valgrind. Prints what is not as
 * it should be; the status is 1 then. Arguments: "short" does each loop a few times only, for valgrind.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static unsigned failures, checks;

static void expect_at(int line, const char *text, glvk_result result, glvk_result wanted) {
  checks++;
  if (result != wanted) {
    failures++;
    printf("misuse.c:%d: %s is %s, not %s: %s\n", line, text, glvk_result_name(result), glvk_result_name(wanted),
      result == GLVK_SUCCESS ? "" : glvk_last_error_message());
  } else if (wanted != GLVK_SUCCESS) {
    /* An error says what, where, and is the thread's last. */
    if (glvk_last_error_result() != wanted || !*glvk_last_error_step() || !*glvk_last_error_reason() ||
        !*glvk_last_error_message()) {
      failures++;
      printf("misuse.c:%d: %s left no message\n", line, text);
    }
  }
}
#define EXPECT(wanted, call) expect_at(__LINE__, #call, call, GLVK_##wanted)

static void check_at(int line, const char *text, int is_true) {
  checks++;
  if (!is_true) {
    failures++;
    printf("misuse.c:%d: %s is false\n", line, text);
  }
}
#define CHECK(condition) check_at(__LINE__, #condition, condition)

/* ---- Every function with a handle, in one place ---- */

static int32_t nothing_recorded(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)commands, (void)image;
  return user_data ? *(int32_t *)user_data : 0;
}
static int32_t nothing_drawn(void *user_data, const glvk_render_target *target) {
  (void)target;
  return user_data ? *(int32_t *)user_data : 0;
}

static int32_t nothing_shown(void *user_data, uint32_t texture) {
  (void)texture;
  return user_data ? *(int32_t *)user_data : 0;
}

#define EACH_HANDLE(use) \
  use(context) use(host) use(image) use(blitter) use(dma_buf) use(dma_buf_image) use(dma_buf_texture) use(producer) \
    use(frame) use(frame_queue) use(matrix) use(consumer) use(target) use(gl_frame) use(gl_frame_queue) \
      use(external_image)

/* All functions that take a handle, with that number in it; the other arguments are right. `kind` is left out: of that kind the
 * handle is good. */
static void all_with(uint64_t id, const char *kind, glvk_result wanted) {
#define SKIP(name) if (strcmp(kind, #name) != 0)
#define DECLARE(name) const glvk_##name name = {id};
  EACH_HANDLE(DECLARE)
  char text[16];
  size_t count;
  int fence;
  uint32_t width, height;
  void *address;
  glvk_context_info context_info;
  GLVK_INIT(context_info);
  glvk_host_info host_info;
  GLVK_INIT(host_info);
  glvk_queue queue;
  GLVK_INIT(queue);
  glvk_image_options image_options;
  GLVK_INIT(image_options);
  image_options.width = image_options.height = 16;
  glvk_framebuffer framebuffer;
  GLVK_INIT(framebuffer);
  framebuffer.width = framebuffer.height = 16;
  glvk_image_info image_info;
  GLVK_INIT(image_info);
  glvk_ownership_transfer transfer;
  GLVK_INIT(transfer);
  glvk_dma_buf_info dma_buf_info;
  GLVK_INIT(dma_buf_info);
  glvk_dma_buf_image_info dma_buf_image_info;
  GLVK_INIT(dma_buf_image_info);
  glvk_dma_buf_texture_info dma_buf_texture_info;
  GLVK_INIT(dma_buf_texture_info);
  glvk_producer_info producer_info;
  GLVK_INIT(producer_info);
  glvk_frame_info frame_info;
  GLVK_INIT(frame_info);
  glvk_cell cell;
  GLVK_INIT(cell);
  glvk_choice choice;
  GLVK_INIT(choice);
  glvk_path path;
  glvk_readback readback;
  glvk_context new_context;
  glvk_host new_host;
  glvk_image new_image;
  glvk_blitter new_blitter;
  glvk_dma_buf new_dma_buf;
  glvk_dma_buf_image new_dma_buf_image;
  glvk_dma_buf_texture new_dma_buf_texture;
  glvk_frame new_frame;
  glvk_matrix new_matrix;
  glvk_producer new_producer;
  glvk_producer_options producer_options;
  GLVK_INIT(producer_options);
  glvk_consumer_options consumer_options;
  GLVK_INIT(consumer_options);
  glvk_consumer_info consumer_info;
  GLVK_INIT(consumer_info);
  glvk_target_info target_info;
  GLVK_INIT(target_info);
  glvk_gl_frame_info gl_frame_info;
  GLVK_INIT(gl_frame_info);
  VkImageView view;
  glvk_consumer new_consumer;
  glvk_target new_target;
  glvk_gl_frame new_gl_frame;
  glvk_external_bundle bundle;
  GLVK_INIT(bundle);
  glvk_external_point point;
  GLVK_INIT(point);
  glvk_external_import_options import_options;
  GLVK_INIT(import_options);
  glvk_external_image new_external_image;
  glvk_external_image_info external_image_info;
  GLVK_INIT(external_image_info);
#define ALL(call) expect_at(__LINE__, #call, call, wanted)
  SKIP(context) {
    ALL(glvk_context_make_current(context));
    ALL(glvk_context_release_current(context));
    ALL(glvk_context_get_info(context, &context_info));
    ALL(glvk_context_is_current(context, &width));
    ALL(glvk_context_default_framebuffer_size(context, &width, &height));
    ALL(glvk_context_take_application_errors(context, NULL, 0, &count));
    ALL(glvk_context_get_proc_address(context, "glClear", &address));
    ALL(glvk_context_will_be_destroyed(context));
    ALL(glvk_physical_devices_matching(context, VK_NULL_HANDLE, NULL, NULL, 0, &count));
    ALL(glvk_image_create(context, host, &image_options, &new_image));
    ALL(glvk_image_import_dma_buf(context, host, dma_buf, NULL, &new_image));
    ALL(glvk_import_gl_framebuffer(context, host, &framebuffer, NULL, &new_image));
    ALL(glvk_blitter_create(context, &new_blitter));
    ALL(glvk_dma_buf_export_texture(context, 1, 16, 16, &new_dma_buf));
    if (id != 0) {
      producer_options.context = context;
      ALL(glvk_producer_create(&producer_options, &new_producer));
      CHECK(new_producer.id == 0);
    }
    ALL(glvk_context_destroy(context));
  }
  SKIP(host) {
    ALL(glvk_host_get_info(host, &host_info));
    ALL(glvk_host_get_queue(host, 0, &queue));
    consumer_options.host = host;
    consumer_options.width = consumer_options.height = 16;
    ALL(glvk_consumer_create(&consumer_options, &new_consumer));
    CHECK(new_consumer.id == 0);
    ALL(glvk_host_destroy(host));
  }
  SKIP(image) {
    ALL(glvk_image_get_info(image, &image_info));
    ALL(glvk_image_get_view(image, NULL, &view));
    ALL(glvk_image_set_retired_callback(image, NULL, NULL));
    ALL(glvk_image_get_dma_buf(image, &new_dma_buf));
    ALL(glvk_image_acquire_for_gl(image));
    ALL(glvk_image_release_from_gl(image));
    ALL(glvk_image_cancel_acquire_for_gl(image));
    ALL(glvk_image_acquire_barrier(image, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
    ALL(glvk_image_release_barrier(image, NULL, &transfer));
    ALL(glvk_image_did_submit_release(image));
    ALL(glvk_image_cancel_acquire(image));
    ALL(glvk_image_access(image, NULL, nothing_recorded, NULL));
    ALL(glvk_image_acquire(image, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    ALL(glvk_image_release(image, NULL));
    ALL(glvk_image_wait(image, 0));
    ALL(glvk_image_acquire_for_foreign(image, &fence));
    ALL(glvk_image_release_from_foreign(image, -1));
    ALL(glvk_image_get_external_bundle(image, &bundle));
    ALL(glvk_image_acquire_for_external(image, &point));
    ALL(glvk_image_release_from_external(image, NULL));
    ALL(glvk_image_drop(image));
    ALL(glvk_image_retire(image));
    ALL(glvk_image_destroy(image));
  }
  SKIP(blitter) {
    ALL(glvk_blitter_copy_to_image(blitter, &framebuffer, image));
    ALL(glvk_blitter_copy_to_framebuffer(blitter, image, &framebuffer));
    ALL(glvk_blitter_destroy(blitter));
  }
  SKIP(dma_buf) {
    ALL(glvk_dma_buf_get_info(dma_buf, &dma_buf_info));
    ALL(glvk_dma_buf_import_vulkan(dma_buf, host, GLVK_FORMAT_DEFAULT, 0, &new_dma_buf_image));
    ALL(glvk_dma_buf_import_vulkan_with_options(dma_buf, host, NULL, &new_dma_buf_image));
    ALL(glvk_dma_buf_import_gl(dma_buf, context, 1, &new_dma_buf_texture));
    ALL(glvk_dma_buf_destroy(dma_buf));
  }
  SKIP(dma_buf_image) {
    ALL(glvk_dma_buf_image_get_info(dma_buf_image, &dma_buf_image_info));
    ALL(glvk_dma_buf_image_get_view(dma_buf_image, NULL, &view));
    ALL(glvk_dma_buf_image_set_retired_callback(dma_buf_image, NULL, NULL));
    ALL(glvk_dma_buf_image_acquire_barrier(dma_buf_image, NULL, VK_NULL_HANDLE, &transfer));
    ALL(glvk_dma_buf_image_release_barrier(dma_buf_image, NULL, VK_NULL_HANDLE, &transfer));
    ALL(glvk_dma_buf_image_destroy(dma_buf_image));
  }
  SKIP(dma_buf_texture) {
    ALL(glvk_dma_buf_texture_get_info(dma_buf_texture, &dma_buf_texture_info));
    ALL(glvk_dma_buf_texture_set_retired_callback(dma_buf_texture, NULL, NULL));
    ALL(glvk_dma_buf_texture_destroy(dma_buf_texture));
  }
  SKIP(external_image) {
    ALL(glvk_external_image_get_info(external_image, &external_image_info));
    ALL(glvk_external_image_get_view(external_image, NULL, &view));
    ALL(glvk_external_image_acquire_for_gl(external_image, NULL));
    ALL(glvk_external_image_release_from_gl(external_image, &point));
    ALL(glvk_external_image_access(external_image, NULL, VK_NULL_HANDLE, NULL, nothing_recorded, NULL, &point));
    ALL(glvk_external_image_acquire_barrier(external_image, NULL, VK_NULL_HANDLE, NULL, &transfer));
    ALL(glvk_external_image_release_barrier(external_image, NULL, &transfer));
    ALL(glvk_external_image_did_submit_release(external_image, &point));
    ALL(glvk_external_image_destroy(external_image));
    if (id != 0) {
      import_options.host = host;
      ALL(glvk_external_image_import(&bundle, &import_options, &new_external_image));
      CHECK(new_external_image.id == 0);
    }
  }
  SKIP(producer) {
    ALL(glvk_producer_submit(producer, NULL, &new_frame));
    CHECK(new_frame.id == 0);
    ALL(glvk_producer_render(producer, NULL, nothing_drawn, NULL, &new_frame));
    ALL(glvk_producer_resize(producer, 16, 16));
    ALL(glvk_producer_set_image_retired_callback(producer, NULL, NULL));
    ALL(glvk_producer_get_info(producer, &producer_info));
    ALL(glvk_producer_get_fallback(producer, 0, &path, text, sizeof text));
    ALL(glvk_producer_get_readback_refusal(producer, 0, &readback, text, sizeof text));
    ALL(glvk_producer_get_context(producer, &new_context));
    ALL(glvk_producer_get_host(producer, &new_host));
    ALL(glvk_producer_get_matrix(producer, &new_matrix));
    ALL(glvk_producer_context_will_be_destroyed(producer));
    ALL(glvk_producer_destroy(producer));
  }
  SKIP(frame) {
    ALL(glvk_frame_get_info(frame, &frame_info));
    ALL(glvk_frame_get_view(frame, NULL, &view));
    ALL(glvk_frame_get_damage(frame, NULL, 0, &count));
    ALL(glvk_frame_get_dma_buf(frame, &new_dma_buf));
    ALL(glvk_frame_access(frame, NULL, nothing_recorded, NULL));
    ALL(glvk_frame_acquire(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    ALL(glvk_frame_release(frame, NULL));
    ALL(glvk_frame_acquire_barrier(frame, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
    ALL(glvk_frame_release_barrier(frame, NULL, &transfer));
    ALL(glvk_frame_did_submit_release(frame));
    ALL(glvk_frame_cancel_acquire(frame));
    ALL(glvk_frame_acquire_for_foreign(frame, &fence));
    ALL(glvk_frame_release_from_foreign(frame, -1));
    ALL(glvk_frame_get_external_bundle(frame, &bundle));
    ALL(glvk_frame_acquire_for_external(frame, &point));
    ALL(glvk_frame_release_from_external(frame, NULL));
    ALL(glvk_frame_drop(frame));
  }
  SKIP(frame_queue) {
    ALL(glvk_frame_queue_send(frame_queue, frame));
    ALL(glvk_frame_queue_receive(frame_queue, 0, &new_frame));
    ALL(glvk_frame_queue_close(frame_queue));
    ALL(glvk_frame_queue_destroy(frame_queue));
  }
  SKIP(matrix) {
    ALL(glvk_matrix_get_json(matrix, NULL, 0, &count));
    ALL(glvk_matrix_cell_count(matrix, &count));
    ALL(glvk_matrix_get_cell(matrix, 0, &cell));
    ALL(glvk_matrix_best_path(matrix, NULL, &choice));
    ALL(glvk_matrix_destroy(matrix));
  }
  SKIP(consumer) {
    ALL(glvk_consumer_next_target(consumer, &new_target));
    CHECK(new_target.id == 0);
    ALL(glvk_consumer_poll(consumer));
    ALL(glvk_consumer_resize(consumer, 16, 16));
    ALL(glvk_consumer_set_image_retired_callback(consumer, NULL, NULL));
    ALL(glvk_consumer_get_info(consumer, &consumer_info));
    ALL(glvk_consumer_get_fallback(consumer, 0, &path, text, sizeof text));
    ALL(glvk_consumer_get_context(consumer, &new_context));
    ALL(glvk_consumer_get_host(consumer, &new_host));
    ALL(glvk_consumer_get_matrix(consumer, &new_matrix));
    ALL(glvk_consumer_context_will_be_destroyed(consumer));
    ALL(glvk_consumer_destroy(consumer));
  }
  SKIP(target) {
    ALL(glvk_target_get_info(target, &target_info));
    ALL(glvk_target_get_view(target, NULL, &view));
    ALL(glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &new_gl_frame));
    CHECK(new_gl_frame.id == 0);
    ALL(glvk_target_acquire(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
    ALL(glvk_target_release(target, NULL, NULL, &new_gl_frame));
    ALL(glvk_target_acquire_barrier(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
    ALL(glvk_target_release_barrier(target, NULL, &transfer));
    ALL(glvk_target_did_submit_release(target, NULL, &new_gl_frame));
    ALL(glvk_target_cancel_acquire(target));
    ALL(glvk_target_get_external_bundle(target, &bundle));
    ALL(glvk_target_acquire_for_external(target, &point));
    ALL(glvk_target_release_from_external(target, NULL, NULL, &new_gl_frame));
    ALL(glvk_target_drop(target));
  }
  SKIP(gl_frame) {
    ALL(glvk_gl_frame_get_info(gl_frame, &gl_frame_info));
    ALL(glvk_gl_frame_get_damage(gl_frame, NULL, 0, &count));
    ALL(glvk_gl_frame_get_dma_buf(gl_frame, &new_dma_buf));
    ALL(glvk_gl_frame_access(gl_frame, nothing_shown, NULL));
    ALL(glvk_gl_frame_acquire(gl_frame));
    ALL(glvk_gl_frame_release(gl_frame));
    ALL(glvk_gl_frame_drop(gl_frame));
  }
  SKIP(gl_frame_queue) {
    ALL(glvk_gl_frame_queue_send(gl_frame_queue, gl_frame));
    ALL(glvk_gl_frame_queue_receive(gl_frame_queue, 0, &new_gl_frame));
    ALL(glvk_gl_frame_queue_close(gl_frame_queue));
    ALL(glvk_gl_frame_queue_destroy(gl_frame_queue));
  }
}

static uint64_t random_number(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static void handles_that_are_none(int is_short) {
  unsigned round;
  all_with(0, "", GLVK_ERROR_INVALID_HANDLE);
  all_with(UINT64_MAX, "", GLVK_ERROR_INVALID_HANDLE);
  for (round = 0; round < (is_short ? 2u : 500u); round++) {
    /* Any number, and those that look like the first handles of each kind. */
    all_with(random_number(), "", GLVK_ERROR_INVALID_HANDLE);
    all_with((uint64_t)(round % 16) << 56 | (uint64_t)(1 + round % 3) << 24 | round % 5, "", GLVK_ERROR_INVALID_HANDLE);
  }
}

/* ---- Arguments that are refused without a driver ---- */

static void *close_soon(void *argument) {
  struct timespec time = {0, 30000000};
  nanosleep(&time, NULL);
  EXPECT(SUCCESS, glvk_frame_queue_close(*(glvk_frame_queue *)argument));
  return NULL;
}

static void arguments(void) {
  glvk_frame_queue queue;
  glvk_frame frame;
  glvk_context context;
  size_t count;
  const char *names[16];
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_queue_create(0, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_queue_create(UINT32_MAX, &queue));
  CHECK(queue.id == 0);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_set_log_callback(NULL, NULL, 4));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_set_log_callback(NULL, NULL, -1));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_current(NULL, NULL));
  EXPECT(ERROR_WRONG_THREAD, glvk_context_current(NULL, &context));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_create(NULL, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(NULL, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(NULL, NULL));

  /* Structures of another size than they have. */
  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const size_t sizes[] = {0, 1, sizeof surfaceless - 1, 1 << 20, SIZE_MAX};
  unsigned index;
  for (index = 0; index < sizeof sizes / sizeof *sizes; index++) {
    surfaceless.struct_size = sizes[index];
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_create_surfaceless(&surfaceless, &context));
  }
  /* One of a later version, whose new members are not 0: they would not be obeyed. */
  struct {
    glvk_surfaceless_options known;
    uint64_t later;
  } later;
  memset(&later, 0, sizeof later);
  later.known.struct_size = sizeof later;
  later.later = 1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_create_surfaceless(&later.known, &context));
  /* Numbers that name nothing. */
  const int32_t numbers[] = {-1, 3, 77, INT32_MIN, INT32_MAX};
  for (index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    GLVK_INIT(surfaceless);
    surfaceless.platform = numbers[index];
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_create_surfaceless(&surfaceless, &context));
  }
  GLVK_INIT(surfaceless);
  surfaceless.platform = GLVK_PLATFORM_ANGLE;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_context_create_surfaceless(&surfaceless, &context));

  glvk_producer_options options;
#define PRODUCER(member, value) \
  do { \
    GLVK_INIT(options); \
    options.width = options.height = 16; \
    options.member = value; \
    glvk_producer made; \
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_create_surfaceless(&options, &made)); \
    EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_create(&options, &made)); \
    CHECK(made.id == 0); \
  } while (0)
  PRODUCER(path, 5);
  PRODUCER(path, -1);
  PRODUCER(sync, 5);
  PRODUCER(mode, 3);
  PRODUCER(tiling, 4);
  PRODUCER(format, 9);
  PRODUCER(orientation, 2);
  PRODUCER(back_pressure, 3);
  PRODUCER(alpha_mode, 3);
  PRODUCER(color_space, -4);
  PRODUCER(flags, 0x80000000u);
  PRODUCER(width, 0);
  PRODUCER(modifier_count, 3);
  GLVK_INIT(options);
  options.width = options.height = 16;
  glvk_producer made;
  options.matrix.id = 3;
  EXPECT(ERROR_INVALID_HANDLE, glvk_producer_create_surfaceless(&options, &made));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_create_surfaceless(NULL, &made));

  EXPECT(ERROR_INVALID_ARGUMENT,
    glvk_host_required_device_extensions(GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC, 0, names, 16, &count));
  EXPECT(ERROR_INVALID_ARGUMENT,
    glvk_host_required_device_extensions(99, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_2, names, 16, &count));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_required_device_extensions(
                                   GLVK_PATH_OPAQUE_FD, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_2, NULL, 16, &count));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_required_device_extensions(
                                   GLVK_PATH_OPAQUE_FD, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_2, names, 16, NULL));
  EXPECT(ERROR_BUFFER_TOO_SMALL, glvk_host_required_device_extensions(
                                   GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_1, names, 1, &count));
  CHECK(count > 4);
  EXPECT(SUCCESS, glvk_host_required_device_extensions(
                    GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC, VK_API_VERSION_1_1, names, 16, &count));
  CHECK(strcmp(names[0], "VK_KHR_external_memory_fd") == 0);
  EXPECT(SUCCESS,
    glvk_host_required_device_extensions(GLVK_PATH_HOST_COPY, GLVK_SYNC_CPU_WAIT, VK_API_VERSION_1_2, NULL, 0, &count));
  CHECK(count == 0);

  /* Adopting a device: what is looked at before Vulkan is. */
  glvk_host_adoption adoption;
  GLVK_INIT(adoption);
  glvk_host host;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &host));
  glvk_host_creation creation;
  GLVK_INIT(creation);
  EXPECT(ERROR_INVALID_HANDLE, glvk_host_create(&creation, &host));
  creation.choice = GLVK_DEVICE_NAME;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_create(&creation, &host));
  creation.choice = 4;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_create(&creation, &host));

  glvk_probe_options probe;
  GLVK_INIT(probe);
  glvk_matrix matrix;
  probe.path_count = 2;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(&probe, &matrix));
  const glvk_path paths[] = {GLVK_PATH_OPAQUE_FD, 0};
  probe.paths = paths;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(&probe, &matrix));
  GLVK_INIT(probe);
  probe.ranking = "by magic";
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(&probe, &matrix));
  GLVK_INIT(probe);
  probe.isolation = 3;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(&probe, &matrix));

  glvk_dma_buf_info info;
  glvk_dma_buf buffer;
  GLVK_INIT(info);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_dma_buf_create(&info, &buffer));
  info.plane_count = 5;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_dma_buf_create(&info, &buffer));
  info.plane_count = 1;
  info.width = info.height = 16;
  EXPECT(ERROR_UNSUPPORTED, glvk_dma_buf_create(&info, &buffer));
  info.fourcc = 0x34324241; /* AB24 */
  info.planes[0].stride = 64;
  info.planes[0].descriptor = 1; /* no DMA-BUF */
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_dma_buf_create(&info, &buffer));
  info.planes[0].descriptor = -7;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_dma_buf_create(&info, &buffer));

  /* A queue without frames. */
  EXPECT(SUCCESS, glvk_frame_queue_create(2, &queue));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_queue_receive(queue, 0, NULL));
  EXPECT(ERROR_TIMEOUT, glvk_frame_queue_receive(queue, 1000000, &frame));
  CHECK(frame.id == 0);
  all_with(queue.id, "frame_queue", GLVK_ERROR_INVALID_HANDLE);
  /* The longest wait there is ends when the queue does. */
  pthread_t closer;
  pthread_create(&closer, NULL, close_soon, &queue);
  EXPECT(ERROR_NOT_AVAILABLE, glvk_frame_queue_receive(queue, UINT64_MAX, &frame));
  pthread_join(closer, NULL);
  EXPECT(SUCCESS, glvk_frame_queue_close(queue));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_frame_queue_receive(queue, UINT64_MAX, &frame));
  EXPECT(SUCCESS, glvk_frame_queue_destroy(queue));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_queue_destroy(queue));
  all_with(queue.id, "", GLVK_ERROR_INVALID_HANDLE);

  /* Numbers are not given out again. */
  const glvk_frame_queue old = queue;
  for (index = 0; index < 1000; index++) {
    EXPECT(SUCCESS, glvk_frame_queue_create(2, &queue));
    CHECK(queue.id != old.id);
    /* The place is taken by another of the same kind. */
    EXPECT(ERROR_INVALID_HANDLE, glvk_frame_queue_close(old));
    EXPECT(ERROR_INVALID_HANDLE, glvk_frame_queue_destroy(old));
    EXPECT(SUCCESS, glvk_frame_queue_destroy(queue));
  }
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_queue_close(old));

  /* Names of what there is not. */
  CHECK(strcmp(glvk_path_name(99), "unknown") == 0);
  CHECK(strcmp(glvk_path_name(INT32_MIN), "unknown") == 0);
  CHECK(strcmp(glvk_format_name(GLVK_FORMAT_RGBA16F), "rgba16f") == 0);
  CHECK(strcmp(glvk_result_name(-1), "unknown") == 0);
  CHECK(glvk_format_vk(-3) == VK_FORMAT_UNDEFINED);
  CHECK(strcmp(glvk_last_error_missing(99), "") == 0);
}

/* The last error is the thread's own, and goes with it. */
static void *other_error(void *unused) {
  (void)unused;
  CHECK(glvk_last_error_result() == GLVK_SUCCESS);
  CHECK(strcmp(glvk_last_error_message(), "") == 0);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_set_log_callback(NULL, NULL, 9));
  return NULL;
}

static void errors_of_threads(void) {
  pthread_t thread;
  glvk_context none = {0};
  EXPECT(ERROR_INVALID_HANDLE, glvk_context_destroy(none));
  pthread_create(&thread, NULL, other_error, NULL);
  pthread_join(thread, NULL);
  CHECK(glvk_last_error_result() == GLVK_ERROR_INVALID_HANDLE);
  glvk_last_error_clear();
  CHECK(glvk_last_error_result() == GLVK_SUCCESS);
  CHECK(glvk_last_error_missing_count() == 0);
}

/* ---- With drivers ---- */

static glvk_context context;
static glvk_host host;

typedef struct {
  glvk_producer producer;
  glvk_frame frame;
  glvk_image image;
  glvk_blitter blitter;
} objects;

static void *on_another_thread(void *argument) {
  const objects *given = argument;
  glvk_frame frame;
  uint32_t is_current = 7, width, height;
  glvk_producer_info info;
  GLVK_INIT(info);
  glvk_image_options options;
  GLVK_INIT(options);
  options.width = options.height = 16;
  glvk_image image;
  glvk_blitter blitter;
  glvk_producer producer;
  EXPECT(SUCCESS, glvk_context_is_current(context, &is_current));
  CHECK(is_current == 0);
  EXPECT(ERROR_WRONG_THREAD, glvk_context_release_current(context));
  EXPECT(ERROR_WRONG_THREAD, glvk_context_will_be_destroyed(context));
  EXPECT(ERROR_WRONG_THREAD, glvk_context_default_framebuffer_size(context, &width, &height));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_submit(given->producer, NULL, &frame));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_render(given->producer, NULL, nothing_drawn, NULL, &frame));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_resize(given->producer, 32, 32));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_get_info(given->producer, &info));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_context_will_be_destroyed(given->producer));
  EXPECT(ERROR_WRONG_THREAD, glvk_image_create(context, host, &options, &image));
  EXPECT(ERROR_WRONG_THREAD, glvk_image_acquire_for_gl(given->image));
  EXPECT(ERROR_WRONG_THREAD, glvk_image_cancel_acquire_for_gl(given->image));
  EXPECT(ERROR_WRONG_THREAD, glvk_image_retire(given->image));
  EXPECT(ERROR_WRONG_THREAD, glvk_blitter_create(context, &blitter));
  EXPECT(ERROR_WRONG_THREAD, glvk_blitter_destroy(given->blitter));
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_create(NULL, &producer));
  glvk_producer_options with_context;
  GLVK_INIT(with_context);
  with_context.context = context;
  with_context.host = host;
  with_context.width = with_context.height = 16;
  EXPECT(ERROR_WRONG_THREAD, glvk_producer_create(&with_context, &producer));
  /* What may be done here. */
  glvk_frame_info frame_info;
  GLVK_INIT(frame_info);
  EXPECT(SUCCESS, glvk_frame_get_info(given->frame, &frame_info));
  EXPECT(SUCCESS, glvk_frame_access(given->frame, NULL, nothing_recorded, NULL));
  /* A program that has lost its context must be able to let everything go. */
  EXPECT(SUCCESS, glvk_producer_destroy(given->producer));
  EXPECT(ERROR_INVALID_HANDLE, glvk_producer_destroy(given->producer));
  return NULL;
}

static void elsewhere(void *(*function)(void *), void *argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, function, argument);
  pthread_join(thread, NULL);
}

static void *drop_it(void *argument) {
  glvk_result result = glvk_frame_drop(*(glvk_frame *)argument);
  return (void *)(intptr_t)result;
}

/* Calls in a draw callback what must not be called there. */
static int32_t draws_and_comes_back_in(void *user_data, const glvk_render_target *target) {
  glvk_producer producer = *(glvk_producer *)user_data;
  glvk_frame frame;
  CHECK(target->struct_size == sizeof *target && target->framebuffer != 0 && target->width == 64);
  EXPECT(ERROR_INVALID_STATE, glvk_producer_render(producer, NULL, nothing_drawn, NULL, &frame));
  EXPECT(ERROR_INVALID_STATE, glvk_producer_resize(producer, 16, 16));
  EXPECT(ERROR_INVALID_STATE, glvk_producer_destroy(producer));
  return 0;
}

static int32_t ends_its_own_frame(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)commands, (void)image;
  glvk_frame frame = *(glvk_frame *)user_data;
  EXPECT(ERROR_INVALID_STATE, glvk_frame_access(frame, NULL, nothing_recorded, NULL));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_release(frame, NULL));
  return 0;
}

static glvk_producer make_producer(glvk_path path, glvk_back_pressure pressure, uint32_t slots) {
  glvk_producer_options options;
  glvk_producer producer;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.width = options.height = 64;
  options.path = path;
  options.back_pressure = pressure;
  options.frames_in_flight = slots;
  options.flags = GLVK_PRODUCER_NO_PROBE;
  options.wait_timeout_ns = 50000000;
  EXPECT(SUCCESS, glvk_producer_create(&options, &producer));
  return producer;
}

static glvk_frame render(glvk_producer producer) {
  glvk_frame frame;
  EXPECT(SUCCESS, glvk_producer_render(producer, NULL, nothing_drawn, NULL, &frame));
  return frame;
}

static void frames(glvk_path path) {
  glvk_producer producer = make_producer(path, GLVK_BACK_PRESSURE_FAIL, 3);
  glvk_frame frame = render(producer), other, none;
  glvk_ownership_transfer transfer;
  GLVK_INIT(transfer);
  int32_t seven = 7;

  all_with(frame.id, "frame", GLVK_ERROR_INVALID_HANDLE);
  all_with(producer.id, "producer", GLVK_ERROR_INVALID_HANDLE);

  /* Wrong order: the frame is still there afterwards. */
  EXPECT(ERROR_INVALID_STATE, glvk_frame_release(frame, NULL));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_release_barrier(frame, NULL, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_did_submit_release(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_cancel_acquire(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_release_from_foreign(frame, -1));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_release_from_foreign(frame, -2));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_release_from_foreign(frame, 1));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_frame_get_dma_buf(frame, &(glvk_dma_buf){0}));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_access(frame, NULL, NULL, NULL));
  glvk_use use = {VK_IMAGE_LAYOUT_UNDEFINED, VK_PIPELINE_STAGE_TRANSFER_BIT, 0};
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE));
  use.layout = VK_IMAGE_LAYOUT_GENERAL;
  use.stages = 0;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE));
  use.stages = VK_PIPELINE_STAGE_TRANSFER_BIT;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire(frame, &use, (VkQueue)&use, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire(frame, &use, VK_NULL_HANDLE, (VkQueue)&use));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire_barrier(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE, NULL));
  transfer.struct_size = 8;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_frame_acquire_barrier(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
  GLVK_INIT(transfer);
  EXPECT(SUCCESS, glvk_frame_acquire(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_acquire(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_access(frame, NULL, nothing_recorded, NULL));
  EXPECT(SUCCESS, glvk_frame_release(frame, NULL));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_release(frame, NULL));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_drop(frame));

  /* Barriers: acquired, cancelled and acquired again. */
  frame = render(producer);
  EXPECT(SUCCESS, glvk_frame_acquire_barrier(frame, &use, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
  CHECK(transfer.struct_size == sizeof transfer && transfer.barrier.newLayout == VK_IMAGE_LAYOUT_GENERAL);
  EXPECT(SUCCESS, glvk_frame_cancel_acquire(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_frame_cancel_acquire(frame));
  EXPECT(SUCCESS, glvk_frame_drop(frame));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_drop(frame));

  /* Callbacks that say no, and that come back in. */
  frame = render(producer);
  EXPECT(ERROR_CALLBACK, glvk_frame_access(frame, NULL, nothing_recorded, &seven));
  glvk_driver_code_kind kind;
  CHECK(glvk_last_error_driver_code(&kind) == 7 && kind == GLVK_DRIVER_CODE_CALLBACK);
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_drop(frame));
  EXPECT(ERROR_CALLBACK, glvk_producer_render(producer, NULL, nothing_drawn, &seven, &none));
  CHECK(none.id == 0);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_render(producer, NULL, NULL, NULL, &none));
  EXPECT(SUCCESS, glvk_producer_render(producer, NULL, draws_and_comes_back_in, &producer, &frame));
  EXPECT(SUCCESS, glvk_frame_access(frame, NULL, ends_its_own_frame, &frame));

  /* More frames than slots. */
  glvk_frame held[3];
  unsigned index;
  for (index = 0; index < 3; index++) held[index] = render(producer);
  EXPECT(ERROR_RING_EXHAUSTED, glvk_producer_render(producer, NULL, nothing_drawn, NULL, &none));
  CHECK(none.id == 0);

  /* A frame dropped twice at the same time is dropped once. */
  pthread_t threads[2];
  void *results[2];
  for (index = 0; index < 2; index++) pthread_create(&threads[index], NULL, drop_it, &held[0]);
  for (index = 0; index < 2; index++) pthread_join(threads[index], &results[index]);
  CHECK((intptr_t)results[0] + (intptr_t)results[1] == GLVK_ERROR_INVALID_HANDLE);

  /* Submitting what is no framebuffer. */
  glvk_submit_options submit;
  GLVK_INIT(submit);
  submit.framebuffer = 4711;
  submit.width = submit.height = 64;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, &submit, &none));
  submit.framebuffer = 0; /* a context without a surface has none */
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, &submit, &none));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, NULL, &none));
  submit.height = 0;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, &submit, &none));
  GLVK_INIT(submit);
  submit.damage_count = 3;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_render(producer, &submit, nothing_drawn, NULL, &none));
  submit.orientation = 5;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, &submit, &none));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_resize(producer, 0, 64));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_resize(producer, UINT32_MAX, UINT32_MAX));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_producer_submit(producer, NULL, NULL));

  /* A queue gets a frame, and another owner. */
  glvk_frame_queue queue;
  EXPECT(SUCCESS, glvk_frame_queue_create(2, &queue));
  EXPECT(SUCCESS, glvk_frame_queue_send(queue, held[1]));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_access(held[1], NULL, nothing_recorded, NULL));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_queue_send(queue, held[1]));
  EXPECT(SUCCESS, glvk_frame_queue_receive(queue, 0, &other));
  CHECK(other.id != held[1].id);
  EXPECT(SUCCESS, glvk_frame_queue_send(queue, other));
  EXPECT(SUCCESS, glvk_frame_queue_destroy(queue));

  /* The producer goes, the frame stays. */
  EXPECT(SUCCESS, glvk_producer_context_will_be_destroyed(producer));
  EXPECT(ERROR_INVALID_STATE, glvk_producer_render(producer, NULL, nothing_drawn, NULL, &none));
  EXPECT(ERROR_INVALID_STATE, glvk_producer_resize(producer, 32, 32));
  EXPECT(SUCCESS, glvk_producer_destroy(producer));
  EXPECT(ERROR_INVALID_HANDLE, glvk_producer_destroy(producer));
  all_with(producer.id, "", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(SUCCESS, glvk_frame_access(held[2], NULL, nothing_recorded, NULL));
}

static void dropped_frames(void) {
  glvk_producer producer = make_producer(GLVK_PATH_AUTOMATIC, GLVK_BACK_PRESSURE_DROP_OLDEST, 2);
  glvk_frame_info info;
  GLVK_INIT(info);
  glvk_frame frames[6];
  unsigned index;
  for (index = 0; index < 6; index++) frames[index] = render(producer);
  EXPECT(ERROR_FRAME_DROPPED, glvk_frame_access(frames[0], NULL, nothing_recorded, NULL));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_drop(frames[0]));
  EXPECT(ERROR_FRAME_DROPPED, glvk_frame_acquire(frames[1], NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_HANDLE, glvk_frame_drop(frames[1]));
  EXPECT(ERROR_FRAME_DROPPED, glvk_frame_release(frames[2], NULL));
  EXPECT(SUCCESS, glvk_frame_get_info(frames[3], &info));
  CHECK(info.number == 4);
  EXPECT(SUCCESS, glvk_frame_drop(frames[3]));
  EXPECT(SUCCESS, glvk_frame_access(frames[4], NULL, nothing_recorded, NULL));
  EXPECT(SUCCESS, glvk_frame_access(frames[5], NULL, nothing_recorded, NULL));
  EXPECT(SUCCESS, glvk_producer_destroy(producer));
}

/* ---- The reverse ---- */

static glvk_consumer make_consumer(glvk_path path, glvk_back_pressure pressure, uint32_t slots) {
  glvk_consumer_options options;
  glvk_consumer consumer;
  GLVK_INIT(options);
  options.context = context;
  options.host = host;
  options.width = options.height = 64;
  options.path = path;
  options.back_pressure = pressure;
  options.frames_in_flight = slots;
  options.flags = GLVK_CONSUMER_NO_PROBE;
  options.wait_timeout_ns = 50000000;
  EXPECT(SUCCESS, glvk_consumer_create(&options, &consumer));
  return consumer;
}

/* The frame's image is released without a picture: these tests look at no pixels. */
static glvk_gl_frame draw_for_gl(glvk_consumer consumer) {
  glvk_target target;
  glvk_gl_frame frame;
  EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
  EXPECT(SUCCESS, glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &frame));
  return frame;
}

static int32_t ends_its_own_target(void *user_data, VkCommandBuffer commands, VkImage image) {
  (void)commands, (void)image;
  const glvk_target target = *(glvk_target *)user_data;
  glvk_gl_frame frame;
  EXPECT(ERROR_INVALID_STATE, glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &frame));
  EXPECT(ERROR_INVALID_STATE, glvk_target_release(target, NULL, NULL, &frame));
  EXPECT(SUCCESS, glvk_target_drop(target));
  return 0;
}

static int32_t ends_its_own_gl_frame(void *user_data, uint32_t texture) {
  const glvk_gl_frame frame = *(glvk_gl_frame *)user_data;
  CHECK(texture != 0);
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_access(frame, nothing_shown, NULL));
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_release(frame));
  return 0;
}

typedef struct {
  glvk_consumer consumer;
  glvk_gl_frame frame, acquired;
} shown_objects;

static void *where_gl_is_not(void *argument) {
  const shown_objects *given = argument;
  glvk_consumer other;
  glvk_consumer_info info;
  glvk_consumer_options options;
  GLVK_INIT(info);
  GLVK_INIT(options);
  options.host = host;
  options.width = options.height = 16;
  EXPECT(ERROR_WRONG_THREAD, glvk_consumer_create(&options, &other));
  options.context = context;
  EXPECT(ERROR_WRONG_THREAD, glvk_consumer_create(&options, &other));
  EXPECT(ERROR_WRONG_THREAD, glvk_consumer_poll(given->consumer));
  EXPECT(ERROR_WRONG_THREAD, glvk_consumer_resize(given->consumer, 32, 32));
  EXPECT(ERROR_WRONG_THREAD, glvk_consumer_context_will_be_destroyed(given->consumer));
  EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_acquire(given->frame));
  EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_access(given->frame, nothing_shown, NULL));
  EXPECT(ERROR_WRONG_THREAD, glvk_gl_frame_release(given->acquired));
  /* What may be done here. */
  EXPECT(SUCCESS, glvk_consumer_get_info(given->consumer, &info));
  CHECK(info.width == 64 && info.target_count >= 2);
  EXPECT(SUCCESS, glvk_gl_frame_drop(given->acquired));
  return NULL;
}

static void *destroys_the_consumer(void *argument) {
  EXPECT(SUCCESS, glvk_consumer_destroy(*(glvk_consumer *)argument));
  return NULL;
}

static void consumers(glvk_path path) {
  glvk_consumer_options options;
  glvk_consumer consumer, none;
  glvk_consumer_info info;
  glvk_target target, no_target;
  glvk_target_info target_info;
  glvk_gl_frame frame, second, no_frame;
  glvk_gl_frame_info frame_info;
  glvk_ownership_transfer transfer;
  glvk_present_options present;
  glvk_access_options access;
  glvk_rect rect;
  glvk_matrix matrix;
  glvk_path fallback;
  int32_t seven = 7;
  unsigned index;
#define CONSUMER(member, value, result) \
  do { \
    GLVK_INIT(options); \
    options.host = host; \
    options.width = options.height = 16; \
    options.member = value; \
    EXPECT(result, glvk_consumer_create(&options, &none)); \
    CHECK(none.id == 0); \
  } while (0)
  CONSUMER(path, 5, ERROR_INVALID_ARGUMENT);
  CONSUMER(sync, -1, ERROR_INVALID_ARGUMENT);
  CONSUMER(tiling, 4, ERROR_INVALID_ARGUMENT);
  CONSUMER(format, 9, ERROR_INVALID_ARGUMENT);
  CONSUMER(back_pressure, 3, ERROR_INVALID_ARGUMENT);
  CONSUMER(alpha_mode, 3, ERROR_INVALID_ARGUMENT);
  CONSUMER(color_space, 4, ERROR_INVALID_ARGUMENT);
  CONSUMER(flags, 8, ERROR_INVALID_ARGUMENT);
  CONSUMER(width, 0, ERROR_INVALID_ARGUMENT);
  CONSUMER(frames_in_flight, 17, ERROR_INVALID_ARGUMENT);
  CONSUMER(modifier_count, 1, ERROR_INVALID_ARGUMENT);
  CONSUMER(ranking, "by magic", ERROR_INVALID_ARGUMENT);
  CONSUMER(matrix.id, 3, ERROR_INVALID_HANDLE);
  CONSUMER(host.id, 0, ERROR_INVALID_HANDLE);
  CONSUMER(struct_size, 8, ERROR_INVALID_ARGUMENT);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_create(NULL, &none));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_create(&options, NULL));

  /* Bottom-up where it is asked for; with a matrix that may be had. */
  GLVK_INIT(options);
  GLVK_INIT(target_info);
  options.host = host;
  options.width = options.height = 16;
  options.path = path;
  options.flags = GLVK_CONSUMER_BOTTOM_UP | GLVK_CONSUMER_SKIP_PIXEL_CHECK;
  EXPECT(SUCCESS, glvk_consumer_create(&options, &consumer));
  EXPECT(SUCCESS, glvk_consumer_get_matrix(consumer, &matrix));
  EXPECT(SUCCESS, glvk_matrix_destroy(matrix));
  EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
  EXPECT(SUCCESS, glvk_target_get_info(target, &target_info));
  CHECK(target_info.orientation == GLVK_ORIENTATION_BOTTOM_UP);
  EXPECT(SUCCESS, glvk_target_drop(target));
  EXPECT(SUCCESS, glvk_consumer_destroy(consumer));

  consumer = make_consumer(path, GLVK_BACK_PRESSURE_FAIL, 2);
  GLVK_INIT(info);
  GLVK_INIT(target_info);
  GLVK_INIT(frame_info);
  GLVK_INIT(transfer);
  GLVK_INIT(present);
  GLVK_INIT(access);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_next_target(consumer, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_resize(consumer, 0, 4));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_resize(consumer, UINT32_MAX, UINT32_MAX));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_get_info(consumer, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_consumer_get_fallback(consumer, 77, &fallback, NULL, 0));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_consumer_get_matrix(consumer, &matrix));
  EXPECT(SUCCESS, glvk_consumer_poll(consumer));
  EXPECT(SUCCESS, glvk_consumer_get_info(consumer, &info));
  CHECK(info.width == 64 && info.path != 0 && info.sync != 0 && info.ownership_queue && info.target_count == 0);
  if (path != 0) CHECK(info.path == path);

  /* A target in the wrong order: it is still there afterwards. */
  EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
  all_with(target.id, "target", GLVK_ERROR_INVALID_HANDLE);
  all_with(consumer.id, "consumer", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(ERROR_INVALID_STATE, glvk_target_release(target, NULL, NULL, &no_frame));
  CHECK(no_frame.id == 0);
  EXPECT(ERROR_INVALID_STATE, glvk_target_release_barrier(target, NULL, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_target_did_submit_release(target, NULL, &no_frame));
  EXPECT(ERROR_INVALID_STATE, glvk_target_cancel_acquire(target));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, NULL, NULL, NULL, NULL, &no_frame));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, NULL));
  access.use.layout = VK_IMAGE_LAYOUT_GENERAL;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, &access, NULL, nothing_recorded, NULL, &no_frame));
  GLVK_INIT(access);
  access.queue = (VkQueue)&access;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, &access, NULL, nothing_recorded, NULL, &no_frame));
  present.damage_count = 1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, NULL, &present, nothing_recorded, NULL, &no_frame));
  present.struct_size = 3;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_access(target, NULL, &present, nothing_recorded, NULL, &no_frame));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_acquire_barrier(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_acquire(target, NULL, (VkQueue)&access, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_target_get_info(target, NULL));
  EXPECT(SUCCESS, glvk_target_get_info(target, &target_info));
  CHECK(target_info.image != VK_NULL_HANDLE && target_info.number == 1 && target_info.usage != 0);
  EXPECT(SUCCESS, glvk_target_acquire(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_STATE, glvk_target_acquire(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
  EXPECT(ERROR_INVALID_STATE, glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &no_frame));
  EXPECT(ERROR_INVALID_STATE, glvk_target_cancel_acquire(target));
  EXPECT(SUCCESS, glvk_target_release(target, NULL, NULL, &frame));
  EXPECT(ERROR_INVALID_HANDLE, glvk_target_release(target, NULL, NULL, &no_frame));
  /* One that is let go while it is acquired, and one whose callback refuses, give their slots back. */
  for (index = 0; index < 4; index++) {
    EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
    if (index % 2) {
      EXPECT(SUCCESS, glvk_target_acquire(target, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE));
      EXPECT(SUCCESS, glvk_target_drop(target));
    } else {
      EXPECT(ERROR_CALLBACK, glvk_target_access(target, NULL, NULL, nothing_recorded, &seven, &no_frame));
      CHECK(glvk_last_error_driver_code(NULL) == 7 && no_frame.id == 0);
    }
    EXPECT(ERROR_INVALID_HANDLE, glvk_target_drop(target));
  }

  /* A frame in the wrong order. */
  all_with(frame.id, "gl_frame", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_release(frame));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_gl_frame_access(frame, NULL, NULL));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_gl_frame_get_info(frame, NULL));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_gl_frame_get_dma_buf(frame, &(glvk_dma_buf){0}));
  EXPECT(SUCCESS, glvk_gl_frame_get_info(frame, &frame_info));
  CHECK(frame_info.texture != 0 && frame_info.number == 1 && frame_info.orientation == GLVK_ORIENTATION_TOP_DOWN);
  EXPECT(SUCCESS, glvk_gl_frame_acquire(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_acquire(frame));
  EXPECT(ERROR_INVALID_STATE, glvk_gl_frame_access(frame, nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_gl_frame_release(frame));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_release(frame));

  /* What is called from callbacks. */
  EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
  EXPECT(SUCCESS, glvk_target_access(target, NULL, NULL, ends_its_own_target, &target, &frame));
  EXPECT(ERROR_INVALID_HANDLE, glvk_target_drop(target));
  EXPECT(SUCCESS, glvk_gl_frame_access(frame, ends_its_own_gl_frame, &frame));
  frame = draw_for_gl(consumer);
  EXPECT(ERROR_CALLBACK, glvk_gl_frame_access(frame, nothing_shown, &seven));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_drop(frame));

  /* From another thread; what it drops there comes back here. */
  shown_objects given = {consumer, draw_for_gl(consumer), draw_for_gl(consumer)};
  EXPECT(SUCCESS, glvk_gl_frame_acquire(given.acquired));
  EXPECT(ERROR_RING_EXHAUSTED, glvk_consumer_next_target(consumer, &no_target));
  CHECK(no_target.id == 0);
  elsewhere(where_gl_is_not, &given);
  EXPECT(SUCCESS, glvk_gl_frame_access(given.frame, nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_consumer_poll(consumer));
  frame = draw_for_gl(consumer);
  second = draw_for_gl(consumer);

  /* A queue gets a frame, and another owner. */
  glvk_gl_frame_queue queue;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_gl_frame_queue_create(2000, &queue));
  EXPECT(SUCCESS, glvk_gl_frame_queue_create(2, &queue));
  all_with(queue.id, "gl_frame_queue", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(ERROR_TIMEOUT, glvk_gl_frame_queue_receive(queue, 0, &no_frame));
  EXPECT(SUCCESS, glvk_gl_frame_queue_send(queue, second));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_queue_send(queue, second));
  EXPECT(SUCCESS, glvk_gl_frame_queue_receive(queue, 0, &second));
  EXPECT(SUCCESS, glvk_gl_frame_queue_send(queue, second));
  EXPECT(SUCCESS, glvk_gl_frame_queue_close(queue));
  EXPECT(SUCCESS, glvk_gl_frame_queue_receive(queue, 0, &second));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_gl_frame_queue_receive(queue, UINT64_MAX, &no_frame));
  EXPECT(SUCCESS, glvk_gl_frame_queue_destroy(queue));

  /* Another size; the frames that are out keep theirs. */
  EXPECT(SUCCESS, glvk_consumer_resize(consumer, 32, 16));
  EXPECT(SUCCESS, glvk_gl_frame_get_info(second, &frame_info));
  CHECK(frame_info.width == 64);
  EXPECT(SUCCESS, glvk_consumer_get_info(consumer, &info));
  CHECK(info.width == 32 && info.height == 16 && info.retired_slot_count == 2);
  EXPECT(SUCCESS, glvk_gl_frame_access(frame, nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_gl_frame_drop(second));
  frame = draw_for_gl(consumer);
  EXPECT(SUCCESS, glvk_gl_frame_get_info(frame, &frame_info));
  CHECK(frame_info.width == 32 && frame_info.height == 16);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_gl_frame_get_damage(frame, &rect, 1, NULL));

  /* The consumer goes, on either thread; what is out stays. */
  EXPECT(SUCCESS, glvk_consumer_next_target(consumer, &target));
  if (path == GLVK_PATH_HOST_COPY) elsewhere(destroys_the_consumer, &consumer);
  else EXPECT(SUCCESS, glvk_consumer_destroy(consumer));
  EXPECT(ERROR_INVALID_HANDLE, glvk_consumer_destroy(consumer));
  all_with(consumer.id, "", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(SUCCESS, glvk_gl_frame_access(frame, nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_target_access(target, NULL, NULL, nothing_recorded, NULL, &frame));
  EXPECT(SUCCESS, glvk_gl_frame_access(frame, nothing_shown, NULL));
}

/* Frames that GL has not acquired are dropped for newer ones. */
static void dropped_gl_frames(void) {
  glvk_consumer consumer = make_consumer(GLVK_PATH_AUTOMATIC, GLVK_BACK_PRESSURE_DROP_OLDEST, 2);
  glvk_gl_frame_info info;
  GLVK_INIT(info);
  glvk_gl_frame frames[6];
  unsigned index;
  for (index = 0; index < 6; index++) frames[index] = draw_for_gl(consumer);
  EXPECT(ERROR_FRAME_DROPPED, glvk_gl_frame_access(frames[0], nothing_shown, NULL));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_drop(frames[0]));
  EXPECT(ERROR_FRAME_DROPPED, glvk_gl_frame_acquire(frames[1]));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_drop(frames[1]));
  EXPECT(ERROR_FRAME_DROPPED, glvk_gl_frame_release(frames[2]));
  EXPECT(ERROR_INVALID_HANDLE, glvk_gl_frame_drop(frames[2]));
  EXPECT(SUCCESS, glvk_gl_frame_get_info(frames[3], &info));
  CHECK(info.number == 4);
  EXPECT(SUCCESS, glvk_gl_frame_drop(frames[3]));
  EXPECT(SUCCESS, glvk_gl_frame_access(frames[4], nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_gl_frame_acquire(frames[5]));
  /* That one is GL's and stays. */
  for (index = 0; index < 3; index++) frames[index] = draw_for_gl(consumer);
  EXPECT(SUCCESS, glvk_gl_frame_release(frames[5]));
  EXPECT(ERROR_FRAME_DROPPED, glvk_gl_frame_access(frames[1], nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_gl_frame_access(frames[2], nothing_shown, NULL));
  EXPECT(SUCCESS, glvk_gl_frame_drop(frames[0]));
  EXPECT(SUCCESS, glvk_consumer_destroy(consumer));
}

static unsigned open_descriptors(void) {
  unsigned count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

static void images(void) {
  glvk_image_options options;
  glvk_image image, second;
  glvk_ownership_transfer transfer;
  glvk_image_info info;
  GLVK_INIT(transfer);
  GLVK_INIT(info);
  GLVK_INIT(options);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_create(context, host, NULL, &image));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_create(context, host, &options, &image));
  options.width = options.height = 64;
#define IMAGE(member, value, result) \
  do { \
    glvk_image_options wrong = options; \
    wrong.member = value; \
    EXPECT(result, glvk_image_create(context, host, &wrong, &image)); \
    CHECK(image.id == 0); \
  } while (0)
  IMAGE(format, 1000, ERROR_INVALID_ARGUMENT);
  IMAGE(tiling, -1, ERROR_INVALID_ARGUMENT);
  IMAGE(direction, 2, ERROR_INVALID_ARGUMENT);
  IMAGE(mode, 9, ERROR_INVALID_ARGUMENT);
  IMAGE(handle_type, 2, ERROR_INVALID_ARGUMENT);
  IMAGE(allocator, 2, ERROR_INVALID_ARGUMENT);
  IMAGE(gl_encoding, 2, ERROR_INVALID_ARGUMENT);
  IMAGE(sync, 5, ERROR_INVALID_ARGUMENT);
  IMAGE(width, UINT32_MAX, ERROR_INVALID_ARGUMENT);
  IMAGE(width, 1 << 19, ERROR_UNSUPPORTED);
  IMAGE(ownership_queue, (VkQueue)&options, ERROR_INVALID_ARGUMENT);

  EXPECT(SUCCESS, glvk_image_create(context, host, &options, &image));
  all_with(image.id, "image", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_get_info(image, NULL));
  EXPECT(SUCCESS, glvk_image_get_info(image, &info));
  CHECK(info.state == GLVK_IMAGE_IDLE && info.image != VK_NULL_HANDLE && info.width == 64);
  EXPECT(ERROR_INVALID_STATE, glvk_image_release_from_gl(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_cancel_acquire_for_gl(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_access(image, NULL, nothing_recorded, NULL));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_barrier(image, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_image_release_barrier(image, NULL, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_image_did_submit_release(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_cancel_acquire(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_release(image, NULL));
  EXPECT(ERROR_INVALID_STATE, glvk_image_drop(image));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_image_get_dma_buf(image, &(glvk_dma_buf){0}));
  EXPECT(SUCCESS, glvk_image_acquire_for_gl(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_gl(image));
  EXPECT(ERROR_INVALID_STATE, glvk_image_retire(image));
  EXPECT(SUCCESS, glvk_image_release_from_gl(image));
  EXPECT(SUCCESS, glvk_image_acquire_barrier(image, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_barrier(image, NULL, VK_NULL_HANDLE, VK_NULL_HANDLE, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_gl(image));
  EXPECT(SUCCESS, glvk_image_cancel_acquire(image));
  int32_t minus = -1;
  EXPECT(ERROR_CALLBACK, glvk_image_access(image, NULL, nothing_recorded, &minus));
  EXPECT(SUCCESS, glvk_image_access(image, NULL, nothing_recorded, NULL));
  EXPECT(SUCCESS, glvk_image_wait(image, UINT64_MAX));
  EXPECT(SUCCESS, glvk_image_retire(image));

  /* Copies. */
  glvk_blitter blitter;
  glvk_framebuffer framebuffer;
  GLVK_INIT(framebuffer);
  EXPECT(SUCCESS, glvk_blitter_create(context, &blitter));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_blitter_copy_to_image(blitter, NULL, image));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_blitter_copy_to_image(blitter, &framebuffer, image));
  framebuffer.name = 4711;
  framebuffer.width = framebuffer.height = 64;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_blitter_copy_to_image(blitter, &framebuffer, image));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_blitter_copy_to_framebuffer(blitter, image, &framebuffer));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_import_gl_framebuffer(context, host, &framebuffer, NULL, &second));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_import_gl_framebuffer(context, host, NULL, NULL, &second));

  /* From another thread. */
  objects given = {make_producer(GLVK_PATH_AUTOMATIC, GLVK_BACK_PRESSURE_WAIT, 2), {0}, image, blitter};
  given.frame = render(given.producer);
  elsewhere(on_another_thread, &given);
  EXPECT(ERROR_INVALID_HANDLE, glvk_producer_destroy(given.producer));

  EXPECT(SUCCESS, glvk_blitter_destroy(blitter));
  EXPECT(ERROR_INVALID_HANDLE, glvk_blitter_destroy(blitter));
  EXPECT(SUCCESS, glvk_image_destroy(image));
  EXPECT(ERROR_INVALID_HANDLE, glvk_image_destroy(image));
  all_with(image.id, "", GLVK_ERROR_INVALID_HANDLE);
}

/* What another implementation would give and take. Every descriptor stays whose it was. */
static void external_images(void) {
  glvk_image_options options;
  GLVK_INIT(options);
  options.width = options.height = 64;
  glvk_image image;
  EXPECT(SUCCESS, glvk_image_create(context, host, &options, &image));
  glvk_external_bundle bundle;
  GLVK_INIT(bundle);
  glvk_external_point point;
  GLVK_INIT(point);
  glvk_external_image taken;
  glvk_external_import_options into;
  GLVK_INIT(into);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_get_external_bundle(image, NULL));
  bundle.struct_size = 3;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_get_external_bundle(image, &bundle));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_bundle_close(&bundle));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_bundle_close(NULL));
  GLVK_INIT(bundle);
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_external(image, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_image_release_from_external(image, NULL));
  const unsigned before = open_descriptors();
  EXPECT(SUCCESS, glvk_image_get_external_bundle(image, &bundle));
  CHECK(bundle.memory > 2 && bundle.width == 64 && bundle.sync != GLVK_SYNC_AUTOMATIC && bundle.has_uuids);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_import(NULL, &into, &taken));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_import(&bundle, NULL, &taken));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_import(&bundle, &into, &taken));
  into.context = context;
  into.host = host;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_import(&bundle, &into, NULL));
#define BUNDLE(member, value, result) \
  do { \
    glvk_external_bundle wrong = bundle; \
    wrong.member = value; \
    EXPECT(result, glvk_external_image_import(&wrong, &into, &taken)); \
    CHECK(taken.id == 0); \
  } while (0)
  BUNDLE(struct_size, 9, ERROR_INVALID_ARGUMENT);
  BUNDLE(width, 0, ERROR_INVALID_ARGUMENT);
  BUNDLE(width, 4096, ERROR_INVALID_ARGUMENT);
  BUNDLE(height, UINT32_MAX, ERROR_INVALID_ARGUMENT);
  BUNDLE(vk_format, VK_FORMAT_UNDEFINED, ERROR_UNSUPPORTED);
  BUNDLE(vk_format, (VkFormat)-1, ERROR_UNSUPPORTED);
  BUNDLE(flags, 0xFFFFFFFFu, ERROR_UNSUPPORTED);
  BUNDLE(usage, 0, ERROR_INVALID_ARGUMENT);
  BUNDLE(tiling, 4, ERROR_INVALID_ARGUMENT);
  BUNDLE(tiling, GLVK_TILING_DRM_MODIFIER, ERROR_INVALID_ARGUMENT);
  BUNDLE(view_format_count, 9, ERROR_INVALID_ARGUMENT);
  BUNDLE(view_format_count, UINT32_MAX, ERROR_INVALID_ARGUMENT);
  BUNDLE(view_formats[0], VK_FORMAT_D32_SFLOAT, ERROR_INVALID_ARGUMENT);
  BUNDLE(handle_type, 2, ERROR_INVALID_ARGUMENT);
  BUNDLE(handle_type, GLVK_HANDLE_TYPE_DMA_BUF, ERROR_INVALID_HANDLE);
  BUNDLE(memory, -1, ERROR_INVALID_ARGUMENT);
  BUNDLE(memory, 100000, ERROR_DRIVER_FAILURE);
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0);
  BUNDLE(memory, pipe_ends[0], ERROR_INVALID_ARGUMENT);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  BUNDLE(allocation_size, 1, ERROR_INVALID_ARGUMENT);
  BUNDLE(allocation_size, UINT64_MAX, ERROR_INVALID_ARGUMENT);
  BUNDLE(memory_type_index, 77, ERROR_INVALID_ARGUMENT);
  BUNDLE(offset, 4096, ERROR_UNSUPPORTED);
  BUNDLE(has_uuids, 0, ERROR_INVALID_ARGUMENT);
  BUNDLE(device_uuid[3], (uint8_t)~bundle.device_uuid[3], ERROR_UNSUPPORTED);
  BUNDLE(driver_uuid[15], (uint8_t)~bundle.driver_uuid[15], ERROR_UNSUPPORTED);
  BUNDLE(layout, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR, ERROR_UNSUPPORTED);
  BUNDLE(queue_family, 5, ERROR_INVALID_ARGUMENT);
  BUNDLE(sync, GLVK_SYNC_AUTOMATIC, ERROR_INVALID_ARGUMENT);
  BUNDLE(sync, 5, ERROR_INVALID_ARGUMENT);
  BUNDLE(orientation, 2, ERROR_INVALID_ARGUMENT);
  if (bundle.sync == GLVK_SYNC_SEMAPHORE_FD) {
    BUNDLE(giver_done, -1, ERROR_INVALID_ARGUMENT);
    BUNDLE(taker_done, -1, ERROR_INVALID_ARGUMENT);
  }

  /* The right one, in the wrong order. */
  EXPECT(SUCCESS, glvk_external_image_import(&bundle, &into, &taken));
  all_with(taken.id, "external_image", GLVK_ERROR_INVALID_HANDLE);
  glvk_ownership_transfer transfer;
  GLVK_INIT(transfer);
  EXPECT(ERROR_INVALID_STATE, glvk_external_image_release_from_gl(taken, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_external_image_release_barrier(taken, NULL, &transfer));
  EXPECT(ERROR_INVALID_STATE, glvk_external_image_did_submit_release(taken, &point));
  EXPECT(SUCCESS, glvk_image_acquire_for_gl(image));
  EXPECT(SUCCESS, glvk_image_release_from_gl(image));
  EXPECT(SUCCESS, glvk_image_acquire_for_external(image, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_external(image, &point));
  glvk_external_point wrong = point;
  wrong.kind = 5;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_acquire_for_gl(taken, &wrong));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_release_from_external(image, &wrong));
  wrong.kind = GLVK_EXTERNAL_POINT_TIMELINE;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_acquire_for_gl(taken, &wrong));
  wrong.kind = GLVK_EXTERNAL_POINT_SYNC_FILE;
  wrong.descriptor = -1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_acquire_for_gl(taken, &wrong));
  wrong.descriptor = bundle.memory; /* no sync file */
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_acquire_for_gl(taken, &wrong));
  wrong.kind = GLVK_EXTERNAL_POINT_NEW_SEMAPHORE; /* a giver makes none */
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_acquire_for_gl(taken, &wrong));
  wrong.descriptor = -1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_image_release_from_external(image, &wrong));
  EXPECT(SUCCESS, glvk_external_image_acquire_for_gl(taken, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_external_image_acquire_for_gl(taken, &point));
  EXPECT(ERROR_INVALID_STATE,
    glvk_external_image_access(taken, NULL, VK_NULL_HANDLE, &point, nothing_recorded, NULL, &point));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_release_from_gl(taken, NULL));
  EXPECT(SUCCESS, glvk_external_image_release_from_gl(taken, &point));
  EXPECT(SUCCESS, glvk_image_release_from_external(image, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_image_release_from_external(image, &point));

  /* A callback that says no submits nothing: the signal is still there to be waited for. */
  EXPECT(SUCCESS, glvk_image_acquire_for_gl(image));
  EXPECT(SUCCESS, glvk_image_release_from_gl(image));
  EXPECT(SUCCESS, glvk_image_acquire_for_external(image, &point));
  int32_t seven = 7;
  glvk_external_point done;
  GLVK_INIT(done);
  EXPECT(ERROR_INVALID_ARGUMENT,
    glvk_external_image_access(taken, NULL, (VkQueue)&options, &point, nothing_recorded, NULL, &done));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_external_image_access(taken, NULL, VK_NULL_HANDLE, &point, NULL, NULL, &done));
  EXPECT(
    ERROR_CALLBACK, glvk_external_image_access(taken, NULL, VK_NULL_HANDLE, &point, nothing_recorded, &seven, &done));
  EXPECT(SUCCESS, glvk_external_image_access(taken, NULL, VK_NULL_HANDLE, &point, nothing_recorded, NULL, &done));
  EXPECT(SUCCESS, glvk_image_release_from_external(image, &done));
  EXPECT(SUCCESS, glvk_image_retire(image));
  EXPECT(SUCCESS, glvk_external_image_destroy(taken));
  EXPECT(ERROR_INVALID_HANDLE, glvk_external_image_destroy(taken));
  EXPECT(SUCCESS, glvk_external_bundle_close(&bundle));
  CHECK(bundle.memory == -1 && bundle.giver_done == -1 && bundle.taker_done == -1);
  EXPECT(SUCCESS, glvk_external_bundle_close(&bundle));
  CHECK(open_descriptors() == before);
  EXPECT(SUCCESS, glvk_image_destroy(image));

  /* The taker writes. Nothing is due before its first access. */
  options.direction = GLVK_DIRECTION_VULKAN_TO_GL;
  EXPECT(SUCCESS, glvk_image_create(context, host, &options, &image));
  EXPECT(SUCCESS, glvk_image_get_external_bundle(image, &bundle));
  into.context.id = 0;
  EXPECT(SUCCESS, glvk_external_image_import(&bundle, &into, &taken));
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_gl(image));
  EXPECT(SUCCESS, glvk_image_acquire_for_external(image, &point));
  CHECK(point.kind == GLVK_EXTERNAL_POINT_DONE);
  EXPECT(ERROR_INVALID_STATE, glvk_image_acquire_for_external(image, &point));
  EXPECT(ERROR_INVALID_STATE, glvk_image_access(image, NULL, nothing_recorded, NULL));
  EXPECT(SUCCESS, glvk_external_image_access(taken, NULL, VK_NULL_HANDLE, &point, nothing_recorded, NULL, &done));
  EXPECT(SUCCESS, glvk_image_release_from_external(image, &done));
  EXPECT(SUCCESS, glvk_image_acquire_for_gl(image));
  EXPECT(SUCCESS, glvk_image_release_from_gl(image));
  EXPECT(SUCCESS, glvk_image_retire(image));
  EXPECT(SUCCESS, glvk_external_image_destroy(taken));
  EXPECT(SUCCESS, glvk_external_bundle_close(&bundle));
  EXPECT(SUCCESS, glvk_image_destroy(image));
}

static void hosts(void) {
  glvk_host_info info;
  glvk_queue queue;
  GLVK_INIT(info);
  GLVK_INIT(queue);
  EXPECT(SUCCESS, glvk_host_get_info(host, &info));
  CHECK(info.queue_count > 0 && info.device_name[0] != 0);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_get_queue(host, 999, &queue));
  EXPECT(SUCCESS, glvk_host_get_queue(host, 0, &queue));
  queue.lock(queue.user_data, queue.queue);
  queue.unlock(queue.user_data, queue.queue);

  glvk_host_adoption adoption;
  glvk_host adopted;
  GLVK_INIT(adoption);
  adoption.instance = info.instance;
  adoption.physical_device = info.physical_device;
  adoption.device = info.device;
  adoption.api_version = VK_API_VERSION_1_2;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  adoption.queue_count = 1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  glvk_queue wrong = queue;
  adoption.queues = &wrong;
  wrong.struct_size = 0;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  wrong = queue;
  wrong.family = 77;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  wrong = queue;
  wrong.unlock = NULL;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  wrong = queue;
  wrong.queue = VK_NULL_HANDLE;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  wrong = queue;
  wrong.flags = 0;
  adoption.api_version = VK_API_VERSION_1_0;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  adoption.api_version = VK_API_VERSION_1_2;
  adoption.device_extension_count = 1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  const char *const none[] = {NULL};
  adoption.device_extensions = none;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_host_adopt(&adoption, &adopted));
  adoption.device_extension_count = 0;
  EXPECT(SUCCESS, glvk_host_adopt(&adoption, &adopted));
  GLVK_INIT(wrong);
  EXPECT(SUCCESS, glvk_host_get_queue(adopted, 0, &wrong));
  CHECK(wrong.flags == queue.flags); /* 0 asked the device */
  /* Without the extensions there is no sharing, and it says which. */
  glvk_image_options options;
  GLVK_INIT(options);
  options.width = options.height = 16;
  glvk_image image;
  EXPECT(ERROR_UNSUPPORTED, glvk_image_create(context, adopted, &options, &image));
  CHECK(glvk_last_error_missing_count() > 0 && strstr(glvk_last_error_missing(0), "VK_KHR_external_memory_fd"));
  EXPECT(SUCCESS, glvk_host_destroy(adopted));
  EXPECT(ERROR_INVALID_HANDLE, glvk_host_destroy(adopted));
}

static void matrices(void) {
  glvk_probe_options options;
  glvk_matrix matrix;
  glvk_cell cell;
  glvk_choice choice;
  size_t count, size;
  char small[8];
  GLVK_INIT(options);
  GLVK_INIT(cell);
  GLVK_INIT(choice);
  options.context = context;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_probe(&options, &matrix));
  options.host = host;
  options.only_lists = 1;
  options.ignores_cache = 1;
  EXPECT(SUCCESS, glvk_matrix_probe(&options, &matrix));
  all_with(matrix.id, "matrix", GLVK_ERROR_INVALID_HANDLE);
  EXPECT(SUCCESS, glvk_matrix_cell_count(matrix, &count));
  CHECK(count > 0);
  EXPECT(SUCCESS, glvk_matrix_get_cell(matrix, count - 1, &cell));
  CHECK(cell.verdict == GLVK_VERDICT_NOT_TRIED && cell.path != 0 && cell.width == 960);
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_get_cell(matrix, count, &cell));
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_get_cell(matrix, SIZE_MAX, &cell));
  EXPECT(ERROR_NOT_AVAILABLE, glvk_matrix_best_path(matrix, NULL, &choice));
  glvk_requirements requirements;
  GLVK_INIT(requirements);
  EXPECT(ERROR_NOT_AVAILABLE, glvk_matrix_best_path(matrix, &requirements, &choice));
  requirements.format_count = 1;
  EXPECT(ERROR_INVALID_ARGUMENT, glvk_matrix_best_path(matrix, &requirements, &choice));
  EXPECT(ERROR_BUFFER_TOO_SMALL, glvk_matrix_get_json(matrix, small, sizeof small, &size));
  char *text = malloc(size);
  EXPECT(SUCCESS, glvk_matrix_get_json(matrix, text, size, &count));
  CHECK(count == size && strlen(text) + 1 == size && strstr(text, "\"cells\""));
  free(text);
  EXPECT(SUCCESS, glvk_matrix_destroy(matrix));
  EXPECT(ERROR_INVALID_HANDLE, glvk_matrix_destroy(matrix));
}

static void with_drivers(void) { frames(GLVK_PATH_AUTOMATIC); }

static void open_drivers(void) {
  glvk_surfaceless_options surfaceless;
  GLVK_INIT(surfaceless);
  const char *library = getenv("INTEROP_TEST_EGL_LIBRARY");
  if (library && *library) {
    surfaceless.platform = GLVK_PLATFORM_ANGLE;
    surfaceless.angle_path = library;
    surfaceless.gles = 1;
  }
  EXPECT(SUCCESS, glvk_context_create_surfaceless(&surfaceless, &context));
  glvk_host_creation creation;
  GLVK_INIT(creation);
  creation.context = context;
  EXPECT(SUCCESS, glvk_host_create(&creation, &host));
}

static void close_drivers(void) {
  EXPECT(SUCCESS, glvk_host_destroy(host));
  EXPECT(SUCCESS, glvk_context_destroy(context));
  EXPECT(ERROR_INVALID_HANDLE, glvk_context_destroy(context));
}

int main(int argc, char **argv) {
  int is_short = argc > 1 && strcmp(argv[1], "short") == 0, round;
  CHECK(glvk_abi_version() == GLVK_ABI_VERSION);
  handles_that_are_none(is_short);
  arguments();
  errors_of_threads();
  unsigned descriptors = 0;
  for (round = 0; round < (is_short ? 1 : 3); round++) {
    open_drivers();
    hosts();
    matrices();
    images();
    external_images();
    dropped_frames();
    frames(GLVK_PATH_HOST_COPY);
    close_drivers();
    open_drivers();
    dropped_gl_frames();
    consumers(GLVK_PATH_HOST_COPY);
    consumers(GLVK_PATH_AUTOMATIC);
    close_drivers();
    /* The context of a producer that was told of its end is used up: another one. */
    open_drivers();
    with_drivers();
    close_drivers();
    CHECK(glvk_live_object_count() == 0);
    /* Drivers keep some of theirs from the first time on. */
    if (round == 1) descriptors = open_descriptors();
    if (round == 2) CHECK(open_descriptors() <= descriptors);
  }
  glvk_last_error_clear();
  printf("%u checks, %u failed\n", checks, failures);
  return failures != 0;
}
