// Linux's system calls for shared buffers that Swift cannot make: ioctl numbers and the parts of a control message are
// macros. Every function returns -errno on failure, and opens files close-on-exec.
#ifndef CKERNEL_H
#define CKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// For tests: every call below that changes something asks the interposer first, as the drivers' tables ask theirs.

/// Called before a system call.
///
/// - call: the kernel's name of the call: `DMA_BUF_IOCTL_SYNC`, `mmap`.
/// - argument: the ioctl's argument, which the interposer may read or fill in; NULL for other calls.
/// Returns 0 to make the call, -errno to let it fail and 1 to let it succeed without making it.
typedef int (*kernel_interposer)(const char *call, int descriptor, void *argument);

/// For tests: sets the interposer of the whole process, NULL for none.
void kernel_interpose(kernel_interposer interposer);

// Files

/// Properties of an open file.
typedef struct kernel_file {
  /// Whether the file is a dma-buf. Only dma-bufs are in the kernel's file system for them (DMA_BUF_MAGIC).
  bool is_dma_buf;
  bool is_writable;
  /// In bytes.
  uint64_t size;
  /// The same for all descriptors of one dma-buf.
  uint64_t inode;
} kernel_file;

/// fstatfs, fstat, lseek and fcntl(F_GETFL). Returns 0 or -errno.
int kernel_describe_file(int descriptor, kernel_file *file);

/// open(O_RDWR). Returns a descriptor or -errno.
int kernel_open(const char *path);

/// fcntl(F_DUPFD_CLOEXEC). Returns a descriptor or -errno.
int kernel_duplicate(int descriptor);

/// poll: waits until the file is readable (`writes` false) or writable. Returns 1, 0 after `nanoseconds`, or -errno. A
/// signal does not end the wait. `nanoseconds` below 0 is no limit.
int kernel_wait(int descriptor, bool writes, int64_t nanoseconds);

/// Returns the time of CLOCK_MONOTONIC in `nanoseconds` from now, which is the form of the kernel's absolute timeouts.
int64_t kernel_deadline(uint64_t nanoseconds);

// DMA-BUFs (linux/dma-buf.h)

/// DMA_BUF_IOCTL_SYNC: begins (`starts`) or ends the CPU's access.
int kernel_dma_buf_sync(int descriptor, bool starts, bool reads, bool writes);

/// mmap(MAP_SHARED) of the first `size` bytes. Returns 0 or -errno.
int kernel_map(int descriptor, size_t size, bool writes, void **address);
/// munmap.
void kernel_unmap(void *address, size_t size);

/// DMA_BUF_IOCTL_EXPORT_SYNC_FILE (Linux 6.0): exports the fences that an access of that kind waits for. Returns a
/// sync_file or -errno.
int kernel_dma_buf_export_sync_file(int descriptor, bool writes);

/// DMA_BUF_IOCTL_IMPORT_SYNC_FILE (Linux 6.0): adds a fence that later accesses wait for; where it stands for a read,
/// only writers wait for it.
int kernel_dma_buf_import_sync_file(int descriptor, bool writes, int sync_file);

// Fences as files (linux/sync_file.h)

/// One fence of a sync_file. Status: 0 active, 1 signalled, -errno failed.
typedef struct kernel_fence {
  char timeline[33];
  char driver[33];
  int32_t status;
  uint64_t nanoseconds;
} kernel_fence;

/// SYNC_IOC_FILE_INFO without fences. Returns 0 or -errno (ENOTTY or EINVAL: it is no sync_file).
int kernel_sync_file_status(int descriptor, int32_t *status, uint32_t *fence_count);

/// SYNC_IOC_FILE_INFO: fills at most `capacity` fences. Returns their number or -errno (EINVAL: there are more).
int kernel_sync_file_fences(int descriptor, kernel_fence *fences, uint32_t capacity);

/// SYNC_IOC_MERGE. Returns a sync_file or -errno.
int kernel_sync_file_merge(int first, int second, const char *name);

// Allocators other than GL and Vulkan

/// memfd_create, ftruncate and F_ADD_SEALS: memory whose size can never change, as udmabuf requires. Returns a
/// descriptor or -errno.
int kernel_sealed_memfd(const char *name, uint64_t size);

/// UDMABUF_CREATE (linux/udmabuf.h) of the first `size` bytes, whole pages. Returns a DMA-BUF or -errno.
int kernel_udmabuf_create(int device, int memfd, uint64_t size);

