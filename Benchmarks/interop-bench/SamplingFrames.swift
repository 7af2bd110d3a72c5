import BenchmarkReport
import CBaseline
import GLVulkanInterop

/// Frames of which Vulkan samples every pixel, in a full-screen pass on its graphics queue, in several orders of
/// submission.
final class SamplingFrames {
  private let frames: SwiftFrames
  private let graphics: VulkanQueue
  private let pass: OpaquePointer

  /// An order of submission: when the frames' samplings are submitted, and the queue that takes the images from GL.
  private struct Order {
    let name: String
    let summary: String
    /// The ownership queue, which takes the image from GL; nil where the graphics queue does.
    var ownershipQueue: VulkanQueue?
    /// The number of later frames that GL has submitted when a frame's sampling is submitted.
    var lateness = 0
    /// The number of frames whose samplings are submitted at once.
    var batch = 1
  }

  /// The frames of one order that GL has drawn and that are not submitted to Vulkan yet.
  private final class Pending {
    var oldest: UInt32 = 0
    var next: UInt32 = 0
  }

  /// - Parameter graphics: a queue that draws.
  init(_ frames: SwiftFrames, graphics: VulkanQueue) throws {
    self.frames = frames
    self.graphics = graphics
    let host = frames.side.host
    var device = cb_device(
      instance: UnsafeMutableRawPointer(host.instance), physical_device: UnsafeMutableRawPointer(host.physicalDevice),
      device: UnsafeMutableRawPointer(host.device),
      get_instance_proc_addr: unsafeBitCast(host.loader.getInstanceProcAddr, to: UnsafeMutableRawPointer.self))
    let images: [UnsafeMutableRawPointer?] = frames.images.map { UnsafeMutableRawPointer($0.vkImage) }
    let opened = cb_pass_open(
      &device, UInt32(frames.size.width), UInt32(frames.size.height), images, UInt32(images.count))
    guard let opened else { throw CFrames.failure() }
    pass = opened
  }

  deinit {
    // After a wrong frame, other frames may still be in flight.
    frames.side.waitForDevice()
    cb_pass_close(pass)
  }

  func workloads() -> [Workload] {
    let ring = frames.images.count
    var orders = [
      Order(name: "swift-sample", summary: "Swift: GL draws, the graphics queue acquires and samples, each frame")
    ]
    // Blocks of frames are multiples of 3.
    let batch = min(ring, 3)
    if ring > 1 {
      orders += [
        Order(name: "swift-sample-late", summary: "the same, each frame sampled after GL's next", lateness: 1),
        Order(
          name: "swift-sample-batch-\(batch)", summary: "the same, \(batch) frames drawn, then \(batch) sampled",
          batch: batch),
      ]
    }
    for queue in frames.side.host.queues where queue.handle != graphics.handle {
      let family = queue.family
      orders.append(
        Order(
          name: "swift-sample-via-q\(family)", summary: "the same, family \(family) takes the image from GL",
          ownershipQueue: queue))
      if ring > 1 {
        orders.append(
          Order(
            name: "swift-sample-late-via-q\(family)", summary: "late, and by family \(family)", ownershipQueue: queue,
            lateness: 1))
      }
    }
    return orders.map { workload($0) }
  }

  private func workload(_ order: Order) -> Workload {
    let pending = Pending()
    return Workload(
      order.name, order.summary, .sampled, .swift, isPipelined: true,
      drain: { _ in try self.drain(pending, order) }
    ) { number in
      try self.submitGL(number, pending)
      if Int(pending.next - pending.oldest) >= order.lateness + order.batch {
        for _ in 0..<order.batch { try self.sample(pending, order) }
      }
    }
  }

  private func submitGL(_ number: UInt32, _ pending: Pending) throws {
    let image = frames.images[Int(number) % frames.images.count]
    try frames.drawShared(number, into: image)
    try image.releaseFromGL()
    if pending.oldest == pending.next { pending.oldest = number }
    pending.next = number + 1
  }

  /// Submits the sampling of the oldest frame.
  private func sample(_ pending: Pending, _ order: Order) throws {
    let number = pending.oldest
    let slot = Int(number) % frames.images.count
    var arrived = true
    try frames.images[slot].access(.fragmentSampling, on: AccessQueues(graphics, ownership: order.ownershipQueue)) {
      commands in
      arrived = cb_pass_record(pass, UnsafeMutableRawPointer(commands), UInt32(slot), number)
    }
    guard arrived else { throw CFrames.failure() }
    pending.oldest = number + 1
  }

  private func drain(_ pending: Pending, _ order: Order) throws {
    while pending.oldest != pending.next { try sample(pending, order) }
    let host = frames.side.host
    try host.waitForQueues()
    guard cb_pass_check(pass) else { throw CFrames.failure() }
  }
}
