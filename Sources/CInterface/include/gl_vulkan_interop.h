/* C interface of swift-gl-vulkan-interop: gives Vulkan the pictures that OpenGL renders, as VkImages, and the reverse,
 * by sharing memory.
 *
 * An existing GL program adds:
 *
 *   glvk_producer producer;                                     // for the current context, with a device of its own
 *   glvk_producer_create(NULL, &producer);
 *   ... the program draws ...
 *   glvk_frame frame;                                           // before the swap
 *   glvk_producer_submit(producer, NULL, &frame);               // one blit of framebuffer 0 on the GPU
 *   glvk_frame_access(frame, NULL, record, user_data);          // any thread: commands that read the VkImage
 *
 * These rules hold for all functions:
 *
 * - Results: every function returns a glvk_result, 0 (GLVK_SUCCESS) or an error. glvk_last_error_*() describe the last
 *   error of the calling thread in words. The few functions that return another type say so. A function writes an
 *   out-parameter on success only, except for handles, which it sets to 0 after an error.
 * - Handles are 64-bit numbers with a generation. For 0, a stale or destroyed handle, or a handle of another kind, the
 *   result is GLVK_ERROR_INVALID_HANDLE. The library does not reuse the number of a destroyed handle. An object lives
 *   on while other objects need it: a device may be destroyed here before the producer that uses it.
 * - Structures that begin with struct_size may grow in later versions. Set all members to 0 and struct_size to sizeof
 *   the structure: GLVK_INIT(structure) does both. 0 is the usual choice for every member. Options that are NULL are
 *   the same as options whose members are all 0. Structures without struct_size never grow.
 * - Units: durations are nanoseconds. Sizes and rectangles are pixels. Booleans are uint32_t, 0 or 1 (any value but 0
 *   counts as 1).
 * - Strings that the caller passes are UTF-8 and end with 0. For strings that a function returns, its comment says how
 *   long they live.
 * - Threads: "GL thread" is the thread on which the context is current. On another thread the result is
 *   GLVK_ERROR_WRONG_THREAD and the function does nothing. All other functions may be called on any thread, with one
 *   frame or image on one thread at a time.
 * - Callbacks run on the calling thread before the function returns. They must not throw C++ exceptions or longjmp out.
 *   The object that the function was called with (the producer, the frame) is in use meanwhile, and calls with it
 *   return GLVK_ERROR_INVALID_STATE. A callback that may run later or on another thread says so.
 * - "Stands for" names the driver functions that a function calls in place of the application.
 * - No function here aborts the program for a caller's mistake, except for invalid pointers.
 *
 * Link with gcc or g++ alone: pkg-config --cflags --libs gl-vulkan-interop. GL names are plain numbers, so this header
 * goes with any GL header or none. */
#ifndef GL_VULKAN_INTEROP_H
#define GL_VULKAN_INTEROP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <vulkan/vulkan_core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GLVK_API __attribute__((visibility("default")))

/* The version of the interface. The major number is in the library's soname: when it changes, programs must be compiled
 * again. The minor number grows with each addition: a program works with the library it was compiled against and with
 * later ones. */
#define GLVK_ABI_MAJOR 1
#define GLVK_ABI_MINOR 0
#define GLVK_ABI_VERSION ((uint32_t)(GLVK_ABI_MAJOR << 16 | GLVK_ABI_MINOR))

/* Sets all members to 0 and struct_size to the size: glvk_producer_options options; GLVK_INIT(options); */
#define GLVK_INIT(structure) \
  ((void)memset(&(structure), 0, sizeof(structure)), (void)((structure).struct_size = sizeof(structure)))

/* Returns GLVK_ABI_VERSION of the loaded library. Any thread. Cannot fail. */
GLVK_API uint32_t glvk_abi_version(void);

/* Returns the release, "0.2.0". The string is static. Any thread. Cannot fail. */
GLVK_API const char *glvk_version_string(void);

/* ---- Results ----------------------------------------------------------------------------------------------------- */

/* The result of a function. */
typedef int32_t glvk_result;
enum {
  GLVK_SUCCESS = 0,
  /* An argument is invalid: NULL, size 0, an unknown enum value, a wrong struct_size, an incomplete framebuffer. The
   * library finds this out before it calls a driver. */
  GLVK_ERROR_INVALID_ARGUMENT = 1,
  /* A library (libEGL.so.1, libvulkan.so.1) or one of its functions is missing on this machine. */
  GLVK_ERROR_DRIVER_MISSING = 2,
  /* The GL driver or the Vulkan device lacks an extension or feature, which glvk_last_error_missing() names. */
  GLVK_ERROR_UNSUPPORTED = 3,
  /* A driver call failed; glvk_last_error_driver_code() returns the driver's error code. */
  GLVK_ERROR_DRIVER_FAILURE = 4,
  /* A driver reported success and produced wrong pixels. */
  GLVK_ERROR_WRONG_PIXELS = 5,
  /* The call does not fit the object's state: it is released already, dropped, or in use by another thread. */
  GLVK_ERROR_INVALID_STATE = 6,
  /* The right context is not current on this thread. */
  GLVK_ERROR_WRONG_THREAD = 7,
  /* All frames of the ring are in use and the producer does not wait. */
  GLVK_ERROR_RING_EXHAUSTED = 8,
  /* The GPU or a consumer did not finish in the time allowed. */
  GLVK_ERROR_TIMEOUT = 9,
  /* The handle is 0, stale, or of another kind. */
  GLVK_ERROR_INVALID_HANDLE = 10,
  /* The caller's callback returned a value other than 0; glvk_last_error_driver_code() returns that value. */
  GLVK_ERROR_CALLBACK = 11,
  /* The buffer is too small; the function wrote the size needed. */
  GLVK_ERROR_BUFFER_TOO_SMALL = 12,
  /* The requested object does not exist: no DMA-BUF on this path, no frame before the queue was closed, no combination
   * that works. */
  GLVK_ERROR_NOT_AVAILABLE = 13,
  /* The producer dropped the frame to make room for a newer one (GLVK_BACK_PRESSURE_DROP_OLDEST). Its handle is
   * destroyed. */
  GLVK_ERROR_FRAME_DROPPED = 14,
  /* An error for which this version of the interface has no number; the message describes it. */
  GLVK_ERROR_OTHER = 99
};

/* Returns the name of a result, "invalid-argument"; "unknown" for a number that is no result. The string is static. Any
 * thread. Cannot fail. */
GLVK_API const char *glvk_result_name(glvk_result result);

/* The kind of number that a driver code is. */
typedef int32_t glvk_driver_code_kind;
enum {
  GLVK_DRIVER_CODE_NONE = 0,
  GLVK_DRIVER_CODE_VK_RESULT = 1,             /* VkResult */
  GLVK_DRIVER_CODE_GL_ERROR = 2,              /* glGetError */
  GLVK_DRIVER_CODE_GL_FRAMEBUFFER_STATUS = 3, /* glCheckFramebufferStatus */
  GLVK_DRIVER_CODE_EGL_ERROR = 4,             /* eglGetError */
  GLVK_DRIVER_CODE_ERRNO = 5,
  GLVK_DRIVER_CODE_CALLBACK = 6 /* the return value of the caller's callback */
};

/* Returns the last error of the calling thread. A call that succeeds does not change it. Strings of the functions below
 * live until the next error on this thread, or until glvk_last_error_clear(). None of these functions can fail; without
 * an error they return "" and 0. */
GLVK_API glvk_result glvk_last_error_result(void);
/* Returns the whole error in one line: step, reason, driver code, missing extensions, advice. */
GLVK_API const char *glvk_last_error_message(void);
/* Returns the step that failed: a driver function (glImportMemoryFdEXT), or a check of the library's. */
GLVK_API const char *glvk_last_error_step(void);
/* Returns the reason of the failure. */
GLVK_API const char *glvk_last_error_reason(void);
/* Returns advice to the caller; "" if the library has none. */
GLVK_API const char *glvk_last_error_advice(void);
/* Returns the number of extensions, features or functions that were needed and missing. */
GLVK_API size_t glvk_last_error_missing_count(void);
/* Returns the registered name of one of them; "" for an index out of range. */
GLVK_API const char *glvk_last_error_missing(size_t index);
/* Returns the driver's error code, and in *kind what kind of number it is; kind may be NULL. */
GLVK_API int64_t glvk_last_error_driver_code(glvk_driver_code_kind *kind);
/* Clears the last error of the calling thread and frees its strings. */
GLVK_API void glvk_last_error_clear(void);

/* ---- Log --------------------------------------------------------------------------------------------------------- */

/* The level of a log message. */
typedef int32_t glvk_log_level;
enum { GLVK_LOG_DEBUG = 0, GLVK_LOG_INFO = 1, GLVK_LOG_WARNING = 2, GLVK_LOG_ERROR = 3 };

/* Receives a log message. The library calls it on any thread, from any function of this interface. It must not call
 * functions of this interface. `message` is valid during the call only. */
typedef void (*glvk_log_callback)(void *user_data, glvk_log_level level, const char *message);

/* Sets the callback to which the library reports fallbacks and lost frames, for the whole process. NULL turns reports
 * off.
 * Until the first call of this function, warnings and errors go to standard error, each text once, in lines that begin
 * with "gl-vulkan-interop: warning: " or "gl-vulkan-interop: error: ". The environment variable GLVK_LOG changes that:
 * off, error, warning, info, debug (info and debug repeat lines). After the first call the variable has no effect.
 * When this function returns, the previous callback is not running any more and the library does not call it again. Any
 * thread.
 *
 * lowest: the lowest level that is reported. */
GLVK_API glvk_result glvk_set_log_callback(glvk_log_callback callback, void *user_data, glvk_log_level lowest);

/* ---- Vocabulary -------------------------------------------------------------------------------------------------- */

/* The path: how both APIs get at the pixels. */
typedef int32_t glvk_path;
enum {
  GLVK_PATH_AUTOMATIC = 0,
  GLVK_PATH_OPAQUE_FD = 1,      /* Vulkan allocates, GL imports (GL_EXT_memory_object_fd) */
  GLVK_PATH_DMA_BUF_IMPORT = 2, /* Vulkan allocates, EGL imports (EGL_EXT_image_dma_buf_import) */
  GLVK_PATH_DMA_BUF_EXPORT = 3, /* GL allocates, EGL exports (EGL_MESA_image_dma_buf_export), Vulkan imports */
  GLVK_PATH_HOST_COPY = 4       /* asynchronous readback and upload: always available */
};

/* The synchronization: the signal with which one API waits for the other. */
typedef int32_t glvk_sync;
enum {
  GLVK_SYNC_AUTOMATIC = 0,
  GLVK_SYNC_CPU_WAIT = 1,     /* glFinish, vkWaitForFences */
  GLVK_SYNC_SEMAPHORE_FD = 2, /* a binary semaphore of both APIs */
  GLVK_SYNC_TIMELINE_SEMAPHORE = 3,
  GLVK_SYNC_SYNC_FILE = 4 /* a kernel fence for each access */
};

/* The mode: whether GL uses the shared image itself or the library copies. */
typedef int32_t glvk_mode;
enum {
  GLVK_MODE_AUTOMATIC = 0,
  GLVK_MODE_DIRECT = 1, /* GL renders into the image itself */
  GLVK_MODE_BLIT = 2    /* one copy on the GPU */
};

/* The tiling: the order of the image's pixels in memory. */
typedef int32_t glvk_tiling;
enum { GLVK_TILING_AUTOMATIC = 0, GLVK_TILING_OPTIMAL = 1, GLVK_TILING_LINEAR = 2, GLVK_TILING_DRM_MODIFIER = 3 };

/* The pixel format. GLVK_FORMAT_DEFAULT is RGBA8, or for the copy of a framebuffer the nearest format to the
 * framebuffer's. */
typedef int32_t glvk_format;
enum {
  GLVK_FORMAT_DEFAULT = 0,
  GLVK_FORMAT_R8 = 1,
  GLVK_FORMAT_RG8 = 2,
  GLVK_FORMAT_RGBA8 = 3,
  GLVK_FORMAT_BGRA8 = 4,
  GLVK_FORMAT_RGBA8_SRGB = 5,
  GLVK_FORMAT_BGRA8_SRGB = 6,
  GLVK_FORMAT_RGB10A2 = 7,
  GLVK_FORMAT_RGBA16F = 8
};

/* The orientation: which end of the picture is row 0 in memory. GL draws bottom-up; Vulkan, PNG and window systems use
 * top-down. */
typedef int32_t glvk_orientation;
enum { GLVK_ORIENTATION_BOTTOM_UP = 0, GLVK_ORIENTATION_TOP_DOWN = 1 };

/* The policy of a producer or consumer when every slot of its ring is in use. */
typedef int32_t glvk_back_pressure;
enum {
  GLVK_BACK_PRESSURE_WAIT = 0,        /* waits until a consumer ends a frame */
  GLVK_BACK_PRESSURE_DROP_OLDEST = 1, /* drops the oldest frame that is not acquired; waits only if all are acquired */
  GLVK_BACK_PRESSURE_FAIL = 2         /* returns GLVK_ERROR_RING_EXHAUSTED at once */
};

/* The meaning of the alpha channel. The library passes it along with the frame and converts nothing. */
typedef int32_t glvk_alpha_mode;
enum { GLVK_ALPHA_PREMULTIPLIED = 0, GLVK_ALPHA_STRAIGHT = 1, GLVK_ALPHA_OPAQUE = 2 };

