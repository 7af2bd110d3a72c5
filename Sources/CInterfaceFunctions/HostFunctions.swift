public import CInterface
internal import InteropDrivers
internal import Glibc
internal import RawImport

extension glvk_host: Handle { typealias Object = HostObject }

/// The object behind a `glvk_host`.
final class HostObject: HandleObject, @unchecked Sendable {
  static let kind = HandleKind.host
  let host: VulkanHost
  /// The queue locks of the C application. They live as long as this object.
  private let locks: [QueueLockBox]

  init(_ host: VulkanHost) {
    self.host = host
    locks = host.queues.map { QueueLockBox($0.lock) }
  }

  private final class QueueLockBox: Sendable {
    let lock: QueueLock
    init(_ lock: QueueLock) { self.lock = lock }
  }

  /// Finds a queue of the device.
  ///
  /// - Parameter handle: nil (VK_NULL_HANDLE) for the first.
  func queue(_ handle: VkQueue?, _ name: String = "queue") throws(InteropError) -> VulkanQueue? {
    try host.queue(handle, name)
  }

  func describeQueue(_ index: Int) throws(InteropError) -> glvk_queue {
    guard host.queues.indices.contains(index) else {
      throw invalidArgument("check index", "the host has \(host.queues.count) queues, and the index is \(index)")
    }
    let queue = host.queues[index]
    var result = glvk_queue()
    result.queue = queue.handle
    result.family = queue.family
    result.flags = queue.flags
    result.lock = { user, _ in
      if let user { Unmanaged<QueueLockBox>.fromOpaque(user).takeUnretainedValue().lock.acquireForC() }
    }
    result.unlock = { user, _ in
      if let user { Unmanaged<QueueLockBox>.fromOpaque(user).takeUnretainedValue().lock.releaseForC() }
    }
    result.user_data = Unmanaged.passUnretained(locks[index]).toOpaque()
    return result
  }
}

extension VulkanHost {
  /// Finds a queue of the device.
  ///
  /// - Parameter handle: nil (VK_NULL_HANDLE) is nil.
  /// - Throws: ``InteropError/Code/invalidArgument`` for a queue that this device does not have.
  func queue(_ handle: VkQueue?, _ name: String) throws(InteropError) -> VulkanQueue? {
    guard let handle else { return nil }
    return try known(handle, name)
  }
}

@c @implementation
public func glvk_host_adopt(
  _ adoption: UnsafePointer<glvk_host_adoption>!, _ out: UnsafeMutablePointer<glvk_host>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.readRequired(adoption, "adoption")
    let step = "adopt VkDevice"
    guard let instance = given.instance, let physicalDevice = given.physical_device, let device = given.device else {
      throw invalidArgument(step, "instance, physical_device or device is VK_NULL_HANDLE")
    }
    let loader =
      if let function = given.get_instance_proc_addr { VulkanLoader(getInstanceProcAddr: function) } else {
        try VulkanLoader.open()
      }
    var adopted = VulkanHost.AdoptedDevice(
      instance: instance, physicalDevice: physicalDevice, device: device, apiVersion: given.api_version,
      queues: try queues(given))
    adopted.enabledInstanceExtensions = Set(
      try strings(given.instance_extensions, given.instance_extension_count, "instance_extensions"))
    adopted.enabledDeviceExtensions = Set(
      try strings(given.device_extensions, given.device_extension_count, "device_extensions"))
    if let features = given.features { adopted.enabledFeatures = features.pointee }
    if given.sampler_ycbcr_conversion != 0 { adopted.features.insert(.samplerYcbcrConversion) }
    if given.timeline_semaphore != 0 { adopted.features.insert(.timelineSemaphore) }
    adopted.loader = loader
    return HostObject(try VulkanHost(adopting: adopted))
  }
}

private func queues(_ given: glvk_host_adoption) throws(InteropError) -> [VulkanQueue] {
  guard given.queue_count > 0 else { throw invalidArgument("check queues", "no queue was given") }
  guard given.queue_count <= 1024 else {
    throw invalidArgument("check queues", "\(given.queue_count) queues were given")
  }
  guard let first = given.queues else { throw invalidArgument("check queues", "queues is NULL") }
  // The elements have the size of the structure in the application's version.
  let stride = first.pointee.struct_size
  var result: [VulkanQueue] = []
  for index in 0..<Int(given.queue_count) {
    let pointer = (UnsafeRawPointer(first) + (index == 0 ? 0 : index * stride)).assumingMemoryBound(to: glvk_queue.self)
    let queue = try SizedStruct.readRequired(pointer, "queues[\(index)]")
    guard queue.struct_size == stride else {
      throw invalidArgument("check queues[\(index)]", "struct_size is \(queue.struct_size), and \(stride) in the first")
    }
    guard let handle = queue.queue else { throw invalidArgument("check queues[\(index)]", "queue is VK_NULL_HANDLE") }
    let lock: QueueLock
    switch (queue.lock, queue.unlock) {
    case (nil, nil): lock = QueueLock()
    case (let take?, let give?):
      let user = UserData(pointer: queue.user_data)
      nonisolated(unsafe) let handle = handle
      lock = QueueLock(lock: { take(user.pointer, handle) }, unlock: { give(user.pointer, handle) })
    default: throw invalidArgument("check queues[\(index)]", "lock and unlock belong together, and one is NULL")
    }
    result.append(VulkanQueue(handle: handle, family: queue.family, flags: queue.flags, lock: lock))
  }
  return result
}

