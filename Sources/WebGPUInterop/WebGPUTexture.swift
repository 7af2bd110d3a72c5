internal import CInteropWebGPU
public import InteropDrivers
internal import LinuxBuffers
public import RawImport

/// A `WGPUTexture` over the memory of an image of this package, or of any other ``ExternalImageBundle``.
///
/// ```swift
/// let texture = try WebGPUTexture(importing: frame.externalBundle(), into: device)   // once for each imageID
/// try texture.beginAccess(after: frame.acquireForExternal())                         // for each frame
/// // … encode and submit commands with texture.handle …
/// let done = try texture.endAccess()
/// try frame.releaseFromExternal(after: done, layout: texture.layout)
/// ```
///
/// ``WebGPUInterop`` does this for a producer's frames.
///
/// Threads: as the `WGPUDevice`. Ownership: the object holds references to the texture and its memory; release it before
/// or after the image, in any order.
///
/// The corresponding C type is `WGPUSharedTextureMemory`.
public final class WebGPUTexture: @unchecked Sendable {
  /// The `WGPUTexture`. Use it in commands that are submitted between ``beginAccess(after:isInitialized:)`` and
  /// ``endAccess()``.
  public let handle: UnsafeMutableRawPointer
  /// The description that came with the memory.
  public let description: ExternalImageDescription
  /// The device.
  public let device: WebGPUDevice
  /// The layout in which the last access left the image, for ``SharedImage/releaseFromExternal(after:layout:)``.
  public private(set) var layout: VkImageLayout

  private let memory: UnsafeMutableRawPointer
  /// The giver's semaphore; nil where the sync has none.
  private let giverFence: UnsafeMutableRawPointer?
  private var isBegun = false
  private var dawn: DawnFunctions { device.dawn }

  /// Imports the memory, and the semaphore that the giver signals.
  ///
  /// - Parameters:
  ///   - bundle: its descriptors are duplicated by Dawn, and closed here.
  ///   - device: of the GPU and driver that the memory is of.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a description that contradicts itself;
  ///   ``InteropError/Code/unsupported`` for memory or a sync that the device has no feature for, by its name;
  ///   ``InteropError/Code/driverFailure`` if Dawn refuses: its reason goes to the device's error callback.
  ///
  /// The corresponding C functions are `wgpuDeviceImportSharedTextureMemory`, `wgpuDeviceImportSharedFence` and
  /// `wgpuSharedTextureMemoryCreateTexture`.
  public init(
    importing bundle: consuming ExternalImageBundle, into device: WebGPUDevice
  ) throws(InteropError) {
    let description = bundle.description
    try description.check()
    guard device.handleTypes.contains(description.handleType) else {
      throw device.lacks(
        description.handleType == .dmaBuf ? "SharedTextureMemoryDmaBuf" : "SharedTextureMemoryOpaqueFD")
    }
    guard device.syncs.contains(description.sync) else {
      throw device.lacks(
        description.sync == .semaphoreFD
          ? "SharedFenceVkSemaphoreOpaqueFD"
          : description.sync == .syncFile ? "SharedFenceSyncFD" : "fences for \(description.sync.rawValue)")
    }
    let dawn = device.dawn
    let memory: UnsafeMutableRawPointer
    switch bundle.memory {
    case .opaqueFD(let descriptor):
      try descriptor.withBorrowed { (number) throws(InteropError) in try description.check(memory: number) }
      memory = try descriptor.withBorrowed { (number) throws(InteropError) in
        try dawn.importMemory(description, number, device.handle)
      }
    case .dmaBuf(let buffer): memory = try dawn.importMemory(buffer, device.handle)
    }
    var fence: UnsafeMutableRawPointer?
    do throws(InteropError) {
      var properties = DawnTextureMemoryProperties()
      guard dawn.getProperties(memory, &properties) == DawnAge.success,
        Int(properties.size.width) == description.size.width, Int(properties.size.height) == description.size.height
      else {
        throw InteropError(
          .driverFailure, step: "wgpuDeviceImportSharedTextureMemory", reason: "Dawn refuses the memory",
          advice: "Its reason is in the device's error callback (WGPUUncapturedErrorCallbackInfo)")
      }
      if description.sync == .semaphoreFD {
        fence = try dawn.importFence(bundle.giverDone, device.handle)
      }
      guard let texture = dawn.createTexture(memory, nil) else {
        throw InteropError(
          .driverFailure, step: "wgpuSharedTextureMemoryCreateTexture", reason: "Dawn makes no texture",
          advice: "Its reason is in the device's error callback (WGPUUncapturedErrorCallbackInfo)")
      }
      handle = texture
    } catch {
      if let fence { dawn.fenceRelease(fence) }
      dawn.memoryRelease(memory)
      throw error
    }
    self.memory = memory
    giverFence = fence
    self.description = description
    self.device = device
    layout = description.layout
  }

