internal import RawImport

/// The enumerators of one age of Dawn's `webgpu.h`. Dawn renumbers them between releases, without a version number.
struct DawnAge: Sendable, Hashable {
  /// How the age is called in errors.
  let name: String
  /// Whether `WGPUSharedTextureMemoryBeginAccessDescriptor` has `signaledValueCount`.
  let countsSignaledValues: Bool

  // WGPUFeatureName.
  let sharedTextureMemoryDmaBuf: UInt32
  let sharedTextureMemoryOpaqueFD: UInt32
  let sharedFenceVkSemaphoreOpaqueFD: UInt32
  let sharedFenceSyncFD: UInt32

  // WGPUSType.
  let dmaBufDescriptor: UInt32
  let opaqueFDDescriptor: UInt32
  let vkImageLayoutBeginState: UInt32
  let vkImageLayoutEndState: UInt32
  let vkSemaphoreOpaqueFDDescriptor: UInt32
  let vkSemaphoreOpaqueFDExportInfo: UInt32
  let syncFDDescriptor: UInt32
  let syncFDExportInfo: UInt32

  /// A function that only this age has.
  let mark: String

  /// webgpu.h of Chromium 133 (early 2025), dawn-python 0.3.0.
  static let of2025 = DawnAge(
    name: "2025", countsSignaledValues: false, sharedTextureMemoryDmaBuf: 0x50023,
    sharedTextureMemoryOpaqueFD: 0x50024, sharedFenceVkSemaphoreOpaqueFD: 0x5002A, sharedFenceSyncFD: 0x5002B,
    dmaBufDescriptor: 0x5001F, opaqueFDDescriptor: 0x50020, vkImageLayoutBeginState: 0x50028,
    vkImageLayoutEndState: 0x50029, vkSemaphoreOpaqueFDDescriptor: 0x5002B, vkSemaphoreOpaqueFDExportInfo: 0x5002C,
    syncFDDescriptor: 0x5002D, syncFDExportInfo: 0x5002E, mark: "wgpuInstanceRequestAdapter2")

  /// webgpu.h of Debian's libwebgpu-dawn-dev 0.0~git20260909.
  static let of2026 = DawnAge(
    name: "2026", countsSignaledValues: true, sharedTextureMemoryDmaBuf: 0x5001F,
    sharedTextureMemoryOpaqueFD: 0x50020, sharedFenceVkSemaphoreOpaqueFD: 0x50026, sharedFenceSyncFD: 0x50027,
    dmaBufDescriptor: 0x5001E, opaqueFDDescriptor: 0x5001F, vkImageLayoutBeginState: 0x50027,
    vkImageLayoutEndState: 0x50028, vkSemaphoreOpaqueFDDescriptor: 0x5002A, vkSemaphoreOpaqueFDExportInfo: 0x5002B,
    syncFDDescriptor: 0x5002C, syncFDExportInfo: 0x5002D, mark: "wgpuTextureGetTextureBindingViewDimension")

  static let all = [of2026, of2025]

  // Equal in both ages. WGPUSharedFenceType:
  static let vkSemaphoreOpaqueFD: UInt32 = 1
  static let syncFD: UInt32 = 2
  // WGPUStatus:
  static let success: UInt32 = 1
  // WGPUTextureAspect:
  static let aspectAll: UInt32 = 1
  // WGPUBackendType:
  static let vulkan: UInt32 = 6
}