@c @implementation
public func glvk_host_create(
  _ creation: UnsafePointer<glvk_host_creation>!, _ out: UnsafeMutablePointer<glvk_host>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.readRequired(creation, "creation")
    var options = VulkanHost.CreateOptions(try choice(given))
    options.instanceExtensions = try strings(
      given.instance_extensions, given.instance_extension_count, "instance_extensions")
    options.deviceExtensions = try strings(given.device_extensions, given.device_extension_count, "device_extensions")
    options.layers = try strings(given.layers, given.layer_count, "layers")
    return HostObject(try VulkanHost.create(options))
  }
}

private func choice(_ given: glvk_host_creation) throws(InteropError) -> VulkanHost.DeviceChoice {
  switch Int(given.choice) {
  case Int(GLVK_DEVICE_MATCHING): return .matching(try given.context.object().gl)
  case Int(GLVK_DEVICE_INDEX): return .index(Int(given.index))
  case Int(GLVK_DEVICE_NAME):
    guard let name = given.name else { throw invalidArgument("check name", "name is NULL") }
    return .name(String(cString: name))
  case Int(GLVK_DEVICE_UUID): return .uuid(DriverUUID(withUnsafeBytes(of: given.uuid) { Array($0) }))
  default: throw unknown("choice", given.choice)
  }
}

/// Names that live as long as the process: there are only as many as the package knows extensions.
private let names = Mutex<[String: CString]>([:])

private func permanent(_ name: String) -> UnsafePointer<CChar>? {
  names.withLock { names in
    if let known = names[name] { return known.pointer }
    let made = CString(name)
    names[name] = made
    return made.pointer
  }
}

private func handleTypes(_ path: glvk_path) throws(InteropError) -> [ExternalMemoryHandleType] {
  switch try Numbers.path.optional(path) {
  case nil: [.opaqueFD, .dmaBuf]
  case TransferPath.opaqueFD?: [.opaqueFD]
  case TransferPath.hostCopy?: []
  default: [.dmaBuf]
  }
}

@c @implementation
public func glvk_host_required_device_extensions(
  _ path: glvk_path, _ sync: glvk_sync, _ api_version: UInt32, _ names: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    guard api_version >= VulkanVersion.v1_1 else {
      throw invalidArgument(
        "check api_version", "it is \(VulkanVersion.text(api_version))", "Use VK_API_VERSION_1_1 or later")
    }
    let extensions = VulkanHost.requiredDeviceExtensions(
      for: try handleTypes(path), sync: try Numbers.sync.optional(sync) ?? .timelineSemaphore, apiVersion: api_version)
    try put(extensions.map(permanent), names, capacity, count, "names")
  }
}

@c @implementation
public func glvk_host_required_instance_extensions(
  _ path: glvk_path, _ names: UnsafeMutablePointer<UnsafePointer<CChar>?>!, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    let extensions = VulkanHost.requiredInstanceExtensions(for: try handleTypes(path))
    try put(extensions.map(permanent), names, capacity, count, "names")
  }
}

// The parameters spell out the type behind `VkPhysicalDevice`: two modules declare that name, and the one that it
// refers to differs between debug and release.
@c @implementation
public func glvk_physical_devices_matching(
  _ context: glvk_context, _ instance: VkInstance!, _ get_instance_proc_addr: PFN_vkGetInstanceProcAddr!,
  _ devices: UnsafeMutablePointer<OpaquePointer?>!, _ capacity: Int, _ count: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    let gl = try context.object().gl
    guard let instance else { throw invalidArgument("check instance", "instance is VK_NULL_HANDLE") }
    let loader =
      if let get_instance_proc_addr { VulkanLoader(getInstanceProcAddr: get_instance_proc_addr) } else {
        try VulkanLoader.open()
      }
    let matching = try VulkanHost.physicalDevices(matching: gl, of: instance, loader: loader)
    try put(matching.map(Optional.some), devices, capacity, count, "devices")
  }
}

@c @implementation
public func glvk_host_get_info(_ host: glvk_host, _ out: UnsafeMutablePointer<glvk_host_info>!) -> glvk_result {
  report {
    let host = try host.object().host
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_host_info()
    info.instance = host.instance
    info.physical_device = host.physicalDevice
    info.device = host.device
    info.get_instance_proc_addr = host.loader.getInstanceProcAddr
    info.api_version = host.apiVersion
    info.queue_count = UInt32(host.queues.count)
    copy(host.info.deviceName, into: &info.device_name)
    copy(host.info.driverName, into: &info.driver_name)
    copy(host.info.driverInfo, into: &info.driver_info)
    copy(host.info.identity.deviceUUIDs.first?.bytes ?? [], into: &info.device_uuid)
    copy(host.info.identity.driverUUID?.bytes ?? [], into: &info.driver_uuid)
    info.can_export_semaphores = flag(host.canExportSemaphores)
    info.can_export_timeline_semaphores = flag(host.canExportTimelineSemaphores)
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_host_get_queue(
  _ host: glvk_host, _ index: UInt32, _ out: UnsafeMutablePointer<glvk_queue>!
) -> glvk_result {
  report {
    let host = try host.object()
    let out = try SizedStruct.checkOut(out, "out")
    SizedStruct.write(try host.describeQueue(Int(index)), to: out)
  }
}

@c @implementation
public func glvk_host_destroy(_ host: glvk_host) -> glvk_result { report { try host.remove() } }
