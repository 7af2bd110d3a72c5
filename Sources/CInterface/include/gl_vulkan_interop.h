/* C interface of swift-gl-vulkan-interop: what OpenGL renders, as a VkImage (and back), by sharing memory.
 *
 * A GL program that exists already:
 *
 *   glvk_producer producer;                                     // the context current on this thread, a device of our own
 *   glvk_producer_create(NULL, &producer);
 *   ... the program draws ...
 *   glvk_frame frame;                                           // before the swap
 *   glvk_producer_submit(producer, NULL, &frame);               // one blit of framebuffer 0 on the GPU
 *   glvk_frame_access(frame, NULL, record, user_data);          // any thread: commands that read the VkImage
 *
 * Rules that hold for all functions:
 *
 * - Every function returns a glvk_result, 0 (GLVK_SUCCESS) or an error; what went wrong in words is in glvk_last_error_*()
 *   of the calling thread. The few that return something else say so. An out-parameter is written on success only,
 *   but for handles, which are 0 after an error.
 * - Handles are 64-bit numbers with a generation: 0, stale ones and those of another kind are GLVK_ERROR_INVALID_HANDLE. So
 *   are destroyed ones, whose numbers are not given out again. An object lives on while others need it: a device may be
 *   destroyed here before the producer that uses it.
 * - Structures that begin with struct_size may grow in later versions. Set everything to 0 and struct_size to
 *   sizeof the structure: GLVK_INIT(structure) does. 0 is the usual choice for every member. A NULL pointer to options is
 *   the same as all of them 0. Those without struct_size never grow.
 * - Durations are nanoseconds. Sizes and rectangles are pixels. Booleans are uint32_t, 0 or 1 (any but 0 counts as 1).
 * - Strings given are UTF-8 and end with 0. Strings that come back say how long they live.
 * - Threads: "GL thread" is the one on which the context is current; elsewhere the result is GLVK_ERROR_WRONG_THREAD and nothing
 *   was done. Everything else may be called on any thread; one frame or image by one thread at a time.
 * - Callbacks run on the calling thread before the function returns. They must not throw C++ exceptions or longjmp out; what
 *   the function was called with (the producer, the frame) is in use meanwhile, and calls with it are
 *   GLVK_ERROR_INVALID_STATE. One that may run later or elsewhere says so.
 * - Nothing here aborts the program for what a caller can do wrong, except for pointers that point nowhere.
 *
 * Links with gcc or g++ alone: pkg-config --cflags --libs gl-vulkan-interop. GL names are plain numbers, so this header
 * goes with any GL header or none.
 */
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

/* The first number is the one in the library's soname: it changes when programs must be compiled again. The second grows with
 * each addition: a program works with the library it was compiled against and later ones. */
#define GLVK_ABI_MAJOR 0
#define GLVK_ABI_MINOR 2
#define GLVK_ABI_VERSION ((uint32_t)(GLVK_ABI_MAJOR << 16 | GLVK_ABI_MINOR))

/* All members 0, struct_size right: glvk_producer_options options; GLVK_INIT(options); */
#define GLVK_INIT(structure) \
  ((void)memset(&(structure), 0, sizeof(structure)), (void)((structure).struct_size = sizeof(structure)))

/* GLVK_ABI_VERSION of the library that is loaded. Cannot fail. */
GLVK_API uint32_t glvk_abi_version(void);

/* The release, "0.2.0". Static. */
GLVK_API const char *glvk_version_string(void);

/* ---- Results ----------------------------------------------------------------------------------------------------- */

typedef int32_t glvk_result;
enum {
  GLVK_SUCCESS = 0,
  /* An argument cannot be right: NULL, size 0, an unknown enum value, a wrong struct_size, an incomplete framebuffer. No driver
   * was asked. */
  GLVK_ERROR_INVALID_ARGUMENT = 1,
  /* A library (libEGL.so.1, libvulkan.so.1) or one of its functions is not on this machine. */
  GLVK_ERROR_DRIVER_MISSING = 2,
  /* This GL driver and Vulkan device cannot do it; glvk_last_error_missing() names the extension or feature. */
  GLVK_ERROR_UNSUPPORTED = 3,
  /* A driver call failed; glvk_last_error_driver_code() is its answer. */
  GLVK_ERROR_DRIVER_FAILURE = 4,
  /* A driver reported success and gave wrong pixels. */
  GLVK_ERROR_WRONG_PIXELS = 5,
  /* The call does not fit the state of the object: released twice, dropped, in use by another thread. */
  GLVK_ERROR_INVALID_STATE = 6,
  /* The right context is not current on this thread. */
  GLVK_ERROR_WRONG_THREAD = 7,
  /* All frames of the ring are in use and the producer does not wait. */
  GLVK_ERROR_RING_EXHAUSTED = 8,
  /* The GPU, or a consumer, did not finish in the time allowed. */
  GLVK_ERROR_TIMEOUT = 9,
  /* 0, stale, or of another kind. */
  GLVK_ERROR_INVALID_HANDLE = 10,
  /* The caller's own callback returned something other than 0; glvk_last_error_driver_code() is what. */
  GLVK_ERROR_CALLBACK = 11,
  /* The buffer is too small; the size needed was written. */
  GLVK_ERROR_BUFFER_TOO_SMALL = 12,
  /* There is no such thing: no DMA-BUF on this path, no frame came before the queue was closed, nothing works. */
  GLVK_ERROR_NOT_AVAILABLE = 13,
  /* The producer dropped the frame to make room for a newer one (GLVK_BACK_PRESSURE_DROP_OLDEST). Its handle is gone. */
  GLVK_ERROR_FRAME_DROPPED = 14,
  /* A kind of error that this version of the interface has no number for; the message says what. */
  GLVK_ERROR_OTHER = 99
};

/* The name of a result, "invalid-argument"; "unknown" for numbers there are not. Static. */
GLVK_API const char *glvk_result_name(glvk_result result);

/* What a driver code is a number of. */
typedef int32_t glvk_driver_code_kind;
enum {
  GLVK_DRIVER_CODE_NONE = 0,
  GLVK_DRIVER_CODE_VK_RESULT = 1,             /* VkResult */
  GLVK_DRIVER_CODE_GL_ERROR = 2,              /* glGetError */
  GLVK_DRIVER_CODE_GL_FRAMEBUFFER_STATUS = 3, /* glCheckFramebufferStatus */
  GLVK_DRIVER_CODE_EGL_ERROR = 4,             /* eglGetError */
  GLVK_DRIVER_CODE_ERRNO = 5,
  GLVK_DRIVER_CODE_CALLBACK = 6 /* what the caller's callback returned */
};

/* The last error of the calling thread. A call that succeeds leaves it as it is. Strings live until the next error on this
 * thread, or glvk_last_error_clear(). None of these can fail; without an error strings are "" and numbers 0. */
GLVK_API glvk_result glvk_last_error_result(void);
/* Everything in one line: step, reason, driver code, what is missing, advice. */
GLVK_API const char *glvk_last_error_message(void);
/* The step that failed: a driver function (glImportMemoryFdEXT), or a check of the package's. */
GLVK_API const char *glvk_last_error_step(void);
/* What happened. */
GLVK_API const char *glvk_last_error_reason(void);
/* What the caller can do about it; "" if nothing is known. */
GLVK_API const char *glvk_last_error_advice(void);
/* How many extensions, features or functions would have been needed. */
GLVK_API size_t glvk_last_error_missing_count(void);
/* One of them by its registered name; "" for an index there is not. */
GLVK_API const char *glvk_last_error_missing(size_t index);
/* The driver's answer as a number, and of what; kind may be NULL. */
GLVK_API int64_t glvk_last_error_driver_code(glvk_driver_code_kind *kind);
/* Forgets it and frees its strings. */
GLVK_API void glvk_last_error_clear(void);

/* ---- Log --------------------------------------------------------------------------------------------------------- */

typedef int32_t glvk_log_level;
enum { GLVK_LOG_DEBUG = 0, GLVK_LOG_INFO = 1, GLVK_LOG_WARNING = 2, GLVK_LOG_ERROR = 3 };

/* May be called on any thread, from any function here; must not call back into this interface. `message` lives as long as the
 * call. */
typedef void (*glvk_log_callback)(void *user_data, glvk_log_level level, const char *message);

/* Where fallbacks and lost frames are reported, for the whole process. NULL: nowhere.
 * Until this is called, warnings and errors go to standard error, each text once, in lines that begin with
 * "gl-vulkan-interop: warning: " or "gl-vulkan-interop: error: ". The environment variable GLVK_LOG changes that: off, error,
 * warning, info, debug (info and debug repeat lines). Once this has been called the variable counts for nothing.
 * When this returns, the callback set before is not running any more and will not be called again.
 *
 * lowest: what is below is not reported. */
GLVK_API glvk_result glvk_set_log_callback(glvk_log_callback callback, void *user_data, glvk_log_level lowest);

/* ---- Vocabulary -------------------------------------------------------------------------------------------------- */

/* How a frame gets from GL to Vulkan. */
typedef int32_t glvk_path;
enum {
  GLVK_PATH_AUTOMATIC = 0,
  GLVK_PATH_OPAQUE_FD = 1,      /* Vulkan allocates, GL imports (GL_EXT_memory_object_fd) */
  GLVK_PATH_DMA_BUF_IMPORT = 2, /* Vulkan allocates, EGL imports (EGL_EXT_image_dma_buf_import) */
  GLVK_PATH_DMA_BUF_EXPORT = 3, /* GL allocates, EGL exports (EGL_MESA_image_dma_buf_export), Vulkan imports */
  GLVK_PATH_HOST_COPY = 4       /* asynchronous readback and upload: always there */
};

/* How one side knows that the other is done. */
typedef int32_t glvk_sync;
enum {
  GLVK_SYNC_AUTOMATIC = 0,
  GLVK_SYNC_CPU_WAIT = 1,     /* glFinish, vkWaitForFences */
  GLVK_SYNC_SEMAPHORE_FD = 2, /* a binary semaphore of both APIs */
  GLVK_SYNC_TIMELINE_SEMAPHORE = 3,
  GLVK_SYNC_SYNC_FILE = 4 /* a fence of the kernel's for each turn */
};

/* How GL's pixels get into the image. */
typedef int32_t glvk_mode;
enum {
  GLVK_MODE_AUTOMATIC = 0,
  GLVK_MODE_DIRECT = 1, /* GL renders into the image itself */
  GLVK_MODE_BLIT = 2    /* one copy on the GPU */
};

