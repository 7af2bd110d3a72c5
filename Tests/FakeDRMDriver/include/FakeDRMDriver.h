// A driver of a GPU with tiled and compressed layouts that exists nowhere, for drivers without DMA-BUFs, as those on
// the CPU are: code for several planes and for other vendors' modifiers runs on them.
//
// It stands between the tests' thunks and the real driver. What the package calls and what is recorded speaks of
// DMA-BUFs; what the real driver and the validation layer get to see are plain images and textures. Buffers and sync
// files are memfds. No pixels cross. What a call breaks of the rules of VK_EXT_image_drm_format_modifier,
// VK_EXT_external_memory_dma_buf, EGL_EXT_image_dma_buf_import(_modifiers) and EGL_ANDROID_native_fence_sync is kept as
// a violation.
#ifndef FAKE_DRM_DRIVER_H
#define FAKE_DRM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_DRM_PLANES = 8 };

/// Where a memory plane lies in an image of the size that the test uses.
typedef struct fake_drm_plane {
  uint64_t offset;
  uint64_t stride;
  /// Bytes; 0 for as many as the image has rows of `stride`.
  uint64_t size;
} fake_drm_plane;

/// A modifier of every format. The first ones are the best.
typedef struct fake_drm_modifier {
  uint64_t modifier;
  /// Memory planes as Vulkan lists them; 0 where Vulkan has no such modifier.
  uint32_t vulkan_planes;
  /// Memory planes that EGL takes; 0 where EGL has no such modifier.
  uint32_t egl_planes;
  /// VK_FORMAT_FEATURE_DISJOINT_BIT.
  bool has_disjoint;
  /// EGL's external_only.
  bool is_external_only;
  /// GL imports it and cannot render into it.
  bool cannot_render;
  /// What eglCreateImageKHR answers though the modifier is listed; 0 for nothing.
  int32_t egl_error;
  /// The largest side that EGL really takes, whatever it lists; 0 for any.
  uint32_t egl_largest;
  /// The largest side that Vulkan says it has; 0 for any.
  uint32_t vulkan_largest;
  /// Of an image that Vulkan allocates.
  uint64_t bytes;
} fake_drm_modifier;

/// How eglExportDMABUFImageMESA answers.
typedef enum fake_drm_export {
  /// As Mesa: the first plane is written, the others stay as they were.
  FAKE_DRM_EXPORT_FIRST_PLANE,
  /// Every plane has a descriptor of its own of one buffer.
  FAKE_DRM_EXPORT_ONE_BUFFER,
  /// Every plane has the same descriptor, the same number.
  FAKE_DRM_EXPORT_ONE_NUMBER,
  /// Every plane has a buffer of its own.
  FAKE_DRM_EXPORT_BUFFERS,
  /// The descriptors are written, and then it fails with EGL_BAD_ALLOC.
  FAKE_DRM_EXPORT_FAILS_LATE,
  /// As NVIDIA 580 without a DRM node: the query answers and the export gives EGL_BAD_MATCH.
  FAKE_DRM_EXPORT_REFUSED,
} fake_drm_export;

typedef struct fake_drm_driver {
  /// Answers for images and memory by itself; the real driver is not asked. For many calls in little time.
  bool makes_no_objects;
  /// EGL has no EGL_EXT_image_dma_buf_import_modifiers.
  bool lacks_egl_modifiers;
  /// eglQueryDmaBufModifiersEXT leaves external_only as it was (Mesa 25.0.7).
  bool leaves_external_only;
  /// What eglQueryDmaBufModifiersEXT refuses with EGL_BAD_PARAMETER though eglQueryDmaBufFormatsEXT lists it; 0 for
  /// none.
  uint32_t refused_fourcc;
  /// vkGetImageDrmFormatModifierPropertiesEXT says `reported_modifier`, whatever was asked for.
  bool misreports_modifier;
  uint64_t reported_modifier;
  /// Images need that many bytes more than their planes.
  uint64_t extra_bytes;
  /// vkGetMemoryFdPropertiesKHR has no memory type for any buffer.
  bool has_no_memory_type;
  /// vkGetMemoryFdKHR succeeds and gives -1.
  bool gives_no_descriptor;
  /// vkGetSemaphoreFdKHR gives -1: it is done already.
  bool is_done_already;
  fake_drm_export exports;
  /// What an exported texture is; the planes are those of `export_modifier`, unless `export_planes` says otherwise.
  uint32_t export_fourcc;
  uint64_t export_modifier;
  uint32_t export_planes;
} fake_drm_driver;

/// From now on displays, physical devices and devices that are made are this driver's, with these modifiers and no
/// others. Forgets violations. What is made must be destroyed before fake_drm_stop.
void fake_drm_start(const fake_drm_driver *driver);
void fake_drm_add_modifier(const fake_drm_modifier *modifier, const fake_drm_plane planes[FAKE_DRM_PLANES]);
/// Other behaviour, the same modifiers.
void fake_drm_change(const fake_drm_driver *driver);
void fake_drm_stop(void);

/// What broke the rules; `index` from 0, NULL at the end.
const char *fake_drm_violation(int index);
/// How many there were, those beyond the ones that are kept included.
int64_t fake_drm_violation_count(void);
/// Images, memories, EGLImages and semaphores that are alive, for makes_no_objects.
int64_t fake_drm_live_objects(void);
/// Images of Vulkan's and of EGL's that were made of buffers so far.
int64_t fake_drm_imports(void);

/// Modifiers of other vendors' layouts, see drm_fourcc.h.
extern const uint64_t fake_drm_intel_y_tiled_ccs, fake_drm_intel_gen12_rc_ccs, fake_drm_intel_gen12_rc_ccs_cc,
  fake_drm_intel_dg2_rc_ccs, fake_drm_intel_dg2_rc_ccs_cc, fake_drm_amd_dcc, fake_drm_amd_dcc_retile,
  fake_drm_nvidia_block_linear, fake_drm_arm_afbc;

/// A buffer of `bytes`; -errno where there is none to be had.
int fake_drm_make_buffer(uint64_t bytes);
/// Whether the descriptor is one of a buffer made here. What the package takes for a DMA-BUF.
bool fake_drm_is_buffer(int descriptor);

/// Takes the place of `real` (a vkGetInstanceProcAddr, an eglGetProcAddress); NULL if it stands before another one
/// already. Changes nothing of what was made while the driver was stopped.
void *fake_drm_vkGetInstanceProcAddr(void *real);
void *fake_drm_eglGetProcAddress(void *real);
/// As what fake_drm_eglGetProcAddress gives, for functions that libEGL exports.
void *fake_drm_replace(const char *name, void *real);

#endif
