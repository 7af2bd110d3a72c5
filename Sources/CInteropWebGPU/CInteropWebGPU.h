// The structures of Dawn's webgpu.h that shared textures and fences take, under names of their own: a program may include
// its Dawn's webgpu.h, of either age, beside this module. Source: webgpu.h of Debian's libwebgpu-dawn-dev
// 0.0~git20260909, and the ctypes of dawn-python 0.3.0 (Chromium 133) for the older age; where the ages differ there are two.
// Enumerators differ, too: see DawnAge.swift. Nothing is linked; functions are looked up in the application's library.
#ifndef GL_VULKAN_INTEROP_CWEBGPU_H
#define GL_VULKAN_INTEROP_CWEBGPU_H

#include <stddef.h>
#include <stdint.h>

typedef struct DawnStringView {
  const char *data;
  size_t length;
} DawnStringView;

typedef struct DawnChainedStruct {
  struct DawnChainedStruct *next;
  uint32_t sType;
} DawnChainedStruct;

typedef struct DawnExtent3D {
  uint32_t width, height, depthOrArrayLayers;
} DawnExtent3D;

// WGPUSharedTextureMemoryDescriptor, WGPUSharedFenceDescriptor.
typedef struct DawnImportDescriptor {
  void *nextInChain;
  DawnStringView label;
} DawnImportDescriptor;

// WGPUSharedTextureMemoryOpaqueFDDescriptor.
typedef struct DawnOpaqueFDDescriptor {
  DawnChainedStruct chain;
  const void *vkImageCreateInfo;
  int memoryFD;
  uint32_t memoryTypeIndex;
  uint64_t allocationSize;
  uint32_t dedicatedAllocation;
} DawnOpaqueFDDescriptor;

// WGPUSharedTextureMemoryDmaBufPlane.
typedef struct DawnDmaBufPlane {
  int fd;
  uint64_t offset;
  uint32_t stride;
} DawnDmaBufPlane;

// WGPUSharedTextureMemoryDmaBufDescriptor.
typedef struct DawnDmaBufDescriptor {
  DawnChainedStruct chain;
  DawnExtent3D size;
  uint32_t drmFormat;
  uint64_t drmModifier;
  size_t planeCount;
  const DawnDmaBufPlane *planes;
} DawnDmaBufDescriptor;

// WGPUSharedTextureMemoryProperties.
typedef struct DawnTextureMemoryProperties {
  void *nextInChain;
  uint64_t usage;
  DawnExtent3D size;
  uint32_t format;
} DawnTextureMemoryProperties;

// WGPUSharedTextureMemoryVkImageLayoutBeginState and …EndState.
typedef struct DawnVkImageLayoutState {
  DawnChainedStruct chain;
  int32_t oldLayout, newLayout;
} DawnVkImageLayoutState;

// WGPUSharedTextureMemoryBeginAccessDescriptor.
typedef struct DawnBeginAccessDescriptor {
  void *nextInChain;
  uint32_t concurrentRead, initialized;
  size_t fenceCount;
  void *const *fences;
  size_t signaledValueCount;
  const uint64_t *signaledValues;
} DawnBeginAccessDescriptor;
typedef struct DawnBeginAccessDescriptor2025 {
  void *nextInChain;
  uint32_t concurrentRead, initialized;
  size_t fenceCount;
  void *const *fences;
  const uint64_t *signaledValues;
} DawnBeginAccessDescriptor2025;

// WGPUSharedTextureMemoryEndAccessState.
typedef struct DawnEndAccessState {
  void *nextInChain;
  uint32_t initialized;
  size_t fenceCount;
  void *const *fences;
  size_t signaledValueCount;
  const uint64_t *signaledValues;
} DawnEndAccessState;
typedef struct DawnEndAccessState2025 {
  void *nextInChain;
  uint32_t initialized;
  size_t fenceCount;
  void *const *fences;
  const uint64_t *signaledValues;
} DawnEndAccessState2025;

// WGPUSharedFenceSyncFDDescriptor and WGPUSharedFenceVkSemaphoreOpaqueFDDescriptor, and their …ExportInfo.
typedef struct DawnFenceHandle {
  DawnChainedStruct chain;
  int handle;
} DawnFenceHandle;

// WGPUSharedFenceExportInfo.
typedef struct DawnFenceExportInfo {
  void *nextInChain;
  uint32_t type;
} DawnFenceExportInfo;

// WGPUTexelCopyTextureInfo, formerly WGPUImageCopyTexture.
typedef struct DawnTexelCopyTextureInfo {
  void *texture;
  uint32_t mipLevel;
  uint32_t x, y, z;
  uint32_t aspect;
} DawnTexelCopyTextureInfo;

// WGPUAdapterInfo. The last two members differ between the ages, and are of one size.
typedef struct DawnAdapterInfo {
  void *nextInChain;
  DawnStringView vendor, architecture, device, description;
  uint32_t backendType, adapterType, vendorID, deviceID, last[2];
} DawnAdapterInfo;

typedef uint32_t (*PFN_wgpuDeviceHasFeature)(void *device, uint32_t feature);
typedef uint32_t (*PFN_wgpuDeviceGetAdapterInfo)(void *device, DawnAdapterInfo *info);
typedef void (*PFN_wgpuAdapterInfoFreeMembers)(DawnAdapterInfo info);
typedef void *(*PFN_wgpuDeviceGetQueue)(void *device);
// AddRef and Release of every object.
typedef void (*PFN_wgpuReference)(void *object);
typedef void *(*PFN_wgpuDeviceImport)(void *device, const DawnImportDescriptor *descriptor);
typedef uint32_t (*PFN_wgpuSharedTextureMemoryGetProperties)(void *memory, DawnTextureMemoryProperties *properties);
typedef void *(*PFN_wgpuSharedTextureMemoryCreateTexture)(void *memory, const void *descriptor);
typedef uint32_t (*PFN_wgpuSharedTextureMemoryBeginAccess)(void *memory, void *texture, const void *descriptor);
typedef uint32_t (*PFN_wgpuSharedTextureMemoryEndAccess)(void *memory, void *texture, void *state);
typedef void (*PFN_wgpuSharedTextureMemoryEndAccessStateFreeMembers)(DawnEndAccessState state);
typedef void (*PFN_wgpuSharedTextureMemoryEndAccessStateFreeMembers2025)(DawnEndAccessState2025 state);
typedef void (*PFN_wgpuSharedFenceExportInfo)(void *fence, DawnFenceExportInfo *info);
typedef void *(*PFN_wgpuDeviceCreateCommandEncoder)(void *device, const void *descriptor);
typedef void (*PFN_wgpuCommandEncoderCopyTextureToTexture)(void *encoder, const DawnTexelCopyTextureInfo *source,
  const DawnTexelCopyTextureInfo *destination, const DawnExtent3D *size);
typedef void *(*PFN_wgpuCommandEncoderFinish)(void *encoder, const void *descriptor);
typedef void (*PFN_wgpuQueueSubmit)(void *queue, size_t count, void *const *commands);

#endif