/* Memory layout of the image. */
typedef int32_t glvk_tiling;
enum { GLVK_TILING_AUTOMATIC = 0, GLVK_TILING_OPTIMAL = 1, GLVK_TILING_LINEAR = 2, GLVK_TILING_DRM_MODIFIER = 3 };

/* GLVK_FORMAT_DEFAULT: RGBA8, or where a framebuffer is copied the one nearest to it. */
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

/* What row 0 in memory is. GL draws bottom-up; Vulkan, PNG and window systems have it top-down. */
typedef int32_t glvk_orientation;
enum { GLVK_ORIENTATION_BOTTOM_UP = 0, GLVK_ORIENTATION_TOP_DOWN = 1 };

/* What a producer does when every slot of its ring is in use. */
typedef int32_t glvk_back_pressure;
enum {
  GLVK_BACK_PRESSURE_WAIT = 0,        /* until a consumer is done with a frame */
  GLVK_BACK_PRESSURE_DROP_OLDEST = 1, /* the oldest that nobody has acquired; wait only if all are acquired */
  GLVK_BACK_PRESSURE_FAIL = 2         /* GLVK_ERROR_RING_EXHAUSTED at once */
};

typedef int32_t glvk_alpha_mode;
enum { GLVK_ALPHA_PREMULTIPLIED = 0, GLVK_ALPHA_STRAIGHT = 1, GLVK_ALPHA_OPAQUE = 2 };

typedef int32_t glvk_color_space;
enum {
  GLVK_COLOR_SPACE_SRGB = 0,
  GLVK_COLOR_SPACE_LINEAR_SRGB = 1, /* scRGB, usual with RGBA16F */
  GLVK_COLOR_SPACE_DISPLAY_P3 = 2,
  GLVK_COLOR_SPACE_BT2020_PQ = 3
};

/* Who writes and who reads. */
typedef int32_t glvk_direction;
enum { GLVK_DIRECTION_GL_TO_VULKAN = 0, GLVK_DIRECTION_VULKAN_TO_GL = 1 };

/* What kind of handle carries the memory across. */
typedef int32_t glvk_handle_type;
enum { GLVK_HANDLE_TYPE_OPAQUE_FD = 0, GLVK_HANDLE_TYPE_DMA_BUF = 1 };

/* Who makes the memory of a DMA-BUF. OPAQUE_FD memory is always Vulkan's. */
typedef int32_t glvk_allocator;
enum { GLVK_ALLOCATOR_VULKAN = 0, GLVK_ALLOCATOR_GL = 1 };

/* What GL takes the bytes of an sRGB format for. */
typedef int32_t glvk_gl_encoding;
enum {
  GLVK_GL_ENCODING_BYTES = 0, /* 128 stays 128 */
  GLVK_GL_ENCODING_SRGB = 1   /* GL_SRGB8_ALPHA8: GL decodes and encodes */
};

/* How path host-copy reads back. */
typedef int32_t glvk_readback;
enum {
  GLVK_READBACK_NONE = 0, /* memory is shared, nothing is read back */
  GLVK_READBACK_LINEAR_IMAGE = 1,
  GLVK_READBACK_SHARED_BUFFER = 2,
  GLVK_READBACK_STAGING_BUFFER = 3,
  GLVK_READBACK_PIXEL_BUFFER = 4,
  GLVK_READBACK_OTHER = 99
};

/* Names as programs and reports write them: "opaque-fd", "cpu-wait", "rgba8"; "automatic" or "default" for 0, "unknown" for
 * numbers there are not. Static. */
GLVK_API const char *glvk_path_name(glvk_path path);
GLVK_API const char *glvk_sync_name(glvk_sync sync);
GLVK_API const char *glvk_mode_name(glvk_mode mode);
GLVK_API const char *glvk_tiling_name(glvk_tiling tiling);
GLVK_API const char *glvk_format_name(glvk_format format);
/* The Vulkan format, VK_FORMAT_UNDEFINED for numbers there are not. */
GLVK_API VkFormat glvk_format_vk(glvk_format format);

/* DRM_FORMAT_MOD_INVALID: no modifier is known. */
#define GLVK_MODIFIER_INVALID UINT64_C(0x00FFFFFFFFFFFFFF)

/* A part of an image, row 0 first. */
typedef struct glvk_rect {
  int32_t x, y;
  uint32_t width, height;
} glvk_rect;

/* How the host uses an image between acquire and release. Where a pointer to one may be NULL, NULL is sampling in
 * fragment shaders: SHADER_READ_ONLY_OPTIMAL, FRAGMENT_SHADER, SHADER_READ. */
typedef struct glvk_use {
  VkImageLayout layout; /* the layout the image is in while the host uses it */
  VkPipelineStageFlags stages;
  VkAccessFlags access;
} glvk_use;

/* Half of a hand-over, for a host that records and submits its own commands: what to put into the command buffer, and which
 * semaphore goes with the submission. The image crosses in VK_IMAGE_LAYOUT_GENERAL and belongs to
 * VK_QUEUE_FAMILY_EXTERNAL in between, a DMA-BUF to VK_QUEUE_FAMILY_FOREIGN_EXT (Vulkan 1.3, 7.7.4). */
typedef struct glvk_handover {
  size_t struct_size;
  /* For vkCmdPipelineBarrier with the two stages; pNext is NULL. */
  VkImageMemoryBarrier barrier;
  VkPipelineStageFlags source_stage;
  VkPipelineStageFlags destination_stage;
  /* Acquire: wait for it at source_stage in the submission that holds the barrier. Release: signal it there.
   * VK_NULL_HANDLE with GLVK_SYNC_CPU_WAIT. */
  VkSemaphore semaphore;
  /* For VkTimelineSemaphoreSubmitInfo where the sync is GLVK_SYNC_TIMELINE_SEMAPHORE; 0 for binary semaphores. */
  uint64_t semaphore_value;
} glvk_handover;

/* A view of an image, for the functions that end in _get_view(). All 0: the whole image in its own format. */
typedef struct glvk_view_options {
  size_t struct_size;
  /* The image's format, or the sRGB or UNORM one of the same bytes; VK_FORMAT_UNDEFINED for the image's. */
  VkFormat format;
  /* All VK_COMPONENT_SWIZZLE_IDENTITY (0): the image's own. Views of attachments and storage images exchange nothing. */
  VkComponentMapping components;
} glvk_view_options;

/* An image goes: drop what was made for it. Called once for each image, when nobody holds it any more, after what was
 * submitted for it is done as far as the package knows, and before its views, its GL texture and its VkImage are
 * destroyed, none of which happens before the callback returns: wait there for whatever of your own still uses
 * something that was made for it.
 *
 * image_id: that of the _get_info() functions, which no other image in the process gets.
 * On the thread that lets the image go: that of a function that is called with the producer, the consumer, the frame,
 * the target or the image, whichever comes last. Unlike other callbacks it may come from functions that destroy
 * something. Allowed in it: Vulkan; GL where the context is current; functions of this interface for other objects.
 * Calls with the producer or the frame at hand are GLVK_ERROR_INVALID_STATE. It must not wait for a lock under which
 * frames are ended. */
typedef void (*glvk_image_retired)(void *user_data, uint64_t image_id);

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

/* A GL context as the package uses it: adopted, or an owned one without a window. */
typedef struct glvk_context {
  uint64_t id;
} glvk_context;
/* A Vulkan device: an engine's, or an owned one. */
typedef struct glvk_host {
  uint64_t id;
} glvk_host;
/* Memory that both sides see as an image. */
typedef struct glvk_image {
  uint64_t id;
} glvk_image;
/* Copies between framebuffers and shared images. */
typedef struct glvk_blitter {
  uint64_t id;
} glvk_blitter;
/* An image in buffers of the kernel's. */
typedef struct glvk_dma_buf {
  uint64_t id;
} glvk_dma_buf;
/* Such a buffer as a VkImage alone. */
typedef struct glvk_dma_buf_image {
  uint64_t id;
} glvk_dma_buf_image;
/* Such a buffer as a GL texture alone. */
typedef struct glvk_dma_buf_texture {
  uint64_t id;
} glvk_dma_buf_texture;
/* Frames out of a GL context. */
typedef struct glvk_producer {
  uint64_t id;
} glvk_producer;
/* One frame, for one consumer. */
typedef struct glvk_frame {
  uint64_t id;
} glvk_frame;
/* Frames on the way from one thread to another. */
typedef struct glvk_frame_queue {
  uint64_t id;
} glvk_frame_queue;
/* What a GL driver and a Vulkan device can do together. */
typedef struct glvk_matrix {
  uint64_t id;
} glvk_matrix;
/* The reverse: what Vulkan draws, shown in GL. */
typedef struct glvk_consumer {
  uint64_t id;
} glvk_consumer;
/* An image for Vulkan to draw the next frame into. */
typedef struct glvk_target {
  uint64_t id;
} glvk_target;
/* One frame that Vulkan drew, for GL. */
typedef struct glvk_gl_frame {
  uint64_t id;
} glvk_gl_frame;
/* Such frames on the way from one thread to another. */
typedef struct glvk_gl_frame_queue {
  uint64_t id;
} glvk_gl_frame_queue;

/* How many objects there are that have not been destroyed: for leak checks. Cannot fail. */
GLVK_API size_t glvk_live_object_count(void);

/* ---- GL contexts ------------------------------------------------------------------------------------------------- */

/* The address of a GL function of the context, core functions too; NULL if there is none. Called while a context is adopted. */
typedef void *(*glvk_get_proc_address)(void *user_data, const char *name);
/* Whether the context is current on the calling thread. May be called on any thread for as long as anything of the context
 * lives. */
typedef uint32_t (*glvk_is_current)(void *user_data);

typedef struct glvk_context_options {
  size_t struct_size;
  /* The context's own getProcAddress; NULL finds out which library made the context and asks that. */
  glvk_get_proc_address get_proc_address;
  /* NULL finds out by itself. Only with get_proc_address. */
  glvk_is_current is_current;
  void *user_data;
} glvk_context_options;

/* Describes the context that is current on this thread, whatever made it: GLX, EGL (desktop or ES), ANGLE, an engine. Not
 * owned: whoever made it keeps it alive and says glvk_context_will_be_destroyed() before it is destroyed.
 *
 * options: may be NULL. GL thread.
 * Errors: WRONG_THREAD if no context is current; UNSUPPORTED for one that is too old; DRIVER_MISSING naming a function.
 * Stands for eglGetCurrentContext, glXGetCurrentContext, glGetString. */
