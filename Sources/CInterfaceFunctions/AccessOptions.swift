internal import CInterface
internal import InteropDrivers
internal import Glibc
internal import RawImport

// Vulkan's access to an image, which images and frames have in common.

extension VulkanAccess {
  /// - Parameter usual: the access for NULL.
  init(c use: UnsafePointer<glvk_use>?, usual: VulkanAccess = .fragmentSampling) {
    self = use.map { VulkanAccess(c: $0.pointee) } ?? usual
  }

  init(c use: glvk_use) { self.init(layout: use.layout, stages: use.stages, access: use.access) }

  /// The access that C gives; nil for NULL.
  static func optional(c use: UnsafePointer<glvk_use>?) -> VulkanAccess? { use.map { VulkanAccess(c: $0.pointee) } }
}

extension OwnershipTransferBarrier {
  func write(to out: UnsafeMutablePointer<glvk_ownership_transfer>) {
    var result = glvk_ownership_transfer()
    result.barrier = barrier
    result.source_stage = sourceStage
    result.destination_stage = destinationStage
    result.semaphore = semaphore
    result.semaphore_value = semaphoreValue
    SizedStruct.write(result, to: out)
  }
}

extension AccessQueues {
  /// The queues that a call names for an access; NULL for the first one, and for none of its own.
  init(_ host: VulkanHost, _ queue: VkQueue?, ownership: VkQueue?) throws(InteropError) {
    self.init(try host.queue(queue, "queue"), ownership: try host.queue(ownership, "ownership_queue"))
  }
}

/// `glvk_access_options`, checked.
struct AccessOptions {
  var use: VulkanAccess
  var queues: AccessQueues
  var timeout: Duration?

  /// - Parameter usual: the use if the given one is all 0.
  init(
    _ pointer: UnsafePointer<glvk_access_options>?, _ host: VulkanHost, usual: VulkanAccess = .fragmentSampling
  ) throws(InteropError) {
    use = usual
    guard let options = try SizedStruct.read(pointer, "options") else {
      queues = .first
      return
    }
    let given = options.use
    if given.layout != VK_IMAGE_LAYOUT_UNDEFINED || given.stages != 0 || given.access != 0 {
      use = VulkanAccess(c: given)
    }
    queues = try AccessQueues(host, options.queue, ownership: options.ownership_queue)
    if options.timeout_ns > 0 { timeout = Duration(nanoseconds: options.timeout_ns) }
  }
}

/// Checks the return value of the application's callback.
///
/// - Throws: ``InteropError/Code/callback`` for anything but 0.
func checkCallback(_ name: String, _ value: Int32) throws(InteropError) {
  guard value != 0 else { return }
  throw InteropError(
    .callback, step: name, reason: "the callback returned \(value), the call was cancelled", driverCode: .posix(value))
}

/// Duplicates a fence that comes from C: -1 for none.
///
/// - Returns: a descriptor of the same fence that the package owns.
func fence(_ descriptor: Int32) throws(InteropError) -> SyncFile? {
  guard descriptor != -1 else { return nil }
  guard descriptor >= 0 else { throw invalidArgument("check fence", "fence is \(descriptor)") }
  let own = try FileDescriptorOwner(duplicating: descriptor).handOver()
  do throws(InteropError) {
    return try SyncFile(adopting: own)
  } catch {
    close(own)
    throw error
  }
}
