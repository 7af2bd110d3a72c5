#define _GNU_SOURCE
#include "Internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Atomic int trace_mode;
_Atomic(void *) trace_real[TRACE_FUNCTION_COUNT];
_Atomic int64_t trace_live[TRACE_OBJECT_COUNT];
_Atomic uint64_t trace_injection;

static const char *const function_names[TRACE_FUNCTION_COUNT] = {
#define EGL(result, name, ...) [TRACE_##name] = #name,
#define GL(result, name, ...) [TRACE_##name] = #name,
#define GL_VOID(name, ...) [TRACE_##name] = #name,
#define VK(result, name, ...) [TRACE_##name] = #name,
#define VK_VOID(name, ...) [TRACE_##name] = #name,
#include "TracedFunctions.h"
};

static const char *const object_names[TRACE_OBJECT_COUNT] = {
#define OBJECT(kind) [TRACE_OBJECT_##kind] = #kind,
#include "TracedObjects.h"
};

const char *trace_function_name(trace_function function) { return function_names[function]; }
const char *trace_object_name(trace_object object) { return object_names[object]; }

int64_t trace_live_objects(trace_object object) { return atomic_load(&trace_live[object]); }

// Resolving.

// Guards what resolving writes: first come decides which driver function a thunk calls.
static pthread_mutex_t resolving = PTHREAD_MUTEX_INITIALIZER;
static const char *untraced[256];
static int untraced_count;

static void note_untraced(const char *name) {
  for (int i = 0; i < untraced_count; i++) {
    if (strcmp(untraced[i], name) == 0) return;
  }
  if (untraced_count < (int)(sizeof untraced / sizeof *untraced)) untraced[untraced_count++] = strdup(name);
}

const char *trace_untraced_name(int index) {
  pthread_mutex_lock(&resolving);
  const char *name = index < untraced_count ? untraced[index] : NULL;
  pthread_mutex_unlock(&resolving);
  return name;
}

static trace_function find(const char *name) {
  trace_function function = 0;
  while (function < TRACE_FUNCTION_COUNT && strcmp(function_names[function], name) != 0) function++;
  return function;
}

void *trace_resolve(const char *name, void *real) {
  if (real == NULL) return NULL;
  trace_function function = find(name);
  void *answer = real;
  pthread_mutex_lock(&resolving);
  if (function == TRACE_FUNCTION_COUNT) {
    note_untraced(name);
  } else {
    void *known = atomic_load(&trace_real[function]);
    if (known == NULL) atomic_store_explicit(&trace_real[function], real, memory_order_release);
    if (known == NULL || known == real) answer = trace_thunks[function];
    // A second driver's function: its thunk would call the first one's.
    else note_untraced(name);
  }
  pthread_mutex_unlock(&resolving);
  return answer;
}

typedef void *(*get_proc_address)(const char *name);
typedef void *(*get_handle_proc_address)(void *handle, const char *name);

static _Atomic(void *) real_egl_get, real_instance_get, real_device_get;

// Whether `real` is now the traced one.
static bool settle(_Atomic(void *) *slot, void *real) {
  void *none = NULL;
  return atomic_compare_exchange_strong(slot, &none, real) || none == real;
}

static void *egl_get(const char *name) {
  if (strcmp(name, "eglGetProcAddress") == 0) return (void *)egl_get;
  return trace_resolve(name, ((get_proc_address)atomic_load(&real_egl_get))(name));
}

void *trace_eglGetProcAddress(void *real) {
  return real != NULL && settle(&real_egl_get, real) ? (void *)egl_get : NULL;
}

static void *instance_get(void *instance, const char *name);

static void *device_get(void *device, const char *name) {
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) return (void *)device_get;
  void *real = ((get_handle_proc_address)atomic_load(&real_device_get))(device, name);
  if (real == NULL) return NULL;
  trace_function function = find(name);
  // What the thunk calls is the trampoline that instance_get resolved; `real` is this device's own.
  if (function != TRACE_FUNCTION_COUNT && atomic_load(&trace_real[function]) != NULL) return trace_thunks[function];
  pthread_mutex_lock(&resolving);
  note_untraced(name);
  pthread_mutex_unlock(&resolving);
  return real;
}

