#include <stdio.h>
#include <stdlib.h>

#include "Lies.h"

static PFNGLTEXSTORAGEMEM2DEXTPROC real_glTexStorageMem2DEXT;
static PFNEGLINITIALIZEPROC real_eglInitialize;
static PFN_vkAllocateMemory real_vkAllocateMemory;
static PFN_vkCreateDevice real_vkCreateDevice;

static void crash(void) { *(volatile int *)NULL = 1; }

static void lying_glTexStorageMem2DEXT(
  GLenum target, GLsizei levels, GLenum format, GLsizei width, GLsizei height, GLuint memory, GLuint64 offset) {
  (void)target, (void)levels, (void)format, (void)width, (void)height, (void)memory, (void)offset;
  crash();
}

static EGLBoolean lying_eglInitialize(EGLDisplay display, EGLint *major, EGLint *minor) {
  (void)display, (void)major, (void)minor;
  crash();
  return EGL_FALSE;
}

// As a failed assertion does.
static VkResult lying_vkAllocateMemory(
  VkDevice device, const VkMemoryAllocateInfo *info, const VkAllocationCallbacks *allocator, VkDeviceMemory *memory) {
  (void)device, (void)info, (void)allocator, (void)memory;
  fprintf(stderr, "the lying driver is out of ideas\n");
  abort();
}

static VkResult lying_vkCreateDevice(
  VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *device) {
  (void)physical, (void)info, (void)allocator, (void)device;
  exit(3);
}

const lie crashes = {"crashes", {LIES_ABOUT(glTexStorageMem2DEXT)}};
const lie crashes_at_start = {"crashes-at-start", {LIES_ABOUT(eglInitialize)}};
const lie aborts = {"aborts", {LIES_ABOUT(vkAllocateMemory)}};
const lie exits = {"exits", {LIES_ABOUT(vkCreateDevice)}};

static PFNEGLQUERYDMABUFMODIFIERSEXTPROC real_eglQueryDmaBufModifiersEXT;

static EGLBoolean lying_eglQueryDmaBufModifiersEXT(
  EGLDisplay display, EGLint format, EGLint most, EGLuint64KHR *modifiers, EGLBoolean *external, EGLint *count) {
  (void)display, (void)format, (void)most, (void)modifiers, (void)external, (void)count;
  crash();
  return EGL_FALSE;
}

const lie crashes_listing = {"crashes-listing", {LIES_ABOUT(eglQueryDmaBufModifiersEXT)}};
