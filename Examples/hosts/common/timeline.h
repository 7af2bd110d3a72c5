// A timeline semaphore between the library's submissions and a host's, on the queue where the library acquires and releases.
#pragma once
#include <vulkan/vulkan.h>

// Its value is 0.
VkSemaphore timeline_create(VkDevice device);
// Submits no commands: what the queue got so far signals `value`.
void timeline_signal(VkQueue queue, VkSemaphore timeline, uint64_t value);
// Submits no commands: what the queue gets later waits for `value`.
void timeline_wait(VkQueue queue, VkSemaphore timeline, uint64_t value);
