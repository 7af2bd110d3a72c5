internal import Capability
internal import Drivers
internal import RawImport

/// The slots of a producer at one size, and how they were made. Built by trying the paths in order.
final class FrameRing {
  let size: PixelSize
  let candidate: PathSelection.Candidate
  let sync: SyncKind
  let slots: [FrameSlot]

  var path: TransferPath { candidate.path }
  var mode: TransferMode { candidate.mode }

  private init(size: PixelSize, candidate: PathSelection.Candidate, sync: SyncKind, slots: [FrameSlot]) {
    self.size = size
    self.candidate = candidate
    self.sync = sync
    self.slots = slots
  }

  /// A way that did not work, and why.
  struct Refusal {
    let candidate: PathSelection.Candidate
    let error: InteropError
  }

  /// What the ring is made of and for.
  struct Plan {
    let size: PixelSize
    let options: ProducerOptions
    let context: GLContext
    let egl: (EGLFunctions, EGLDisplay)?
    let host: VulkanHost
    let blitter: FramebufferBlitter
    let signal: SlotSignal
    let selection: PathSelection
  }

  /// The first way that works and passes the pixel check.
  ///
  /// - Parameter excluded: ways that failed while frames ran.
  /// - Returns: the ring and the ways that were refused before it.
  /// - Throws: the first refusal, if nothing works or the caller's choice does not: the best way is the one to mend.
  static func make(
    _ plan: Plan, excluding excluded: Set<PathSelection.Candidate> = []
  ) throws(InteropError) -> (FrameRing, [Refusal]) {
    var refusals: [Refusal] = []
    for candidate in plan.selection.candidates where !excluded.contains(candidate) {
      do throws(InteropError) {
        let ring = candidate.path == .hostCopy ? try hostCopy(plan, candidate) : try shared(plan, candidate)
        return (ring, plan.selection.refusals + refusals)
      } catch {
        refusals.append(Refusal(candidate: candidate, error: error))
      }
    }
    throw refusals.first?.error
      ?? InteropError(
        .unsupported, step: "choose the path", reason: "every way has failed", missing: ["a way from GL to Vulkan"])
  }

  private static func shared(_ plan: Plan, _ candidate: PathSelection.Candidate) throws(InteropError) -> FrameRing {
    let options = plan.options
    let mode = candidate.mode
    let description = SharedImageDescription(
      size: plan.size, format: options.format, tiling: options.tiling, direction: .glToVulkan, mode: mode,
      orientation: options.orientation)
    // In mode blit the application draws into one framebuffer of ours, whichever slot comes next.
    let source =
      mode == .blit
      ? try DrawTarget(options.format.glInternalFormat, plan.size, samples: options.samples, plan.context) : nil
    var slots: [FrameSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try SharedImage(
        description, gl: plan.context, host: plan.host, sync: candidate.sync,
        handoverQueue: plan.selection.handoverQueue(candidate, plan.host))
      if slots.isEmpty, options.verifiesPixels { try PixelCheck(plan.context, plan.host, blitter: plan.blitter).verify(image) }
      guard let target = source ?? image.glFramebuffer.map({ DrawTarget(borrowing: $0) }) else {
        preconditionFailure("an image of mode direct has a framebuffer")
      }
      slots.append(FrameSlot(image: image, target: target, signal: plan.signal, logger: options.logger))
    }
    guard let first = slots.first?.image as? SharedImage else { preconditionFailure("at least one slot") }
    return FrameRing(size: plan.size, candidate: candidate, sync: first.sync, slots: slots)
  }

  private static func hostCopy(_ plan: Plan, _ candidate: PathSelection.Candidate) throws(InteropError) -> FrameRing {
    let options = plan.options
    let format = options.format.glInternalFormat
    let source = try DrawTarget(format, plan.size, samples: 1, plan.context)
    let target =
      options.samples > 1 ? try DrawTarget(format, plan.size, samples: options.samples, plan.context) : source
    var slots: [FrameSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try HostCopyImage(
        size: plan.size, format: options.format, orientation: options.orientation, source: source, gl: plan.context,
        egl: plan.egl, host: plan.host)
      slots.append(FrameSlot(image: image, target: target, signal: plan.signal, logger: options.logger))
    }
    return FrameRing(size: plan.size, candidate: candidate, sync: .cpuWait, slots: slots)
  }
}
