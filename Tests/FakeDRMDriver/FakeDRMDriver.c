#define _GNU_SOURCE
#include "Internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

fake_drm_driver fake;
bool fake_is_on;
known_modifier fake_modifiers[16];
uint32_t fake_modifier_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { KEPT_VIOLATIONS = 64 };
static char *violations[KEPT_VIOLATIONS];
static int64_t violation_count, live_objects, imports;

void fake_drm_start(const fake_drm_driver *driver) {
  pthread_mutex_lock(&lock);
  fake = *driver;
  fake_modifier_count = 0;
  imports = 0;
  for (int64_t i = 0; i < violation_count && i < KEPT_VIOLATIONS; i++) free(violations[i]);
  violation_count = 0;
  fake_is_on = true;
  pthread_mutex_unlock(&lock);
}

void fake_drm_add_modifier(const fake_drm_modifier *modifier, const fake_drm_plane planes[FAKE_DRM_PLANES]) {
  if (fake_modifier_count == sizeof fake_modifiers / sizeof *fake_modifiers) abort();
  known_modifier *known = &fake_modifiers[fake_modifier_count++];
  known->is = *modifier;
  memcpy(known->planes, planes, sizeof known->planes);
}

void fake_drm_change(const fake_drm_driver *driver) { fake = *driver; }
void fake_drm_stop(void) { fake_is_on = false; }

known_modifier *find_modifier(uint64_t modifier) {
  for (uint32_t i = 0; i < fake_modifier_count; i++) {
    if (fake_modifiers[i].is.modifier == modifier) return &fake_modifiers[i];
  }
  return NULL;
}

uint64_t plane_bytes(const known_modifier *known, uint32_t plane, uint64_t stride, uint32_t height) {
  uint64_t size = known != NULL && plane < FAKE_DRM_PLANES ? known->planes[plane].size : 0;
  return size != 0 ? size : stride * height;
}

// Violations.

void violate(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = NULL;
  if (vasprintf(&text, format, arguments) < 0) abort();
  va_end(arguments);
  pthread_mutex_lock(&lock);
  if (violation_count < KEPT_VIOLATIONS) violations[violation_count] = text;
  else free(text);
  violation_count++;
  pthread_mutex_unlock(&lock);
}

const char *fake_drm_violation(int index) {
  pthread_mutex_lock(&lock);
  bool is_kept = index < violation_count && index < KEPT_VIOLATIONS;
  const char *text = is_kept ? violations[index] : NULL;
  pthread_mutex_unlock(&lock);
  return text;
}

int64_t fake_drm_violation_count(void) { return violation_count; }
int64_t fake_drm_live_objects(void) { return live_objects; }
int64_t fake_drm_imports(void) { return imports; }
void count_import(void) { __atomic_fetch_add(&imports, 1, __ATOMIC_RELAXED); }

// Objects.

enum { BUCKETS = 1024 };
static object *buckets[BUCKETS];

static object **bucket(object_kind kind, uint64_t handle) {
  return &buckets[(handle >> 4 ^ handle >> 14 ^ (uint64_t)kind << 3) % BUCKETS];
}

object *add_object(object_kind kind, uint64_t handle) {
  object *made = calloc(1, sizeof *made);
  if (made == NULL) abort();
  made->kind = kind;
  made->handle = handle != 0 ? handle : HANDLE(made);
  pthread_mutex_lock(&lock);
  object **at = bucket(kind, made->handle);
  made->next = *at;
  *at = made;
  if (kind != DEVICE) live_objects++;
  pthread_mutex_unlock(&lock);
  return made;
}

object *find_object(object_kind kind, uint64_t handle) {
  if (handle == 0) return NULL;
  pthread_mutex_lock(&lock);
  object *at = *bucket(kind, handle);
  while (at != NULL && !(at->kind == kind && at->handle == handle)) at = at->next;
  pthread_mutex_unlock(&lock);
  return at;
}

bool remove_object(object_kind kind, uint64_t handle) {
  if (handle == 0) return false;
  pthread_mutex_lock(&lock);
  object **at = bucket(kind, handle);
  while (*at != NULL && !((*at)->kind == kind && (*at)->handle == handle)) at = &(*at)->next;
  object *found = *at;
  if (found != NULL) {
    *at = found->next;
    if (kind != DEVICE) live_objects--;
  }
  pthread_mutex_unlock(&lock);
  free(found);
  return found != NULL;
}

// Files.

// What a memfd is, its seals say: others have other ones. A sync file has one seal more.
enum { BUFFER_SEALS = F_SEAL_GROW | F_SEAL_SHRINK, SYNC_FILE_SEALS = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE };

static int make_file(const char *name, uint64_t bytes, int seals) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  if (ftruncate(descriptor, (off_t)bytes) == 0 && fcntl(descriptor, F_ADD_SEALS, seals) == 0) return descriptor;
  int error = errno;
  close(descriptor);
  return -error;
}

int fake_drm_make_buffer(uint64_t bytes) { return make_file("fake-dma-buf", bytes, BUFFER_SEALS); }
bool fake_drm_is_buffer(int descriptor) { return fcntl(descriptor, F_GET_SEALS) == BUFFER_SEALS; }
int make_sync_file(void) { return make_file("fake-sync-file", 0, SYNC_FILE_SEALS); }
bool is_sync_file(int descriptor) { return fcntl(descriptor, F_GET_SEALS) == SYNC_FILE_SEALS; }

uint64_t file_bytes(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 ? (uint64_t)status.st_size : 0;
}

// Chains.

const void *chained(const void *first, VkStructureType type) {
  const VkBaseInStructure *at = first;
  while (at != NULL && at->sType != type) at = at->pNext;
  return at;
}

// Resolving.

typedef PFN_vkVoidFunction (*get_instance_address)(VkInstance instance, const char *name);
typedef void *(*get_egl_address)(const char *name);

static void *real_instance_get, *real_egl_get;

static PFN_vkVoidFunction get_vulkan(VkInstance instance, const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (PFN_vkVoidFunction)get_vulkan;
  PFN_vkVoidFunction real = ((get_instance_address)real_instance_get)(instance, name);
  if (instance == VK_NULL_HANDLE) return real;
  PFN_vkVoidFunction replacement = replace_vulkan_device(name, real);
  if (replacement == NULL) replacement = replace_vulkan_image(name, real);
  if (replacement == NULL) replacement = replace_vulkan_semaphore(name, real);
  return replacement != NULL ? replacement : real;
}

static bool settle(void **slot, void *real) {
  void *none = NULL;
  return __atomic_compare_exchange_n(slot, &none, real, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) || none == real;
}

void *fake_drm_vkGetInstanceProcAddr(void *real) {
  return real != NULL && settle(&real_instance_get, real) ? (void *)get_vulkan : NULL;
}

static void *get_egl(const char *name) {
  if (strcmp(name, "eglGetProcAddress") == 0) return (void *)get_egl;
  return fake_drm_replace(name, ((get_egl_address)real_egl_get)(name));
}

void *fake_drm_eglGetProcAddress(void *real) {
  return real != NULL && settle(&real_egl_get, real) ? (void *)get_egl : NULL;
}

void *fake_drm_replace(const char *name, void *real) {
  void *replacement = replace_egl_display(name, real);
  if (replacement == NULL) replacement = replace_egl_image(name, real);
  if (replacement == NULL) replacement = replace_egl_sync(name, real);
  return replacement != NULL ? replacement : real;
}

void *find_gl_function(const char *name) { return ((get_egl_address)real_egl_get)(name); }
