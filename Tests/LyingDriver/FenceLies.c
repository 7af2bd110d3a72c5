#include "Lies.h"

static PFN_vkWaitForFences real_vkWaitForFences;

// Never waits.
static VkResult lying_vkWaitForFences(
  VkDevice device, uint32_t count, const VkFence *fences, VkBool32 all, uint64_t timeout) {
  (void)device, (void)count, (void)fences, (void)all, (void)timeout;
  return VK_SUCCESS;
}

// Waits as long as it is told and calls it a success either way: no pixel shows it.
static VkResult hopeful_vkWaitForFences(
  VkDevice device, uint32_t count, const VkFence *fences, VkBool32 all, uint64_t timeout) {
  VkResult result = real_vkWaitForFences(device, count, fences, all, timeout);
  return result == VK_TIMEOUT ? VK_SUCCESS : result;
}

const lie fence_lies = {"fence-lies", {LIES_ABOUT(vkWaitForFences)}};
const lie fence_gives_up = {
  "fence-gives-up", {{"vkWaitForFences", (void *)hopeful_vkWaitForFences, (void **)&real_vkWaitForFences}}};