  deinit {
    if let giverFence { dawn.fenceRelease(giverFence) }
    dawn.textureRelease(handle)
    dawn.memoryRelease(memory)
  }

  // MARK: Accesses

  /// Begins an access: commands that are submitted from now on wait for the giver, on the GPU where the sync is one.
  ///
  /// - Parameters:
  ///   - point: what the giver's `acquireForExternal` returned; taken over.
  ///   - isInitialized: whether the image has content. Without, Dawn clears the texture before its first use.
  /// - Throws: ``InteropError/Code/invalidState`` during an access; ``InteropError/Code/invalidArgument`` for a point of
  ///   another sync; ``InteropError/Code/driverFailure`` if Dawn refuses.
  ///
  /// The corresponding C function is `wgpuSharedTextureMemoryBeginAccess`.
  public func beginAccess(
    after point: consuming ExternalPoint, isInitialized: Bool = true
  ) throws(InteropError) {
    let step = "wgpuSharedTextureMemoryBeginAccess"
    guard !isBegun else {
      throw InteropError(
        .invalidState, step: step, reason: "an access to the texture has begun", advice: "End it first")
    }
    var fences: [UnsafeMutableRawPointer?] = []
    var ours: UnsafeMutableRawPointer?
    defer { if let ours { dawn.fenceRelease(ours) } }
    switch consume point {
    case .done: break
    case .semaphore where giverFence != nil: fences = [giverFence]
    case .syncFile(let file):
      ours = try dawn.importFence(file, device.handle)
      fences = [ours]
    default:
      throw InteropError(
        .invalidArgument, step: step, reason: "the point is none of sync \(description.sync.rawValue)",
        advice: "Pass on what the giver's acquireForExternal (glvk_frame_acquire_for_external) returned")
    }
    let status = dawn.begin(
      memory, handle, fences, isInitialized: isInitialized, layout: Int32(bitPattern: description.layout.rawValue))
    guard status == DawnAge.success else {
      throw InteropError(
        .driverFailure, step: step, reason: "Dawn begins no access",
        advice: "Its reason is in the device's error callback (WGPUUncapturedErrorCallbackInfo)")
    }
    isBegun = true
  }

  /// Ends the access: commands that are submitted from now on must not use the texture.
  ///
  /// - Returns: what the giver waits for. Dawn's own fence; with `sync-file` a sync file.
  /// - Throws: ``InteropError/Code/invalidState`` without an access; ``InteropError/Code/driverFailure`` if Dawn gives no
  ///   fence.
  ///
  /// The corresponding C functions are `wgpuSharedTextureMemoryEndAccess` and `wgpuSharedFenceExportInfo`.
  public func endAccess() throws(InteropError) -> ExternalPoint {
    let step = "wgpuSharedTextureMemoryEndAccess"
    guard isBegun else {
      throw InteropError(
        .invalidState, step: step, reason: "no access to the texture has begun", advice: "Begin one first")
    }
    isBegun = false
    let end = try dawn.end(memory, handle, step)
    layout = end.layout
    return end.point
  }
}

extension WebGPUDevice {
  fileprivate func lacks(_ feature: String) -> InteropError {
    InteropError(
      .unsupported, step: "import into WebGPU", reason: "\(adapterName) was made without \(feature)",
      missing: [feature], advice: "Request the feature in WGPUDeviceDescriptor.requiredFeatures, or share otherwise")
  }
}
