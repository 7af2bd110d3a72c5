internal import RawImport

/// What the ring is made of and for.
struct FramePlan {
  let size: PixelSize
  let options: ProducerOptions
  let context: GLContext
  let host: VulkanHost
  let blitter: FramebufferBlitter
  let signal: SlotSignal
  let notice: RetirementNotice
  let selection: PathSelection
  /// How path `host-copy` may read back, best first.
  let readbacks: [ReadbackMethod]
  /// Whether the framebuffers that the application draws into are made at once.
  let makesTarget: Bool
}