GLVK_API glvk_result glvk_context_current(const glvk_context_options *options, glvk_context *out);

typedef int32_t glvk_platform;
enum {
  GLVK_PLATFORM_SURFACELESS = 0, /* EGL_MESA_platform_surfaceless of the system's libEGL */
  GLVK_PLATFORM_DEVICE = 1,      /* the n-th of eglQueryDevicesEXT */
  GLVK_PLATFORM_ANGLE = 2        /* ANGLE's libEGL, on its Vulkan backend */
};

typedef struct glvk_surfaceless_options {
  size_t struct_size;
  glvk_platform platform;
  uint32_t device_index;  /* GLVK_PLATFORM_DEVICE */
  const char *angle_path; /* GLVK_PLATFORM_ANGLE: libEGL.so */
  uint32_t gles;          /* 0: OpenGL core 3.3 or later, 1: OpenGL ES 3.0 or later. ANGLE needs 1. */
} glvk_surfaceless_options;

/* Makes a context that draws into no window, and makes it current on this thread. Owned: it goes when the handle and
 * everything made on it have gone.
 *
 * options: may be NULL. Errors: DRIVER_MISSING without libEGL, UNSUPPORTED, DRIVER_FAILURE with EGL's error.
 * Stands for eglGetPlatformDisplayEXT, eglInitialize, eglCreateContext, eglMakeCurrent. */
GLVK_API glvk_result glvk_context_create_surfaceless(const glvk_surfaceless_options *options, glvk_context *out);

/* Of a context made by glvk_context_create_surfaceless(): makes it current on this thread, or releases it from this thread so
 * that another can have it. Errors: INVALID_STATE for an adopted context, DRIVER_FAILURE. Stands for eglMakeCurrent. */
GLVK_API glvk_result glvk_context_make_current(glvk_context context);
GLVK_API glvk_result glvk_context_release_current(glvk_context context);

typedef int32_t glvk_context_kind;
enum { GLVK_CONTEXT_KIND_UNKNOWN = 0, GLVK_CONTEXT_KIND_EGL = 1, GLVK_CONTEXT_KIND_GLX = 2 };

typedef struct glvk_context_info {
  size_t struct_size;
  glvk_context_kind kind;
  uint32_t is_es;
  uint32_t major_version, minor_version;
  uint32_t maximum_texture_size;
  /* What the driver calls itself, cut off where it is longer. */
  char vendor[128];
  char renderer[256];
  char version[256];
  /* GL_DEVICE_UUID_EXT (the first) and GL_DRIVER_UUID_EXT. */
  uint32_t has_device_uuid, has_driver_uuid;
  uint8_t device_uuid[16];
  uint8_t driver_uuid[16];
  uint32_t has_memory_object_fd;      /* GL_EXT_memory_object_fd */
  uint32_t has_semaphore_fd;          /* GL_EXT_semaphore_fd */
  uint32_t has_timeline_semaphore_fd; /* GL_NV_timeline_semaphore beside it */
} glvk_context_info;

/* Any thread. */
GLVK_API glvk_result glvk_context_get_info(glvk_context context, glvk_context_info *out);

/* Whether it is current on the calling thread: 1 or 0 in *out. */
GLVK_API glvk_result glvk_context_is_current(glvk_context context, uint32_t *out);

/* Size of the surface the context draws to, framebuffer 0. GL thread.
 * Errors: NOT_AVAILABLE where nobody tells. Stands for eglQuerySurface, glXQueryDrawable. */
GLVK_API glvk_result glvk_context_default_framebuffer_size(glvk_context context, uint32_t *width, uint32_t *height);

/* GL errors that were pending when the package was called. They are the application's, in their order; those that were
 * written are forgotten here.
 *
 * errors: capacity entries, may be NULL if capacity is 0. count: how many were written, or with capacity 0 how many there are. */
GLVK_API glvk_result glvk_context_take_application_errors(
  glvk_context context, uint32_t *errors, size_t capacity, size_t *count);

/* The address of one of the context's functions, from where the context's functions come from: NULL in *out is
 * GLVK_SUCCESS too. egl… and glX… come from the EGL or GLX that it belongs to. Valid while the context lives. A pointer
 * does not say that the driver implements the function: Mesa and glvnd give one for any name that begins with gl.
 * Of a context of glvk_context_create_surfaceless(): any thread. Of an adopted one: GL thread; get_proc_address of
 * glvk_context_options is called with its user_data, which has to be there for as long as this is called. */
GLVK_API glvk_result glvk_context_get_proc_address(glvk_context context, const char *name, void **out);

/* The program is about to destroy its context. GL thread, while it is still current. Frames that are out stay valid; later
 * calls that need the context are errors. */
GLVK_API glvk_result glvk_context_will_be_destroyed(glvk_context context);

/* Gives the handle up. What was made on the context keeps it. */
GLVK_API glvk_result glvk_context_destroy(glvk_context context);

/* ---- Vulkan devices ---------------------------------------------------------------------------------------------- */

/* Takes or releases the engine's lock of a queue. Called in pairs, on any thread, for as long as anything of the device
 * lives. */
typedef void (*glvk_queue_lock)(void *user_data, VkQueue queue);

typedef struct glvk_queue {
  size_t struct_size; /* the same in all of an array: the distance between entries */
  VkQueue queue;
  uint32_t family;
  /* VkQueueFamilyProperties.queueFlags; 0 asks the device. */
  VkQueueFlags flags;
  /* Both or neither. Neither: nobody else uses the queue while functions of this interface run. */
  glvk_queue_lock lock;
  glvk_queue_lock unlock;
  void *user_data;
} glvk_queue;

typedef struct glvk_host_adoption {
  size_t struct_size;
  VkInstance instance;
  VkPhysicalDevice physical_device;
  VkDevice device;
  /* VkApplicationInfo.apiVersion or the device's, whichever is lower; 1.1 at least. */
  uint32_t api_version;
  uint32_t queue_count; /* 1 at least; the first is used where a call names none */
  const glvk_queue *queues;
  const char *const *instance_extensions; /* enabled at vkCreateInstance */
  const char *const *device_extensions;   /* enabled at vkCreateDevice; see glvk_host_required_device_extensions() */
  uint32_t instance_extension_count;
  uint32_t device_extension_count;
  /* Enabled at vkCreateDevice; NULL for none. */
  const VkPhysicalDeviceFeatures *features;
  /* Whether these features were enabled. */
  uint32_t sampler_ycbcr_conversion;
  uint32_t timeline_semaphore;
  /* The engine's loader; NULL opens libvulkan.so.1. */
  PFN_vkGetInstanceProcAddr get_instance_proc_addr;
} glvk_host_adoption;

/* Adopts an engine's device, which the engine keeps owning and which outlives everything made on it.
 *
 * Errors: INVALID_ARGUMENT without a queue or below Vulkan 1.1; DRIVER_MISSING naming a function. Any thread. */
GLVK_API glvk_result glvk_host_adopt(const glvk_host_adoption *adoption, glvk_host *out);

typedef int32_t glvk_device_choice;
enum {
  GLVK_DEVICE_MATCHING = 0, /* the one that `context` runs on */
  GLVK_DEVICE_INDEX = 1,    /* of vkEnumeratePhysicalDevices */
  GLVK_DEVICE_NAME = 2,     /* the first whose name contains `name` */
  GLVK_DEVICE_UUID = 3      /* VkPhysicalDeviceIDProperties.deviceUUID */
};

typedef struct glvk_host_creation {
  size_t struct_size;
  glvk_device_choice choice;
  uint32_t index;
  glvk_context context; /* GLVK_DEVICE_MATCHING */
  const char *name;
  uint8_t uuid[16];
  /* Also needed by the program; one that is missing is an error. */
  const char *const *instance_extensions;
  const char *const *device_extensions;
  const char *const *layers;
  uint32_t instance_extension_count;
  uint32_t device_extension_count;
  uint32_t layer_count;
} glvk_host_creation;

/* Makes an instance and a device with one queue of every family and what sharing can use enabled. Owned.
 *
 * Errors: DRIVER_MISSING without libvulkan or any device, UNSUPPORTED where none matches.
 * Stands for vkCreateInstance, vkCreateDevice. Any thread. */
GLVK_API glvk_result glvk_host_create(const glvk_host_creation *creation, glvk_host *out);

/* Device extensions a host must enable for a path and a sync (GLVK_PATH_AUTOMATIC, GLVK_SYNC_AUTOMATIC: for the most that can
 * be used). The names live as long as the process.
 *
 * api_version: what the device will be used with, VK_API_VERSION_1_1 at least.
 * names: capacity entries; NULL with capacity 0 asks for the number. count: how many there are.
 * Errors: BUFFER_TOO_SMALL (count is written). GLVK_SYNC_TIMELINE_SEMAPHORE needs the feature timelineSemaphore besides. */
GLVK_API glvk_result glvk_host_required_device_extensions(
  glvk_path path, glvk_sync sync, uint32_t api_version, const char **names, size_t capacity, size_t *count);
/* The same for vkCreateInstance: none with Vulkan 1.1. */
GLVK_API glvk_result glvk_host_required_instance_extensions(
  glvk_path path, const char **names, size_t capacity, size_t *count);

/* Of an instance, the physical devices that the context may run on, best first. Adopting needs a device made on one of
 * them. As glvk_host_required_device_extensions() for devices, capacity and count. GL thread. */
GLVK_API glvk_result glvk_physical_devices_matching(glvk_context context, VkInstance instance,
  PFN_vkGetInstanceProcAddr get_instance_proc_addr, VkPhysicalDevice *devices, size_t capacity, size_t *count);

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

GLVK_API glvk_result glvk_host_get_info(glvk_host host, glvk_host_info *out);

/* One of the device's queues, with the lock the package takes around submissions: `lock` and `unlock` are functions to call with
 * user_data and the queue, valid while the host lives. Errors: INVALID_ARGUMENT for an index there is not. */
GLVK_API glvk_result glvk_host_get_queue(glvk_host host, uint32_t index, glvk_queue *out);

/* Gives the handle up. What was made on the device keeps it; an owned device is destroyed with the last of it. */
GLVK_API glvk_result glvk_host_destroy(glvk_host host);

/* ---- Layer 1: shared images -------------------------------------------------------------------------------------- */

