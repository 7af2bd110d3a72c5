internal import CInteropWebGPU
internal import InteropDrivers
internal import RawImport

/// Dawn's functions, from the library in which the application's device lives.
struct DawnFunctions: Sendable {
  let age: DawnAge
  let deviceAddRef: PFN_wgpuReference
  let deviceRelease: PFN_wgpuReference
  let deviceHasFeature: PFN_wgpuDeviceHasFeature
  let deviceGetAdapterInfo: PFN_wgpuDeviceGetAdapterInfo
  let adapterInfoFreeMembers: PFN_wgpuAdapterInfoFreeMembers
  let deviceGetQueue: PFN_wgpuDeviceGetQueue
  let queueRelease: PFN_wgpuReference
  let importMemory: PFN_wgpuDeviceImport
  let importFence: PFN_wgpuDeviceImport
  let memoryRelease: PFN_wgpuReference
  let getProperties: PFN_wgpuSharedTextureMemoryGetProperties
  let createTexture: PFN_wgpuSharedTextureMemoryCreateTexture
  let textureRelease: PFN_wgpuReference
  let beginAccess: PFN_wgpuSharedTextureMemoryBeginAccess
  let endAccess: PFN_wgpuSharedTextureMemoryEndAccess
  let freeMembers: PFN_wgpuSharedTextureMemoryEndAccessStateFreeMembers
  let freeMembers2025: PFN_wgpuSharedTextureMemoryEndAccessStateFreeMembers2025
  let fenceExportInfo: PFN_wgpuSharedFenceExportInfo
  let fenceRelease: PFN_wgpuReference
  let createCommandEncoder: PFN_wgpuDeviceCreateCommandEncoder
  let encoderRelease: PFN_wgpuReference
  let copyTextureToTexture: PFN_wgpuCommandEncoderCopyTextureToTexture
  let finish: PFN_wgpuCommandEncoderFinish
  let commandBufferRelease: PFN_wgpuReference
  let queueSubmit: PFN_wgpuQueueSubmit

  /// - Throws: ``InteropError/Code/driverMissing`` naming the function that is missing; ``InteropError/Code/unsupported``
  ///   for an age that is not known.
  init(_ resolver: FunctionResolver) throws(InteropError) {
    deviceAddRef = try resolver.required("wgpuDeviceAddRef")
    guard let age = DawnAge.all.first(where: { resolver.optional($0.mark, as: PFN_wgpuReference.self) != nil }) else {
      throw InteropError(
        .unsupported, step: "look at \(resolver.source)",
        reason: "its webgpu.h is of no age that is known: \(DawnAge.all.map(\.name).joined(separator: ", "))",
        missing: DawnAge.all.map(\.mark), advice: "Use a Dawn of one of these ages")
    }
    self.age = age
    deviceRelease = try resolver.required("wgpuDeviceRelease")
    deviceHasFeature = try resolver.required("wgpuDeviceHasFeature")
    deviceGetAdapterInfo = try resolver.required("wgpuDeviceGetAdapterInfo")
    adapterInfoFreeMembers = try resolver.required("wgpuAdapterInfoFreeMembers")
    deviceGetQueue = try resolver.required("wgpuDeviceGetQueue")
    queueRelease = try resolver.required("wgpuQueueRelease")
    importMemory = try resolver.required("wgpuDeviceImportSharedTextureMemory")
    importFence = try resolver.required("wgpuDeviceImportSharedFence")
    memoryRelease = try resolver.required("wgpuSharedTextureMemoryRelease")
    getProperties = try resolver.required("wgpuSharedTextureMemoryGetProperties")
    createTexture = try resolver.required("wgpuSharedTextureMemoryCreateTexture")
    textureRelease = try resolver.required("wgpuTextureRelease")
    beginAccess = try resolver.required("wgpuSharedTextureMemoryBeginAccess")
    endAccess = try resolver.required("wgpuSharedTextureMemoryEndAccess")
    freeMembers = try resolver.required("wgpuSharedTextureMemoryEndAccessStateFreeMembers")
    freeMembers2025 = try resolver.required("wgpuSharedTextureMemoryEndAccessStateFreeMembers")
    fenceExportInfo = try resolver.required("wgpuSharedFenceExportInfo")
    fenceRelease = try resolver.required("wgpuSharedFenceRelease")
    createCommandEncoder = try resolver.required("wgpuDeviceCreateCommandEncoder")
    encoderRelease = try resolver.required("wgpuCommandEncoderRelease")
    copyTextureToTexture = try resolver.required("wgpuCommandEncoderCopyTextureToTexture")
    finish = try resolver.required("wgpuCommandEncoderFinish")
    commandBufferRelease = try resolver.required("wgpuCommandBufferRelease")
    queueSubmit = try resolver.required("wgpuQueueSubmit")
  }
}
