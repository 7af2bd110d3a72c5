#define _GNU_SOURCE
#include "Interposed.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <sys/mman.h>

static uint32_t access_flags(bool reads, bool writes) {
  return (reads ? DMA_BUF_SYNC_READ : 0) | (writes ? DMA_BUF_SYNC_WRITE : 0);
}

int kernel_dma_buf_sync(int descriptor, bool starts, bool reads, bool writes) {
  struct dma_buf_sync sync = {
    .flags = (starts ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END) | access_flags(reads, writes),
  };
  return KERNEL_IOCTL(descriptor, DMA_BUF_IOCTL_SYNC, &sync);
}

int kernel_map(int descriptor, size_t size, bool writes, void **address) {
  int answer = kernel_before("mmap", descriptor, NULL);
  if (answer < 0) return answer;
  void *start = mmap(NULL, size, PROT_READ | (writes ? PROT_WRITE : 0), MAP_SHARED, descriptor, 0);
  if (start == MAP_FAILED) return -errno;
  *address = start;
  return 0;
}

void kernel_unmap(void *address, size_t size) {
  kernel_before("munmap", -1, NULL);
  munmap(address, size);
}

int kernel_dma_buf_export_sync_file(int descriptor, bool writes) {
  struct dma_buf_export_sync_file export = {.flags = access_flags(!writes, writes), .fd = -1};
  int result = KERNEL_IOCTL(descriptor, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export);
  return result < 0 ? result : export.fd;
}

int kernel_dma_buf_import_sync_file(int descriptor, bool writes, int sync_file) {
  struct dma_buf_import_sync_file import = {.flags = access_flags(!writes, writes), .fd = sync_file};
  return KERNEL_IOCTL(descriptor, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &import);
}