/* What to make of a buffer whose modifier is DRM_FORMAT_MOD_INVALID: its layout is a secret between the driver that made it and
 * others of the same kind. */
typedef int32_t glvk_implicit_layout;
enum {
  GLVK_IMPLICIT_LAYOUT_REFUSE = 0, /* UNSUPPORTED */
  /* The caller knows that it is linear: from the allocator (GBM_BO_USE_LINEAR, a dumb buffer) or the protocol. */
  GLVK_IMPLICIT_LAYOUT_LINEAR = 1,
  /* The same driver made it and finds the layout out by itself: VK_IMAGE_TILING_OPTIMAL without a modifier, as radv reads
   * radeonsi's buffers. With any other driver it is garbage without an error. */
  GLVK_IMPLICIT_LAYOUT_DRIVERS_OWN = 2
};

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
  /* The layouts a DMA-BUF may have; NULL for any that both sides have. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* Try even where both sides say they run on two devices, which crashes some drivers. */
  uint32_t allows_device_mismatch;
  /* Where the image is prepared, and dropped before Vulkan has used it; VK_NULL_HANDLE for the host's first. */
  VkQueue handover_queue;
  /* Nothing is in the alpha channel: component_mapping of the image's info, a texture swizzle and the DMA-BUF's fourcc (XB24 for
   * AB24) say so, and copies into the image write 1. */
  uint32_t is_opaque;
  /* Of glvk_image_import_dma_buf(): what is known of a buffer without a modifier. */
  glvk_implicit_layout implicit_layout;
} glvk_image_options;

/* Makes memory that both sides see as an image, once for many frames. The sides take turns, writer first.
 *
 * GL thread. Errors: INVALID_ARGUMENT, UNSUPPORTED naming what is missing, the driver's refusal.
 * Stands for vkCreateImage, vkAllocateMemory, vkGetMemoryFdKHR, glImportMemoryFdEXT, glTexStorageMem2DEXT; for a DMA-BUF
 * eglCreateImageKHR and glEGLImageTargetTexture2DOES. */
GLVK_API glvk_result glvk_image_create(
  glvk_context context, glvk_host host, const glvk_image_options *options, glvk_image *out);

/* A buffer that neither GL nor Vulkan allocated, seen by both. What it holds is kept until the first write. The buffer
 * stays the caller's. Of options width, height, tiling, handle_type, allocator, modifiers are not read; NULL for the usual.
 * As glvk_image_create(). */
GLVK_API glvk_result glvk_image_import_dma_buf(
  glvk_context context, glvk_host host, glvk_dma_buf buffer, const glvk_image_options *options, glvk_image *out);

/* A framebuffer of the application's. */
typedef struct glvk_framebuffer {
  size_t struct_size;
  uint32_t name;             /* 0: the default framebuffer */
  uint32_t width, height;    /* the part that counts, from the origin on */
  uint32_t color_attachment; /* n of GL_COLOR_ATTACHMENTn */
  glvk_orientation orientation;
} glvk_framebuffer;

typedef struct glvk_import_options {
  size_t struct_size;
  glvk_handle_type handle_type;
  glvk_format format; /* DEFAULT: the one nearest to the framebuffer's */
  glvk_orientation orientation;
  glvk_tiling tiling;
  glvk_mode mode; /* AUTOMATIC is BLIT; DIRECT, for DMA-BUFs, shares the texture that is attached */
  glvk_sync sync;
  VkImageUsageFlags usage;
  const uint64_t *modifiers;
  uint32_t modifier_count;
  uint32_t allows_device_mismatch;
  /* As in glvk_image_options. Of a framebuffer without alpha (GL_RGB8) the image is opaque anyway. */
  uint32_t is_opaque;
} glvk_import_options;

/* importGLFramebufferVulkan: what the framebuffer holds now, as a VkImage. One GPU copy at most. It is Vulkan's turn with the
 * image that comes back: glvk_image_acquire() or glvk_image_access(). For one picture; for every frame, keep an image or a
 * producer.
 *
 * The application's GL state is as before. GL thread. options: may be NULL.
 * Stands for vkGetMemoryFdKHR, glImportMemoryFdEXT, glTexStorageMem2DEXT, glBlitFramebuffer; eglCreateImageKHR and
 * eglExportDMABUFImageMESA. */
GLVK_API glvk_result glvk_import_gl_framebuffer(glvk_context context, glvk_host host,
  const glvk_framebuffer *framebuffer, const glvk_import_options *options, glvk_image *out);

/* Whose turn it is. */
typedef int32_t glvk_image_state;
enum {
  GLVK_IMAGE_IDLE = 0, /* nobody uses the image; the writer may begin */
  GLVK_IMAGE_WRITING = 1,
  GLVK_IMAGE_READY = 2, /* written; the reader may begin */
  GLVK_IMAGE_READING = 3,
  GLVK_IMAGE_OTHER = 99
};

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
  /* VK_QUEUE_FAMILY_EXTERNAL or VK_QUEUE_FAMILY_FOREIGN_EXT: whose it is in GL's turn. */
  uint32_t outside_family;
  uint32_t gl_texture;     /* GL_TEXTURE_2D */
  uint32_t gl_framebuffer; /* the texture as GL_COLOR_ATTACHMENT0; 0 where that would exchange red and blue */
  uint32_t has_modifier;   /* a DMA-BUF */
  uint64_t modifier;
  uint32_t is_opaque; /* an alpha channel with nothing in it */
  /* How a VkImageView that is sampled is to take the image: alpha is VK_COMPONENT_SWIZZLE_ONE where is_opaque. */
  VkComponentMapping component_mapping;
  /* Which image it is, never given to another one; VkImage handles and GL names come back. */
  uint64_t image_id;
} glvk_image_info;

GLVK_API glvk_result glvk_image_get_info(glvk_image image, glvk_image_info *out);

/* A view of the image: made when it is asked for the first time, then the same one again. It lives as long as the image
 * and is the image's to destroy. What it can be used for is the image's usage, as far as the device has it for the
 * format. options: may be NULL. Any thread. Errors: INVALID_ARGUMENT for another format, UNSUPPORTED where the usage is
 * one of copies only, the driver's refusal. Stands for vkCreateImageView. */
GLVK_API glvk_result glvk_image_get_view(glvk_image image, const glvk_view_options *options, VkImageView *out);

/* Called when the image goes: after glvk_image_destroy(), or when the last call with it ends. NULL: nobody is. When this
 * returns, the callback set before is not running on another thread and will not be called again. Any thread. */
GLVK_API glvk_result glvk_image_set_retired_callback(glvk_image image, glvk_image_retired callback, void *user_data);

/* The buffer, of an image that is shared as DMA-BUF, with descriptors of its own. Errors: NOT_AVAILABLE. */
GLVK_API glvk_result glvk_image_get_dma_buf(glvk_image image, glvk_dma_buf *out);

/* GL's turn. begin: GL waits until Vulkan is done with the image, on the GPU unless the sync is cpu-wait. end: signals and
 * flushes, or finishes. abandon: ends a writing GL's turn without handing anything over. GL thread.
 * Errors: INVALID_STATE if it is not GL's turn, TIMEOUT.
 * Stands for glWaitSemaphoreEXT; glSignalSemaphoreEXT with glFlush, eglDupNativeFenceFDANDROID, glFinish. */
GLVK_API glvk_result glvk_image_begin_gl(glvk_image image);
GLVK_API glvk_result glvk_image_end_gl(glvk_image image);
GLVK_API glvk_result glvk_image_abandon_gl(glvk_image image);

/* Vulkan's turn, for a host that submits itself. acquire: what it must put into its own submission before it uses the image; it
 * must then submit it, or call glvk_image_cancel(). release: what goes behind its use, given once for each acquire. did_submit:
 * both were submitted, on the queue named in the acquire. In this order; INVALID_STATE for any other, and all is as it was.
 *
 * use: NULL for sampling in fragment shaders. In release the layout the image is in by then.
 * queue: one of the host's; VK_NULL_HANDLE for its first.
 * handover_queue: takes the image from GL and gives it back; VK_NULL_HANDLE lets `queue` do it. With one, the package submits to it
 * and the barriers here are between the two queues.
 * Errors: INVALID_STATE if it is not Vulkan's turn, INVALID_ARGUMENT for a queue the host does not have, and for a use that is
 * none (layout UNDEFINED or PREINITIALIZED, no stages). */
GLVK_API glvk_result glvk_image_acquire(
  glvk_image image, const glvk_use *use, VkQueue queue, VkQueue handover_queue, glvk_handover *out);
GLVK_API glvk_result glvk_image_release(glvk_image image, const glvk_use *use, glvk_handover *out);
GLVK_API glvk_result glvk_image_did_submit_release(glvk_image image);
/* Takes glvk_image_acquire() back. Only while the host has submitted nothing of it. */
GLVK_API glvk_result glvk_image_cancel(glvk_image image);

/* Records commands that use `image`, which is in the layout that was asked for and must be in it again at the end. Must not
 * submit, end or reset the command buffer. Anything but 0 submits nothing and makes the call fail with
 * GLVK_ERROR_CALLBACK. */
typedef int32_t (*glvk_record)(void *user_data, VkCommandBuffer commands, VkImage image);

/* Where and how the package submits Vulkan's turn. */
typedef struct glvk_access_options {
  size_t struct_size;
  glvk_use use; /* all 0: sampling in fragment shaders */
  VkQueue queue;
  VkQueue handover_queue;
  /* Wait until the device is done, at most timeout_ns. 0 does not wait. */
  uint64_t timeout_ns;
} glvk_access_options;

/* Vulkan's whole turn in one submission: acquires, runs what `record` records, releases, signals. options: may be NULL.
 * Errors: INVALID_STATE, CALLBACK, DRIVER_FAILURE, TIMEOUT. Stands for vkQueueSubmit, vkWaitForFences. */
GLVK_API glvk_result glvk_image_access(
  glvk_image image, const glvk_access_options *options, glvk_record record, void *user_data);

/* Acquires and releases in submissions of their own, around what the host submits to the same queue in between. use of the
 * release: the layout the image is in by now, NULL for that of the acquire. */
GLVK_API glvk_result glvk_image_submit_acquire(
  glvk_image image, const glvk_use *use, VkQueue queue, VkQueue handover_queue);
GLVK_API glvk_result glvk_image_submit_release(glvk_image image, const glvk_use *use);