/* The colour space of the pixels. The library passes it along with the frame and converts nothing. */
typedef int32_t glvk_color_space;
enum {
  GLVK_COLOR_SPACE_SRGB = 0,
  GLVK_COLOR_SPACE_LINEAR_SRGB = 1, /* scRGB, usual with RGBA16F */
  GLVK_COLOR_SPACE_DISPLAY_P3 = 2,
  GLVK_COLOR_SPACE_BT2020_PQ = 3
};

/* The direction: which API writes and which one reads. */
typedef int32_t glvk_direction;
enum { GLVK_DIRECTION_GL_TO_VULKAN = 0, GLVK_DIRECTION_VULKAN_TO_GL = 1 };

/* The type of the file descriptor with which one API exports the memory and the other imports it. */
typedef int32_t glvk_handle_type;
enum { GLVK_HANDLE_TYPE_OPAQUE_FD = 0, GLVK_HANDLE_TYPE_DMA_BUF = 1 };

/* The API that allocates the memory of a DMA-BUF. Vulkan always allocates OPAQUE_FD memory. */
typedef int32_t glvk_allocator;
enum { GLVK_ALLOCATOR_VULKAN = 0, GLVK_ALLOCATOR_GL = 1 };

/* How GL interprets the bytes of an sRGB format. */
typedef int32_t glvk_gl_encoding;
enum {
  GLVK_GL_ENCODING_BYTES = 0, /* 128 stays 128 */
  GLVK_GL_ENCODING_SRGB = 1   /* GL_SRGB8_ALPHA8: GL decodes and encodes */
};

/* The method by which path host-copy reads back. */
typedef int32_t glvk_readback;
enum {
  GLVK_READBACK_NONE = 0, /* no readback: the memory is shared */
  GLVK_READBACK_LINEAR_IMAGE = 1,
  GLVK_READBACK_SHARED_BUFFER = 2,
  GLVK_READBACK_STAGING_BUFFER = 3,
  GLVK_READBACK_PIXEL_BUFFER = 4,
  GLVK_READBACK_OTHER = 99
};

/* Return names as programs and reports write them: "opaque-fd", "cpu-wait", "rgba8"; "automatic" or "default" for 0,
 * "unknown" for a number that is no value. The strings are static. Any thread. Cannot fail. */
GLVK_API const char *glvk_path_name(glvk_path path);
GLVK_API const char *glvk_sync_name(glvk_sync sync);
GLVK_API const char *glvk_mode_name(glvk_mode mode);
GLVK_API const char *glvk_tiling_name(glvk_tiling tiling);
GLVK_API const char *glvk_format_name(glvk_format format);
/* Returns the Vulkan format; VK_FORMAT_UNDEFINED for a number that is no format. Any thread. Cannot fail. */
GLVK_API VkFormat glvk_format_vk(glvk_format format);

/* DRM_FORMAT_MOD_INVALID: the modifier is not known. */
#define GLVK_MODIFIER_INVALID UINT64_C(0x00FFFFFFFFFFFFFF)

/* A part of an image, row 0 first. */
typedef struct glvk_rect {
  int32_t x, y;
  uint32_t width, height;
} glvk_rect;

/* How the application's Vulkan commands use an image between acquire and release. Where a pointer to a glvk_use may be
 * NULL, NULL means sampling in fragment shaders: SHADER_READ_ONLY_OPTIMAL, FRAGMENT_SHADER, SHADER_READ. */
typedef struct glvk_use {
  VkImageLayout layout; /* the image's layout between acquire and release */
  VkPipelineStageFlags stages;
  VkAccessFlags access;
} glvk_use;

/* One half of an ownership transfer (the acquire or the release operation), for an application that records and submits
 * its own commands: the barrier for the command buffer, and the semaphore for the submission. The image crosses in
 * VK_IMAGE_LAYOUT_GENERAL and belongs to VK_QUEUE_FAMILY_EXTERNAL between accesses, a DMA-BUF to
 * VK_QUEUE_FAMILY_FOREIGN_EXT (Vulkan 1.3, 7.7.4). */
typedef struct glvk_ownership_transfer {
  size_t struct_size;
  /* For vkCmdPipelineBarrier with the two stages; pNext is NULL. */
  VkImageMemoryBarrier barrier;
  VkPipelineStageFlags source_stage;
  VkPipelineStageFlags destination_stage;
  /* Acquire: wait for this semaphore at source_stage in the submission that holds the barrier. Release: signal it in
   * the submission that holds the barrier. VK_NULL_HANDLE with GLVK_SYNC_CPU_WAIT. */
  VkSemaphore semaphore;
  /* For VkTimelineSemaphoreSubmitInfo where the sync is GLVK_SYNC_TIMELINE_SEMAPHORE; 0 for binary semaphores. */
  uint64_t semaphore_value;
} glvk_ownership_transfer;

/* Options for the functions that end in _get_view(). All 0: the whole image in its own format. */
typedef struct glvk_view_options {
  size_t struct_size;
  /* The image's format, or the sRGB or UNORM format with the same bytes; VK_FORMAT_UNDEFINED for the image's format. */
  VkFormat format;
  /* All VK_COMPONENT_SWIZZLE_IDENTITY (0): the image's own mapping. Views for attachments and storage images need the
   * identity mapping. */
  VkComponentMapping components;
} glvk_view_options;

/* Tells the application that an image is about to be destroyed, so that it destroys the objects it made for the image.
 *
 * The library calls it once for each image: when no handle or frame refers to the image any more, after the submitted
 * work for the image that the library knows of is complete, and before it destroys the image's views, GL texture and
 * VkImage. It destroys none of them before the callback returns. If other work of the application still uses objects
 * made for the image, wait for that work in the callback.
 *
 * image_id: as in the _get_info() functions. No other image in the process gets the same number.
 *
 * Thread: the one whose call gives up the image's last reference, in a function that is called with the producer, the
 * consumer, the frame, the target or the image. Unlike other callbacks, it may come from functions that destroy an
 * object.
 * The callback may call Vulkan, GL where the context is current, and functions of this interface for other objects.
 * Calls with the same producer or frame return GLVK_ERROR_INVALID_STATE. The callback must not wait for a lock under
 * which the application ends frames. */
typedef void (*glvk_image_retired)(void *user_data, uint64_t image_id);

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

/* A GL context: adopted from the application, or an owned one without a window. */
typedef struct glvk_context {
  uint64_t id;
} glvk_context;
/* A Vulkan device and the queues and extensions that the library may use: adopted from the application, or owned. */
typedef struct glvk_host {
  uint64_t id;
} glvk_host;
/* Memory that both GL and Vulkan use as an image. */
typedef struct glvk_image {
  uint64_t id;
} glvk_image;
/* A copier between framebuffers and shared images. */
typedef struct glvk_blitter {
  uint64_t id;
} glvk_blitter;
/* An image in DMA-BUFs. */
typedef struct glvk_dma_buf {
  uint64_t id;
} glvk_dma_buf;
/* A DMA-BUF imported as a VkImage, without GL. */
typedef struct glvk_dma_buf_image {
  uint64_t id;
} glvk_dma_buf_image;
/* A DMA-BUF imported as a GL texture, without Vulkan. */
typedef struct glvk_dma_buf_texture {
  uint64_t id;
} glvk_dma_buf_texture;
/* An image whose memory another implementation allocated, imported into GL, Vulkan or both. */
typedef struct glvk_external_image {
  uint64_t id;
} glvk_external_image;
/* A producer: makes frames for Vulkan from the pictures of a GL context. */
typedef struct glvk_producer {
  uint64_t id;
} glvk_producer;
/* One frame of a producer, with one owner. */
typedef struct glvk_frame {
  uint64_t id;
} glvk_frame;
/* A queue that passes frames from one thread to another. */
typedef struct glvk_frame_queue {
  uint64_t id;
} glvk_frame_queue;
/* The capability matrix: the combinations that a GL driver and a Vulkan device support together. */
typedef struct glvk_matrix {
  uint64_t id;
} glvk_matrix;
/* A consumer, the reverse of a producer: gives GL the pictures that Vulkan draws. */
typedef struct glvk_consumer {
  uint64_t id;
} glvk_consumer;
/* A target: an image into which Vulkan draws the next frame. */
typedef struct glvk_target {
  uint64_t id;
} glvk_target;
/* One frame of a consumer, drawn by Vulkan, for GL. */
typedef struct glvk_gl_frame {
  uint64_t id;
} glvk_gl_frame;
/* A queue that passes GL frames from one thread to another. */
typedef struct glvk_gl_frame_queue {
  uint64_t id;
} glvk_gl_frame_queue;

/* Returns the number of objects that have not been destroyed, for leak checks. Any thread. Cannot fail. */
GLVK_API size_t glvk_live_object_count(void);

/* ---- GL contexts ------------------------------------------------------------------------------------------------- */

/* Returns the address of a GL function of the context, core functions too; NULL if the context has no such function.
 * The library calls it while it adopts a context. */
typedef void *(*glvk_get_proc_address)(void *user_data, const char *name);
/* Returns whether the context is current on the calling thread. The library may call it on any thread, as long as any
 * object of the context lives. */
typedef uint32_t (*glvk_is_current)(void *user_data);

/* Options of glvk_context_current(). */
typedef struct glvk_context_options {
  size_t struct_size;
  /* The context's own getProcAddress. With NULL, the library finds out which API made the context (GLX or EGL) and uses
   * that API's function. */
  glvk_get_proc_address get_proc_address;
  /* With NULL, the library asks GLX or EGL. Only with get_proc_address. */
  glvk_is_current is_current;
  void *user_data;
} glvk_context_options;

/* Adopts the context that is current on this thread, from any API: GLX, EGL (desktop or ES), ANGLE, an engine. The
 * library does not own it: the application keeps it alive and calls glvk_context_will_be_destroyed() before it destroys
 * it.
 *
 * options: may be NULL. GL thread.
 * Errors: WRONG_THREAD if no context is current; UNSUPPORTED for a context that is too old; DRIVER_MISSING with the
 * name of a function that is missing.
 * Stands for eglGetCurrentContext, glXGetCurrentContext, glGetString. */
GLVK_API glvk_result glvk_context_current(const glvk_context_options *options, glvk_context *out);

/* The EGL platform of a surfaceless context. */
typedef int32_t glvk_platform;
enum {
  GLVK_PLATFORM_SURFACELESS = 0, /* EGL_MESA_platform_surfaceless of the system's libEGL */
  GLVK_PLATFORM_DEVICE = 1,      /* the device at device_index in eglQueryDevicesEXT */
  GLVK_PLATFORM_ANGLE = 2        /* ANGLE's libEGL, on its Vulkan backend */
};

/* Options of glvk_context_create_surfaceless(). */
typedef struct glvk_surfaceless_options {
  size_t struct_size;
  glvk_platform platform;
  uint32_t device_index;  /* GLVK_PLATFORM_DEVICE */
  const char *angle_path; /* GLVK_PLATFORM_ANGLE: path of libEGL.so */
  uint32_t gles;          /* 0: OpenGL core 3.3 or later, 1: OpenGL ES 3.0 or later. ANGLE needs 1. */
} glvk_surfaceless_options;

/* Creates a context that has no window, and makes it current on this thread. The library owns the context and destroys
 * it after the handle and everything made on the context have been destroyed.
 *
 * options: may be NULL. The thread becomes the context's GL thread. Errors: DRIVER_MISSING without libEGL, UNSUPPORTED,
 * DRIVER_FAILURE with EGL's error.
 * Stands for eglGetPlatformDisplayEXT, eglInitialize, eglCreateContext, eglMakeCurrent. */
GLVK_API glvk_result glvk_context_create_surfaceless(const glvk_surfaceless_options *options, glvk_context *out);

/* For contexts of glvk_context_create_surfaceless() only: makes the context current on this thread, or releases it from
 * this thread so that it can become current on another one. Errors: INVALID_STATE for an adopted context,
 * DRIVER_FAILURE. Stands for eglMakeCurrent. */
GLVK_API glvk_result glvk_context_make_current(glvk_context context);
GLVK_API glvk_result glvk_context_release_current(glvk_context context);

/* The API that a context belongs to. */
typedef int32_t glvk_context_kind;
enum { GLVK_CONTEXT_KIND_UNKNOWN = 0, GLVK_CONTEXT_KIND_EGL = 1, GLVK_CONTEXT_KIND_GLX = 2 };

/* The properties of a context. It holds no pointers. */
typedef struct glvk_context_info {
  size_t struct_size;
  glvk_context_kind kind;
  uint32_t is_es;
  uint32_t major_version, minor_version;
  uint32_t maximum_texture_size;
  /* GL_VENDOR, GL_RENDERER and GL_VERSION, truncated to fit. */
  char vendor[128];
  char renderer[256];
  char version[256];
  /* The first GL_DEVICE_UUID_EXT, and GL_DRIVER_UUID_EXT. */
  uint32_t has_device_uuid, has_driver_uuid;
  uint8_t device_uuid[16];
  uint8_t driver_uuid[16];
  uint32_t has_memory_object_fd;      /* GL_EXT_memory_object_fd */
  uint32_t has_semaphore_fd;          /* GL_EXT_semaphore_fd */
  uint32_t has_timeline_semaphore_fd; /* GL_NV_timeline_semaphore too */
} glvk_context_info;

