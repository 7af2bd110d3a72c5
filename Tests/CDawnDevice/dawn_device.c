#include "dawn_device.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct view {
  const char *data;
  size_t length;
} view;
typedef struct callback_info {
  void *next;
  uint32_t mode;
  void *callback, *user1, *user2;
} callback_info;
typedef struct error_info {
  void *next;
  void *callback, *user1, *user2;
} error_info;
typedef struct device_descriptor {
  void *next;
  view label;
  size_t feature_count;
  const uint32_t *features;
  const void *limits;
  void *queue_next;
  view queue_label;
  callback_info lost;
  error_info error;
} device_descriptor;
typedef struct new_adapter_options {
  void *next;
  uint32_t level, power, fallback, backend;
  void *surface;
} new_adapter_options;
typedef struct old_adapter_options {
  void *next, *surface;
  uint32_t level, power, backend, fallback, compatibility;
} old_adapter_options;

enum { ALLOW_PROCESS_EVENTS = 2, ALLOW_SPONTANEOUS = 3, VULKAN = 6 };

static void note(dawn_device *device, view text) {
  if (!text.data) return;
  const size_t length = text.length == SIZE_MAX ? strlen(text.data) : text.length;
  const size_t used = strlen(device->message);
  snprintf(device->message + used, sizeof device->message - used, "%.*s\n", (int)length, text.data);
}

typedef struct answer {
  uint32_t status;
  void *object;
  int came;
} answer;
static void got(uint32_t status, void *object, view text, void *user1, void *user2) {
  answer *out = user1;
  out->status = status;
  out->object = object;
  out->came = 1;
  note(user2, text);
}
static void went_wrong(void *const *device, uint32_t type, view text, void *user1, void *user2) {
  (void)device, (void)type, (void)user2;
  dawn_device *out = user1;
  out->errors++;
  note(out, text);
}
static void was_lost(void *const *device, uint32_t reason, view text, void *user1, void *user2) {
  (void)device, (void)reason, (void)text, (void)user1, (void)user2;
}

void dawn_device_process(dawn_device *d) {
  void (*process)(void *) = (void (*)(void *))dlsym(d->library, "wgpuInstanceProcessEvents");
  process(d->instance);
}

static int wait_for(dawn_device *d, answer *a) {
  const struct timespec pause = {0, 1000000};
  for (int i = 0; !a->came && i < 20000; i++) {
    dawn_device_process(d);
    if (!a->came) nanosleep(&pause, NULL);
  }
  return a->came && a->status <= 1 && a->object ? 0 : -1;
}

int dawn_device_open(dawn_device *d, const char *path, const uint32_t *left_out) {
  memset(d, 0, sizeof *d);
  d->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!d->library) {
    snprintf(d->message, sizeof d->message, "%s", dlerror());
    return -1;
  }
  d->is_old = dlsym(d->library, "wgpuInstanceRequestAdapter2") != NULL;
  void *(*create)(const void *) = (void *(*)(const void *))dlsym(d->library, "wgpuCreateInstance");
  d->instance = create(NULL);
  uint64_t (*request_adapter)(void *, const void *, callback_info) = (uint64_t(*)(void *, const void *,
    callback_info))dlsym(d->library, d->is_old ? "wgpuInstanceRequestAdapter2" : "wgpuInstanceRequestAdapter");
  new_adapter_options fresh = {0};
  fresh.backend = VULKAN;
  old_adapter_options old = {0};
  old.backend = VULKAN;
  answer a = {0};
  callback_info info = {NULL, ALLOW_PROCESS_EVENTS, (void *)got, &a, d};
  request_adapter(d->instance, d->is_old ? (const void *)&old : (const void *)&fresh, info);
  if (wait_for(d, &a)) return -1;
  d->adapter = a.object;

  uint32_t (*has)(void *, uint32_t) = (uint32_t(*)(void *, uint32_t))dlsym(d->library, "wgpuAdapterHasFeature");
  uint32_t features[64], count = 0;
  /* The features for shared memory and fences, in both numberings; the adapter knows its own. */
  for (uint32_t number = 0x5001D; number <= 0x50030; number++) {
    int leaves = 0;
    for (const uint32_t *out = left_out; out && *out; out++) leaves |= *out == number;
    if (!leaves && has(d->adapter, number)) features[count++] = number;
  }
  device_descriptor descriptor;
  memset(&descriptor, 0, sizeof descriptor);
  descriptor.feature_count = count;
  descriptor.features = features;
  descriptor.lost.mode = ALLOW_SPONTANEOUS;
  descriptor.lost.callback = (void *)was_lost;
  descriptor.error.callback = (void *)went_wrong;
  descriptor.error.user1 = d;
  uint64_t (*request_device)(void *, const void *, callback_info) = (uint64_t(*)(void *, const void *,
    callback_info))dlsym(d->library, d->is_old ? "wgpuAdapterRequestDevice2" : "wgpuAdapterRequestDevice");
  memset(&a, 0, sizeof a);
  request_device(d->adapter, &descriptor, info);
  if (wait_for(d, &a)) return -1;
  d->device = a.object;
  void *(*get_queue)(void *) = (void *(*)(void *))dlsym(d->library, "wgpuDeviceGetQueue");
  d->queue = get_queue(d->device);
  return 0;
}

static void drop(dawn_device *d, const char *function, void **object) {
  void (*release)(void *) = (void (*)(void *))dlsym(d->library, function);
  if (*object) release(*object);
  *object = NULL;
}
void dawn_device_close(dawn_device *d) {
  if (!d->library) return;
  drop(d, "wgpuQueueRelease", &d->queue);
  drop(d, "wgpuDeviceRelease", &d->device);
  drop(d, "wgpuAdapterRelease", &d->adapter);
  drop(d, "wgpuInstanceRelease", &d->instance);
}

void dawn_device_copy(dawn_device *d, void *source, void *destination, uint32_t width, uint32_t height) {
  typedef struct texture_part {
    void *texture;
    uint32_t level, x, y, z, aspect;
  } texture_part;
  void *(*create)(void *, const void *) =
    (void *(*)(void *, const void *))dlsym(d->library, "wgpuDeviceCreateCommandEncoder");
  void (*copy)(void *, const texture_part *, const texture_part *, const uint32_t *) =
    (void (*)(void *, const texture_part *, const texture_part *, const uint32_t *))dlsym(
      d->library, "wgpuCommandEncoderCopyTextureToTexture");
  void *(*finish)(void *, const void *) =
    (void *(*)(void *, const void *))dlsym(d->library, "wgpuCommandEncoderFinish");
  void (*submit)(void *, size_t, void *const *) =
    (void (*)(void *, size_t, void *const *))dlsym(d->library, "wgpuQueueSubmit");
  void *encoder = create(d->device, NULL);
  const texture_part from = {source, 0, 0, 0, 0, 1}, to = {destination, 0, 0, 0, 0, 1};
  const uint32_t size[3] = {width, height, 1};
  copy(encoder, &from, &to, size);
  void *commands = finish(encoder, NULL);
  submit(d->queue, 1, &commands);
  drop(d, "wgpuCommandBufferRelease", &commands);
  drop(d, "wgpuCommandEncoderRelease", &encoder);
}