/* Waits until Vulkan's last submitted turn is done. Stands for vkWaitForFences. Errors: TIMEOUT. */
GLVK_API glvk_result glvk_image_wait(glvk_image image, uint64_t timeout_ns);

/* Given away to another process, a compositor, a display; its DMA-BUF goes along. fence: a sync file (the caller closes it)
 * that is done when GL is, or -1 if GL is done. release: -1, or a sync file that is done when the other side is; it is taken on
 * success. Errors: INVALID_STATE. */
GLVK_API glvk_result glvk_image_acquire_for_foreign(glvk_image image, int *fence);
GLVK_API glvk_result glvk_image_release_from_foreign(glvk_image image, int fence);

/* What GL wrote will not be used: it is GL's turn again. Direction gl-to-vulkan. */
GLVK_API glvk_result glvk_image_drop(glvk_image image);

/* Before the image is given up: drops what is ready and waits for both sides. GL thread.
 * Errors: INVALID_STATE while either side has the image. */
GLVK_API glvk_result glvk_image_retire(glvk_image image);

/* Gives the handle up; call glvk_image_retire() before, or see to it that both sides are done. */
GLVK_API glvk_result glvk_image_destroy(glvk_image image);

/* ---- Layer 1: copies --------------------------------------------------------------------------------------------- */

/* Copies on the GPU between framebuffers and shared images: flips, resolves, exchanges red and blue as needed. Keeps its
 * program, so one serves many copies. GL thread. */
GLVK_API glvk_result glvk_blitter_create(glvk_context context, glvk_blitter *out);
/* Into the image, or out of it, in GL's turn, byte for byte. Errors: INVALID_ARGUMENT for an incomplete framebuffer or another
 * size; UNSUPPORTED. Stands for glBlitFramebuffer. GL thread. */
GLVK_API glvk_result glvk_blitter_copy_to_image(
  glvk_blitter blitter, const glvk_framebuffer *source, glvk_image destination);
GLVK_API glvk_result glvk_blitter_copy_to_framebuffer(
  glvk_blitter blitter, glvk_image source, const glvk_framebuffer *destination);
/* GL thread. */
GLVK_API glvk_result glvk_blitter_destroy(glvk_blitter blitter);

/* ---- Layer 1: DMA-BUFs ------------------------------------------------------------------------------------------- */

/* One memory plane, with a descriptor of its own, of the same buffer as another plane's or of another. */
typedef struct glvk_dma_buf_plane {
  int32_t descriptor;
  uint32_t reserved; /* 0 */
  uint64_t offset;   /* bytes */
  uint64_t stride;   /* bytes */
} glvk_dma_buf_plane;

typedef struct glvk_dma_buf_info {
  size_t struct_size;
  uint32_t width, height;
  uint32_t fourcc; /* DRM_FORMAT_* */
  uint32_t plane_count;
  uint64_t modifier;
  glvk_dma_buf_plane planes[4];
} glvk_dma_buf_info;

/* From descriptors, which stay the caller's. What cannot be right is refused before a driver sees it.
 * Errors: INVALID_ARGUMENT naming the plane and the number that is wrong, UNSUPPORTED for an unknown format. Any thread. */
GLVK_API glvk_result glvk_dma_buf_create(const glvk_dma_buf_info *info, glvk_dma_buf *out);
/* A texture of GL's own, exported. GL thread. Errors: UNSUPPORTED without EGL_MESA_image_dma_buf_export.
 * Stands for eglCreateImageKHR, eglExportDMABUFImageMESA. */
GLVK_API glvk_result glvk_dma_buf_export_texture(
  glvk_context context, uint32_t texture, uint32_t width, uint32_t height, glvk_dma_buf *out);
/* What it is. The descriptors are lent: valid until the handle is destroyed, not to be closed. Any thread. */
GLVK_API glvk_result glvk_dma_buf_get_info(glvk_dma_buf buffer, glvk_dma_buf_info *out);
/* Closes its descriptors. Images that were made of it live on. */
GLVK_API glvk_result glvk_dma_buf_destroy(glvk_dma_buf buffer);

/* As a VkImage, without GL. usage 0: all that the device supports. Any thread.
 * format: DEFAULT for the one that DRM's names. Stands for vkCreateImage and vkAllocateMemory with VkImportMemoryFdInfoKHR. */
GLVK_API glvk_result glvk_dma_buf_import_vulkan(
  glvk_dma_buf buffer, glvk_host host, glvk_format format, VkImageUsageFlags usage, glvk_dma_buf_image *out);

/* As glvk_dma_buf_import_vulkan(), with more to say; NULL for the usual. Errors: UNSUPPORTED for a buffer without a modifier
 * (DRM_FORMAT_MOD_INVALID) of which implicit_layout says nothing. Any thread. */
typedef struct glvk_dma_buf_import_options {
  size_t struct_size;
  glvk_format format;      /* DEFAULT for the one that DRM's names */
  VkImageUsageFlags usage; /* 0 for all that the device supports */
  glvk_implicit_layout implicit_layout;
} glvk_dma_buf_import_options;
GLVK_API glvk_result glvk_dma_buf_import_vulkan_with_options(
  glvk_dma_buf buffer, glvk_host host, const glvk_dma_buf_import_options *options, glvk_dma_buf_image *out);

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
  /* How a VkImageView that is sampled is to take the image: alpha is VK_COMPONENT_SWIZZLE_ONE where the buffer has padding in its
   * place (DRM_FORMAT_XRGB8888). */
  VkComponentMapping component_mapping;
  /* Which image it is, never given to another one; VkImage handles and GL names come back. */
  uint64_t image_id;
} glvk_dma_buf_image_info;
GLVK_API glvk_result glvk_dma_buf_image_get_info(glvk_dma_buf_image image, glvk_dma_buf_image_info *out);
/* As glvk_image_get_view() and glvk_image_set_retired_callback(). */
GLVK_API glvk_result glvk_dma_buf_image_get_view(
  glvk_dma_buf_image image, const glvk_view_options *options, VkImageView *out);
GLVK_API glvk_result glvk_dma_buf_image_set_retired_callback(
  glvk_dma_buf_image image, glvk_image_retired callback, void *user_data);
/* The barriers with which it comes from the outside and goes back there; without semaphores, which are the caller's matter.
 * queue: VK_NULL_HANDLE for the host's first. */
GLVK_API glvk_result glvk_dma_buf_image_acquire(
  glvk_dma_buf_image image, const glvk_use *use, VkQueue queue, glvk_handover *out);
GLVK_API glvk_result glvk_dma_buf_image_release(
  glvk_dma_buf_image image, const glvk_use *use, VkQueue queue, glvk_handover *out);
/* The caller has seen to it that the device is done with it. */
GLVK_API glvk_result glvk_dma_buf_image_destroy(glvk_dma_buf_image image);

/* As a GL texture, without Vulkan. can_render: 1 to render into it and sample it, 0 to sample it only, then perhaps as
 * GL_TEXTURE_EXTERNAL_OES. GL thread. Stands for eglCreateImageKHR, glEGLImageTargetTexture2DOES. */
GLVK_API glvk_result glvk_dma_buf_import_gl(
  glvk_dma_buf buffer, glvk_context context, uint32_t can_render, glvk_dma_buf_texture *out);
typedef struct glvk_dma_buf_texture_info {
  size_t struct_size;
  uint32_t width, height;
  uint32_t target; /* GL_TEXTURE_2D or GL_TEXTURE_EXTERNAL_OES */
  uint32_t texture;
  uint32_t framebuffer; /* 0 where the driver cannot render into it */
  /* Which texture it is, never given to another one; names come back. */
  uint64_t image_id;
} glvk_dma_buf_texture_info;
GLVK_API glvk_result glvk_dma_buf_texture_get_info(glvk_dma_buf_texture texture, glvk_dma_buf_texture_info *out);
/* As glvk_image_set_retired_callback(), before the texture is deleted. */
GLVK_API glvk_result glvk_dma_buf_texture_set_retired_callback(
  glvk_dma_buf_texture texture, glvk_image_retired callback, void *user_data);
/* Any thread; the texture is deleted when the package is next called on the GL thread. */
GLVK_API glvk_result glvk_dma_buf_texture_destroy(glvk_dma_buf_texture texture);

/* ---- Layer 2: producers ------------------------------------------------------------------------------------------ */

/* Do not send two patterns across before the first frame and compare every pixel. */
#define GLVK_PRODUCER_SKIP_PIXEL_CHECK 0x1u
/* Attach 24 bits of depth and 8 of stencil to what the application draws into in glvk_producer_render(). */
#define GLVK_PRODUCER_DEPTH_STENCIL 0x2u
/* Do not look at or fill the cache on disk, start no helper: try the ways in turn in this process. */
#define GLVK_PRODUCER_NO_PROBE 0x4u

typedef struct glvk_producer_options {
  size_t struct_size;
  /* The context; 0 for the one current on this thread. */
  glvk_context context;
  /* The Vulkan device; 0 makes one on the GL context's GPU, which glvk_producer_get_host() gives. */
  glvk_host host;
  /* Of the frames. 0 for both: framebuffer 0's. */
  uint32_t width, height;
  uint32_t frames_in_flight; /* slots, 1 to 16; 0 for 3 */
  glvk_format format;        /* DEFAULT is RGBA8 */
  /* What is AUTOMATIC is chosen by trying. A path that is named is used or creating the producer fails. */
  glvk_path path;
  glvk_mode mode;
  glvk_sync sync;
  glvk_tiling tiling;
  /* What row 0 of the frames shall be; TOP_DOWN needs mode blit (or host-copy). */
  glvk_orientation orientation;
  uint32_t samples; /* per pixel of what the application renders into; 0 for 1 */
  uint32_t flags;   /* GLVK_PRODUCER_* */
  glvk_back_pressure back_pressure;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  /* How long back pressure waits; 0 for 5 seconds. */
  uint64_t wait_timeout_ns;
  /* The layouts that a DMA-BUF may have; NULL for all that work. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* What is known of the drivers; 0 for the cache on disk, which a probe fills the first time. */
  glvk_matrix matrix;
} glvk_producer_options;

/* RawGLProducer: frames out of a context that the application owns. options: may be NULL. GL thread, now and later.
 * The application's GL state is the same before and after every call; no transform feedback, no conditional rendering, no
 * query may be active.
 * Errors: WRONG_THREAD if no context is current, UNSUPPORTED, INVALID_ARGUMENT, a driver's refusal when no way is left. */