/* Returns the properties of the context. Any thread. */
GLVK_API glvk_result glvk_context_get_info(glvk_context context, glvk_context_info *out);

/* Writes 1 to *out if the context is current on the calling thread, else 0. Any thread. */
GLVK_API glvk_result glvk_context_is_current(glvk_context context, uint32_t *out);

/* Writes the size of framebuffer 0, the surface that the context draws to. GL thread.
 * Errors: NOT_AVAILABLE where neither EGL nor GLX reports the size. Stands for eglQuerySurface, glXQueryDrawable. */
GLVK_API glvk_result glvk_context_default_framebuffer_size(glvk_context context, uint32_t *width, uint32_t *height);

/* Returns the GL errors that were pending when the application called the library. They are the application's own,
 * oldest first. The function removes the errors that it writes. With capacity 0 it removes none.
 *
 * errors: capacity entries, may be NULL if capacity is 0. count: the number of errors written, or with capacity 0 the
 * number pending. */
GLVK_API glvk_result glvk_context_take_application_errors(
  glvk_context context, uint32_t *errors, size_t capacity, size_t *count);

/* Looks a function of the context up, with the function that the context's own functions come from. A NULL in *out is
 * GLVK_SUCCESS too. Functions whose names begin with egl or glX come from the EGL or GLX that the context belongs to.
 * The pointer is valid while the context lives. A pointer does not prove that the driver implements the function: Mesa
 * and glvnd return one for any name that begins with gl.
 * Threads: for a context of glvk_context_create_surfaceless() any thread; for an adopted one the GL thread. The library
 * then calls get_proc_address of glvk_context_options with its user_data, which must stay valid as long as the
 * application calls this function. */
GLVK_API glvk_result glvk_context_get_proc_address(glvk_context context, const char *name, void **out);

/* Tells the library that the application is about to destroy its context. GL thread, while the context is still
 * current. Frames in use stay valid; later calls that need the context return errors. */
GLVK_API glvk_result glvk_context_will_be_destroyed(glvk_context context);

/* Destroys the handle. Objects that were made on the context keep the context. Any thread. */
GLVK_API glvk_result glvk_context_destroy(glvk_context context);

/* ---- Vulkan devices ---------------------------------------------------------------------------------------------- */

/* Locks or unlocks the application's mutex of a queue. The library calls the two in pairs, on any thread, as long as
 * any object of the device lives. */
typedef void (*glvk_queue_lock)(void *user_data, VkQueue queue);

/* A queue of a Vulkan device, with the application's lock for it. */
typedef struct glvk_queue {
  size_t struct_size; /* the same for all entries of an array: the distance between them */
  VkQueue queue;
  uint32_t family;
  /* VkQueueFamilyProperties.queueFlags; 0 asks the device. */
  VkQueueFlags flags;
  /* Set both or neither. If neither is set, the application does not use the queue while functions of this interface
   * run. */
  glvk_queue_lock lock;
  glvk_queue_lock unlock;
  void *user_data;
} glvk_queue;

/* Describes the application's device to glvk_host_adopt(): the handles, and what was enabled when they were created. */
typedef struct glvk_host_adoption {
  size_t struct_size;
  VkInstance instance;
  VkPhysicalDevice physical_device;
  VkDevice device;
  /* The lower one of VkApplicationInfo.apiVersion and the device's version; at least 1.1. */
  uint32_t api_version;
  uint32_t queue_count; /* at least 1; calls that name no queue use the first */
  const glvk_queue *queues;
  const char *const *instance_extensions; /* enabled at vkCreateInstance */
  const char *const *device_extensions;   /* enabled at vkCreateDevice; see glvk_host_required_device_extensions() */
  uint32_t instance_extension_count;
  uint32_t device_extension_count;
  /* Enabled at vkCreateDevice; NULL for none. */
  const VkPhysicalDeviceFeatures *features;
  /* 1 if the feature was enabled at vkCreateDevice. */
  uint32_t sampler_ycbcr_conversion;
  uint32_t timeline_semaphore;
  /* The application's loader; NULL opens libvulkan.so.1. */
  PFN_vkGetInstanceProcAddr get_instance_proc_addr;
} glvk_host_adoption;

/* Adopts the application's device. The application keeps owning it, and must keep it until all objects made on it are
 * destroyed.
 *
 * Errors: INVALID_ARGUMENT without a queue or below Vulkan 1.1; DRIVER_MISSING with the name of a function that is
 * missing. Any thread. */
GLVK_API glvk_result glvk_host_adopt(const glvk_host_adoption *adoption, glvk_host *out);

/* How glvk_host_create() chooses the physical device. */
typedef int32_t glvk_device_choice;
enum {
  GLVK_DEVICE_MATCHING = 0, /* the GPU that `context` runs on */
  GLVK_DEVICE_INDEX = 1,    /* the device at `index` in vkEnumeratePhysicalDevices */
  GLVK_DEVICE_NAME = 2,     /* the first whose name contains `name` */
  GLVK_DEVICE_UUID = 3      /* VkPhysicalDeviceIDProperties.deviceUUID */
};

/* Options of glvk_host_create(). */
typedef struct glvk_host_creation {
  size_t struct_size;
  glvk_device_choice choice;
  uint32_t index;
  glvk_context context; /* GLVK_DEVICE_MATCHING */
  const char *name;
  uint8_t uuid[16];
  /* Extensions and layers that the application needs too. If one is missing, the call fails. */
  const char *const *instance_extensions;
  const char *const *device_extensions;
  const char *const *layers;
  uint32_t instance_extension_count;
  uint32_t device_extension_count;
  uint32_t layer_count;
} glvk_host_creation;

/* Creates an instance and a device, with one queue of every family and all extensions and features enabled that sharing
 * can use. The library owns both.
 *
 * Errors: DRIVER_MISSING without libvulkan or any device, UNSUPPORTED where no device matches.
 * Stands for vkCreateInstance, vkCreateDevice. Any thread. */
GLVK_API glvk_result glvk_host_create(const glvk_host_creation *creation, glvk_host *out);

/* Lists the device extensions that the application must enable for a path and a sync. With GLVK_PATH_AUTOMATIC and
 * GLVK_SYNC_AUTOMATIC it lists all extensions that the library can use. The names live as long as the process. Any
 * thread.
 *
 * api_version: the version that the device will be used with, VK_API_VERSION_1_1 at least.
 * names: capacity entries; NULL with capacity 0 asks for the number. count: the number of extensions.
 * Errors: BUFFER_TOO_SMALL (count is written). GLVK_SYNC_TIMELINE_SEMAPHORE also needs the feature timelineSemaphore.
 */
GLVK_API glvk_result glvk_host_required_device_extensions(
  glvk_path path, glvk_sync sync, uint32_t api_version, const char **names, size_t capacity, size_t *count);
/* Lists the instance extensions in the same way: none with Vulkan 1.1. */
GLVK_API glvk_result glvk_host_required_instance_extensions(
  glvk_path path, const char **names, size_t capacity, size_t *count);

/* Lists the physical devices of an instance that the context may run on, best first. glvk_host_adopt() needs a device
 * made on one of them. capacity and count as in glvk_host_required_device_extensions(). GL thread. */
GLVK_API glvk_result glvk_physical_devices_matching(glvk_context context, VkInstance instance,
  PFN_vkGetInstanceProcAddr get_instance_proc_addr, VkPhysicalDevice *devices, size_t capacity, size_t *count);

/* The handles and properties of a Vulkan device. */
typedef struct glvk_host_info {
  size_t struct_size;
  VkInstance instance;
  VkPhysicalDevice physical_device;
  VkDevice device;
  PFN_vkGetInstanceProcAddr get_instance_proc_addr;
  uint32_t api_version;
  uint32_t queue_count;
  char device_name[256];
  char driver_name[256];
  char driver_info[256];
  uint8_t device_uuid[16];
  uint8_t driver_uuid[16];
  uint32_t can_export_semaphores;
  uint32_t can_export_timeline_semaphores;
} glvk_host_info;

/* Returns the handles and properties of the device. The handles stay the device owner's. Any thread. */
GLVK_API glvk_result glvk_host_get_info(glvk_host host, glvk_host_info *out);

/* Returns one of the device's queues, with the lock that the library takes around submissions: `lock` and `unlock` are
 * functions to call with user_data and the queue. They are valid while the glvk_host lives. Any thread. Errors:
 * INVALID_ARGUMENT for an index out of range. */
GLVK_API glvk_result glvk_host_get_queue(glvk_host host, uint32_t index, glvk_queue *out);

/* Destroys the handle. Objects that were made on the device keep the device; the library destroys an owned device after
 * the last of them. Any thread. */
GLVK_API glvk_result glvk_host_destroy(glvk_host host);

/* ---- Layer 1: shared images -------------------------------------------------------------------------------------- */

/* How to import a buffer whose modifier is DRM_FORMAT_MOD_INVALID: only the driver that made the buffer, and others of
 * the same kind, know its layout. */
typedef int32_t glvk_implicit_layout;
enum {
  GLVK_IMPLICIT_LAYOUT_REFUSE = 0, /* UNSUPPORTED */
  /* The caller knows from the allocator (GBM_BO_USE_LINEAR, a dumb buffer) or the protocol that the buffer is linear.
   */
  GLVK_IMPLICIT_LAYOUT_LINEAR = 1,
  /* The same driver made the buffer and finds out the layout itself: VK_IMAGE_TILING_OPTIMAL without a modifier, as
   * radv reads radeonsi's buffers. With any other driver the image is garbage without an error. */
  GLVK_IMPLICIT_LAYOUT_DRIVERS_OWN = 2
};

/* Options of glvk_image_create() and glvk_image_import_dma_buf(). */
typedef struct glvk_image_options {
  size_t struct_size;
  uint32_t width, height;
  glvk_format format;
  glvk_tiling tiling;
  glvk_direction direction;
  glvk_mode mode; /* AUTOMATIC is DIRECT */
  glvk_handle_type handle_type;
  glvk_allocator allocator;
  glvk_orientation orientation;
  glvk_gl_encoding gl_encoding;
  glvk_sync sync;
  /* 0 for all that the device supports. */
  VkImageUsageFlags usage;
  /* The modifiers that a DMA-BUF may have; NULL for any that both GL and Vulkan support. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* 1: share the image even where GL and Vulkan report different devices. This crashes some drivers. */
  uint32_t allows_device_mismatch;
  /* The queue on which the library prepares the image, and drops it before Vulkan has used it; VK_NULL_HANDLE for the
   * device's first queue. */
  VkQueue ownership_queue;
  /* 1: the alpha channel has no meaning. The component_mapping of the image's info, a texture swizzle and the DMA-BUF's
   * fourcc (XB24 for AB24) then declare it opaque, and copies into the image write 1. */
  uint32_t is_opaque;
  /* For glvk_image_import_dma_buf(): the layout of a buffer without a modifier. */
  glvk_implicit_layout implicit_layout;
} glvk_image_options;

/* Creates memory that both GL and Vulkan use as an image, once for many frames. The two APIs have access in turn, the
 * writer first.
 *
 * GL thread. Errors: INVALID_ARGUMENT; UNSUPPORTED with what is missing; the driver's error.
 * Stands for vkCreateImage, vkAllocateMemory, vkGetMemoryFdKHR, glImportMemoryFdEXT, glTexStorageMem2DEXT; for a
 * DMA-BUF eglCreateImageKHR and glEGLImageTargetTexture2DOES. */
GLVK_API glvk_result glvk_image_create(
  glvk_context context, glvk_host host, const glvk_image_options *options, glvk_image *out);

/* Imports a buffer that neither GL nor Vulkan allocated into both. Its content is kept until the first write. The
 * buffer stays the caller's. The function ignores width, height, tiling, handle_type, allocator and modifiers of
 * options; options may be NULL. GL thread. Errors and driver functions as for glvk_image_create(). */
GLVK_API glvk_result glvk_image_import_dma_buf(
  glvk_context context, glvk_host host, glvk_dma_buf buffer, const glvk_image_options *options, glvk_image *out);

/* Describes a framebuffer of the application. */
typedef struct glvk_framebuffer {
  size_t struct_size;
  uint32_t name;             /* 0: the default framebuffer */
  uint32_t width, height;    /* the part that is used, from the origin on */
  uint32_t color_attachment; /* n of GL_COLOR_ATTACHMENTn */
  glvk_orientation orientation;
} glvk_framebuffer;

/* Options of glvk_import_gl_framebuffer(). */
typedef struct glvk_import_options {
  size_t struct_size;
  glvk_handle_type handle_type;
  glvk_format format; /* DEFAULT: the nearest to the framebuffer's */
  glvk_orientation orientation;
  glvk_tiling tiling;
  glvk_mode mode; /* AUTOMATIC is BLIT; DIRECT, for DMA-BUFs, shares the attached texture */
  glvk_sync sync;
  VkImageUsageFlags usage;
  const uint64_t *modifiers;
  uint32_t modifier_count;
  uint32_t allows_device_mismatch;
  /* As in glvk_image_options. The image of a framebuffer without alpha (GL_RGB8) is opaque in any case. */
  uint32_t is_opaque;
} glvk_import_options;

