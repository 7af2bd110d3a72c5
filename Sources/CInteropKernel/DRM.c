#include "Interposed.h"

#include <fcntl.h>
#include <libdrm/drm.h>

int kernel_drm_driver_name(int device, char *name, size_t capacity) {
  struct drm_version version = {.name = name, .name_len = capacity - 1};
  name[0] = '\0';
  int result = KERNEL_IOCTL(device, DRM_IOCTL_VERSION, &version);
  if (result < 0) return result;
  // The kernel writes the whole length to name_len, also where it truncates the name.
  name[version.name_len < capacity ? version.name_len : capacity - 1] = '\0';
  return 0;
}

int kernel_drm_has_timelines(int device) {
  struct drm_get_cap get = {.capability = DRM_CAP_SYNCOBJ_TIMELINE};
  int result = KERNEL_IOCTL(device, DRM_IOCTL_GET_CAP, &get);
  return result < 0 ? result : get.value != 0;
}

int kernel_drm_export_buffer(int device, uint32_t handle) {
  struct drm_prime_handle prime = {.handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR, .fd = -1};
  int result = KERNEL_IOCTL(device, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
  return result < 0 ? result : prime.fd;
}
