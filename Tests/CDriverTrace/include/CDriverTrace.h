// A loader that returns thunks: if the package's function tables are filled from it, every driver call is recorded,
// counted, or made to fail. Swift's side of it is DriverTrace in Tests/InteropTestSupport.
//
// The thunks are functions of the process, so it traces one libEGL and one Vulkan loader per process.
#ifndef CDRIVERTRACE_H
#define CDRIVERTRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "PretendedQueues.h"

/// The traced functions, TRACE_eglGetError and so on.
typedef enum trace_function {
#define EGL(result, name, ...) TRACE_##name,
#define GL(result, name, ...) TRACE_##name,
#define GL_VOID(name, ...) TRACE_##name,
#define VK(result, name, ...) TRACE_##name,
#define VK_VOID(name, ...) TRACE_##name,
#include "../TracedFunctions.h"
#undef EGL
#undef GL
#undef GL_VOID
#undef VK
#undef VK_VOID
  TRACE_FUNCTION_COUNT
} trace_function;

/// The kinds of objects whose number is kept.
typedef enum trace_object {
#define OBJECT(kind) TRACE_OBJECT_##kind,
#include "../TracedObjects.h"
#undef OBJECT
  TRACE_OBJECT_COUNT
} trace_object;

/// One call as its thunk saw it. The pointers are good during the hook only.
typedef struct trace_call {
  trace_function function;
  /// The driver was not asked; the thunk answered with a failure.
  bool injected;
  /// Orders the calls of all threads: drawn as a call returns, or as it starts where it gives a handle or a file
  /// descriptor back (another thread may be handed the same one before this call returns).
  uint64_t sequence;
  /// The kernel's thread id.
  uint64_t thread;
  /// The EGL context current on the thread, NULL outside EGL.
  const void *context;
  /// What the function returned, a pointer as its bits, 0 for void.
  int64_t result;
  /// Of a call that gives a file descriptor to a driver, which may close it: the file's inode before the call, else 0.
  uint64_t inode;
  /// And the number under which a driver gave this file out, or a duplicate of it; -1 if none did.
  int32_t given_out_as;
  /// The addresses of the arguments in the order of the parameters.
  void *const *arguments;
} trace_call;

typedef void (*trace_hook)(const trace_call *call);

/// "vkCreateImage".
const char *trace_function_name(trace_function function);
/// "VkImage".
const char *trace_object_name(trace_object object);

/// What a loader answers for `name` where the driver's answer is `real`: NULL for NULL, the thunk for a traced
/// function, and `real` itself for any other name, which then counts as untraced.
void *trace_resolve(const char *name, void *real);

/// Makes `real` (an eglGetProcAddress) the traced one and returns its thunk; NULL if another one is traced already.
void *trace_eglGetProcAddress(void *real);

/// Makes `real` (a vkGetInstanceProcAddr) the traced one and returns its thunk; NULL if another one is traced already.
///
/// A thunk calls what vkGetInstanceProcAddr gave for its name, the loader's trampoline, also where the caller asked
/// vkGetDeviceProcAddr: the trampoline finds the driver by the handle and so is right for every instance and device.
void *trace_vkGetInstanceProcAddr(void *real);

/// Names that were resolved and have no thunk, or came from a second driver; `index` from 0, NULL at the end.
const char *trace_untraced_name(int index);

/// Calls `hook` for every call that returns, until trace_stop_recording.
void trace_start_recording(trace_hook hook, bool this_thread_only);
void trace_stop_recording(void);

/// Makes the `n`-th call (from 1) fail of those that can fail and have `matching[function]`, and with `times` above 1
/// those that follow.
void trace_start_failing(uint64_t n, uint64_t times, const bool matching[TRACE_FUNCTION_COUNT], bool this_thread_only);
/// Ends it. The function that was made to fail, the last one, or TRACE_FUNCTION_COUNT if it did not come to that.
trace_function trace_stop_failing(void);

/// How many objects of the kind were made less how many were destroyed, since the process began.
int64_t trace_live_objects(trace_object object);

#endif