/* importGLFramebufferVulkan: shares the current content of a framebuffer as a VkImage, with at most one copy on the
 * GPU. The image that it returns is ready for Vulkan's access: glvk_image_acquire_barrier() or glvk_image_access(). Use
 * this function for a single picture. For every frame, keep an image or a producer.
 *
 * The function restores the application's GL state. GL thread. options: may be NULL.
 * Errors: as for glvk_image_create(), and INVALID_ARGUMENT for an incomplete framebuffer.
 * Stands for vkGetMemoryFdKHR, glImportMemoryFdEXT, glTexStorageMem2DEXT, glBlitFramebuffer; eglCreateImageKHR and
 * eglExportDMABUFImageMESA. */
GLVK_API glvk_result glvk_import_gl_framebuffer(glvk_context context, glvk_host host,
  const glvk_framebuffer *framebuffer, const glvk_import_options *options, glvk_image *out);

/* Which API has, or may begin, access to an image. */
typedef int32_t glvk_image_state;
enum {
  GLVK_IMAGE_IDLE = 0, /* not in use; the writer may begin */
  GLVK_IMAGE_WRITING = 1,
  GLVK_IMAGE_READY = 2, /* written; the reader may begin */
  GLVK_IMAGE_READING = 3,
  GLVK_IMAGE_OTHER = 99
};

/* The properties and handles of a shared image. */
typedef struct glvk_image_info {
  size_t struct_size;
  uint32_t width, height;
  glvk_format format;
  glvk_orientation orientation;
  glvk_direction direction;
  glvk_sync sync;
  glvk_image_state state;
  VkImage image;
  VkDeviceMemory memory;
  VkFormat vk_format;
  VkImageUsageFlags usage;
  uint64_t memory_size; /* bytes */
  /* The queue family that owns the image while Vulkan does not: VK_QUEUE_FAMILY_EXTERNAL or
   * VK_QUEUE_FAMILY_FOREIGN_EXT. */
  uint32_t outside_family;
  uint32_t gl_texture;     /* GL_TEXTURE_2D */
  uint32_t gl_framebuffer; /* has the texture as GL_COLOR_ATTACHMENT0; 0 where that would exchange red and blue */
  uint32_t has_modifier;   /* a DMA-BUF */
  uint64_t modifier;
  uint32_t is_opaque; /* the alpha channel has no meaning */
  /* The component mapping for a VkImageView that is sampled: alpha is VK_COMPONENT_SWIZZLE_ONE where is_opaque is 1. */
  VkComponentMapping component_mapping;
  /* Identifies the image: no other image gets the same number, while drivers reuse VkImage handles and GL names. */
  uint64_t image_id;
} glvk_image_info;

/* Returns the image's properties and handles. The handles stay the image's. Any thread. */
GLVK_API glvk_result glvk_image_get_info(glvk_image image, glvk_image_info *out);

/* Returns a view of the image: the first call with the same options creates it, later calls return the same view. It
 * lives as long as the image, which destroys it. Its usage is the image's usage, as far as the device supports that for
 * the format. options: may be NULL. Any thread.
 * Errors: INVALID_ARGUMENT for another format; UNSUPPORTED where the image's usage is for copies only; the driver's
 * error. Stands for vkCreateImageView. */
GLVK_API glvk_result glvk_image_get_view(glvk_image image, const glvk_view_options *options, VkImageView *out);

/* Sets the callback that the library calls when it destroys the image: after glvk_image_destroy(), or when the last
 * call with the image ends. NULL removes the callback. When this function returns, the previous callback is not running
 * on another thread and the library does not call it again. Any thread. */
GLVK_API glvk_result glvk_image_set_retired_callback(glvk_image image, glvk_image_retired callback, void *user_data);

/* Returns the DMA-BUF of the image, with descriptors of its own. The caller destroys the handle. Any thread. Errors:
 * NOT_AVAILABLE for an image that is not shared as a DMA-BUF. */
GLVK_API glvk_result glvk_image_get_dma_buf(glvk_image image, glvk_dma_buf *out);

/* GL's access. acquire: GL waits until Vulkan is done with the image, on the GPU unless the sync is cpu-wait. release:
 * signals and flushes, or finishes. cancel_acquire: ends GL's write access without an ownership transfer; GL may begin
 * again. GL thread.
 * Errors: INVALID_STATE if GL must not have access now, TIMEOUT.
 * Stands for glWaitSemaphoreEXT; glSignalSemaphoreEXT with glFlush, eglDupNativeFenceFDANDROID, glFinish. */
GLVK_API glvk_result glvk_image_acquire_for_gl(glvk_image image);
GLVK_API glvk_result glvk_image_release_from_gl(glvk_image image);
GLVK_API glvk_result glvk_image_cancel_acquire_for_gl(glvk_image image);

/* Vulkan's access, for an application that submits itself. acquire_barrier: returns the acquire operation, which the
 * application puts into its own submission before it uses the image; it must then submit it, or call
 * glvk_image_cancel_acquire(). release_barrier: returns the release operation, which the application puts behind its
 * use, once for each acquire. did_submit_release: tells the library that both were submitted, on the queue named in
 * the acquire. Any other order is INVALID_STATE and changes nothing.
 *
 * use: NULL for sampling in fragment shaders. In release, the layout that the image is in by then.
 * queue: one of the device's queues; VK_NULL_HANDLE for its first.
 * ownership_queue: the queue that takes the image from GL and gives it back; VK_NULL_HANDLE for `queue` itself. With an
 * ownership queue, the library submits to that queue, and the barriers here are transfers between the two queues'
 * families.
 * Errors: INVALID_STATE if Vulkan must not have access now; INVALID_ARGUMENT for a queue that is not the device's, and
 * for an invalid use (layout UNDEFINED or PREINITIALIZED, no stages). */
