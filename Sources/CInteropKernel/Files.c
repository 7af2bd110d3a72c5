#define _GNU_SOURCE
#include "Interposed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int kernel_describe_file(int descriptor, kernel_file *file) {
  struct statfs system;
  struct stat status;
  if (fstatfs(descriptor, &system) != 0 || fstat(descriptor, &status) != 0) return -errno;
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  file->is_dma_buf = (uint32_t)system.f_type == DMA_BUF_MAGIC;
  file->is_writable = (flags & O_ACCMODE) == O_RDWR;
  file->inode = status.st_ino;
  // A dma-buf's st_size is 0 before Linux 5.3; seeking to the end works with all (dma_buf_llseek).
  off_t size = lseek(descriptor, 0, SEEK_END);
  if (size < 0 && file->is_dma_buf) return -errno;
  file->size = size < 0 ? 0 : (uint64_t)size;
  if (size >= 0) lseek(descriptor, 0, SEEK_SET);
  return 0;
}

int kernel_open(const char *path) {
  int answer = kernel_before("open", -1, NULL);
  if (answer < 0) return answer;
  int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
  return descriptor < 0 ? -errno : descriptor;
}

int kernel_duplicate(int descriptor) {
  int answer = kernel_before("fcntl(F_DUPFD_CLOEXEC)", descriptor, NULL);
  if (answer < 0) return answer;
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t kernel_deadline(uint64_t nanoseconds) {
  int64_t start = now();
  return nanoseconds > (uint64_t)(INT64_MAX - start) ? INT64_MAX : start + (int64_t)nanoseconds;
}

int kernel_wait(int descriptor, bool writes, int64_t nanoseconds) {
  int answer = kernel_before("poll", descriptor, NULL);
  if (answer != 0) return answer;
  int64_t deadline = nanoseconds < 0 ? -1 : kernel_deadline((uint64_t)nanoseconds);
  for (;;) {
    struct pollfd file = {.fd = descriptor, .events = writes ? POLLOUT : POLLIN};
    struct timespec rest = {0};
    if (deadline >= 0) {
      int64_t left = deadline - now();
      if (left < 0) left = 0;
      rest.tv_sec = left / 1000000000;
      rest.tv_nsec = left % 1000000000;
    }
    int result = ppoll(&file, 1, deadline < 0 ? NULL : &rest, NULL);
    if (result == 0) return 0;
    if (result > 0) {
      if (file.revents & file.events) return 1;
      // A read reports that the other end of a socket is closed.
      if (file.revents & POLLHUP) return 1;
      return file.revents & POLLNVAL ? -EBADF : -EIO;
    }
    if (errno != EINTR && errno != EAGAIN) return -errno;
  }
}