GLVK_API glvk_result glvk_producer_create(const glvk_producer_options *options, glvk_producer *out);

/* SurfacelessEGLProducer: frames out of a context made by glvk_context_create_surfaceless(), drawn in
 * glvk_producer_render(). options->context 0 makes one (surfaceless, OpenGL). width and height must be given. */
GLVK_API glvk_result glvk_producer_create_surfaceless(const glvk_producer_options *options, glvk_producer *out);

typedef struct glvk_submit_options {
  size_t struct_size;
  uint32_t framebuffer;      /* 0: the default framebuffer */
  uint32_t color_attachment; /* n of GL_COLOR_ATTACHMENTn */
  /* 0 for both: the framebuffer's own. The frames follow the size. */
  uint32_t width, height;
  glvk_orientation orientation; /* of the framebuffer */
  /* When the frame is meant to be seen, on the caller's clock; carried along. */
  uint32_t has_presentation_time;
  int64_t presentation_time_ns;
  /* What changed since the frame before, in pixels of the frame; NULL for everything. Copied. */
  const glvk_rect *damage;
  uint32_t damage_count;
} glvk_submit_options;

/* One GPU blit of the application's framebuffer into the next frame. options: may be NULL, for framebuffer 0 in its own size.
 * Only for producers of glvk_producer_create(). GL thread, before the buffers are swapped.
 *
 * Errors: RING_EXHAUSTED or TIMEOUT if all slots are in use; WRONG_THREAD; INVALID_ARGUMENT for an incomplete framebuffer, or
 * one of which nobody knows the size; UNSUPPORTED; the driver's refusal. Stands for glBlitFramebuffer. */
GLVK_API glvk_result glvk_producer_submit(glvk_producer producer, const glvk_submit_options *options, glvk_frame *out);

typedef struct glvk_render_target {
  size_t struct_size;
  /* Complete, bound to GL_FRAMEBUFFER, the viewport set to the size. What it holds is undefined. */
  uint32_t framebuffer;
  uint32_t width, height;
  uint64_t frame_number; /* from 1 on */
  /* Which framebuffer it is, never given to another one: mode direct, the image_id of the frame; else that of a framebuffer that is
   * copied from, of whose end nobody is told. */
  uint64_t image_id;
} glvk_render_target;

/* Draws a frame. Anything but 0 hands nothing over and makes the call fail with GLVK_ERROR_CALLBACK. May be called a second
 * time for the same frame, when the first way fails. */
typedef int32_t (*glvk_draw)(void *user_data, const glvk_render_target *target);

/* The application draws straight into the image (mode direct), or into a framebuffer of the package's (mode blit). Of options
 * presentation time and damage count; may be NULL. GL thread. Errors: as glvk_producer_submit(), CALLBACK. */
GLVK_API glvk_result glvk_producer_render(
  glvk_producer producer, const glvk_submit_options *options, glvk_draw draw, void *user_data, glvk_frame *out);

/* Changes the size of the frames to come. Frames that are out keep theirs. GL thread. */
GLVK_API glvk_result glvk_producer_resize(glvk_producer producer, uint32_t width, uint32_t height);

/* Called for each image of which a frame was handed out, when it goes: after a change of size, when the next way takes
 * over, at the end of the producer or of its context; of a frame that is out then, when that has ended. Images of which
 * no frame was handed out, those of a ring that could not be made among them, go without a word. GL thread, or, of
 * frames that are out when the producer is destroyed, the thread that ends the last of an image.
 *
 * NULL: nobody is. When this returns, the callback set before is not running on another thread and will not be called
 * again; glvk_producer_destroy() does not say so while frames are out, so user_data has to live until they have ended,
 * or set NULL before. Any thread, also from within the callback. */
GLVK_API glvk_result glvk_producer_set_image_retired_callback(
  glvk_producer producer, glvk_image_retired callback, void *user_data);

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
  /* Slots of earlier sizes that frames still hold. */
  uint32_t retired_slot_count;
  uint32_t readback_refusal_count;
  /* The queue on which a hand-over costs least: where a consumer does well to acquire. */
  VkQueue handover_queue;
  uint32_t handover_queue_family;
  /* Frames that were handed out so far. */
  uint64_t frame_count;
} glvk_producer_info;

/* GL thread. */
GLVK_API glvk_result glvk_producer_get_info(glvk_producer producer, glvk_producer_info *out);

/* A path before the one in use that did not work, and why. The reason is cut off where it is longer than the buffer.
 * GL thread. Errors: INVALID_ARGUMENT for an index there is not. reason may be NULL with capacity 0. */
GLVK_API glvk_result glvk_producer_get_fallback(
  glvk_producer producer, uint32_t index, glvk_path *path, char *reason, size_t capacity);
/* The same for ways of reading back. */
GLVK_API glvk_result glvk_producer_get_readback_refusal(
  glvk_producer producer, uint32_t index, glvk_readback *readback, char *reason, size_t capacity);

/* The producer's context and device, and the capability matrix it chose by (NOT_AVAILABLE if there is none, with the reason:
 * it was not asked for, or the probe's helper could not be started): handles of the caller's, to be destroyed. Any
 * thread. */
GLVK_API glvk_result glvk_producer_get_context(glvk_producer producer, glvk_context *out);
GLVK_API glvk_result glvk_producer_get_host(glvk_producer producer, glvk_host *out);
GLVK_API glvk_result glvk_producer_get_matrix(glvk_producer producer, glvk_matrix *out);

/* The application is about to destroy its context: as glvk_context_will_be_destroyed(). Only for producers of
 * glvk_producer_create(). GL thread. Frames that are out stay valid. */
GLVK_API glvk_result glvk_producer_context_will_be_destroyed(glvk_producer producer);

/* Ends it. Frames that are out stay valid. Any thread: on the GL thread what it has in GL goes at once; elsewhere at the next call
 * there, or with a context that has gone. */
GLVK_API glvk_result glvk_producer_destroy(glvk_producer producer);

/* ---- Layer 2: frames --------------------------------------------------------------------------------------------- */

/* A frame has one owner. Functions that end a frame ("takes it") destroy the handle, also when they return an error, unless that
 * is INVALID_HANDLE, INVALID_ARGUMENT or INVALID_STATE: then nothing was done and it is still there. Any of them is
 * FRAME_DROPPED, which takes it too, if the producer has dropped it meanwhile. Any thread. */

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
  /* How a VkImageView that is sampled is to take the image: alpha is VK_COMPONENT_SWIZZLE_ONE for GLVK_ALPHA_OPAQUE. Those of
   * attachments must have the identity. */
  VkComponentMapping component_mapping;
  /* Which image it is, never given to another one; VkImage handles and GL names come back. */
  uint64_t image_id;
} glvk_frame_info;

GLVK_API glvk_result glvk_frame_get_info(glvk_frame frame, glvk_frame_info *out);
/* As glvk_image_get_view(): the same view for each frame that is in this image. */
GLVK_API glvk_result glvk_frame_get_view(glvk_frame frame, const glvk_view_options *options, VkImageView *out);
/* What changed since the frame before. rects: capacity entries; count: how many there are. Errors: BUFFER_TOO_SMALL. */
GLVK_API glvk_result glvk_frame_get_damage(glvk_frame frame, glvk_rect *rects, size_t capacity, size_t *count);
/* The buffer that the frame is in, with descriptors of its own; hold the frame until the other side is done with it.
 * Errors: NOT_AVAILABLE on paths that share none. */
GLVK_API glvk_result glvk_frame_get_dma_buf(glvk_frame frame, glvk_dma_buf *out);

/* Acquires, runs the caller's commands, releases, in one submission. Takes the frame. options: may be NULL.
 * Errors: INVALID_STATE if it is acquired; CALLBACK; TIMEOUT. */
GLVK_API glvk_result glvk_frame_access(
  glvk_frame frame, const glvk_access_options *options, glvk_record record, void *user_data);

/* Acquires in a submission of its own: later submissions to the same queue may use the image in use's layout.
 * As glvk_image_submit_acquire(). Errors: INVALID_STATE if the frame is acquired already. */
GLVK_API glvk_result glvk_frame_acquire(glvk_frame frame, const glvk_use *use, VkQueue queue, VkQueue handover_queue);
/* Releases in a submission of its own, after what was submitted to the queue so far. Takes the frame. use: NULL for that of the
 * acquire. */
GLVK_API glvk_result glvk_frame_release(glvk_frame frame, const glvk_use *use);

/* For a host that submits itself, as glvk_image_acquire() and its companions. did_submit_release takes the frame. */
GLVK_API glvk_result glvk_frame_acquire_barrier(
  glvk_frame frame, const glvk_use *use, VkQueue queue, VkQueue handover_queue, glvk_handover *out);
GLVK_API glvk_result glvk_frame_release_barrier(glvk_frame frame, const glvk_use *use, glvk_handover *out);
GLVK_API glvk_result glvk_frame_did_submit_release(glvk_frame frame);
/* Takes glvk_frame_acquire_barrier() back. Only while the host has submitted nothing of it. */
GLVK_API glvk_result glvk_frame_cancel_acquire(glvk_frame frame);

/* Given away to another process, a compositor, a display: as glvk_image_acquire_for_foreign(). The release takes the frame, and the
 * fence on success. */
GLVK_API glvk_result glvk_frame_acquire_for_foreign(glvk_frame frame, int *fence);
GLVK_API glvk_result glvk_frame_release_from_foreign(glvk_frame frame, int fence);

/* The frame will not be shown. Takes it, whatever state it is in. */
GLVK_API glvk_result glvk_frame_drop(glvk_frame frame);

/* ---- Layer 2: from thread to thread ------------------------------------------------------------------------------ */

/* capacity: how many frames it holds at most; 0 for 16. Any thread. */
GLVK_API glvk_result glvk_frame_queue_create(uint32_t capacity, glvk_frame_queue *out);
/* Appends a frame, takes it. If the queue is full the oldest in it is dropped; if it is closed, this one, and the result is
 * GLVK_ERROR_INVALID_STATE. */
GLVK_API glvk_result glvk_frame_queue_send(glvk_frame_queue queue, glvk_frame frame);
/* The oldest frame, as a new handle. Errors: TIMEOUT; NOT_AVAILABLE when the queue is closed and empty. */
GLVK_API glvk_result glvk_frame_queue_receive(glvk_frame_queue queue, uint64_t timeout_ns, glvk_frame *out);
/* No more frames will come: receivers get what is left. */
GLVK_API glvk_result glvk_frame_queue_close(glvk_frame_queue queue);
/* Closes it and drops what is left. */
GLVK_API glvk_result glvk_frame_queue_destroy(glvk_frame_queue queue);

