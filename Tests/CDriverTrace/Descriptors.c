#define _GNU_SOURCE
// Which file a descriptor names that goes to a driver: the package duplicates those it lends, and drivers close what
// they take, so a number alone says little. Buffers are told by their inode; all sync files have one inode, so a sync
// file is compared with those that drivers gave out.

#include "Internal.h"

#include <linux/kcmp.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../Sources/CInteropGraphics/CInteropGraphics.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int32_t given_out[64];
static int next;

static bool is_same_file(int one, int other) {
  if (one == other) return true;
  return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, one, other) == 0;
}

// The file descriptor that the call gives to a driver, -1 for none.
static int taken(const trace_call *call) {
  switch (call->function) {
    case TRACE_vkAllocateMemory: {
      const VkBaseInStructure *at = (*(const VkMemoryAllocateInfo **)call->arguments[1])->pNext;
      while (at != NULL && at->sType != VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR) at = at->pNext;
      return at != NULL ? ((const VkImportMemoryFdInfoKHR *)at)->fd : -1;
    }
    case TRACE_vkImportSemaphoreFdKHR: return (*(const VkImportSemaphoreFdInfoKHR **)call->arguments[1])->fd;
    case TRACE_eglCreateSyncKHR: {
      if (*(const EGLenum *)call->arguments[1] != EGL_SYNC_NATIVE_FENCE_ANDROID) return -1;
      const EGLint *at = *(const EGLint **)call->arguments[2];
      while (at != NULL && at[0] != EGL_NONE && at[0] != EGL_SYNC_NATIVE_FENCE_FD_ANDROID) at += 2;
      return at != NULL && at[0] != EGL_NONE ? at[1] : -1;
    }
    case TRACE_eglCreateImageKHR: {
      if (*(const EGLenum *)call->arguments[2] != EGL_LINUX_DMA_BUF_EXT) return -1;
      const EGLint *at = *(const EGLint **)call->arguments[4];
      while (at != NULL && at[0] != EGL_NONE && at[0] != EGL_DMA_BUF_PLANE0_FD_EXT) at += 2;
      return at != NULL && at[0] != EGL_NONE ? at[1] : -1;
    }
    default: return -1;
  }
}

static uint64_t inode_of(int descriptor) {
  struct stat status;
  return descriptor >= 0 && fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

void trace_note_taken(trace_call *call) {
  int descriptor = taken(call);
  if (descriptor < 0) return;
  call->inode = inode_of(descriptor);
  pthread_mutex_lock(&lock);
  // The latest first: numbers come again.
  for (int i = 1; i <= 64 && call->given_out_as < 0; i++) {
    int32_t number = given_out[(next - i + 64) % 64];
    if (number > 0 && is_same_file(number, descriptor)) call->given_out_as = number;
  }
  pthread_mutex_unlock(&lock);
}

// Of a call that has succeeded.
static int got(const trace_call *call) {
  switch (call->function) {
    case TRACE_vkGetSemaphoreFdKHR: return call->result == VK_SUCCESS ? **(int **)call->arguments[2] : -1;
    case TRACE_vkGetMemoryFdKHR: return call->result == VK_SUCCESS ? **(int **)call->arguments[2] : -1;
    case TRACE_eglDupNativeFenceFDANDROID: return (int)call->result;
    case TRACE_eglExportDMABUFImageMESA: return call->result == EGL_TRUE ? **(int **)call->arguments[2] : -1;
    default: return -1;
  }
}

void trace_note_given_out(trace_call *call) {
  int descriptor = call->injected ? -1 : got(call);
  if (descriptor <= 0) return;
  call->inode = inode_of(descriptor);
  call->given_out_as = descriptor;
  pthread_mutex_lock(&lock);
  given_out[next] = descriptor;
  next = (next + 1) % 64;
  pthread_mutex_unlock(&lock);
}
