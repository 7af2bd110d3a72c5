package import GLVulkanInterop

/// A GL context and a Vulkan device with several queues: the device's own families where it has more than one, else
/// pretended ones (PretendedQueues.h).
package struct ManyQueues {
  package let context: SurfacelessContext
  package let host: VulkanHost
  /// Of several families; where they are pretended, two of the first.
  package let all: [VulkanQueue]
  package let arePretended: Bool

  /// Two different queues, in this order.
  package struct Pair: CustomStringConvertible {
    /// Takes the image from GL.
    package let ownership: VulkanQueue
    /// Uses it.
    package let using: VulkanQueue
    package var description: String {
      let isTransfer = ownership.family != using.family
      return "family \(ownership.family) to \(isTransfer ? "family \(using.family)" : "another queue of it")"
    }
  }

  /// Opens them, traced, on the calling thread.
  package init(_ api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api, traced: true)
    guard host.queues.count < 2 else {
      self.init(context, host, host.queues, pretended: false)
      return
    }
    TestStack.skip("transfers between real queue families: the device has one family; pretended ones are tested")
    let (again, pretender) = try TestStack.open(api, traced: true, pretendsQueues: true)
    var handle: VkQueue?
    pretender.vk.vkGetDeviceQueue(pretender.device, pretender.queues[0].family, 1, &handle)
    guard let handle else { preconditionFailure("a pretended queue is always there") }
    // The adopting `VulkanHost` keeps its queues, and so the device's owner.
    let lock = QueueLock()
    let second = VulkanQueue(
      handle: handle, family: pretender.queues[0].family, flags: pretender.queues[0].flags,
      lock: QueueLock(
        lock: { withExtendedLifetime(pretender) { lock.acquireForC() } }, unlock: { lock.releaseForC() }))
    // The second is the application's: a `VulkanHost` has only the queues that it was given.
    let adopted = try DriverTrace.pretendingQueues {
      var device = VulkanHost.AdoptedDevice(
        instance: pretender.instance, physicalDevice: pretender.physicalDevice, device: pretender.device,
        apiVersion: pretender.apiVersion, queues: pretender.queues + [second],
        enabledDeviceExtensions: pretender.enabledDeviceExtensions, features: pretender.features)
      device.enabledInstanceExtensions = pretender.enabledInstanceExtensions
      device.enabledFeatures = pretender.enabledFeatures
      device.loader = pretender.loader
      return try VulkanHost(adopting: device)
    }
    self.init(again, adopted, adopted.queues, pretended: true)
  }

  private init(_ context: SurfacelessContext, _ host: VulkanHost, _ queues: [VulkanQueue], pretended: Bool) {
    self.context = context
    self.host = host
    all = queues
    arePretended = pretended
  }

  /// Every two queues in both orders.
  package var pairs: [Pair] {
    all.flatMap { first in
      all.filter { $0.handle != first.handle }.map { Pair(ownership: first, using: $0) }
    }
  }

  /// From a queue that cannot draw to one that can, where there is one.
  package var typical: Pair {
    let all = pairs
    return all.first { !$0.ownership.canDraw && $0.using.canDraw } ?? all[0]
  }

  /// How GL and these queues can wait for each other.
  package var syncs: [SyncKind] {
    [.semaphoreFD, .timelineSemaphore, .cpuWait].filter { TestStack.abilities.supports($0, context.api) }
  }
}
