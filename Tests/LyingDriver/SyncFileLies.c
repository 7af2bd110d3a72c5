#include <unistd.h>

#include "Lies.h"

// Says that what a sync file would stand for is done already (-1), so GL has nothing to wait for. The real one is taken
// out of the semaphore before its next use: every signal is waited for once and nothing hangs.
static PFN_vkGetSemaphoreFdKHR real_vkGetSemaphoreFdKHR;
static PFN_vkQueueSubmit real_vkQueueSubmit;
static PFN_vkDestroySemaphore real_vkDestroySemaphore;

enum { MOST = 16 };
static struct {
  VkDevice device;
  VkSemaphore semaphore;
} put_off[MOST];
static int count;

static void export_now(void) {
  for (int i = 0; i < count; i++) {
    VkSemaphoreGetFdInfoKHR info = {
      .sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
      .semaphore = put_off[i].semaphore,
      .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT,
    };
    int file = -1;
    if (real_vkGetSemaphoreFdKHR(put_off[i].device, &info, &file) == VK_SUCCESS && file >= 0) close(file);
  }
  count = 0;
}

static VkResult lying_vkGetSemaphoreFdKHR(VkDevice device, const VkSemaphoreGetFdInfoKHR *info, int *file) {
  if (info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT || count == MOST) {
    return real_vkGetSemaphoreFdKHR(device, info, file);
  }
  put_off[count].device = device;
  put_off[count].semaphore = info->semaphore;
  count++;
  *file = -1;
  return VK_SUCCESS;
}

static VkResult lying_vkQueueSubmit(VkQueue queue, uint32_t submissions, const VkSubmitInfo *infos, VkFence fence) {
  export_now();
  return real_vkQueueSubmit(queue, submissions, infos, fence);
}

static void lying_vkDestroySemaphore(VkDevice device, VkSemaphore semaphore, const VkAllocationCallbacks *allocator) {
  export_now();
  real_vkDestroySemaphore(device, semaphore, allocator);
}

const lie sync_file_lies = {
  "sync-file-lies", {LIES_ABOUT(vkGetSemaphoreFdKHR), LIES_ABOUT(vkQueueSubmit), LIES_ABOUT(vkDestroySemaphore)}};
