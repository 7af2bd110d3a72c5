#include <stdlib.h>
#include <unistd.h>

#include "Lies.h"

// Vulkan's queue works without waiting for GL's semaphore: the waits come behind the work, in a submission that also
// signals. So every signal is waited for once and nothing hangs: the only thing wrong is when. It takes its time first,
// so that what GL draws is there by luck and no pixel is wrong.
enum { LUCK_MICROSECONDS = 50000 };

static PFN_vkQueueSubmit real_vkQueueSubmit;
static PFN_vkDestroySemaphore real_vkDestroySemaphore;
static PFN_vkDeviceWaitIdle real_vkDeviceWaitIdle;

static VkResult lying_vkQueueSubmit(VkQueue queue, uint32_t count, const VkSubmitInfo *infos, VkFence fence) {
  if (count != 1 || infos[0].waitSemaphoreCount == 0) return real_vkQueueSubmit(queue, count, infos, fence);
  usleep(LUCK_MICROSECONDS);
  VkSubmitInfo work = infos[0];
  work.waitSemaphoreCount = 0;
  work.signalSemaphoreCount = 0;
  VkResult result = real_vkQueueSubmit(queue, 1, &work, fence);
  if (result != VK_SUCCESS) return result;
  VkSubmitInfo signals = infos[0];
  signals.commandBufferCount = 0;
  return real_vkQueueSubmit(queue, 1, &signals, VK_NULL_HANDLE);
}

// No fence covers that second submission.
static void lying_vkDestroySemaphore(VkDevice device, VkSemaphore semaphore, const VkAllocationCallbacks *allocator) {
  real_vkDeviceWaitIdle(device);
  real_vkDestroySemaphore(device, semaphore, allocator);
}

const lie vulkan_does_not_wait = {
  "vulkan-does-not-wait", {LIES_ABOUT(vkQueueSubmit), LIES_ABOUT(vkDestroySemaphore), CALLS(vkDeviceWaitIdle)}};
