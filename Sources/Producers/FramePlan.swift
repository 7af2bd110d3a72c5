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
  /// The readback methods that path `host-copy` may use, best first.
  let readbacks: [ReadbackMethod]
  /// Whether the framebuffers that the application draws into are made at once.
  let makesTarget: Bool
}