/* ---- Capability -------------------------------------------------------------------------------------------------- */

typedef int32_t glvk_isolation;
enum {
  GLVK_ISOLATION_AUTOMATIC = 0,     /* in the helper; in this process where there is no helper */
  GLVK_ISOLATION_CHILD_PROCESS = 1, /* in the helper or not at all */
  GLVK_ISOLATION_THIS_PROCESS = 2   /* a driver that crashes takes this program with it */
};

typedef int32_t glvk_timing;
enum {
  GLVK_TIMING_CHOICE = 0, /* each queue family of the way that will be chosen */
  GLVK_TIMING_NOTHING = 1,
  GLVK_TIMING_EVERYTHING = 2
};

typedef struct glvk_probe_options {
  size_t struct_size;
  /* Both 0: opens nothing in this process, and tries the GL that `surfaceless` names with the device it runs on. Both given: a
   * context of glvk_context_create_surfaceless(), current on this thread, with any device. */
  glvk_context context;
  glvk_host host;
  const glvk_surfaceless_options *surfaceless; /* NULL for the usual */
  glvk_isolation isolation;
  glvk_timing timing;
  /* What to try; counts of 0 for all. */
  const glvk_path *paths;
  const glvk_format *formats;
  uint32_t path_count;
  uint32_t format_count;
  uint32_t width, height; /* 0 for 960x540 */
  uint32_t only_lists;    /* 1: lists what would be tried */
  uint32_t ignores_cache; /* 1: takes no answers from the disk and keeps none there */
  uint64_t timeout_ns;    /* for one cell in the helper; 0 for 10 s */
  /* "host-copy", "opaque-fd/blit,-dma-buf-export": preferred ways first, excluded with a minus. NULL for the usual. */
  const char *ranking;
} glvk_probe_options;

/* Tries what the drivers can do together, in a helper process so that a driver that crashes is a verdict. A second or two the first
 * time, milliseconds from the cache. A machine without EGL or Vulkan gets a matrix that says so. options: may be NULL. */
GLVK_API glvk_result glvk_matrix_probe(const glvk_probe_options *options, glvk_matrix *out);

/* The matrix as JSON with the keys of docs/capability.md. size: bytes with the final 0; buffer may be NULL with capacity 0.
 * Errors: BUFFER_TOO_SMALL (size is written). */
GLVK_API glvk_result glvk_matrix_get_json(glvk_matrix matrix, char *buffer, size_t capacity, size_t *size);

typedef int32_t glvk_verdict;
enum {
  GLVK_VERDICT_NOT_TRIED = 0,
  GLVK_VERDICT_VERIFIED = 1, /* two patterns went across and every pixel was right */
  GLVK_VERDICT_FAILED = 2,
  GLVK_VERDICT_UNSUPPORTED = 3
};

/* Strings live until the matrix is destroyed; "" where there is nothing to say. */
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
  /* The Vulkan queue family that took the image, UINT32_MAX if none did. */
  uint32_t queue_family;
  /* One hand-over, in microseconds; below 0 if it was not timed. */
  double handover_p50_us, handover_p99_us;
  const char *code;
  const char *step;
  const char *reason;
  const char *missing; /* with ", " between them */
} glvk_cell;

/* How many combinations there are. */
GLVK_API glvk_result glvk_matrix_cell_count(glvk_matrix matrix, size_t *count);
/* One of them. Errors: INVALID_ARGUMENT for an index there is not. */
GLVK_API glvk_result glvk_matrix_get_cell(glvk_matrix matrix, size_t index, glvk_cell *out);

/* What a program wants of a path. */
typedef struct glvk_requirements {
  size_t struct_size;
  const glvk_format *formats; /* all of them must work; count 0 for RGBA8 */
  uint32_t format_count;
  glvk_direction direction;
  uint32_t needs_gpu_wait;    /* 1: the CPU must not wait for a GPU */
  uint32_t crosses_processes; /* 1: the image goes to another process, as only a DMA-BUF does */
  const char *ranking;        /* as in glvk_probe_options */
} glvk_requirements;

/* The way to take, and why. Strings live until the matrix is destroyed. */
typedef struct glvk_choice {
  size_t struct_size;
  glvk_path path;
  glvk_sync sync;
  glvk_mode mode;
  glvk_tiling tiling;
  uint32_t queue_family;
  uint32_t modifier_count;
  double handover_p50_us, handover_p99_us;
  const uint64_t *modifiers; /* lives as long as the strings */
  const char *reason;
} glvk_choice;

/* requirements: NULL for the choice that the probe made. Errors: NOT_AVAILABLE if nothing works. */
GLVK_API glvk_result glvk_matrix_best_path(glvk_matrix matrix, const glvk_requirements *requirements, glvk_choice *out);

GLVK_API glvk_result glvk_matrix_destroy(glvk_matrix matrix);

/* ---- Layer 2: the reverse, Vulkan draws and GL shows (RawGLConsumer) ---------------------------------------------- */

/* A GL program that shows what Vulkan draws:
 *
 *   glvk_consumer_create(&options, &consumer);                          // GL thread: options say device and size
 *
 *   glvk_consumer_next_target(consumer, &target);                       // any thread
 *   glvk_target_render(target, NULL, NULL, draw, user_data, &frame);    // commands that draw into the VkImage
 *   glvk_gl_frame_queue_send(queue, frame);
 *
 *   if (glvk_gl_frame_queue_receive(queue, 0, &frame) == GLVK_SUCCESS)  // in the GL loop
 *     glvk_gl_frame_access(frame, show, user_data);                     // draws with the texture
 *   else
 *     glvk_consumer_poll(consumer);
 */

/* Do not send two patterns across before the first frame and compare every pixel. */
#define GLVK_CONSUMER_SKIP_PIXEL_CHECK 0x1u
/* Do not look at or fill the cache on disk, start no helper: try the ways in turn in this process. */
#define GLVK_CONSUMER_NO_PROBE 0x2u
/* Vulkan draws the picture's bottom into row 0, as GL does; without it, the top. Nothing is turned: it is told to GL. */
#define GLVK_CONSUMER_BOTTOM_UP 0x4u

typedef struct glvk_consumer_options {
  size_t struct_size;
  /* The context; 0 for the one current on this thread. */
  glvk_context context;
  /* The Vulkan device that draws. Must be given. */
  glvk_host host;
  /* Of the frames. Must be given. */
  uint32_t width, height;
  uint32_t frames_in_flight; /* slots, 1 to 16; 0 for 3 */
  glvk_format format;        /* DEFAULT is RGBA8 */
  /* What is AUTOMATIC is chosen by trying. A path that is named is used or creating the consumer fails. */
  glvk_path path;
  glvk_sync sync;
  glvk_tiling tiling;
  uint32_t flags; /* GLVK_CONSUMER_* */
  /* What glvk_consumer_next_target() does when every slot is in use. */
  glvk_back_pressure back_pressure;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  /* What Vulkan will do with the images; a way whose images cannot is not taken. 0 for all that the device supports. */
  VkImageUsageFlags usage;
  /* The layouts that a DMA-BUF may have; NULL for all that work. */
  const uint64_t *modifiers;
  uint32_t modifier_count;
  /* How long back pressure waits; 0 for 5 seconds. */
  uint64_t wait_timeout_ns;
  /* What is known of the drivers; 0 for the cache on disk, which a probe fills the first time. */
  glvk_matrix matrix;
  const char *ranking; /* as in glvk_probe_options */
} glvk_consumer_options;

/* RawGLConsumer: shows what Vulkan draws in a context that the application owns. options must be given. GL thread.
 * The application's GL state is the same before and after every call; no transform feedback, no conditional rendering, no
 * query may be active.
 * Errors: WRONG_THREAD if no context is current, INVALID_HANDLE without a host, UNSUPPORTED, INVALID_ARGUMENT, a driver's refusal
 * when no way is left. */
GLVK_API glvk_result glvk_consumer_create(const glvk_consumer_options *options, glvk_consumer *out);

/* A free image to draw the next frame into. Any thread. If none is free, the options' back pressure decides; the frame that is
 * dropped for it is the oldest that GL has not acquired.
 * Errors: RING_EXHAUSTED, also when the wait was too long; INVALID_STATE after glvk_consumer_context_will_be_destroyed(). */
GLVK_API glvk_result glvk_consumer_next_target(glvk_consumer consumer, glvk_target *out);

/* What only the GL thread can do: gives back what other threads let go between acquire and release and what a resize left
 * over, and takes the next way where one has failed. Functions for GL frames do it too: call it in a loop in which no frame
 * came. GL thread. Errors: INVALID_STATE after glvk_consumer_context_will_be_destroyed(). */
GLVK_API glvk_result glvk_consumer_poll(glvk_consumer consumer);

/* Changes the size of the targets to come. Targets and frames that are out keep theirs. GL thread. After an error the old size
 * stays in use. */
GLVK_API glvk_result glvk_consumer_resize(glvk_consumer consumer, uint32_t width, uint32_t height);

/* As glvk_producer_set_image_retired_callback(), for each image of which a target was handed out: the VkImage of
 * targets and the GL texture of their frames go together. */
GLVK_API glvk_result glvk_consumer_set_image_retired_callback(
  glvk_consumer consumer, glvk_image_retired callback, void *user_data);

typedef struct glvk_consumer_info {
  size_t struct_size;
  uint32_t width, height;
  glvk_path path;
  glvk_sync sync;
  uint32_t has_modifier;   /* frames are DMA-BUFs */
  uint32_t fallback_count; /* see glvk_consumer_get_fallback() */
  uint64_t modifier;
  /* Slots of earlier sizes and ways that targets and frames still hold. */
  uint32_t retired_slot_count;
  /* Where the package submits what nobody has named a queue for, and a hand-over costs least. */
  uint32_t handover_queue_family;
  VkQueue handover_queue;
  /* Targets that were handed out so far. */
  uint64_t target_count;
} glvk_consumer_info;

/* Any thread. */
GLVK_API glvk_result glvk_consumer_get_info(glvk_consumer consumer, glvk_consumer_info *out);

/* A path before the one in use that did not work, and why. The reason is cut off where it is longer than the buffer.
 * Any thread. Errors: INVALID_ARGUMENT for an index there is not. reason may be NULL with capacity 0. */
