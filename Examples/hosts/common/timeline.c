#include "timeline.h"

#include "../../common/example.h"

VkSemaphore timeline_create(VkDevice device) {
  const VkSemaphoreTypeCreateInfo type = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
  const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
  VkSemaphore timeline;
  if (vkCreateSemaphore(device, &info, NULL, &timeline) != VK_SUCCESS) example_end("vkCreateSemaphore", "failed");
  return timeline;
}

static void submit(VkQueue queue, VkSemaphore timeline, uint32_t waits, uint32_t signals, uint64_t value) {
  const VkPipelineStageFlags stages = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  const VkTimelineSemaphoreSubmitInfo values = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
    .waitSemaphoreValueCount = waits,
    .pWaitSemaphoreValues = &value,
    .signalSemaphoreValueCount = signals,
    .pSignalSemaphoreValues = &value};
  const VkSubmitInfo submission = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .pNext = &values,
    .waitSemaphoreCount = waits,
    .pWaitSemaphores = &timeline,
    .pWaitDstStageMask = &stages,
    .signalSemaphoreCount = signals,
    .pSignalSemaphores = &timeline};
  if (vkQueueSubmit(queue, 1, &submission, VK_NULL_HANDLE) != VK_SUCCESS) example_end("vkQueueSubmit", "failed");
}

void timeline_signal(VkQueue queue, VkSemaphore timeline, uint64_t value) { submit(queue, timeline, 0, 1, value); }
void timeline_wait(VkQueue queue, VkSemaphore timeline, uint64_t value) { submit(queue, timeline, 1, 0, value); }
