#include "Interposed.h"

#include <errno.h>
#include <libdrm/drm.h>
#include <sys/eventfd.h>

// Linux 6.6, include/uapi/drm/drm.h; libdrm-dev has it since 2.4.117, Debian 12 has 2.4.114.
#ifndef DRM_IOCTL_SYNCOBJ_EVENTFD
struct drm_syncobj_eventfd {
  __u32 handle;
  __u32 flags;
  __u64 point;
  __s32 fd;
  __u32 pad;
};
#define DRM_IOCTL_SYNCOBJ_EVENTFD DRM_IOWR(0xCF, struct drm_syncobj_eventfd)
#endif

int kernel_syncobj_create(int device, uint32_t *handle) {
  struct drm_syncobj_create create = {0};
  int result = KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_CREATE, &create);
  if (result < 0) return result;
  *handle = create.handle;
  return 0;
}

int kernel_syncobj_destroy(int device, uint32_t handle) {
  struct drm_syncobj_destroy destroy = {.handle = handle};
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);
}

int kernel_syncobj_export(int device, uint32_t handle, bool as_sync_file) {
  struct drm_syncobj_handle export = {
    .handle = handle,
    .flags = as_sync_file ? DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE : 0,
    .fd = -1,
  };
  int result = KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &export);
  return result < 0 ? result : export.fd;
}

int kernel_syncobj_import(int device, int descriptor, uint32_t *handle) {
  struct drm_syncobj_handle import = {.fd = descriptor};
  int result = KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &import);
  if (result < 0) return result;
  *handle = import.handle;
  return 0;
}

int kernel_syncobj_import_sync_file(int device, uint32_t handle, int sync_file) {
  struct drm_syncobj_handle import = {
    .handle = handle,
    .flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
    .fd = sync_file,
  };
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &import);
}

int kernel_syncobj_transfer(
  int device, uint32_t source, uint64_t source_point, uint32_t destination, uint64_t destination_point) {
  struct drm_syncobj_transfer transfer = {
    .src_handle = source,
    .dst_handle = destination,
    .src_point = source_point,
    .dst_point = destination_point,
  };
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_TRANSFER, &transfer);
}

int kernel_syncobj_signal(int device, uint32_t handle, uint64_t point) {
  struct drm_syncobj_timeline_array array = {
    .handles = (uintptr_t)&handle,
    .points = (uintptr_t)&point,
    .count_handles = 1,
  };
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &array);
}

int kernel_syncobj_wait(
  int device, uint32_t handle, uint64_t point, int64_t deadline, bool for_submit, bool available) {
  struct drm_syncobj_timeline_wait wait = {
    .handles = (uintptr_t)&handle,
    .points = (uintptr_t)&point,
    .timeout_nsec = deadline,
    .count_handles = 1,
    .flags = (for_submit ? DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT : 0) |
             (available ? DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE : 0),
  };
  int result;
  do {
    // The kernel counts in ticks and ends a wait up to one tick early (drm_timeout_abs_to_jiffies).
    result = KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &wait);
  } while (result == -ETIME && kernel_deadline(0) < deadline);
  return result;
}

int kernel_syncobj_query(int device, uint32_t handle, bool submitted, uint64_t *point) {
  struct drm_syncobj_timeline_array array = {
    .handles = (uintptr_t)&handle,
    .points = (uintptr_t)point,
    .count_handles = 1,
    .flags = submitted ? DRM_SYNCOBJ_QUERY_FLAGS_LAST_SUBMITTED : 0,
  };
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_QUERY, &array);
}

int kernel_syncobj_eventfd(int device, uint32_t handle, uint64_t point, bool available, int eventfd) {
  struct drm_syncobj_eventfd watch = {
    .handle = handle,
    .flags = available ? DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE : 0,
    .point = point,
    .fd = eventfd,
  };
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_EVENTFD, &watch);
}

bool kernel_syncobj_has_eventfd(int device) {
  // A kernel without this ioctl returns EINVAL, as for every ioctl it does not know (drm_ioctl).
  struct drm_syncobj_eventfd watch = {.fd = -1};
  return KERNEL_IOCTL(device, DRM_IOCTL_SYNCOBJ_EVENTFD, &watch) == -ENOENT;
}

int kernel_eventfd(void) {
  int answer = kernel_before("eventfd", -1, NULL);
  if (answer < 0) return answer;
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}