/// DMA_HEAP_IOCTL_ALLOC (linux/dma-heap.h). Returns a DMA-BUF, readable and writable, or -errno.
int kernel_dma_heap_allocate(int heap, uint64_t size);

// DRM devices (libdrm/drm.h, which is the kernel's drm.h)

/// DRM_IOCTL_VERSION: writes the driver's name, truncated to fit. Returns 0 or -errno (ENOTTY: it is no DRM device).
int kernel_drm_driver_name(int device, char *name, size_t capacity);

/// DRM_IOCTL_GET_CAP of DRM_CAP_SYNCOBJ_TIMELINE. Returns 1, 0 or -errno.
int kernel_drm_has_timelines(int device);

/// DRM_IOCTL_PRIME_HANDLE_TO_FD with DRM_RDWR. Returns a DMA-BUF or -errno.
int kernel_drm_export_buffer(int device, uint32_t handle);

// DRM syncobjs: a binary syncobj uses point 0.

/// DRM_IOCTL_SYNCOBJ_CREATE, _DESTROY. Return 0 or -errno.
int kernel_syncobj_create(int device, uint32_t *handle);
int kernel_syncobj_destroy(int device, uint32_t handle);

/// DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD: exports the syncobj itself, or its current fence as a sync_file. Returns a
/// descriptor or -errno.
int kernel_syncobj_export(int device, uint32_t handle, bool as_sync_file);

/// DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE of a syncobj. Returns 0 or -errno. The descriptor stays the caller's.
int kernel_syncobj_import(int device, int descriptor, uint32_t *handle);

/// DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE with IMPORT_SYNC_FILE: puts a fence into a binary syncobj. Returns 0 or -errno. The
/// descriptor stays the caller's.
int kernel_syncobj_import_sync_file(int device, uint32_t handle, int sync_file);

/// DRM_IOCTL_SYNCOBJ_TRANSFER. Returns 0 or -errno (EINVAL: the point has no fence yet).
int kernel_syncobj_transfer(
  int device, uint32_t source, uint64_t source_point, uint32_t destination, uint64_t destination_point);

/// DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL. Returns 0 or -errno.
int kernel_syncobj_signal(int device, uint32_t handle, uint64_t point);

/// DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT until `deadline`, see kernel_deadline. `for_submit`: waits also while the point has
/// no fence; `available`: waits only until it has one. Returns 0 or -errno (ETIME; EINVAL: there is no fence yet).
int kernel_syncobj_wait(int device, uint32_t handle, uint64_t point, int64_t deadline, bool for_submit, bool available);

/// DRM_IOCTL_SYNCOBJ_QUERY: writes the last signalled point, or with `submitted` the last point that has a fence.
/// Returns 0 or -errno.
int kernel_syncobj_query(int device, uint32_t handle, bool submitted, uint64_t *point);

/// DRM_IOCTL_SYNCOBJ_EVENTFD (Linux 6.6): the kernel adds 1 to the eventfd when the point is signalled, or has a fence
/// (`available`). Returns 0 or -errno.
int kernel_syncobj_eventfd(int device, uint32_t handle, uint64_t point, bool available, int eventfd);

/// Returns whether the kernel has DRM_IOCTL_SYNCOBJ_EVENTFD. It calls it with handle 0, which no syncobj has.
bool kernel_syncobj_has_eventfd(int device);

/// eventfd(EFD_NONBLOCK). Returns a descriptor or -errno.
int kernel_eventfd(void);

// Sockets (AF_UNIX)

/// SO_DOMAIN and SO_TYPE. Returns 1 for a stream, 2 for a sequence of packets, 0 for any other socket, or -errno.
int kernel_socket_kind(int socket);

/// sendmsg with SCM_RIGHTS on the first byte, without SIGPIPE and without waiting. Returns the number of bytes sent or
/// -errno.
int64_t kernel_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);

/// The result of recvmsg.
typedef struct kernel_message {
  size_t byte_count;
  size_t descriptor_count;
  /// The packet is longer than the buffer.
  bool is_longer;
  /// The message has more descriptors than the buffer or the process has room for. All of them have been closed.
  bool lost_descriptors;
} kernel_message;

/// recvmsg, without waiting; descriptors are close-on-exec. Returns 0 or -errno.
int kernel_receive(
  int socket, void *bytes, size_t capacity, int *descriptors, size_t descriptor_capacity, kernel_message *message);

#endif
