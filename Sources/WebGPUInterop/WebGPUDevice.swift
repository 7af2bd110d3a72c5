internal import CInteropWebGPU
internal import Glibc
public import InteropDrivers
public import RawImport

/// The library that a WebGPU device is of: Dawn, opened by the application.
public enum WebGPULibrary: Sendable {
  /// Its functions are the process's: the application links it, or opened it with `RTLD_GLOBAL`.
  case loaded
  /// The file that the application opened.
  case path(String)
  /// Any other source, such as `dawn::native::GetProcs`.
  case functions(FunctionResolver)
}

/// A `WGPUDevice` of the application's, made by Dawn on Vulkan, that shares textures.
///
/// The application requests the features when it makes the device: `SharedTextureMemoryOpaqueFD` or
/// `SharedTextureMemoryDmaBuf`, and `SharedFenceVkSemaphoreOpaqueFD` or `SharedFenceSyncFD`. A device whose adapter has
/// them and that was made without them cannot share.
///
/// Threads: as the `WGPUDevice`, one at a time. Ownership: the object holds a reference to the device.
///
/// The corresponding C type is `WGPUDevice`.
public final class WebGPUDevice: @unchecked Sendable {
  /// The `WGPUDevice`.
  public let handle: UnsafeMutableRawPointer
  /// The adapter's name: for Vulkan `VkPhysicalDeviceProperties.deviceName`.
  public let adapterName: String
  /// The memory that the device imports.
  public let handleTypes: [ExternalMemoryHandleType]
  /// The ways to wait that the device has a fence for, best first. ``SyncKind/cpuWait`` is the last: the device waits
  /// for nothing, and its own fence is relayed.
  public let syncs: [SyncKind]

  let dawn: DawnFunctions

  /// Adopts a device.
  ///
  /// - Parameters:
  ///   - device: a `WGPUDevice`, of which the object takes a reference.
  ///   - library: where Dawn's functions are.
  /// - Throws: ``InteropError/Code/driverMissing`` for a library without them; ``InteropError/Code/unsupported`` for a
  ///   header age that is not known, a backend other than Vulkan, and a device without the features, by their names.
  ///
  /// The corresponding C functions are `wgpuDeviceHasFeature` and `wgpuDeviceGetAdapterInfo`.
  public init(
    adopting device: UnsafeMutableRawPointer, library: WebGPULibrary = .loaded
  ) throws(InteropError) {
    let resolver: FunctionResolver =
      switch library {
      case .loaded: FunctionResolver(source: "the process") { dlsym(nil, $0) }
      case .path(let path): try DynamicLibrary(path, package: "libwebgpu-dawn0").resolver
      case .functions(let resolver): resolver
      }
    let dawn = try DawnFunctions(resolver)
    self.dawn = dawn
    var info = DawnAdapterInfo()
    guard dawn.deviceGetAdapterInfo(device, &info) == DawnAge.success else {
      throw InteropError(
        .driverFailure, step: "wgpuDeviceGetAdapterInfo", reason: "the device does not say what it is",
        advice: "Give a WGPUDevice of this library that is not lost")
    }
    let name = String(info.device)
    let isVulkan = info.backendType == DawnAge.vulkan
    dawn.adapterInfoFreeMembers(info)
    guard isVulkan else {
      throw InteropError(
        .unsupported, step: "adopt a WebGPU device", reason: "\(name) is not on Vulkan",
        missing: ["WGPUBackendType_Vulkan"], advice: "Request an adapter with the backend type Vulkan")
    }
    func has(_ feature: UInt32) -> Bool { dawn.deviceHasFeature(device, feature) != 0 }
    var types: [ExternalMemoryHandleType] = []
    if has(dawn.age.sharedTextureMemoryOpaqueFD) { types.append(.opaqueFD) }
    if has(dawn.age.sharedTextureMemoryDmaBuf) { types.append(.dmaBuf) }
    var syncs: [SyncKind] = []
    if has(dawn.age.sharedFenceVkSemaphoreOpaqueFD) { syncs.append(.semaphoreFD) }
    if has(dawn.age.sharedFenceSyncFD) { syncs.append(.syncFile) }
    var missing: [String] = []
    if types.isEmpty { missing.append("SharedTextureMemoryOpaqueFD or SharedTextureMemoryDmaBuf") }
    // Without any, EndAccess has nothing to give, and fails.
    if syncs.isEmpty { missing.append("SharedFenceVkSemaphoreOpaqueFD or SharedFenceSyncFD") }
    guard missing.isEmpty else {
      throw InteropError(
        .unsupported, step: "adopt a WebGPU device", reason: "\(name) was made without the features",
        missing: missing, advice: "Request them in WGPUDeviceDescriptor.requiredFeatures, where the adapter has them")
    }
    adapterName = name
    handleTypes = types
    self.syncs = syncs + [.cpuWait]
    handle = device
    dawn.deviceAddRef(device)
  }

  deinit { dawn.deviceRelease(handle) }

  /// Compares the device with one of Vulkan's: memory of another GPU is garbage, or ends some drivers.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` for another one. WebGPU tells its name only.
  func check(_ host: VulkanHost) throws(InteropError) {
    guard adapterName == host.info.deviceName else {
      throw InteropError(
        .unsupported, step: "share textures with WebGPU",
        reason: "the WGPUDevice is on \(adapterName), and the frames are of \(host.info.deviceName)",
        missing: ["one GPU for both"], advice: "Request the adapter of the GPU that GL draws on")
    }
  }
}

extension String {
  init(_ view: DawnStringView) {
    guard let data = view.data else {
      self = ""
      return
    }
    let count = view.length == Int.max || view.length == -1 ? strlen(data) : view.length
    let bytes = UnsafeRawBufferPointer(start: data, count: count)
    self = String(decoding: bytes, as: UTF8.self)
  }
}
