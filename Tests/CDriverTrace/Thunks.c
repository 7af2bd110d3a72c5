// One thunk per entry of TracedFunctions.h.

// The prototypes, to check the lines against the registries' headers. Nothing here is linked.
#define GL_GLEXT_PROTOTYPES 1
#define EGL_EGLEXT_PROTOTYPES 1
#include "../../Sources/CInteropGraphics/CInteropGraphics.h"

// Of the compatibility profile, whose gl.h does not go with the headers above.
void APIENTRY glPixelTransferf(GLenum pname, GLfloat param);

#include "Internal.h"

// The error that the next glGetError or eglGetError of this thread reports in the driver's place.
typedef struct {
  uint64_t injection;
  uint32_t code;
} pending_error;

static _Thread_local pending_error pending_gl, pending_egl;

static void raise_error(pending_error *error, uint32_t code) {
  *error = (pending_error){.injection = atomic_load(&trace_injection), .code = code};
}

static bool take_error(pending_error *error, uint32_t *code) {
  if (error->code == 0) return false;
  bool current = error->injection == atomic_load(&trace_injection);
  *code = error->code;
  error->code = 0;
  return current;
}

static int64_t count_names(GLsizei n, const GLuint *names) {
  int64_t count = 0;
  for (GLsizei i = 0; i < n; i++) count += names[i] != 0;
  return count;
}

static void clear_names(GLsizei n, GLuint *names) {
  for (GLsizei i = 0; i < n; i++) names[i] = 0;
}

static void clear_command_buffers(const VkCommandBufferAllocateInfo *info, VkCommandBuffer *buffers) {
  for (uint32_t i = 0; i < info->commandBufferCount; i++) buffers[i] = VK_NULL_HANDLE;
}

static void clear_descriptor_sets(const VkDescriptorSetAllocateInfo *info, VkDescriptorSet *sets) {
  for (uint32_t i = 0; i < info->descriptorSetCount; i++) sets[i] = VK_NULL_HANDLE;
}

static void clear_pipelines(uint32_t count, VkPipeline *pipelines) {
  for (uint32_t i = 0; i < count; i++) pipelines[i] = VK_NULL_HANDLE;
}

static int64_t count_pipelines(uint32_t count, const VkPipeline *pipelines) {
  int64_t made = 0;
  for (uint32_t i = 0; i < count; i++) made += pipelines[i] != VK_NULL_HANDLE;
  return made;
}

// On a lost device nothing runs any more, so callers may destroy what was in use. On the real one, which is not lost,
// they may only when it is idle; so an injected VK_ERROR_DEVICE_LOST comes after a wait.
static void wait_for_device(VkDevice device) {
  PFN_vkDeviceWaitIdle wait = (PFN_vkDeviceWaitIdle)atomic_load(&trace_real[TRACE_vkDeviceWaitIdle]);
  if (wait != NULL) (void)wait(device);
}

// &a, &b, for (a, b).
#define EXPAND(...) EXPAND3(EXPAND3(EXPAND3(__VA_ARGS__)))
#define EXPAND3(...) EXPAND2(EXPAND2(EXPAND2(__VA_ARGS__)))
#define EXPAND2(...) __VA_ARGS__
#define PARENTHESES ()
#define ADDRESS_EACH(first, ...) (void *)&first, __VA_OPT__(ADDRESS_AGAIN PARENTHESES(__VA_ARGS__))
#define ADDRESS_AGAIN() ADDRESS_EACH
#define ADDRESSES(...) __VA_OPT__(EXPAND(ADDRESS_EACH(__VA_ARGS__)))

// The failure column: whether the call can be made to fail, …
#define CAN_NEVER false
#define CAN_PENDING_EGL false
#define CAN_PENDING_GL false
#define CAN_VK_FAILS(...) true
#define CAN_EGL_FAILS(...) true
#define CAN_EGL_FAILS_IF(condition, ...) (condition)
#define CAN_GL_FAILS(...) true
#define CAN_GL_RAISES(...) true
#define CAN_GL_ANSWERS(...) true
#define CAN_GL_WRITES(...) true

// … how it then does, …
#define FAIL_NEVER
#define FAIL_PENDING_EGL
#define FAIL_PENDING_GL
#define FAIL_VK_FAILS(code, ...) __VA_OPT__(__VA_ARGS__;) result = code;
#define FAIL_EGL_FAILS(value, error, ...) \
  __VA_OPT__(__VA_ARGS__;) raise_error(&pending_egl, error); \
  result = value;
#define FAIL_EGL_FAILS_IF(condition, value, error) FAIL_EGL_FAILS(value, error)
#define FAIL_GL_FAILS(value) \
  raise_error(&pending_gl, GL_OUT_OF_MEMORY); \
  result = value;
#define FAIL_GL_RAISES(...) __VA_OPT__(__VA_ARGS__;) raise_error(&pending_gl, GL_OUT_OF_MEMORY);
#define FAIL_GL_ANSWERS(value, ...) __VA_OPT__(__VA_ARGS__;) result = value;
#define FAIL_GL_WRITES(statement) statement;

