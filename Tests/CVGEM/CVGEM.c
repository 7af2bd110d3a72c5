#include "CVGEM.h"

#include <errno.h>
#include <fcntl.h>
#include <libdrm/drm.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>

// include/uapi/drm/vgem_drm.h, which libdrm-dev does not have.
struct vgem_fence_attach {
  uint32_t handle, flags, out_fence, pad;
};
struct vgem_fence_signal {
  uint32_t fence, flags;
};
#define VGEM_FENCE_WRITE 1
#define VGEM_IOCTL_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_IOCTL_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

static int repeated(int device, unsigned long request, void *argument) {
  int result;
  do { result = ioctl(device, request, argument); } while (result < 0 && (errno == EINTR || errno == EAGAIN));
  return result < 0 ? -errno : result;
}

int vgem_create_buffer(int device, uint32_t *handle) {
  struct drm_mode_create_dumb create = {.width = 1024, .height = 1, .bpp = 32};
  int result = repeated(device, DRM_IOCTL_MODE_CREATE_DUMB, &create);
  if (result < 0) return result;
  struct drm_prime_handle prime = {.handle = create.handle, .flags = DRM_CLOEXEC | DRM_RDWR, .fd = -1};
  result = repeated(device, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
  if (result < 0) return result;
  *handle = create.handle;
  return prime.fd;
}

int vgem_attach_fence(int device, uint32_t handle, uint32_t *fence) {
  struct vgem_fence_attach attach = {.handle = handle, .flags = VGEM_FENCE_WRITE};
  int result = repeated(device, VGEM_IOCTL_FENCE_ATTACH, &attach);
  if (result < 0) return result;
  *fence = attach.out_fence;
  return 0;
}

int vgem_signal_fence(int device, uint32_t fence) {
  struct vgem_fence_signal signal = {.fence = fence};
  return repeated(device, VGEM_IOCTL_FENCE_SIGNAL, &signal);
}

int vgem_export_sync_file(int buffer) {
  struct dma_buf_export_sync_file export = {.flags = DMA_BUF_SYNC_READ, .fd = -1};
  int result = repeated(buffer, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export);
  return result < 0 ? result : export.fd;
}
