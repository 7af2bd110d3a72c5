internal import Capability
internal import RawImport

/// The specification of a producer's ring.
struct FramePlan {
  let size: PixelSize
  let options: ProducerOptions
  let context: GLContext
  let host: VulkanHost
  let blitter: FramebufferBlitter
  let signal: SlotSignal
  let notice: RetirementNotice
  let selection: PathSelection
  /// The readback methods that failed while frames ran.
  let failedReadbacks: Set<ReadbackMethod>
  /// Whether the framebuffers that the application draws into are made at once.
  let makesTarget: Bool

  /// The readback methods that path `host-copy` may use, best first, as far as the drivers are known now.
  var readbacks: [ReadbackMethod] {
    if let method = options.readback { return [method] }
    return ReadbackTrial.methods(host, context, selection.matrix).filter { !failedReadbacks.contains($0) }
  }
}