// … and whether an earlier failure's error is what it returns.
#define TAKE_NEVER false
#define TAKE_PENDING_EGL take_error(&pending_egl, (uint32_t *)&result)
#define TAKE_PENDING_GL take_error(&pending_gl, &result)
#define TAKE_VK_FAILS(...) false
#define TAKE_EGL_FAILS(...) false
#define TAKE_EGL_FAILS_IF(...) false
#define TAKE_GL_FAILS(...) false
#define TAKE_GL_ANSWERS(...) false

// The lifetime column: what to count, and whether the call gives something back that another thread may get at once.
#define COUNT_NOTHING
#define COUNT_TAKES
#define COUNT_MAKES(kind, number) \
  atomic_fetch_add_explicit(&trace_live[TRACE_OBJECT_##kind], (number), memory_order_relaxed);
#define COUNT_ENDS(kind, number) \
  atomic_fetch_sub_explicit(&trace_live[TRACE_OBJECT_##kind], (number), memory_order_relaxed);
#define FIRST_NOTHING false
#define FIRST_TAKES true
#define FIRST_MAKES(...) false
#define FIRST_ENDS(...) true

// The two shapes of a thunk. `before` is what the API does at the start of each call.
#define THUNK(type, name, parameters, arguments_, failure, lifetime, before) \
  static type APIENTRY thunk_##name parameters { \
    type(APIENTRY *real) parameters = \
      (type(APIENTRY *) parameters)atomic_load_explicit(&trace_real[TRACE_##name], memory_order_acquire); \
    type result = (type)0; \
    before if (atomic_load_explicit(&trace_mode, memory_order_acquire) == 0) { \
      result = real arguments_; \
      COUNT_##lifetime return result; \
    } \
    void *arguments[] = {ADDRESSES arguments_ NULL}; \
    trace_call call = trace_enter(TRACE_##name, arguments, CAN_##failure, FIRST_##lifetime); \
    if (call.injected) { \
      FAIL_##failure \
    } else if (!(TAKE_##failure)) { \
      result = real arguments_; \
      COUNT_##lifetime \
    } \
    trace_leave(&call, (int64_t)result); \
    return result; \
  }

#define THUNK_VOID(name, parameters, arguments_, failure, lifetime) \
  static void APIENTRY thunk_##name parameters { \
    void(APIENTRY * real) parameters = \
      (void(APIENTRY *) parameters)atomic_load_explicit(&trace_real[TRACE_##name], memory_order_acquire); \
    if (atomic_load_explicit(&trace_mode, memory_order_acquire) == 0) { \
      real arguments_; \
      COUNT_##lifetime return; \
    } \
    void *arguments[] = {ADDRESSES arguments_ NULL}; \
    trace_call call = trace_enter(TRACE_##name, arguments, CAN_##failure, FIRST_##lifetime); \
    if (call.injected) { \
      FAIL_##failure \
    } else { \
      real arguments_; \
      COUNT_##lifetime \
    } \
    trace_leave(&call, 0); \
  }

// Every EGL call but eglGetError sets the thread's error anew (EGL 1.5, 3.1).
#define FORGET_EGL_ERROR(name) \
  if (TRACE_##name != TRACE_eglGetError) pending_egl.code = 0;

// A line that does not fit its header does not compile: the thunk is declared with the header's type first.
#define EGL(type, name, parameters, arguments, failure, lifetime) \
  static __typeof__(name) thunk_##name; \
  THUNK(type, name, parameters, arguments, failure, lifetime, FORGET_EGL_ERROR(name))
#define GL(type, name, parameters, arguments, failure, lifetime) \
  static __typeof__(name) thunk_##name; \
  THUNK(type, name, parameters, arguments, failure, lifetime, )
#define GL_VOID(name, parameters, arguments, failure, lifetime) \
  static __typeof__(name) thunk_##name; \
  THUNK_VOID(name, parameters, arguments, failure, lifetime)
#define VK(type, name, parameters, arguments, failure, lifetime) \
  static __typeof__(*(PFN_##name)NULL) thunk_##name; \
  THUNK(type, name, parameters, arguments, failure, lifetime, )
#define VK_VOID(name, parameters, arguments, failure, lifetime) \
  static __typeof__(*(PFN_##name)NULL) thunk_##name; \
  THUNK_VOID(name, parameters, arguments, failure, lifetime)
#include "TracedFunctions.h"
#undef EGL
#undef GL
#undef GL_VOID
#undef VK
#undef VK_VOID

void *const trace_thunks[TRACE_FUNCTION_COUNT] = {
#define EGL(result, name, ...) [TRACE_##name] = (void *)thunk_##name,
#define GL(result, name, ...) [TRACE_##name] = (void *)thunk_##name,
#define GL_VOID(name, ...) [TRACE_##name] = (void *)thunk_##name,
#define VK(result, name, ...) [TRACE_##name] = (void *)thunk_##name,
#define VK_VOID(name, ...) [TRACE_##name] = (void *)thunk_##name,
#include "TracedFunctions.h"
};