GLVK_API glvk_result glvk_consumer_get_fallback(
  glvk_consumer consumer, uint32_t index, glvk_path *path, char *reason, size_t capacity);

/* The consumer's context and device, and the capability matrix it chose by (NOT_AVAILABLE if there is none, with the reason:
 * it was not asked for, or the probe's helper could not be started): handles of the caller's, to be destroyed. Any
 * thread. */
GLVK_API glvk_result glvk_consumer_get_context(glvk_consumer consumer, glvk_context *out);
GLVK_API glvk_result glvk_consumer_get_host(glvk_consumer consumer, glvk_host *out);
GLVK_API glvk_result glvk_consumer_get_matrix(glvk_consumer consumer, glvk_matrix *out);

/* The application is about to destroy its context: what was made in it is given back. Frames that are out can no more be acquired
 * (INVALID_STATE); targets that are out stay valid for Vulkan. The context is used up with it: of consumers and producers that
 * share one, each is told once. GL thread; a second call does nothing. */
GLVK_API glvk_result glvk_consumer_context_will_be_destroyed(glvk_consumer consumer);

/* Ends it. Targets and frames that are out stay valid. Any thread: on the GL thread GL's objects go at once, elsewhere when the
 * package is next called there. */
GLVK_API glvk_result glvk_consumer_destroy(glvk_consumer consumer);

/* ---- Layer 2: what Vulkan draws into ----------------------------------------------------------------------------- */

/* A target has one owner, and is used on any thread. What its image held before is undefined. Functions that make a frame of a
 * target take it: they destroy its handle, also when they return an error, unless that is INVALID_HANDLE, INVALID_ARGUMENT or
 * INVALID_STATE: then nothing was done and it is still there. After any other error nothing is shown. The frame's handle is
 * 0 after an error. Where a use is NULL, or all 0, it is rendering: COLOR_ATTACHMENT_OPTIMAL, COLOR_ATTACHMENT_OUTPUT,
 * COLOR_ATTACHMENT_READ and _WRITE. */

typedef struct glvk_target_info {
  size_t struct_size;
  VkImage image; /* valid while the target is held */
  VkFormat vk_format;
  VkImageUsageFlags usage; /* what the image was made for */
  glvk_format format;
  uint32_t width, height;
  glvk_orientation orientation; /* what row 0 will be taken for */
  glvk_path path;
  glvk_sync sync;
  uint64_t number; /* of the frame to come: counts targets from 1 on */
  /* Which image it is, never given to another one; VkImage handles and GL names come back. */
  uint64_t image_id;
} glvk_target_info;

GLVK_API glvk_result glvk_target_get_info(glvk_target target, glvk_target_info *out);
/* As glvk_image_get_view(): the same view for each target that is in this image. */
GLVK_API glvk_result glvk_target_get_view(glvk_target target, const glvk_view_options *options, VkImageView *out);

/* What goes along with a frame. Where a pointer to one is NULL: no time, everything changed. */
typedef struct glvk_present_options {
  size_t struct_size;
  /* When the frame is meant to be seen, on the caller's clock. */
  uint32_t has_presentation_time;
  int64_t presentation_time_ns;
  /* What changed since the frame before, in pixels; NULL for everything. Copied. */
  const glvk_rect *damage;
  uint32_t damage_count;
} glvk_present_options;

/* Acquires, runs the caller's commands, releases, in one submission. Takes the target. access and present: may be NULL.
 * Errors: INVALID_STATE if it is acquired; CALLBACK; DRIVER_FAILURE; TIMEOUT. Stands for vkQueueSubmit, vkWaitForFences. */
GLVK_API glvk_result glvk_target_render(glvk_target target, const glvk_access_options *access,
  const glvk_present_options *present, glvk_record record, void *user_data, glvk_gl_frame *out);

/* Acquires in a submission of its own: later submissions to the same queue may use the image in use's layout. queue and
 * handover_queue as in glvk_image_acquire(). Errors: INVALID_STATE if the target is acquired already. */
GLVK_API glvk_result glvk_target_acquire(
  glvk_target target, const glvk_use *use, VkQueue queue, VkQueue handover_queue);
/* Releases in a submission of its own, after what was submitted to the queue so far. Takes the target. use: the layout the image
 * is in by now, NULL for that of the acquire. */
GLVK_API glvk_result glvk_target_release(
  glvk_target target, const glvk_use *use, const glvk_present_options *present, glvk_gl_frame *out);

/* For a host that submits itself, as glvk_image_acquire() and its companions. did_submit_release takes the target. */
GLVK_API glvk_result glvk_target_acquire_barrier(
  glvk_target target, const glvk_use *use, VkQueue queue, VkQueue handover_queue, glvk_handover *out);
GLVK_API glvk_result glvk_target_release_barrier(glvk_target target, const glvk_use *use, glvk_handover *out);
GLVK_API glvk_result glvk_target_did_submit_release(
  glvk_target target, const glvk_present_options *present, glvk_gl_frame *out);
/* Takes glvk_target_acquire_barrier() back. Only while the host has submitted nothing of it. */
GLVK_API glvk_result glvk_target_cancel_acquire(glvk_target target);

/* Nothing will be drawn. Takes it, whatever state it is in; one that glvk_target_acquire_barrier() has given to the host must be
 * cancelled before, or its slot is lost. */
GLVK_API glvk_result glvk_target_drop(glvk_target target);

/* ---- Layer 2: what GL shows -------------------------------------------------------------------------------------- */

/* A GL frame has one owner. Functions that end one ("takes it") destroy the handle, also when they return an error, unless that
 * is INVALID_HANDLE, INVALID_ARGUMENT, INVALID_STATE, WRONG_THREAD or TIMEOUT: then it is still there. Any of them is
 * FRAME_DROPPED, which takes it too, if the consumer has dropped it meanwhile. Any thread where nothing is said. */

typedef struct glvk_gl_frame_info {
  size_t struct_size;
  /* GL_TEXTURE_2D with one level, linear filters, clamped edges; not the application's to delete. Holds the frame between acquire
   * and release: bind it after the acquire, a driver may look only then that its content is new. Sampling gives the picture; of
   * an sRGB format the encoded bytes. */
  uint32_t texture;
  /* The texture as GL_COLOR_ATTACHMENT0, for glBlitFramebuffer and glReadPixels; 0 where that would exchange red and blue, and
   * where GL does not render into such a format. */
  uint32_t framebuffer;
  glvk_format format;
  uint32_t width, height;
  glvk_orientation orientation; /* of row 0, where t is 0 */
  glvk_path path;
  glvk_sync sync;
  glvk_alpha_mode alpha_mode;
  glvk_color_space color_space;
  uint64_t number; /* that of the target; higher is newer */
  uint32_t has_presentation_time;
  uint32_t has_modifier; /* a DMA-BUF: glvk_gl_frame_get_dma_buf() */
  int64_t presentation_time_ns;
  uint64_t modifier;
  uint32_t has_damage;   /* 0: everything changed */
  uint32_t damage_count; /* glvk_gl_frame_get_damage() */
  /* Which image it is, never given to another one; VkImage handles and GL names come back. */
  uint64_t image_id;
} glvk_gl_frame_info;

GLVK_API glvk_result glvk_gl_frame_get_info(glvk_gl_frame frame, glvk_gl_frame_info *out);
/* What changed since the frame before. rects: capacity entries; count: how many there are. Errors: BUFFER_TOO_SMALL. */
GLVK_API glvk_result glvk_gl_frame_get_damage(glvk_gl_frame frame, glvk_rect *rects, size_t capacity, size_t *count);
/* The buffer that the frame is in, with descriptors of its own; hold the frame until the other side is done with it.
 * Errors: NOT_AVAILABLE on paths that share none. */
GLVK_API glvk_result glvk_gl_frame_get_dma_buf(glvk_gl_frame frame, glvk_dma_buf *out);

/* Draws with the texture. What it changes of GL's state stays changed. Anything but 0 makes the call fail with
 * GLVK_ERROR_CALLBACK; the image goes back to Vulkan all the same. */
typedef int32_t (*glvk_show)(void *user_data, uint32_t texture);

/* Acquires, runs `show`, releases. Takes the frame; where `show` was called, whatever is returned. GL thread.
 * Errors: as glvk_gl_frame_acquire(), when `show` was not called; CALLBACK; as glvk_gl_frame_release(). */
GLVK_API glvk_result glvk_gl_frame_access(glvk_gl_frame frame, glvk_show show, void *user_data);

/* GL waits for Vulkan, on the GPU unless the sync is cpu-wait; then the texture holds the frame. GL thread.
 * Errors: INVALID_STATE if it is acquired already or the context is about to be destroyed; TIMEOUT, which can be repeated;
 * DRIVER_FAILURE: frames to come go another way then. Stands for glWaitSemaphoreEXT, eglWaitSyncKHR, vkWaitForFences. */
GLVK_API glvk_result glvk_gl_frame_acquire(glvk_gl_frame frame);
/* Vulkan may draw into the image again when GL has done what it was told so far. Flushes; with cpu-wait waits for GL. Takes the
 * frame. GL thread. Errors: INVALID_STATE if it was not acquired. Stands for glSignalSemaphoreEXT with glFlush,
 * eglDupNativeFenceFDANDROID, glFinish. */
GLVK_API glvk_result glvk_gl_frame_release(glvk_gl_frame frame);
/* The frame will not be shown. Takes it, whatever state it is in. */
GLVK_API glvk_result glvk_gl_frame_drop(glvk_gl_frame frame);

/* From the thread that draws to the GL thread, as glvk_frame_queue_create() and its companions. A GL thread that must not wait
 * gives a timeout of 0. */
GLVK_API glvk_result glvk_gl_frame_queue_create(uint32_t capacity, glvk_gl_frame_queue *out);
GLVK_API glvk_result glvk_gl_frame_queue_send(glvk_gl_frame_queue queue, glvk_gl_frame frame);
GLVK_API glvk_result glvk_gl_frame_queue_receive(glvk_gl_frame_queue queue, uint64_t timeout_ns, glvk_gl_frame *out);
GLVK_API glvk_result glvk_gl_frame_queue_close(glvk_gl_frame_queue queue);
GLVK_API glvk_result glvk_gl_frame_queue_destroy(glvk_gl_frame_queue queue);

#ifdef __cplusplus
}
#endif

#endif
