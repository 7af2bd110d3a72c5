import BenchmarkReport
import GLVulkanInterop

/// Workloads of the steady state only, because their times are measured elsewhere: path `host-copy` by each of its
/// methods, and frames from Vulkan to GL by each path.
final class SteadyWays {
  private(set) var workloads: [Workload] = []
  private(set) var refused: [Report.NotMeasured] = []
  private let host: VulkanHost

  /// Creates the selected workloads, with the side's context current.
  init(
    _ side: SwiftSide, _ setup: Setup, size: PixelSize, inFlight: Int, isWanted: (String) -> Bool
  ) throws {
    host = side.host
    for method in ReadbackMethod.all where isWanted("swift-host-copy/\(method)") {
      var options = setup.options(.hostCopy, nil, .cpuWait, framesInFlight: inFlight)
      options.readback = method
      let queue = try side.queue(family: setup.queueFamily)
      add("swift-host-copy/\(method)") { () throws(InteropError) in
        let frames = ProducerFrames(
          try SurfacelessEGLProducer(size: size, host: side.host, context: side.context, options: options))
        return { try frames.frame($0, on: queue, waits: true) }
      }
    }
    for path in TransferPath.all where isWanted("swift-consumer/\(path)") {
      var options = ConsumerOptions(framesInFlight: inFlight, path: path)
      options.capability = .nowhere
      add("swift-consumer/\(path)") { () throws(InteropError) in
        let consumer = try RawGLConsumer(size: size, host: side.host, options: options)
        return { try Self.show($0, consumer, side) }
      }
    }
  }

  deinit { try? host.waitForQueues() }

  private func add(_ name: String, _ make: () throws(InteropError) -> (UInt32) throws -> Void) {
    do throws(InteropError) {
      let frame = try make()
      let summary = "Swift, for the steady state only"
      workloads.append(Workload(name, summary, .copied, .swift, frame: frame))
    } catch {
      refused.append(Report.NotMeasured(name, "\(error)"))
    }
  }

  /// Vulkan clears an image and GL receives it.
  private static func show(_ number: UInt32, _ consumer: RawGLConsumer, _ side: SwiftSide) throws {
    let frame = try consumer.nextTarget().access(.transferDestination) { commands, image in
      let color = frameColor(number)
      var value = VkClearColorValue()
      value.float32 = (Float(color.0) / 255, Float(color.1) / 255, Float(color.2) / 255, Float(color.3) / 255)
      var range = VkImageSubresourceRange(
        aspectMask: UInt32(VK_IMAGE_ASPECT_COLOR_BIT.rawValue), baseMipLevel: 0, levelCount: 1, baseArrayLayer: 0,
        layerCount: 1)
      side.host.vk.vkCmdClearColorImage(
        commands, image, VulkanAccess.transferDestination.layout, &value, 1, &range)
    }
    try frame.acquire()
    try frame.release()
  }
}
