import GLVulkanInterop
import InteropTestSupport
import Testing

/// A GPU's fence is polled for a short time before the thread blocks; a CPU's is not.
@Suite("Waiting for a fence", .serialized) struct FenceWaitTests {
  /// What is called while `fence` is waited for, and the error.
  private func calls(
    _ host: VulkanHost, _ fence: borrowing VulkanObject, timeout: Duration, polling: Duration?
  ) -> (names: [String], error: InteropError?) {
    var error: InteropError?
    let handle = fence.handle
    let calls = DriverTrace.record(on: .current) {
      do throws(InteropError) {
        try host.wait(for: handle, timeout: timeout, polling: polling)
      } catch let thrown {
        error = thrown
      }
    }
    return (calls.map(\.name), error)
  }

  private func signal(_ fence: borrowing VulkanObject, _ host: VulkanHost) throws {
    let queue = host.queues[0]
    let handle = fence.handle
    let result = queue.lock.withLock { host.vk.vkQueueSubmit(queue.handle, 0, nil, handle) }
    #expect(result == VK_SUCCESS)
  }

  @Test func aFenceThatSignalsIsSeenByPollingAlone() throws {
    let (_, host) = try TestStack.open(traced: true)
    let fence = try host.makeFence()
    try signal(fence, host)
    let (names, error) = calls(host, fence, timeout: .seconds(10), polling: .seconds(10))
    #expect(error == nil)
    #expect(Set(names) == ["vkGetFenceStatus"])
  }

  @Test func aFenceThatDoesNotIsWaitedForAfterwards() throws {
    let (_, host) = try TestStack.open(traced: true)
    let fence = try host.makeFence()
    let start = ContinuousClock.now
    let (names, error) = calls(host, fence, timeout: .milliseconds(30), polling: .milliseconds(2))
    #expect(ContinuousClock.now - start >= .milliseconds(30))
    #expect(error?.code == .timeout && error?.step == "vkWaitForFences", "\(String(describing: error))")
    #expect(names.count > 1 && names.last == "vkWaitForFences" && Set(names.dropLast()) == ["vkGetFenceStatus"])
  }

  /// What a failing vkGetFenceStatus hides, vkWaitForFences tells.
  @Test func pollingThatFailsEndsInTheWait() throws {
    let (_, host) = try TestStack.open(traced: true)
    let fence = try host.makeFence()
    try signal(fence, host)
    let handle = fence.handle
    let (error, failed) = DriverTrace.failingCall(1, on: .current) {
      try host.wait(for: handle, polling: .seconds(1))
    }
    #expect(error == nil && failed == "vkGetFenceStatus", "\(String(describing: error)), \(failed ?? "none")")
  }

  @Test func aDeviceThatIsTheCPUIsNotPolled() throws {
    #expect(VulkanHost.fencePollingTime(of: VK_PHYSICAL_DEVICE_TYPE_CPU) == .zero)
    for type in [VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU, VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU] {
      #expect(VulkanHost.fencePollingTime(of: type) == .microseconds(100))
    }
    let (_, host) = try TestStack.open(traced: true)
    let fence = try host.makeFence()
    try signal(fence, host)
    let (names, error) = calls(host, fence, timeout: .seconds(10), polling: nil)
    #expect(error == nil)
    let isCPU = host.info.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU
    #expect(names.contains("vkGetFenceStatus") != isCPU, "\(names)")
  }
}
