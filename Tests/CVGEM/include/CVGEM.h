// vgem, the kernel's GEM driver without hardware: fences that are pending until a test signals them
// (drivers/gpu/drm/vgem).
#ifndef CVGEM_H
#define CVGEM_H

#include <stdint.h>

/// A dumb buffer of one page: DRM_IOCTL_MODE_CREATE_DUMB and DRM_IOCTL_PRIME_HANDLE_TO_FD. `device` is vgem's node.
/// A DMA-BUF and in `handle` the buffer's name on the device, or -errno.
int vgem_create_buffer(int device, uint32_t *handle);

/// DRM_IOCTL_VGEM_FENCE_ATTACH: a fence of a write in the buffer's reservation. Signals by itself after 10 seconds.
/// 0 and the fence's name, or -errno.
int vgem_attach_fence(int device, uint32_t handle, uint32_t *fence);

/// DRM_IOCTL_VGEM_FENCE_SIGNAL. 0 or -errno; ETIMEDOUT: it had signalled by itself.
int vgem_signal_fence(int device, uint32_t fence);

/// DMA_BUF_IOCTL_EXPORT_SYNC_FILE of what the writers of a DMA-BUF do. Not the library's own call: that one is tested
/// with this. A sync_file or -errno.
int vgem_export_sync_file(int buffer);

#endif