static void *instance_get(void *instance, const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (void *)instance_get;
  get_handle_proc_address get = (get_handle_proc_address)atomic_load(&real_instance_get);
  void *real = get(instance, name);
  if (real == NULL) return NULL;
  if (strcmp(name, "vkGetDeviceProcAddr") != 0) return trace_resolve(name, real);
  if (!settle(&real_device_get, real)) {
    pthread_mutex_lock(&resolving);
    note_untraced(name);
    pthread_mutex_unlock(&resolving);
    return real;
  }
  // The trampolines device_get will need: a device does not tell its instance, so ask while there is one.
  for (trace_function function = 0; function < TRACE_FUNCTION_COUNT; function++) {
    if (strncmp(function_names[function], "vk", 2) == 0) {
      (void)trace_resolve(function_names[function], get(instance, function_names[function]));
    }
  }
  return (void *)device_get;
}

void *trace_vkGetInstanceProcAddr(void *real) {
  return real != NULL && settle(&real_instance_get, real) ? (void *)instance_get : NULL;
}

// Recording and failing.

static _Atomic(trace_hook) recorder;
static _Atomic uint64_t recorded_thread, failed_thread;  // 0: every thread
static _Atomic uint64_t next_sequence;
static _Atomic uint64_t failable_calls, failing_call, failing_times;
static _Atomic bool failing_functions[TRACE_FUNCTION_COUNT];
static _Atomic trace_function failed_function;

static uint64_t this_thread(void) {
  static _Thread_local uint64_t id;
  if (id == 0) id = (uint64_t)gettid();
  return id;
}

static bool selected(_Atomic uint64_t *wanted, uint64_t thread) {
  uint64_t only = atomic_load(wanted);
  return only == 0 || only == thread;
}

static const void *current_context(void) {
  void *(*get)(void) = (void *(*)(void))atomic_load(&trace_real[TRACE_eglGetCurrentContext]);
  return get != NULL ? get() : NULL;
}

trace_call trace_enter(trace_function function, void *const *arguments, bool can_fail, bool draws_first) {
  trace_call call = {.function = function, .arguments = arguments, .thread = this_thread(), .given_out_as = -1};
  if (can_fail && (atomic_load(&trace_mode) & TRACE_FAILS) && selected(&failed_thread, call.thread) &&
      atomic_load(&failing_functions[function])) {
    uint64_t first = atomic_load(&failing_call);
    uint64_t number = atomic_fetch_add(&failable_calls, 1) + 1;
    call.injected = number >= first && number - first < atomic_load(&failing_times);
    if (call.injected) atomic_store(&failed_function, function);
  }
  if (atomic_load(&trace_mode) & TRACE_RECORDS) trace_note_taken(&call);
  if (draws_first) call.sequence = atomic_fetch_add(&next_sequence, 1) + 1;
  return call;
}

void trace_leave(trace_call *call, int64_t result) {
  if (!(atomic_load(&trace_mode) & TRACE_RECORDS) || !selected(&recorded_thread, call->thread)) return;
  trace_hook hook = atomic_load(&recorder);
  if (hook == NULL) return;
  if (call->sequence == 0) call->sequence = atomic_fetch_add(&next_sequence, 1) + 1;
  call->context = current_context();
  call->result = result;
  trace_note_given_out(call);
  hook(call);
}

void trace_start_recording(trace_hook hook, bool this_thread_only) {
  atomic_store(&recorder, hook);
  atomic_store(&recorded_thread, this_thread_only ? this_thread() : 0);
  atomic_fetch_or(&trace_mode, TRACE_RECORDS);
}

void trace_stop_recording(void) {
  atomic_fetch_and(&trace_mode, ~TRACE_RECORDS);
  atomic_store(&recorder, NULL);
}

void trace_start_failing(uint64_t n, uint64_t times, const bool matching[TRACE_FUNCTION_COUNT], bool this_thread_only) {
  for (int i = 0; i < TRACE_FUNCTION_COUNT; i++) atomic_store(&failing_functions[i], matching[i]);
  atomic_store(&failable_calls, 0);
  atomic_store(&failing_call, n);
  atomic_store(&failing_times, times);
  atomic_store(&failed_function, TRACE_FUNCTION_COUNT);
  atomic_store(&failed_thread, this_thread_only ? this_thread() : 0);
  atomic_fetch_add(&trace_injection, 1);
  atomic_fetch_or(&trace_mode, TRACE_FAILS);
}

trace_function trace_stop_failing(void) {
  atomic_fetch_and(&trace_mode, ~TRACE_FAILS);
  atomic_fetch_add(&trace_injection, 1);
  return atomic_load(&failed_function);
}
