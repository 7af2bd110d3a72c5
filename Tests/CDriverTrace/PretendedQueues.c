#define _GNU_SOURCE
#include "PretendedQueues.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../Sources/CInteropGraphics/CInteropGraphics.h"

// The functions that differ on a pretended device.
// clang-format off
#define FUNCTIONS(X) \
  X(vkGetPhysicalDeviceQueueFamilyProperties) X(vkCreateDevice) X(vkDestroyDevice) X(vkGetDeviceQueue) \
  X(vkQueueSubmit) X(vkQueueWaitIdle) X(vkCreateCommandPool) X(vkDestroyCommandPool) X(vkAllocateCommandBuffers) \
  X(vkCmdPipelineBarrier)
// clang-format on

#define REAL(name) static PFN_##name real_##name;
FUNCTIONS(REAL)

typedef PFN_vkVoidFunction (*get_proc_address)(VkInstance instance, const char *name);
static _Atomic(void *) real_get;
static atomic_bool pretending;

// What is known of pretended devices. A handle is found by its value; what belongs to a device goes with it.
typedef enum { DEVICE, QUEUE, POOL, COMMANDS } kind;
typedef struct entry {
  struct entry *next;
  kind kind;
  VkDevice device;
  void *handle;
  // A device: its transfer family. Else: the family that it is said to belong to.
  uint32_t family;
  // A queue: which of its family. A pool's buffers: their pool.
  uint32_t index;
  void *owner;
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// The queues of a pretended device have locks of their own and are one queue.
static pthread_mutex_t submitting = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;
static char *violations[64];
static int violation_count;

static void violate(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = NULL;
  if (vasprintf(&text, format, arguments) < 0) abort();
  va_end(arguments);
  pthread_mutex_lock(&lock);
  if (violation_count < (int)(sizeof violations / sizeof *violations)) violations[violation_count++] = text;
  pthread_mutex_unlock(&lock);
}

const char *pretend_violation(int index) {
  pthread_mutex_lock(&lock);
  const char *text = index < violation_count ? violations[index] : NULL;
  pthread_mutex_unlock(&lock);
  return text;
}

void pretend_forget_violations(void) {
  pthread_mutex_lock(&lock);
  while (violation_count > 0) free(violations[--violation_count]);
  pthread_mutex_unlock(&lock);
}

void pretend_queues(bool on) { atomic_store(&pretending, on); }

static entry *add(kind kind, VkDevice device, void *handle, uint32_t family, uint32_t index, void *owner) {
  entry *made = malloc(sizeof *made);
  if (made == NULL) abort();
  pthread_mutex_lock(&lock);
  *made = (entry){entries, kind, device, handle, family, index, owner};
  entries = made;
  pthread_mutex_unlock(&lock);
  return made;
}

static bool find(kind kind, const void *handle, entry *found) {
  pthread_mutex_lock(&lock);
  entry *at = entries;
  while (at != NULL && !(at->kind == kind && at->handle == handle)) at = at->next;
  if (at != NULL) *found = *at;
  pthread_mutex_unlock(&lock);
  return at != NULL;
}

// Those of a device, or a pool with its buffers.
static void forget(VkDevice device, const void *pool) {
  pthread_mutex_lock(&lock);
  for (entry **at = &entries; *at != NULL;) {
    entry *one = *at;
    if (pool == NULL ? one->device == device : one->handle == pool || one->owner == pool) {
      *at = one->next;
      // A queue's handle is its own entry's address, and the driver's queue is its owner.
      free(one);
    } else {
      at = &one->next;
    }
  }
  pthread_mutex_unlock(&lock);
}

static uint32_t real_family_count(VkPhysicalDevice physical) {
  uint32_t count = 0;
  real_vkGetPhysicalDeviceQueueFamilyProperties(physical, &count, NULL);
  return count;
}

static VKAPI_ATTR void VKAPI_CALL my_vkGetPhysicalDeviceQueueFamilyProperties(
  VkPhysicalDevice physical, uint32_t *count, VkQueueFamilyProperties *families) {
  if (!atomic_load(&pretending)) return real_vkGetPhysicalDeviceQueueFamilyProperties(physical, count, families);
  uint32_t there = real_family_count(physical);
  if (families == NULL) {
    *count = there + 1;
    return;
  }
  uint32_t room = *count;
  uint32_t filled = room < there ? room : there;
  real_vkGetPhysicalDeviceQueueFamilyProperties(physical, &filled, families);
  if (filled > 0 && families[0].queueCount < 2) families[0].queueCount = 2;
  if (room > there) {
    families[there] = (VkQueueFamilyProperties){
      .queueFlags = VK_QUEUE_TRANSFER_BIT, .queueCount = 1, .minImageTransferGranularity = {1, 1, 1}};
    filled++;
  }
  *count = filled;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkCreateDevice(
  VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *device) {
  if (!atomic_load(&pretending)) return real_vkCreateDevice(physical, info, allocator, device);
  uint32_t there = real_family_count(physical);
  VkDeviceQueueCreateInfo queues[8];
  uint32_t count = 0;
  for (uint32_t i = 0; i < info->queueCreateInfoCount && count < 8; i++) {
    if (info->pQueueCreateInfos[i].queueFamilyIndex >= there) continue;
    queues[count] = info->pQueueCreateInfos[i];
    queues[count++].queueCount = 1;
  }
  VkDeviceCreateInfo changed = *info;
  changed.queueCreateInfoCount = count;
  changed.pQueueCreateInfos = queues;
  VkResult result = real_vkCreateDevice(physical, &changed, allocator, device);
  if (result == VK_SUCCESS) add(DEVICE, *device, *device, there, 0, NULL);
  return result;
}

static VKAPI_ATTR void VKAPI_CALL my_vkDestroyDevice(VkDevice device, const VkAllocationCallbacks *allocator) {
  forget(device, NULL);
  real_vkDestroyDevice(device, allocator);
}

static VKAPI_ATTR void VKAPI_CALL my_vkGetDeviceQueue(
  VkDevice device, uint32_t family, uint32_t index, VkQueue *queue) {
  entry known;
  if (!find(DEVICE, device, &known)) return real_vkGetDeviceQueue(device, family, index, queue);
  pthread_mutex_lock(&lock);
  entry *at = entries;
  while (at != NULL && !(at->kind == QUEUE && at->device == device && at->family == family && at->index == index)) {
    at = at->next;
  }
  pthread_mutex_unlock(&lock);
  if (at == NULL) {
    VkQueue real = VK_NULL_HANDLE;
    real_vkGetDeviceQueue(device, family == known.family ? 0 : family, 0, &real);
    at = add(QUEUE, device, NULL, family, index, real);
    at->handle = at;
  }
  *queue = (VkQueue)at->handle;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkQueueSubmit(
  VkQueue queue, uint32_t count, const VkSubmitInfo *submits, VkFence fence) {
  entry known;
  if (!find(QUEUE, queue, &known)) return real_vkQueueSubmit(queue, count, submits, fence);
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j < submits[i].commandBufferCount; j++) {
      entry commands;
      if (find(COMMANDS, submits[i].pCommandBuffers[j], &commands) && commands.family != known.family) {
        violate("a command buffer of family %u is submitted to a queue of family %u", commands.family, known.family);
      }
    }
  }
  pthread_mutex_lock(&submitting);
  VkResult result = real_vkQueueSubmit((VkQueue)known.owner, count, submits, fence);
  pthread_mutex_unlock(&submitting);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkQueueWaitIdle(VkQueue queue) {
  entry known;
  return real_vkQueueWaitIdle(find(QUEUE, queue, &known) ? (VkQueue)known.owner : queue);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkCreateCommandPool(
  VkDevice device, const VkCommandPoolCreateInfo *info, const VkAllocationCallbacks *allocator, VkCommandPool *pool) {
  entry known;
  if (!find(DEVICE, device, &known)) return real_vkCreateCommandPool(device, info, allocator, pool);
  VkCommandPoolCreateInfo changed = *info;
  if (changed.queueFamilyIndex == known.family) changed.queueFamilyIndex = 0;
  VkResult result = real_vkCreateCommandPool(device, &changed, allocator, pool);
  if (result == VK_SUCCESS) add(POOL, device, (void *)*pool, info->queueFamilyIndex, 0, NULL);
  return result;
}

static VKAPI_ATTR void VKAPI_CALL my_vkDestroyCommandPool(
  VkDevice device, VkCommandPool pool, const VkAllocationCallbacks *allocator) {
  entry known;
  if (find(POOL, (void *)pool, &known)) forget(device, (void *)pool);
  real_vkDestroyCommandPool(device, pool, allocator);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkAllocateCommandBuffers(
  VkDevice device, const VkCommandBufferAllocateInfo *info, VkCommandBuffer *buffers) {
  VkResult result = real_vkAllocateCommandBuffers(device, info, buffers);
  entry pool;
  if (result != VK_SUCCESS || !find(POOL, (void *)info->commandPool, &pool)) return result;
  for (uint32_t i = 0; i < info->commandBufferCount; i++) {
    add(COMMANDS, device, buffers[i], pool.family, 0, (void *)info->commandPool);
  }
  return result;
}

// What a family without graphics and compute has (Vulkan 1.3, table "Supported pipeline stage flags").
static void check_transfer_only(uint32_t family, VkPipelineStageFlags stages, VkAccessFlags access) {
  VkPipelineStageFlags allowed = VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT |
                                 VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT | VK_PIPELINE_STAGE_HOST_BIT |
                                 VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  VkAccessFlags legal = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_HOST_READ_BIT |
                        VK_ACCESS_HOST_WRITE_BIT | VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  if (stages & ~allowed) violate("family %u transfers only and has no stages 0x%x", family, stages & ~allowed);
  if (access & ~legal) violate("family %u transfers only and has no access 0x%x", family, access & ~legal);
}

static VKAPI_ATTR void VKAPI_CALL my_vkCmdPipelineBarrier(VkCommandBuffer buffer, VkPipelineStageFlags source,
  VkPipelineStageFlags destination, VkDependencyFlags flags, uint32_t memory_count, const VkMemoryBarrier *memory,
  uint32_t buffer_count, const VkBufferMemoryBarrier *buffers, uint32_t count, const VkImageMemoryBarrier *images) {
  entry own, device;
  VkImageMemoryBarrier changed[8];
  if (find(COMMANDS, buffer, &own) && find(DEVICE, own.device, &device) && count <= 8) {
    if (own.family == device.family) check_transfer_only(own.family, source | destination, 0);
    for (uint32_t i = 0; i < count; i++) {
      VkImageMemoryBarrier *image = &changed[i];
      *image = images[i];
      uint32_t from = image->srcQueueFamilyIndex, to = image->dstQueueFamilyIndex;
      if (own.family == device.family) {
        check_transfer_only(own.family, 0, image->srcAccessMask | image->dstAccessMask);
      }
      if (from == to) {
        if (from == device.family) image->srcQueueFamilyIndex = image->dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
        continue;
      }
      if (from <= device.family && to <= device.family) {
        if (own.family != from && own.family != to) {
          violate("a command buffer of family %u transfers an image from family %u to %u", own.family, from, to);
        }
        if (own.family == from) image->newLayout = image->oldLayout;
        image->srcQueueFamilyIndex = image->dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
        continue;
      }
      uint32_t ours = from <= device.family ? from : to;
      if (own.family != ours) {
        violate("a command buffer of family %u hands an image over for family %u", own.family, ours);
      }
      if (from == device.family) image->srcQueueFamilyIndex = 0;
      if (to == device.family) image->dstQueueFamilyIndex = 0;
    }
    images = changed;
  }
  real_vkCmdPipelineBarrier(
    buffer, source, destination, flags, memory_count, memory, buffer_count, buffers, count, images);
}

static PFN_vkVoidFunction my_get(VkInstance instance, const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (PFN_vkVoidFunction)my_get;
  PFN_vkVoidFunction real = ((get_proc_address)atomic_load(&real_get))(instance, name);
  if (real == NULL) return NULL;
    // Always the loader's trampoline, so it does not matter who writes it last.
#define TAKE(function) \
  if (strcmp(name, #function) == 0) { \
    __atomic_store_n(&real_##function, (PFN_##function)real, __ATOMIC_RELEASE); \
    return (PFN_vkVoidFunction)my_##function; \
  }
  FUNCTIONS(TAKE)
  return real;
}

void *pretend_vkGetInstanceProcAddr(void *real) {
  void *none = NULL;
  return atomic_compare_exchange_strong(&real_get, &none, real) || none == real ? (void *)my_get : NULL;
}
