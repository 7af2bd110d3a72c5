#define _GNU_SOURCE
#include "Interposed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/mman.h>
#include <unistd.h>

int kernel_sealed_memfd(const char *name, uint64_t size) {
  int answer = kernel_before("memfd_create", -1, NULL);
  if (answer < 0) return answer;
  int memfd = memfd_create(name, MFD_ALLOW_SEALING | MFD_CLOEXEC);
  if (memfd < 0) return -errno;
  answer = kernel_before("ftruncate", memfd, NULL);
  if (answer == 0 && ftruncate(memfd, (off_t)size) != 0) answer = -errno;
  if (answer >= 0) answer = kernel_before("fcntl(F_ADD_SEALS)", memfd, NULL);
  // udmabuf asks for F_SEAL_SHRINK and refuses F_SEAL_WRITE (drivers/dma-buf/udmabuf.c, check_memfd_seals).
  if (answer == 0 && fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) answer = -errno;
  if (answer < 0) {
    close(memfd);
    return answer;
  }
  return memfd;
}

int kernel_udmabuf_create(int device, int memfd, uint64_t size) {
  struct udmabuf_create create = {.memfd = (uint32_t)memfd, .flags = UDMABUF_FLAGS_CLOEXEC, .size = size};
  return KERNEL_IOCTL(device, UDMABUF_CREATE, &create);
}

int kernel_dma_heap_allocate(int heap, uint64_t size) {
  struct dma_heap_allocation_data allocation = {.len = size, .fd_flags = O_RDWR | O_CLOEXEC};
  int result = KERNEL_IOCTL(heap, DMA_HEAP_IOCTL_ALLOC, &allocation);
  return result < 0 ? result : (int)allocation.fd;
}
