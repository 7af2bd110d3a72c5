#include "Interposed.h"

#include <errno.h>
#include <linux/sync_file.h>
#include <stdlib.h>
#include <string.h>

int kernel_sync_file_status(int descriptor, int32_t *status, uint32_t *fence_count) {
  struct sync_file_info info = {0};
  int result = KERNEL_IOCTL(descriptor, SYNC_IOC_FILE_INFO, &info);
  if (result < 0) return result;
  *status = info.status;
  *fence_count = info.num_fences;
  return 0;
}

int kernel_sync_file_fences(int descriptor, kernel_fence *fences, uint32_t capacity) {
  struct sync_fence_info *infos = calloc(capacity ? capacity : 1, sizeof *infos);
  if (!infos) return -ENOMEM;
  struct sync_file_info info = {.num_fences = capacity, .sync_fence_info = (uintptr_t)infos};
  int result = KERNEL_IOCTL(descriptor, SYNC_IOC_FILE_INFO, &info);
  if (result >= 0) {
    result = capacity < info.num_fences ? (int)capacity : (int)info.num_fences;
    for (int index = 0; index < result; index++) {
      kernel_fence *fence = &fences[index];
      memset(fence, 0, sizeof *fence);
      memcpy(fence->timeline, infos[index].obj_name, sizeof infos[index].obj_name);
      memcpy(fence->driver, infos[index].driver_name, sizeof infos[index].driver_name);
      fence->status = infos[index].status;
      fence->nanoseconds = infos[index].timestamp_ns;
    }
  }
  free(infos);
  return result;
}

int kernel_sync_file_merge(int first, int second, const char *name) {
  struct sync_merge_data merge = {.fd2 = second, .fence = -1};
  strncpy(merge.name, name, sizeof merge.name - 1);
  int result = KERNEL_IOCTL(first, SYNC_IOC_MERGE, &merge);
  return result < 0 ? result : merge.fence;
}