GLVK_API glvk_result glvk_image_acquire_barrier(
  glvk_image image, const glvk_use *use, VkQueue queue, VkQueue ownership_queue, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_image_release_barrier(glvk_image image, const glvk_use *use, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_image_did_submit_release(glvk_image image);
/* Cancels glvk_image_acquire_barrier(). Only while the application has submitted nothing of it. Errors:
 * INVALID_STATE. */
GLVK_API glvk_result glvk_image_cancel_acquire(glvk_image image);

/* Records commands that use `image`. The image is in the layout of the options' use, and must be in that layout again
 * at the end. The callback must not submit, end or reset the command buffer. If it returns a value other than 0, the
 * library submits nothing and the call fails with GLVK_ERROR_CALLBACK. */
typedef int32_t (*glvk_record)(void *user_data, VkCommandBuffer commands, VkImage image);

/* Where and how the library submits Vulkan's access. */
typedef struct glvk_access_options {
  size_t struct_size;
  glvk_use use; /* all 0: sampling in fragment shaders */
  VkQueue queue;
  VkQueue ownership_queue;
  /* Wait until the device is done, at most for this time. 0 does not wait. */
  uint64_t timeout_ns;
} glvk_access_options;

/* Vulkan's whole access in one submission: acquires, runs the commands that `record` records, releases, signals.
 * options: may be NULL. Any thread.
 * Errors: INVALID_STATE, CALLBACK, DRIVER_FAILURE, TIMEOUT. Stands for vkQueueSubmit, vkWaitForFences. */
GLVK_API glvk_result glvk_image_access(
  glvk_image image, const glvk_access_options *options, glvk_record record, void *user_data);

/* Submit the acquire and the release operation separately, around the application's own submissions to the same queue.
 * use of the release: the layout that the image is in by then, NULL for that of the acquire. Errors: INVALID_STATE,
 * INVALID_ARGUMENT, DRIVER_FAILURE. */
GLVK_API glvk_result glvk_image_acquire(glvk_image image, const glvk_use *use, VkQueue queue, VkQueue ownership_queue);
GLVK_API glvk_result glvk_image_release(glvk_image image, const glvk_use *use);

/* Waits until Vulkan's last submitted access is done. Stands for vkWaitForFences. Errors: TIMEOUT. */
GLVK_API glvk_result glvk_image_wait(glvk_image image, uint64_t timeout_ns);

/* Begin and end the access of a foreign reader: another process, a compositor, a display, which gets the DMA-BUF.
 * acquire: *fence is a sync file that signals when GL is done (the caller closes it), or -1 if GL is done already.
 * release: fence is a sync file that signals when the reader is done, or -1; the function takes it on success. Errors:
 * INVALID_STATE. */
GLVK_API glvk_result glvk_image_acquire_for_foreign(glvk_image image, int *fence);
GLVK_API glvk_result glvk_image_release_from_foreign(glvk_image image, int fence);

/* Drops what GL wrote: GL may write again. For direction gl-to-vulkan. */
GLVK_API glvk_result glvk_image_drop(glvk_image image);

/* Prepares the image for its destruction: drops what is ready and waits for GL and Vulkan. GL thread.
 * Errors: INVALID_STATE while either API has access. */
GLVK_API glvk_result glvk_image_retire(glvk_image image);

/* Destroys the handle. Call glvk_image_retire() before, or make sure that GL and Vulkan are done with the image. */
GLVK_API glvk_result glvk_image_destroy(glvk_image image);

/* ---- Layer 1: copies --------------------------------------------------------------------------------------------- */

/* Creates a copier between framebuffers and shared images. It copies on the GPU, and flips, resolves, and exchanges red
 * and blue as needed. It keeps its shader program, so one serves many copies. GL thread. */
GLVK_API glvk_result glvk_blitter_create(glvk_context context, glvk_blitter *out);
/* Copy into the image or out of it, during GL's access, byte for byte. GL thread. Errors: INVALID_ARGUMENT for an
 * incomplete framebuffer or a different size; UNSUPPORTED. Stands for glBlitFramebuffer. */
GLVK_API glvk_result glvk_blitter_copy_to_image(
  glvk_blitter blitter, const glvk_framebuffer *source, glvk_image destination);
GLVK_API glvk_result glvk_blitter_copy_to_framebuffer(
  glvk_blitter blitter, glvk_image source, const glvk_framebuffer *destination);
/* Destroys the copier. GL thread. */
GLVK_API glvk_result glvk_blitter_destroy(glvk_blitter blitter);

/* ---- Layer 1: DMA-BUFs ------------------------------------------------------------------------------------------- */

/* One memory plane. Its descriptor may refer to the same buffer as another plane's descriptor. */
typedef struct glvk_dma_buf_plane {
  int32_t descriptor;
  uint32_t reserved; /* 0 */
  uint64_t offset;   /* bytes */
  uint64_t stride;   /* bytes */
} glvk_dma_buf_plane;

/* The description of a DMA-BUF. */
typedef struct glvk_dma_buf_info {
  size_t struct_size;
  uint32_t width, height;
  uint32_t fourcc; /* DRM_FORMAT_* */
  uint32_t plane_count;
  uint64_t modifier;
  glvk_dma_buf_plane planes[4];
} glvk_dma_buf_info;

/* Creates a DMA-BUF from descriptors, which stay the caller's. It refuses impossible numbers before a driver sees them.
 * Any thread.
 * Errors: INVALID_ARGUMENT with the plane and the number that is wrong; UNSUPPORTED for an unknown format. */
GLVK_API glvk_result glvk_dma_buf_create(const glvk_dma_buf_info *info, glvk_dma_buf *out);
/* Exports a GL texture as a DMA-BUF. GL thread. Errors: UNSUPPORTED without EGL_MESA_image_dma_buf_export.
 * Stands for eglCreateImageKHR, eglExportDMABUFImageMESA. */
GLVK_API glvk_result glvk_dma_buf_export_texture(
  glvk_context context, uint32_t texture, uint32_t width, uint32_t height, glvk_dma_buf *out);
/* Returns the properties of a DMA-BUF. The descriptors stay the handle's: they are valid until it is destroyed, and the
 * caller must not close them. Any thread. */
GLVK_API glvk_result glvk_dma_buf_get_info(glvk_dma_buf buffer, glvk_dma_buf_info *out);
/* Destroys the handle and closes its descriptors. Images that were made from it live on. Any thread. */
GLVK_API glvk_result glvk_dma_buf_destroy(glvk_dma_buf buffer);

/* Imports a DMA-BUF as a VkImage, without GL. usage: 0 for all that the device supports. format: DEFAULT for the format
 * that corresponds to the fourcc. Any thread.
 * Stands for vkCreateImage and vkAllocateMemory with VkImportMemoryFdInfoKHR. */
GLVK_API glvk_result glvk_dma_buf_import_vulkan(
  glvk_dma_buf buffer, glvk_host host, glvk_format format, VkImageUsageFlags usage, glvk_dma_buf_image *out);

/* As glvk_dma_buf_import_vulkan(), with more options; NULL for the usual ones. Errors: UNSUPPORTED for a buffer without
 * a modifier (DRM_FORMAT_MOD_INVALID) if implicit_layout is REFUSE. Any thread. */
typedef struct glvk_dma_buf_import_options {
  size_t struct_size;
  glvk_format format;      /* DEFAULT for the format that corresponds to the fourcc */
  VkImageUsageFlags usage; /* 0 for all that the device supports */
  glvk_implicit_layout implicit_layout;
} glvk_dma_buf_import_options;
GLVK_API glvk_result glvk_dma_buf_import_vulkan_with_options(
  glvk_dma_buf buffer, glvk_host host, const glvk_dma_buf_import_options *options, glvk_dma_buf_image *out);

/* The properties and handles of a DMA-BUF that is imported as a VkImage. */
typedef struct glvk_dma_buf_image_info {
  size_t struct_size;
  uint32_t width, height;
  VkImage image;
  VkDeviceMemory memory;
  VkFormat vk_format;
  VkImageUsageFlags usage;
  uint64_t memory_size;
  uint64_t modifier;
  uint32_t outside_family;
  /* The component mapping for a VkImageView that is sampled: alpha is VK_COMPONENT_SWIZZLE_ONE where the buffer has
   * padding in place of alpha (DRM_FORMAT_XRGB8888). */
  VkComponentMapping component_mapping;
  /* Identifies the image: no other image gets the same number, while drivers reuse VkImage handles and GL names. */
  uint64_t image_id;
} glvk_dma_buf_image_info;
/* Returns the image's properties and handles. The handles stay the image's. Any thread. */
GLVK_API glvk_result glvk_dma_buf_image_get_info(glvk_dma_buf_image image, glvk_dma_buf_image_info *out);
/* As glvk_image_get_view() and glvk_image_set_retired_callback(). Any thread. */
GLVK_API glvk_result glvk_dma_buf_image_get_view(
  glvk_dma_buf_image image, const glvk_view_options *options, VkImageView *out);
GLVK_API glvk_result glvk_dma_buf_image_set_retired_callback(
  glvk_dma_buf_image image, glvk_image_retired callback, void *user_data);
/* Return the acquire and the release operation, between the foreign or external queue family and the queue's. They have
 * no semaphores: the application synchronizes. queue: VK_NULL_HANDLE for the device's first. Errors: INVALID_ARGUMENT
 * for a queue that is not the device's. */
GLVK_API glvk_result glvk_dma_buf_image_acquire_barrier(
  glvk_dma_buf_image image, const glvk_use *use, VkQueue queue, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_dma_buf_image_release_barrier(
  glvk_dma_buf_image image, const glvk_use *use, VkQueue queue, glvk_ownership_transfer *out);
/* Destroys the image. The caller makes sure before that the device is done with it. Any thread. */
GLVK_API glvk_result glvk_dma_buf_image_destroy(glvk_dma_buf_image image);

/* Imports a DMA-BUF as a GL texture, without Vulkan. can_render: 1 to render into it and sample it; 0 to sample it
 * only, in which case the target may be GL_TEXTURE_EXTERNAL_OES. GL thread. Errors: UNSUPPORTED, DRIVER_FAILURE. Stands
 * for eglCreateImageKHR, glEGLImageTargetTexture2DOES. */
GLVK_API glvk_result glvk_dma_buf_import_gl(
  glvk_dma_buf buffer, glvk_context context, uint32_t can_render, glvk_dma_buf_texture *out);
/* The properties of a DMA-BUF that is imported as a GL texture. */
typedef struct glvk_dma_buf_texture_info {
  size_t struct_size;
  uint32_t width, height;
  uint32_t target; /* GL_TEXTURE_2D or GL_TEXTURE_EXTERNAL_OES */
  uint32_t texture;
  uint32_t framebuffer; /* 0 where the driver cannot render into it */
  /* Identifies the texture. No other texture gets the same number, while GL reuses names. */
  uint64_t image_id;
} glvk_dma_buf_texture_info;
/* Returns the texture's properties and GL names, which stay the texture's. Any thread. */
GLVK_API glvk_result glvk_dma_buf_texture_get_info(glvk_dma_buf_texture texture, glvk_dma_buf_texture_info *out);
/* As glvk_image_set_retired_callback(): called before the texture is deleted. Any thread. */
GLVK_API glvk_result glvk_dma_buf_texture_set_retired_callback(
  glvk_dma_buf_texture texture, glvk_image_retired callback, void *user_data);
/* Destroys the handle. Any thread; the library deletes the texture in its next call on the GL thread. */
GLVK_API glvk_result glvk_dma_buf_texture_destroy(glvk_dma_buf_texture texture);

/* ---- Layer 1: images for and from other implementations ---------------------------------------------------------- */

/* An image that two implementations share: an engine, a WebGPU device, CUDA, another process. The giver made the memory
 * and the taker imports it. Each side signals its own semaphore when its access ends, and waits for the other side's
 * before its next one. docs/external-images.md has the whole protocol. */

/* What the other side waits for. */
typedef int32_t glvk_external_point_kind;
enum {
  GLVK_EXTERNAL_POINT_DONE = 0,      /* the access is complete: there is nothing to wait for */
  GLVK_EXTERNAL_POINT_SEMAPHORE = 1, /* the side's binary semaphore, whose signal has been submitted */
  GLVK_EXTERNAL_POINT_TIMELINE = 2,  /* a value of the side's timeline semaphore */
  GLVK_EXTERNAL_POINT_SYNC_FILE = 3, /* a kernel fence for this access alone */
  /* From a taker: a binary semaphore made for this access alone, whose signal has been submitted (OPAQUE_FD). The giver
   * relays it to its own, in a submission. */
  GLVK_EXTERNAL_POINT_NEW_SEMAPHORE = 4
};

/* The end of one side's access. Send it to the other side with each access. Where a pointer to one may be NULL, NULL
 * means DONE. */
typedef struct glvk_external_point {
  size_t struct_size;
  glvk_external_point_kind kind;
  /* SYNC_FILE, NEW_SEMAPHORE: the descriptor. A function that returns it gives it to the caller; a function that
   * receives it takes it on success. -1 in the results of other kinds. */
  int32_t descriptor;
  /* TIMELINE: the value to wait for. */
  uint64_t value;
  /* TIMELINE, from the giver: the least value that the taker may signal on its own timeline; 0 in the taker's points. */
  uint64_t next_value;
  /* From a taker: the layout in which it released the image; UNDEFINED: GENERAL. From another one, the giver brings the
   * image back in a submission. */
  VkImageLayout layout;
} glvk_external_point;

/* All that another implementation must know to import an image. A function that fills it gives the descriptors and the
 * DMA-BUF to the caller (see glvk_external_bundle_close()); glvk_external_image_import() leaves them with the caller.
 *
 * The image is 2D with one mip level, one array layer and one sample, VK_SHARING_MODE_EXCLUSIVE, initial layout
 * UNDEFINED, with VkExternalMemoryImageCreateInfo. The importer creates its own with exactly these parameters. */
typedef struct glvk_external_bundle {
  size_t struct_size;
  /* VkImageCreateInfo. */
  uint32_t width, height;
  VkFormat vk_format;
  VkImageCreateFlags flags;
  VkImageUsageFlags usage;
  /* AUTOMATIC: DRM_MODIFIER for a DMA-BUF, OPTIMAL else. */
  glvk_tiling tiling;
  /* VkImageFormatListCreateInfo; 0: not chained. */
  uint32_t view_format_count;
  VkFormat view_formats[8];

  /* The memory. */
  glvk_handle_type handle_type;
  int32_t memory;       /* OPAQUE_FD: the descriptor of vkGetMemoryFdKHR */
  glvk_dma_buf dma_buf; /* DMA_BUF: the buffer */
  /* VkMemoryAllocateInfo, of the giver. Not used for a DMA-BUF. */
  uint64_t allocation_size;
  uint32_t memory_type_index;
  uint32_t is_dedicated; /* VkMemoryDedicatedAllocateInfo */
  uint64_t offset;       /* bytes; only 0 can be imported */

  /* VkPhysicalDeviceIDProperties, of the giver. OPAQUE_FD memory is for the same device and driver. */
  uint32_t has_uuids;
  uint8_t device_uuid[16];
  uint8_t driver_uuid[16];

  /* The hand-over. */
  VkImageLayout layout;  /* UNDEFINED: GENERAL, the only one that can be imported */
  uint32_t queue_family; /* 0: VK_QUEUE_FAMILY_FOREIGN_EXT for a DMA-BUF, VK_QUEUE_FAMILY_EXTERNAL else */
  glvk_sync sync;        /* never AUTOMATIC */
  /* With GLVK_SYNC_SEMAPHORE_FD and GLVK_SYNC_TIMELINE_SEMAPHORE: OPAQUE_FD descriptors of the semaphore that the giver
   * signals and of the one that the taker signals. Not used else. */
  int32_t giver_done;
  int32_t taker_done;

  /* The picture. */
  glvk_orientation orientation;
  uint32_t is_opaque; /* the alpha channel has no meaning */
} glvk_external_bundle;

/* Returns what another implementation needs to import the image. The taker does what Vulkan on this device would: it
 * reads an image of direction GL_TO_VULKAN and writes one of VULKAN_TO_GL. Ask once for each taker. Any thread.
 * Errors: the driver's. Stands for vkGetMemoryFdKHR and vkGetSemaphoreFdKHR. */
GLVK_API glvk_result glvk_image_get_external_bundle(glvk_image image, glvk_external_bundle *out);
/* Closes the descriptors of a bundle and destroys its DMA-BUF, and sets them to -1 and 0. Any thread. */
GLVK_API glvk_result glvk_external_bundle_close(glvk_external_bundle *bundle);

/* Begin and end the access of a bundle's taker. acquire: returns what the taker waits for, DONE where nothing is due. release: point is what the
 * taker returned; GL's next access waits for it. Any thread.
 * Errors: INVALID_STATE; INVALID_ARGUMENT for a point of another sync: the taker still has the image then. */
GLVK_API glvk_result glvk_image_acquire_for_external(glvk_image image, glvk_external_point *out);
GLVK_API glvk_result glvk_image_release_from_external(glvk_image image, const glvk_external_point *point);

/* Options of glvk_external_image_import(). */
typedef struct glvk_external_import_options {
  size_t struct_size;
  glvk_context context; /* 0: not into GL */
  glvk_host host;       /* 0: not into Vulkan */
  uint32_t gl_writes;   /* 1: GL renders into the image */
} glvk_external_import_options;

/* Imports the memory and the semaphores of a bundle, whose descriptors stay the caller's. Everything that can be
 * compared is compared before a driver gets them. GL thread where a context is given, else any.
 * Errors: INVALID_ARGUMENT for a description that contradicts itself or the memory; UNSUPPORTED for another device or a
 * missing extension; the driver's error. Stands for vkAllocateMemory with VkImportMemoryFdInfoKHR,
 * vkImportSemaphoreFdKHR, glImportMemoryFdEXT, glImportSemaphoreFdEXT. */
GLVK_API glvk_result glvk_external_image_import(
  const glvk_external_bundle *bundle, const glvk_external_import_options *options, glvk_external_image *out);

/* The handles of an imported image. */
typedef struct glvk_external_image_info {
  size_t struct_size;
  uint32_t width, height;
  VkFormat vk_format;
  glvk_sync sync;
  VkImage image;           /* VK_NULL_HANDLE where it is in GL only */
  uint32_t gl_texture;     /* GL_TEXTURE_2D; 0 where it is in Vulkan only */
  uint32_t gl_framebuffer; /* has the texture as GL_COLOR_ATTACHMENT0; 0 where that would exchange red and blue */
  /* The component mapping for a VkImageView that is sampled: alpha is VK_COMPONENT_SWIZZLE_ONE where is_opaque is 1. */
  VkComponentMapping component_mapping;
  /* Identifies the Vulkan image, as in glvk_image_info; 0 where it is in GL only. */
  uint64_t image_id;
} glvk_external_image_info;
/* Returns the image's properties and handles. The handles stay the image's. Any thread. */
GLVK_API glvk_result glvk_external_image_get_info(glvk_external_image image, glvk_external_image_info *out);
/* As glvk_image_get_view(). Any thread. Errors: INVALID_STATE where the image is in GL only. */
GLVK_API glvk_result glvk_external_image_get_view(
  glvk_external_image image, const glvk_view_options *options, VkImageView *out);

/* GL's access: waits for the giver, on the GPU where the sync allows it; then signals and flushes, or finishes. GL
 * thread.
 * Errors: INVALID_STATE during another access; INVALID_ARGUMENT for a point of another sync. Stands for
 * glWaitSemaphoreEXT, eglWaitSyncKHR; glSignalSemaphoreEXT with glFlush, eglDupNativeFenceFDANDROID, glFinish. */
GLVK_API glvk_result glvk_external_image_acquire_for_gl(glvk_external_image image, const glvk_external_point *point);
GLVK_API glvk_result glvk_external_image_release_from_gl(glvk_external_image image, glvk_external_point *out);

/* Vulkan's whole access in one submission: waits for the giver, acquires, runs the commands that `record` records,
 * releases, signals. use: NULL for sampling in fragment shaders. queue: VK_NULL_HANDLE for the device's first. Any
 * thread.
 * Errors: as GL's; CALLBACK, after which the giver's signal is still to be waited for; DRIVER_FAILURE. Stands for
 * vkCmdPipelineBarrier, vkQueueSubmit. */
GLVK_API glvk_result glvk_external_image_access(glvk_external_image image, const glvk_use *use, VkQueue queue,
  const glvk_external_point *point, glvk_record record, void *user_data, glvk_external_point *out);

/* Vulkan's access, for an application that submits itself. acquire_barrier: the barrier, and the semaphore that the
 * submission waits for. release_barrier: the barrier, and the semaphore that it signals. did_submit_release: after the
 * submission, with GLVK_SYNC_CPU_WAIT after its end. Errors: as GL's. Stands for vkCmdPipelineBarrier. */
GLVK_API glvk_result glvk_external_image_acquire_barrier(glvk_external_image image, const glvk_use *use, VkQueue queue,
  const glvk_external_point *point, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_external_image_release_barrier(
  glvk_external_image image, const glvk_use *use, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_external_image_did_submit_release(glvk_external_image image, glvk_external_point *out);

/* Destroys the handle, and the image, after what was submitted through it. Any thread; the library deletes the texture
 * in its next call on the GL thread. */
GLVK_API glvk_result glvk_external_image_destroy(glvk_external_image image);

/* ---- Layer 2: producers ------------------------------------------------------------------------------------------ */

/* Skip the check before the first frame, which sends two patterns across and compares every pixel. */
#define GLVK_PRODUCER_SKIP_PIXEL_CHECK 0x1u
/* Attach 24 bits of depth and 8 bits of stencil to the framebuffer into which the application draws in
 * glvk_producer_render(). */
#define GLVK_PRODUCER_DEPTH_STENCIL 0x2u
/* Do not use the cache on disk and do not start the helper: try the combinations one after the other in this process.
 */
#define GLVK_PRODUCER_NO_PROBE 0x4u

/* Options of glvk_producer_create() and glvk_producer_create_surfaceless(). */
typedef struct glvk_producer_options {
  size_t struct_size;
  /* The context; 0 for the one that is current on this thread. */
  glvk_context context;
  /* The Vulkan device; 0 creates one on the GL context's GPU, which glvk_producer_get_host() returns. */
  glvk_host host;
  /* The size of the frames. 0 for both: the size of framebuffer 0. */
  uint32_t width, height;
  uint32_t frames_in_flight; /* slots, 1 to 16; 0 for 3 */
  glvk_format format;        /* DEFAULT is RGBA8 */
  /* The library chooses members that are AUTOMATIC by trying. If a path is given and does not work, creating the
   * producer fails. */
  glvk_path path;
  glvk_mode mode;
  glvk_sync sync;
  glvk_tiling tiling;
  /* The orientation of the frames. TOP_DOWN needs mode blit (or host-copy). */
  glvk_orientation orientation;
  uint32_t samples; /* samples per pixel of the framebuffer in glvk_producer_render(); 0 for 1 */
  uint32_t flags;   /* GLVK_PRODUCER_* */
  glvk_back_pressure back_pressure;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  /* The longest wait of the back pressure; 0 for 5 seconds. */
  uint64_t wait_timeout_ns;
  /* The modifiers that a DMA-BUF may have; NULL for all that work. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* The capability matrix; 0 for the cache on disk, which a probe fills the first time. */
  glvk_matrix matrix;
  /* The usage that Vulkan needs of the images. 0 for all that the device supports; on path host-copy copies and
   * sampling. */
  VkImageUsageFlags usage;
} glvk_producer_options;

/* RawGLProducer: creates a producer for a context that the application owns. options: may be NULL. GL thread, here and
 * in later calls.
 * The library restores the application's GL state after every call. No transform feedback, conditional rendering or
 * query may be active during a call.
 * Errors: WRONG_THREAD if no context is current; UNSUPPORTED; INVALID_ARGUMENT; the driver's error if no combination
 * works. */
GLVK_API glvk_result glvk_producer_create(const glvk_producer_options *options, glvk_producer *out);

/* SurfacelessEGLProducer: creates a producer for a context of glvk_context_create_surfaceless(). The application draws
 * in glvk_producer_render(). If options->context is 0, the producer creates a context (surfaceless, OpenGL). width and
 * height must be given. GL thread. Errors as for glvk_producer_create(). */
GLVK_API glvk_result glvk_producer_create_surfaceless(const glvk_producer_options *options, glvk_producer *out);

/* Options of glvk_producer_submit() and glvk_producer_render(). */
typedef struct glvk_submit_options {
  size_t struct_size;
  uint32_t framebuffer;      /* 0: the default framebuffer */
  uint32_t color_attachment; /* n of GL_COLOR_ATTACHMENTn */
  /* 0 for both: the framebuffer's size. The size of the frames follows it. */
  uint32_t width, height;
  glvk_orientation orientation; /* the framebuffer's */
  /* The time at which the frame is to be shown, on the caller's clock. The library passes it along. */
  uint32_t has_presentation_time;
  int64_t presentation_time_ns;
  /* The rectangles that changed since the frame before, in pixels of the frame; NULL for everything. The library copies
   * them. */
  const glvk_rect *damage;
  uint32_t damage_count;
} glvk_submit_options;

/* Copies the application's framebuffer into the next frame, with one blit on the GPU. options: may be NULL, for
 * framebuffer 0 in its own size. For producers of glvk_producer_create() only. The caller owns the frame. GL thread,
 * before the buffers are swapped.
 *
 * Errors: RING_EXHAUSTED or TIMEOUT if all slots are in use; WRONG_THREAD; INVALID_ARGUMENT for an incomplete
 * framebuffer, or one whose size the library cannot find out; UNSUPPORTED; the driver's error. Stands for
 * glBlitFramebuffer. */
GLVK_API glvk_result glvk_producer_submit(glvk_producer producer, const glvk_submit_options *options, glvk_frame *out);

/* The framebuffer into which the application draws a frame. */
typedef struct glvk_render_target {
  size_t struct_size;
  /* Complete, bound to GL_FRAMEBUFFER, with the viewport set to its size. Its content is undefined. */
  uint32_t framebuffer;
  uint32_t width, height;
  uint64_t frame_number; /* from 1 on */
  /* Identifies the framebuffer; no other one gets the same number. In mode direct it is the image_id of the frame. Else
   * it is the number of a framebuffer that the library copies from, for which no callback reports the end. */
  uint64_t image_id;
} glvk_render_target;

/* Draws a frame. If it returns a value other than 0, there is no frame and the call fails with GLVK_ERROR_CALLBACK. The
 * library may call it a second time for the same frame, if the first combination fails. */
typedef int32_t (*glvk_draw)(void *user_data, const glvk_render_target *target);

/* Makes a frame that the application draws in `draw`: straight into the shared image (mode direct), or into a
 * framebuffer of the library's (mode blit). Of options it uses presentation time and damage; options may be NULL. The
 * caller owns the frame. GL thread. Errors: as for glvk_producer_submit(), CALLBACK. */
GLVK_API glvk_result glvk_producer_render(
  glvk_producer producer, const glvk_submit_options *options, glvk_draw draw, void *user_data, glvk_frame *out);

/* Changes the size of later frames. Frames in use keep their size. GL thread. Errors: INVALID_ARGUMENT, the driver's
 * error. */
GLVK_API glvk_result glvk_producer_resize(glvk_producer producer, uint32_t width, uint32_t height);

/* Sets the callback that the library calls for each image of which it returned a frame, when it destroys the image:
 * after a change of size, after a change to another combination, at the end of the producer or of its context. If a
 * frame of the image is in use then, the call comes after the frame has ended. The library does not report images of
 * which it returned no frame, such as those of a ring that could not be made. The call comes on the GL thread, or, for
 * frames in use when the producer is destroyed, on the thread that ends an image's last frame.
 *
 * NULL removes the callback. When this function returns, the previous callback is not running on another thread and the
 * library does not call it again. glvk_producer_destroy() does not guarantee that while frames are in use: user_data
 * must live until they have ended, or the application sets NULL before. Any thread, also within the callback. */
GLVK_API glvk_result glvk_producer_set_image_retired_callback(
  glvk_producer producer, glvk_image_retired callback, void *user_data);

/* The current state of a producer. */
typedef struct glvk_producer_info {
  size_t struct_size;
  uint32_t width, height;
  glvk_path path;
  glvk_mode mode;
  glvk_sync sync;
  glvk_readback readback;  /* of path host-copy */
  uint32_t has_modifier;   /* frames are DMA-BUFs */
  uint32_t fallback_count; /* see glvk_producer_get_fallback() */
  uint64_t modifier;
  /* The number of slots of earlier sizes that are kept because frames in them are in use. */
  uint32_t retired_slot_count;
  uint32_t readback_refusal_count;
  /* The queue on which an ownership transfer costs least, and on which a consumer should acquire. */
  VkQueue ownership_queue;
  uint32_t ownership_queue_family;
  /* The number of frames returned so far. */
  uint64_t frame_count;
} glvk_producer_info;

/* Returns the current state of the producer. GL thread. */
GLVK_API glvk_result glvk_producer_get_info(glvk_producer producer, glvk_producer_info *out);

/* Returns a path that the producer tried before the one in use, and the reason why it did not work. A reason that is
 * longer than the buffer is truncated. GL thread. Errors: INVALID_ARGUMENT for an index out of range. reason may be
 * NULL with capacity 0. */
GLVK_API glvk_result glvk_producer_get_fallback(
  glvk_producer producer, uint32_t index, glvk_path *path, char *reason, size_t capacity);
/* Returns a readback method that the producer tried, and the reason why it did not work, in the same way. GL thread. */
GLVK_API glvk_result glvk_producer_get_readback_refusal(
  glvk_producer producer, uint32_t index, glvk_readback *readback, char *reason, size_t capacity);

/* Return the producer's context, its device, and the capability matrix by which it chose, in which what comes after
 * the first combination that works is not tried. They are new handles, which the caller destroys. Any thread. Errors: NOT_AVAILABLE if there is no matrix, with the reason: it was not asked for,
 * or the probe's helper could not be started. */
GLVK_API glvk_result glvk_producer_get_context(glvk_producer producer, glvk_context *out);
GLVK_API glvk_result glvk_producer_get_host(glvk_producer producer, glvk_host *out);
GLVK_API glvk_result glvk_producer_get_matrix(glvk_producer producer, glvk_matrix *out);

/* Tells the producer that the application is about to destroy its context: as glvk_context_will_be_destroyed(). For
 * producers of glvk_producer_create() only. GL thread. Frames in use stay valid. */
GLVK_API glvk_result glvk_producer_context_will_be_destroyed(glvk_producer producer);

/* Destroys the producer. Frames in use stay valid. Any thread: on the GL thread its GL objects are deleted at once;
 * elsewhere in the next call on the GL thread, or with the context. */
GLVK_API glvk_result glvk_producer_destroy(glvk_producer producer);

/* ---- Layer 2: frames --------------------------------------------------------------------------------------------- */

/* A frame has one owner. A function that ends a frame ("takes the frame") destroys the handle, also when it returns an
 * error, except after INVALID_HANDLE, INVALID_ARGUMENT or INVALID_STATE: then it did nothing and the handle is still
 * valid. If the producer has dropped the frame meanwhile, each of these functions returns FRAME_DROPPED, which destroys
 * the handle too. Any thread. */

/* The properties of a frame. */
typedef struct glvk_frame_info {
  size_t struct_size;
  VkImage image; /* valid while the frame is held */
  VkFormat vk_format;
  glvk_format format;
  uint32_t width, height;
  glvk_orientation orientation;
  glvk_path path;
  glvk_mode mode;
  glvk_sync sync;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  uint32_t has_presentation_time;
  uint64_t number; /* from 1 on */
  int64_t presentation_time_ns;
  uint32_t has_modifier; /* a DMA-BUF: glvk_frame_get_dma_buf() */
  uint32_t has_damage;   /* 0: everything changed */
  uint64_t modifier;
  uint32_t damage_count; /* glvk_frame_get_damage() */
  /* The component mapping for a VkImageView that is sampled: alpha is VK_COMPONENT_SWIZZLE_ONE for GLVK_ALPHA_OPAQUE.
   * Views for attachments need the identity mapping. */
  VkComponentMapping component_mapping;
  /* Identifies the image: no other image gets the same number, while drivers reuse VkImage handles and GL names. */
  uint64_t image_id;
  /* VkImageCreateInfo of the image. */
  VkImageUsageFlags usage;
  VkImageCreateFlags create_flags;
  glvk_tiling tiling;
} glvk_frame_info;

/* Returns the frame's properties and its VkImage, which stays the library's. */
GLVK_API glvk_result glvk_frame_get_info(glvk_frame frame, glvk_frame_info *out);
/* Returns a view of the frame's image, as glvk_image_get_view(): all frames in the same image share it. */
GLVK_API glvk_result glvk_frame_get_view(glvk_frame frame, const glvk_view_options *options, VkImageView *out);
/* Returns the rectangles that changed since the frame before. rects: capacity entries; count: the number of rectangles.
 * Any thread. Errors: BUFFER_TOO_SMALL (count is written). */
GLVK_API glvk_result glvk_frame_get_damage(glvk_frame frame, glvk_rect *rects, size_t capacity, size_t *count);
/* Returns the DMA-BUF that holds the frame, with descriptors of its own. The caller destroys the handle, and keeps the
 * frame until the other device or process is done with the buffer. Errors: NOT_AVAILABLE on paths that share no
 * DMA-BUF. */
GLVK_API glvk_result glvk_frame_get_dma_buf(glvk_frame frame, glvk_dma_buf *out);

/* Acquires the frame, runs the caller's commands, and releases it, in one submission. Takes the frame. options: may be
 * NULL.
 * Errors: INVALID_STATE if the frame is acquired already; CALLBACK; DRIVER_FAILURE; TIMEOUT. */
GLVK_API glvk_result glvk_frame_access(
  glvk_frame frame, const glvk_access_options *options, glvk_record record, void *user_data);

/* Submits the acquire operation separately: later submissions to the same queue may use the image in the layout of
 * `use`. As glvk_image_acquire(). Errors: INVALID_STATE if the frame is acquired already. */
GLVK_API glvk_result glvk_frame_acquire(glvk_frame frame, const glvk_use *use, VkQueue queue, VkQueue ownership_queue);
/* Submits the release operation separately, after all earlier submissions to the queue. Takes the frame. use: the
 * layout that the image is in by now, NULL for that of the acquire. */
GLVK_API glvk_result glvk_frame_release(glvk_frame frame, const glvk_use *use);

/* For an application that submits itself: as glvk_image_acquire_barrier(), glvk_image_release_barrier() and
 * glvk_image_did_submit_release(). glvk_frame_did_submit_release() takes the frame. */
GLVK_API glvk_result glvk_frame_acquire_barrier(
  glvk_frame frame, const glvk_use *use, VkQueue queue, VkQueue ownership_queue, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_frame_release_barrier(glvk_frame frame, const glvk_use *use, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_frame_did_submit_release(glvk_frame frame);
/* Cancels glvk_frame_acquire_barrier(). Only while the application has submitted nothing of it. */
GLVK_API glvk_result glvk_frame_cancel_acquire(glvk_frame frame);

/* Begin and end the access of a foreign reader, as glvk_image_acquire_for_foreign() and
 * glvk_image_release_from_foreign(). The release takes the frame, and on success the fence. */
GLVK_API glvk_result glvk_frame_acquire_for_foreign(glvk_frame frame, int *fence);
GLVK_API glvk_result glvk_frame_release_from_foreign(glvk_frame frame, int fence);

/* Give the frame's image to another implementation, as the functions of glvk_image do. The bundle is good for every
 * frame with the same image_id. release: frees the frame, except after INVALID_ARGUMENT and INVALID_STATE. Any thread.
 * Errors: as glvk_image_get_external_bundle(); UNSUPPORTED on path host-copy. */
GLVK_API glvk_result glvk_frame_get_external_bundle(glvk_frame frame, glvk_external_bundle *out);
GLVK_API glvk_result glvk_frame_acquire_for_external(glvk_frame frame, glvk_external_point *out);
GLVK_API glvk_result glvk_frame_release_from_external(glvk_frame frame, const glvk_external_point *point);

/* Drops the frame in any state. Takes the frame. */
GLVK_API glvk_result glvk_frame_drop(glvk_frame frame);

/* ---- Layer 2: from thread to thread ------------------------------------------------------------------------------ */

/* Creates a queue. capacity: the number of frames that it holds at most; 0 for 16. Any thread. */
GLVK_API glvk_result glvk_frame_queue_create(uint32_t capacity, glvk_frame_queue *out);
/* Appends a frame and takes it. If the queue is full, it drops its oldest frame. If it is closed, it drops this one,
 * and the result is GLVK_ERROR_INVALID_STATE. Any thread. */
GLVK_API glvk_result glvk_frame_queue_send(glvk_frame_queue queue, glvk_frame frame);
/* Waits for a frame and returns the oldest one as a new handle, which the caller owns. Any thread. Errors: TIMEOUT;
 * NOT_AVAILABLE when the queue is closed and empty. */
GLVK_API glvk_result glvk_frame_queue_receive(glvk_frame_queue queue, uint64_t timeout_ns, glvk_frame *out);
/* Closes the queue: no frame can be sent any more, and receivers get the remaining ones. Any thread. */
GLVK_API glvk_result glvk_frame_queue_close(glvk_frame_queue queue);
/* Closes the queue, drops the remaining frames and destroys the handle. Any thread. */
GLVK_API glvk_result glvk_frame_queue_destroy(glvk_frame_queue queue);

/* ---- Capability -------------------------------------------------------------------------------------------------- */

/* The process in which the probe tries the drivers. */
typedef int32_t glvk_isolation;
enum {
  GLVK_ISOLATION_AUTOMATIC = 0,     /* in the helper; in this process if there is no helper */
  GLVK_ISOLATION_CHILD_PROCESS = 1, /* in the helper only */
  GLVK_ISOLATION_THIS_PROCESS = 2   /* in this process, which ends if a driver crashes */
};

/* The combinations that the probe times. */
typedef int32_t glvk_timing;
enum {
  GLVK_TIMING_CHOICE = 0, /* the chosen combination, on each queue family */
  GLVK_TIMING_NOTHING = 1,
  GLVK_TIMING_EVERYTHING = 2
};

/* Options of glvk_matrix_probe(). */
typedef struct glvk_probe_options {
  size_t struct_size;
  /* Both 0: the probe opens no driver in this process, and tries the GL that `surfaceless` names with the device it
   * runs on. Both given: a context of glvk_context_create_surfaceless(), current on this thread, with any device. */
  glvk_context context;
  glvk_host host;
  const glvk_surfaceless_options *surfaceless; /* NULL for the usual */
  glvk_isolation isolation;
  glvk_timing timing;
  /* The paths and formats to try; counts of 0 for all. */
  const glvk_path *paths;
  const glvk_format *formats;
  uint32_t path_count;
  uint32_t format_count;
  uint32_t width, height; /* 0 for 960x540 */
  uint32_t only_lists;    /* 1: lists the combinations without trying them */
  uint32_t ignores_cache; /* 1: neither reads nor writes the cache on disk */
  uint64_t timeout_ns;    /* for one cell in the helper; 0 for 10 s */
  /* The ranking: preferred combinations first, excluded ones with a minus: "host-copy",
   * "opaque-fd/blit,-dma-buf-export". NULL for the usual ranking. */
  const char *ranking;
} glvk_probe_options;

/* Tries the combinations of the drivers, in a helper process, so that a crashing driver gives a verdict and does not
 * end this process. It takes a second or two the first time, milliseconds from the cache. On a machine without EGL or
 * Vulkan the matrix says so. options: may be NULL. The caller destroys the matrix. Any thread; with a context its GL
 * thread. */
GLVK_API glvk_result glvk_matrix_probe(const glvk_probe_options *options, glvk_matrix *out);

/* Writes the matrix as JSON, with the keys of docs/capability.md. size: the number of bytes including the final 0;
 * buffer may be NULL with capacity 0. Any thread. Errors: BUFFER_TOO_SMALL (size is written). */
GLVK_API glvk_result glvk_matrix_get_json(glvk_matrix matrix, char *buffer, size_t capacity, size_t *size);

/* The result of one combination. */
typedef int32_t glvk_verdict;
enum {
  GLVK_VERDICT_NOT_TRIED = 0,
  GLVK_VERDICT_VERIFIED = 1, /* two patterns crossed and every pixel was right */
  GLVK_VERDICT_FAILED = 2,
  GLVK_VERDICT_UNSUPPORTED = 3
};

/* One combination of the matrix. Strings live until the matrix is destroyed; "" where there is no text. */
typedef struct glvk_cell {
  size_t struct_size;
  glvk_path path;
  glvk_direction direction;
  glvk_mode mode;
  glvk_format format;
  glvk_tiling tiling;
  glvk_sync sync;
  uint32_t width, height;
  uint64_t modifier; /* GLVK_MODIFIER_INVALID where there is none */
  glvk_verdict verdict;
  /* The Vulkan queue family that acquired the image, UINT32_MAX if none did. */
  uint32_t queue_family;
  /* The time of one ownership transfer, in microseconds; below 0 if it was not timed. */
  double transfer_p50_us, transfer_p99_us;
  const char *code;
  const char *step;
  const char *reason;
  const char *missing; /* the missing extensions and features, separated by ", " */
} glvk_cell;

/* Returns the number of combinations. Any thread. */
GLVK_API glvk_result glvk_matrix_cell_count(glvk_matrix matrix, size_t *count);
/* Returns one combination. Any thread. Errors: INVALID_ARGUMENT for an index out of range. */
GLVK_API glvk_result glvk_matrix_get_cell(glvk_matrix matrix, size_t index, glvk_cell *out);

/* The application's requirements of a combination. */
typedef struct glvk_requirements {
  size_t struct_size;
  const glvk_format *formats; /* all of them must work; count 0 for RGBA8 */
  uint32_t format_count;
  glvk_direction direction;
  uint32_t needs_gpu_wait;    /* 1: the CPU must not wait for a GPU */
  uint32_t crosses_processes; /* 1: the image goes to another process, which needs a DMA-BUF */
  const char *ranking;        /* as in glvk_probe_options */
} glvk_requirements;

/* The chosen combination and the reason for it. Strings live until the matrix is destroyed. */
typedef struct glvk_choice {
  size_t struct_size;
  glvk_path path;
  glvk_sync sync;
  glvk_mode mode;
  glvk_tiling tiling;
  uint32_t queue_family;
  uint32_t modifier_count;
  double transfer_p50_us, transfer_p99_us;
  const uint64_t *modifiers; /* live as long as the strings */
  const char *reason;
} glvk_choice;

/* Returns the best combination that meets the requirements. requirements: NULL for the choice that the probe made. Any
 * thread. Errors: NOT_AVAILABLE if no combination works. */
GLVK_API glvk_result glvk_matrix_best_path(glvk_matrix matrix, const glvk_requirements *requirements, glvk_choice *out);

/* Destroys the matrix and its strings. Any thread. */
GLVK_API glvk_result glvk_matrix_destroy(glvk_matrix matrix);

/* ---- Layer 2: the reverse, Vulkan draws and GL shows (RawGLConsumer) --------------------------------------------- */

/* A GL program that shows Vulkan's pictures:
 *
 *   glvk_consumer_create(&options, &consumer);                          // GL thread: options name device and size
 *
 *   glvk_consumer_next_target(consumer, &target);                       // any thread
 *   glvk_target_access(target, NULL, NULL, draw, user_data, &frame);    // commands that draw into the VkImage
 *   glvk_gl_frame_queue_send(queue, frame);
 *
 *   if (glvk_gl_frame_queue_receive(queue, 0, &frame) == GLVK_SUCCESS)  // in the GL loop
 *     glvk_gl_frame_access(frame, show, user_data);                     // draws with the texture
 *   else
 *     glvk_consumer_poll(consumer); */

/* Skip the check before the first frame, which sends two patterns across and compares every pixel. */
#define GLVK_CONSUMER_SKIP_PIXEL_CHECK 0x1u
/* Do not use the cache on disk and do not start the helper: try the combinations one after the other in this process.
 */
#define GLVK_CONSUMER_NO_PROBE 0x2u
/* Vulkan draws the picture's bottom into row 0, as GL does; without this flag, the top. The library flips nothing; it
 * tells GL the orientation. */
#define GLVK_CONSUMER_BOTTOM_UP 0x4u

/* Options of glvk_consumer_create(). */
typedef struct glvk_consumer_options {
  size_t struct_size;
  /* The context; 0 for the one that is current on this thread. */
  glvk_context context;
  /* The Vulkan device that draws. Must be given. */
  glvk_host host;
  /* The size of the frames. Must be given. */
  uint32_t width, height;
  uint32_t frames_in_flight; /* slots, 1 to 16; 0 for 3 */
  glvk_format format;        /* DEFAULT is RGBA8 */
  /* The library chooses members that are AUTOMATIC by trying. If a path is given and does not work, creating the
   * consumer fails. */
  glvk_path path;
  glvk_sync sync;
  glvk_tiling tiling;
  uint32_t flags; /* GLVK_CONSUMER_* */
  /* The policy of glvk_consumer_next_target() when every slot is in use. */
  glvk_back_pressure back_pressure;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  /* The usage that the images need; a combination that does not support it is not used. 0 for all that the device
   * supports. */
  VkImageUsageFlags usage;
  /* The modifiers that a DMA-BUF may have; NULL for all that work. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* The longest wait of the back pressure; 0 for 5 seconds. */
  uint64_t wait_timeout_ns;
  /* The capability matrix; 0 for the cache on disk, which a probe fills the first time. */
  glvk_matrix matrix;
  const char *ranking; /* as in glvk_probe_options */
} glvk_consumer_options;

/* RawGLConsumer: creates a consumer, which shows Vulkan's pictures in a GL context that the application owns. options
 * must be given. GL thread.
 * The library restores the application's GL state after every call. No transform feedback, conditional rendering or
 * query may be active during a call.
 * Errors: WRONG_THREAD if no context is current; INVALID_HANDLE without a device; UNSUPPORTED; INVALID_ARGUMENT; the
 * driver's error if no combination works. */
GLVK_API glvk_result glvk_consumer_create(const glvk_consumer_options *options, glvk_consumer *out);

/* Returns a free image into which Vulkan draws the next frame. If none is free, the back pressure of the options
 * decides; to make room, the consumer drops the oldest frame that GL has not acquired. The caller owns the target. Any
 * thread.
 * Errors: RING_EXHAUSTED, also when the wait was too long; INVALID_STATE after
 * glvk_consumer_context_will_be_destroyed(). */
GLVK_API glvk_result glvk_consumer_next_target(glvk_consumer consumer, glvk_target *out);

/* Does the pending work that only the GL thread can do: returns the images of frames that other threads dropped between
 * acquire and release, destroys images left from a resize, and changes to the next combination where one has failed.
 * Functions for GL frames do this too: call this one in a loop iteration without a frame. GL thread. Errors:
 * INVALID_STATE after glvk_consumer_context_will_be_destroyed(). */
GLVK_API glvk_result glvk_consumer_poll(glvk_consumer consumer);

/* Changes the size of later targets. Targets and frames in use keep their size. GL thread. After an error the old size
 * stays in use. */
GLVK_API glvk_result glvk_consumer_resize(glvk_consumer consumer, uint32_t width, uint32_t height);

/* As glvk_producer_set_image_retired_callback(), for each image of which the library returned a target. The VkImage of
 * targets and the GL texture of their frames are destroyed together. Any thread. */
GLVK_API glvk_result glvk_consumer_set_image_retired_callback(
  glvk_consumer consumer, glvk_image_retired callback, void *user_data);

/* The current state of a consumer. */
typedef struct glvk_consumer_info {
  size_t struct_size;
  uint32_t width, height;
  glvk_path path;
  glvk_sync sync;
  uint32_t has_modifier;   /* frames are DMA-BUFs */
  uint32_t fallback_count; /* see glvk_consumer_get_fallback() */
  uint64_t modifier;
  /* The number of slots of earlier sizes and combinations that are kept because targets or frames in them are in use.
   */
  uint32_t retired_slot_count;
  /* The queue on which an ownership transfer costs least. The library submits to it where a call names no queue. */
  uint32_t ownership_queue_family;
  VkQueue ownership_queue;
  /* The number of targets returned so far. */
  uint64_t target_count;
} glvk_consumer_info;

/* Returns the current state of the consumer. Any thread. */
GLVK_API glvk_result glvk_consumer_get_info(glvk_consumer consumer, glvk_consumer_info *out);

/* Returns a path that the consumer tried before the one in use, and the reason why it did not work. A reason that is
 * longer than the buffer is truncated. Any thread. Errors: INVALID_ARGUMENT for an index out of range. reason may be
 * NULL with capacity 0. */
GLVK_API glvk_result glvk_consumer_get_fallback(
  glvk_consumer consumer, uint32_t index, glvk_path *path, char *reason, size_t capacity);

/* Return the consumer's context, its device, and the capability matrix by which it chose, in which what comes after
 * the first combination that works is not tried. They are new handles, which the caller destroys. Any thread. Errors: NOT_AVAILABLE if there is no matrix, with the reason: it was not asked for,
 * or the probe's helper could not be started. */
GLVK_API glvk_result glvk_consumer_get_context(glvk_consumer consumer, glvk_context *out);
GLVK_API glvk_result glvk_consumer_get_host(glvk_consumer consumer, glvk_host *out);
GLVK_API glvk_result glvk_consumer_get_matrix(glvk_consumer consumer, glvk_matrix *out);

/* Tells the consumer that the application is about to destroy its context. The consumer deletes its objects in the
 * context. Frames in use cannot be acquired any more (INVALID_STATE); targets in use stay valid for Vulkan. The library
 * does not use the context afterwards: of several consumers and producers that share one, call each once. GL thread; a
 * second call does nothing. */
GLVK_API glvk_result glvk_consumer_context_will_be_destroyed(glvk_consumer consumer);

/* Destroys the consumer. Targets and frames in use stay valid. Any thread: on the GL thread its GL objects are deleted
 * at once, elsewhere in the next call on the GL thread. */
GLVK_API glvk_result glvk_consumer_destroy(glvk_consumer consumer);

/* ---- Layer 2: targets -------------------------------------------------------------------------------------------- */

/* A target has one owner. Any thread. The content of its image is undefined at first. A function that makes a frame
 * from a target takes the target: it destroys the handle, also when it returns an error, except after INVALID_HANDLE,
 * INVALID_ARGUMENT or INVALID_STATE: then it did nothing and the handle is still valid. After any other error GL gets
 * no frame. The frame's handle is 0 after an error. A use that is NULL, or all 0, means rendering:
 * COLOR_ATTACHMENT_OPTIMAL, COLOR_ATTACHMENT_OUTPUT, COLOR_ATTACHMENT_READ and _WRITE. */

/* The properties of a target. */
typedef struct glvk_target_info {
  size_t struct_size;
  VkImage image; /* valid while the target is held */
  VkFormat vk_format;
  VkImageUsageFlags usage; /* the usage that the image was created with */
  glvk_format format;
  uint32_t width, height;
  glvk_orientation orientation; /* the orientation that GL will assume */
  glvk_path path;
  glvk_sync sync;
  uint64_t number; /* the number of the frame to be: counts targets from 1 on */
  /* Identifies the image: no other image gets the same number, while drivers reuse VkImage handles and GL names. */
  uint64_t image_id;
} glvk_target_info;

/* Returns the target's properties and its VkImage, which stays the library's. */
GLVK_API glvk_result glvk_target_get_info(glvk_target target, glvk_target_info *out);
/* Returns a view of the target's image, as glvk_image_get_view(): all targets in the same image share it. */
GLVK_API glvk_result glvk_target_get_view(glvk_target target, const glvk_view_options *options, VkImageView *out);

/* The presentation time and the damage of a frame. Where a pointer to this structure is NULL, there is no time and
 * everything changed. */
typedef struct glvk_present_options {
  size_t struct_size;
  /* The time at which the frame is to be shown, on the caller's clock. */
  uint32_t has_presentation_time;
  int64_t presentation_time_ns;
  /* The rectangles that changed since the frame before, in pixels; NULL for everything. The library copies them. */
  const glvk_rect *damage;
  uint32_t damage_count;
} glvk_present_options;

/* Acquires the target, runs the caller's commands, and releases it to GL as a frame, in one submission. Takes the
 * target. access and present: may be NULL. The caller owns the frame.
 * Errors: INVALID_STATE if the target is acquired already; CALLBACK; DRIVER_FAILURE; TIMEOUT. Stands for vkQueueSubmit,
 * vkWaitForFences. */
GLVK_API glvk_result glvk_target_access(glvk_target target, const glvk_access_options *access,
  const glvk_present_options *present, glvk_record record, void *user_data, glvk_gl_frame *out);

/* Submits the acquire operation separately: later submissions to the same queue may use the image in the layout of
 * `use`. queue and ownership_queue as in glvk_image_acquire_barrier(). Errors: INVALID_STATE if the target is acquired
 * already. */
GLVK_API glvk_result glvk_target_acquire(
  glvk_target target, const glvk_use *use, VkQueue queue, VkQueue ownership_queue);
/* Submits the release operation separately, after all earlier submissions to the queue, and returns the frame. Takes
 * the target. use: the layout that the image is in by now, NULL for that of the acquire. */
GLVK_API glvk_result glvk_target_release(
  glvk_target target, const glvk_use *use, const glvk_present_options *present, glvk_gl_frame *out);

/* For an application that submits itself: as glvk_image_acquire_barrier(), glvk_image_release_barrier() and
 * glvk_image_did_submit_release(). glvk_target_did_submit_release() takes the target. */
GLVK_API glvk_result glvk_target_acquire_barrier(
  glvk_target target, const glvk_use *use, VkQueue queue, VkQueue ownership_queue, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_target_release_barrier(glvk_target target, const glvk_use *use, glvk_ownership_transfer *out);
GLVK_API glvk_result glvk_target_did_submit_release(
  glvk_target target, const glvk_present_options *present, glvk_gl_frame *out);
/* Cancels glvk_target_acquire_barrier(). Only while the application has submitted nothing of it. */
GLVK_API glvk_result glvk_target_cancel_acquire(glvk_target target);

/* Give the target's image to another implementation that draws into it, as the functions of glvk_image do. The bundle is
 * good for every target with the same image_id. release: what was drawn becomes a frame; uses up the target, except
 * after INVALID_ARGUMENT and INVALID_STATE. Any thread.
 * Errors: as glvk_image_get_external_bundle(); UNSUPPORTED on path host-copy. */
GLVK_API glvk_result glvk_target_get_external_bundle(glvk_target target, glvk_external_bundle *out);
GLVK_API glvk_result glvk_target_acquire_for_external(glvk_target target, glvk_external_point *out);
GLVK_API glvk_result glvk_target_release_from_external(
  glvk_target target, const glvk_external_point *point, const glvk_present_options *present, glvk_gl_frame *out);

/* Drops the target in any state, without a frame. Takes the target. If glvk_target_acquire_barrier() has returned its
 * acquire operation, cancel that before; otherwise the slot is lost. */
GLVK_API glvk_result glvk_target_drop(glvk_target target);

/* ---- Layer 2: GL frames ------------------------------------------------------------------------------------------ */

/* A GL frame has one owner. A function that ends one ("takes the frame") destroys the handle, also when it returns an
 * error, except after INVALID_HANDLE, INVALID_ARGUMENT, INVALID_STATE, WRONG_THREAD or TIMEOUT: then the handle is
 * still valid. If the consumer has dropped the frame meanwhile, each of these functions returns FRAME_DROPPED, which
 * destroys the handle too. Any thread where a function's comment names none. */

/* The properties of a GL frame. */
typedef struct glvk_gl_frame_info {
  size_t struct_size;
  /* GL_TEXTURE_2D with one level, linear filters and clamped edges. The application must not delete it. It holds the
   * frame between acquire and release: bind it after the acquire, because a driver may notice new content only then.
   * Sampling returns the picture; for an sRGB format it returns the encoded bytes. */
  uint32_t texture;
  /* Has the texture as GL_COLOR_ATTACHMENT0, for glBlitFramebuffer and glReadPixels; 0 where that would exchange red
   * and blue, and where GL cannot render into the format. */
  uint32_t framebuffer;
  glvk_format format;
  uint32_t width, height;
  glvk_orientation orientation; /* of row 0, where t is 0 */
  glvk_path path;
  glvk_sync sync;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  uint64_t number; /* the target's; higher is newer */
  uint32_t has_presentation_time;
  uint32_t has_modifier; /* a DMA-BUF: glvk_gl_frame_get_dma_buf() */
  int64_t presentation_time_ns;
  uint64_t modifier;
  uint32_t has_damage;   /* 0: everything changed */
  uint32_t damage_count; /* glvk_gl_frame_get_damage() */
  /* Identifies the image: no other image gets the same number, while drivers reuse VkImage handles and GL names. */
  uint64_t image_id;
} glvk_gl_frame_info;

/* Returns the frame's properties and GL names, which stay the library's. */
GLVK_API glvk_result glvk_gl_frame_get_info(glvk_gl_frame frame, glvk_gl_frame_info *out);
/* Returns the rectangles that changed since the frame before. rects: capacity entries; count: the number of rectangles.
 * Any thread. Errors: BUFFER_TOO_SMALL (count is written). */
GLVK_API glvk_result glvk_gl_frame_get_damage(glvk_gl_frame frame, glvk_rect *rects, size_t capacity, size_t *count);
/* Returns the DMA-BUF that holds the frame, with descriptors of its own. The caller destroys the handle, and keeps the
 * frame until the other device or process is done with the buffer. Errors: NOT_AVAILABLE on paths that share no
 * DMA-BUF. */
GLVK_API glvk_result glvk_gl_frame_get_dma_buf(glvk_gl_frame frame, glvk_dma_buf *out);

/* Draws with the texture. The library does not restore the GL state that the callback changes. If it returns a value
 * other than 0, the call fails with GLVK_ERROR_CALLBACK; the image still goes back to Vulkan. */
typedef int32_t (*glvk_show)(void *user_data, uint32_t texture);

/* Acquires the frame, runs `show`, and releases it. Takes the frame; once `show` has been called, whatever the result
 * is. GL thread.
 * Errors: before `show` is called, those of glvk_gl_frame_acquire(); CALLBACK; those of glvk_gl_frame_release(). */
GLVK_API glvk_result glvk_gl_frame_access(glvk_gl_frame frame, glvk_show show, void *user_data);

/* Begins GL's access: GL waits for Vulkan, on the GPU unless the sync is cpu-wait. Then the texture holds the frame. GL
 * thread.
 * Errors: INVALID_STATE if the frame is acquired already or the context is about to be destroyed; TIMEOUT, after which
 * the call can be repeated; DRIVER_FAILURE, after which later frames use another combination. Stands for
 * glWaitSemaphoreEXT, eglWaitSyncKHR, vkWaitForFences. */
GLVK_API glvk_result glvk_gl_frame_acquire(glvk_gl_frame frame);
/* Ends GL's access: Vulkan may draw into the image again after GL has done the commands issued so far. Flushes; with
 * cpu-wait, waits for GL. Takes the frame. GL thread. Errors: INVALID_STATE if the frame is not acquired. Stands for
 * glSignalSemaphoreEXT with glFlush, eglDupNativeFenceFDANDROID, glFinish. */
GLVK_API glvk_result glvk_gl_frame_release(glvk_gl_frame frame);
/* Drops the frame in any state. Takes the frame. */
GLVK_API glvk_result glvk_gl_frame_drop(glvk_gl_frame frame);

/* Pass GL frames from the thread that draws to the GL thread, as glvk_frame_queue_create(), _send(), _receive(),
 * _close() and _destroy(). A GL thread that must not wait passes a timeout of 0. */
GLVK_API glvk_result glvk_gl_frame_queue_create(uint32_t capacity, glvk_gl_frame_queue *out);
GLVK_API glvk_result glvk_gl_frame_queue_send(glvk_gl_frame_queue queue, glvk_gl_frame frame);
GLVK_API glvk_result glvk_gl_frame_queue_receive(glvk_gl_frame_queue queue, uint64_t timeout_ns, glvk_gl_frame *out);
GLVK_API glvk_result glvk_gl_frame_queue_close(glvk_gl_frame_queue queue);
GLVK_API glvk_result glvk_gl_frame_queue_destroy(glvk_gl_frame_queue queue);

#ifdef __cplusplus
}
#endif

#endif
