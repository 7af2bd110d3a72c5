#define _GNU_SOURCE
#include "Internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PFN_vkCreateSemaphore real_vkCreateSemaphore;
static PFN_vkDestroySemaphore real_vkDestroySemaphore;
static PFN_vkGetSemaphoreFdKHR real_vkGetSemaphoreFdKHR;
static PFN_vkImportSemaphoreFdKHR real_vkImportSemaphoreFdKHR;
static PFN_vkQueueSubmit real_vkQueueSubmit;

static object *find_semaphore(VkSemaphore semaphore) { return find_object(SEMAPHORE, HANDLE(semaphore)); }

static bool has_any(const VkSemaphore *semaphores, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (find_semaphore(semaphores[i]) != NULL) return true;
  }
  return false;
}

// The real semaphore is never signalled and never waited for.
static VKAPI_ATTR VkResult VKAPI_CALL my_vkCreateSemaphore(
  VkDevice device, const VkSemaphoreCreateInfo *info, const VkAllocationCallbacks *allocator, VkSemaphore *semaphore) {
  const VkExportSemaphoreCreateInfo *export = chained(info->pNext, VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO);
  bool is_ours = export != NULL && (export->handleTypes & VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) &&
                 find_object(DEVICE, HANDLE(device)) != NULL;
  if (!is_ours) return real_vkCreateSemaphore(device, info, allocator, semaphore);
  VkSemaphoreCreateInfo plain = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
  VkResult result = real_vkCreateSemaphore(device, &plain, allocator, semaphore);
  if (result == VK_SUCCESS) add_object(SEMAPHORE, HANDLE(*semaphore));
  return result;
}

static VKAPI_ATTR void VKAPI_CALL my_vkDestroySemaphore(
  VkDevice device, VkSemaphore semaphore, const VkAllocationCallbacks *allocator) {
  remove_object(SEMAPHORE, HANDLE(semaphore));
  real_vkDestroySemaphore(device, semaphore, allocator);
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkGetSemaphoreFdKHR(
  VkDevice device, const VkSemaphoreGetFdInfoKHR *info, int *descriptor) {
  object *found = find_semaphore(info->semaphore);
  if (found == NULL) return real_vkGetSemaphoreFdKHR(device, info, descriptor);
  if (info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) {
    violate("a semaphore is exported as 0x%x", info->handleType);
  }
  // VUID-VkSemaphoreGetFdInfoKHR-handleType-03253, -03254.
  if (!found->semaphore.is_signalled) violate("a sync file is asked of a semaphore that is not signalled");
  *descriptor = -1;
  if (!fake.is_done_already) {
    int made = make_sync_file();
    if (made < 0) return VK_ERROR_TOO_MANY_OBJECTS;
    *descriptor = made;
  }
  found->semaphore.is_signalled = false;
  return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkImportSemaphoreFdKHR(
  VkDevice device, const VkImportSemaphoreFdInfoKHR *info) {
  object *found = find_semaphore(info->semaphore);
  if (found == NULL) return real_vkImportSemaphoreFdKHR(device, info);
  if (info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) {
    violate("a semaphore is imported as 0x%x", info->handleType);
  }
  // VUID-VkImportSemaphoreFdInfoKHR-handleType-07307: copy transference is temporary.
  if (!(info->flags & VK_SEMAPHORE_IMPORT_TEMPORARY_BIT)) violate("a sync file is imported for good");
  if (info->fd != -1 && !is_sync_file(info->fd)) {
    violate("descriptor %d is imported into a semaphore, which is no sync file", info->fd);
    return VK_ERROR_INVALID_EXTERNAL_HANDLE;
  }
  if (found->semaphore.is_signalled) violate("a sync file takes the place of a signal that was not waited for");
  found->semaphore.is_signalled = true;
  if (info->fd >= 0) close(info->fd);
  return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL my_vkQueueSubmit(
  VkQueue queue, uint32_t count, const VkSubmitInfo *submits, VkFence fence) {
  bool has_ours = false;
  for (uint32_t i = 0; i < count; i++) {
    has_ours |= has_any(submits[i].pWaitSemaphores, submits[i].waitSemaphoreCount) ||
                has_any(submits[i].pSignalSemaphores, submits[i].signalSemaphoreCount);
  }
  enum { MOST = 16 };
  if (!has_ours) return real_vkQueueSubmit(queue, count, submits, fence);
  if (count != 1 || submits->waitSemaphoreCount > MOST || submits->signalSemaphoreCount > MOST) abort();
  VkSubmitInfo changed = *submits;
  VkSemaphore waits[MOST], signals[MOST];
  VkPipelineStageFlags stages[MOST];
  changed.waitSemaphoreCount = changed.signalSemaphoreCount = 0;
  for (uint32_t j = 0; j < submits->waitSemaphoreCount; j++) {
    object *found = find_semaphore(submits->pWaitSemaphores[j]);
    if (found != NULL) {
      if (!found->semaphore.is_signalled) violate("a submission waits for a semaphore that is not signalled");
      continue;
    }
    stages[changed.waitSemaphoreCount] = submits->pWaitDstStageMask[j];
    waits[changed.waitSemaphoreCount++] = submits->pWaitSemaphores[j];
  }
  for (uint32_t j = 0; j < submits->signalSemaphoreCount; j++) {
    if (find_semaphore(submits->pSignalSemaphores[j]) != NULL) continue;
    signals[changed.signalSemaphoreCount++] = submits->pSignalSemaphores[j];
  }
  changed.pWaitSemaphores = waits;
  changed.pWaitDstStageMask = stages;
  changed.pSignalSemaphores = signals;
  VkResult result = real_vkQueueSubmit(queue, 1, &changed, fence);
  if (result != VK_SUCCESS) return result;
  for (uint32_t j = 0; j < submits->waitSemaphoreCount; j++) {
    object *found = find_semaphore(submits->pWaitSemaphores[j]);
    if (found != NULL) found->semaphore.is_signalled = false;
  }
  for (uint32_t j = 0; j < submits->signalSemaphoreCount; j++) {
    object *found = find_semaphore(submits->pSignalSemaphores[j]);
    if (found == NULL) continue;
    if (found->semaphore.is_signalled) violate("a semaphore is signalled twice");
    found->semaphore.is_signalled = true;
  }
  return VK_SUCCESS;
}

PFN_vkVoidFunction replace_vulkan_semaphore(const char *name, PFN_vkVoidFunction real) {
  TAKE(vkCreateSemaphore)
  TAKE(vkDestroySemaphore)
  TAKE(vkGetSemaphoreFdKHR)
  TAKE(vkImportSemaphoreFdKHR)
  TAKE(vkQueueSubmit)
  return NULL;
}
