internal import Capability
internal import Drivers
internal import RawImport

/// The slots of a producer at one size, and how they were made. Built by trying the paths in order.
final class FrameRing {
  let size: PixelSize
  let path: TransferPath
  let mode: TransferMode
  let sync: SyncKind
  let slots: [FrameSlot]

  private init(size: PixelSize, path: TransferPath, mode: TransferMode, sync: SyncKind, slots: [FrameSlot]) {
    self.size = size
    self.path = path
    self.mode = mode
    self.sync = sync
    self.slots = slots
  }

  /// A path that did not work, and why.
  struct Refusal {
    let path: TransferPath
    let mode: TransferMode
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
  }

  /// The first way that works and passes the pixel check.
  ///
  /// - Returns: the ring and the paths that were refused before it.
  /// - Throws: the first refusal, if nothing works or the caller's choice does not: the best way is the one to mend.
  static func make(_ plan: Plan) throws(InteropError) -> (FrameRing, [Refusal]) {
    var refusals: [Refusal] = []
    let candidates = try candidates(plan.options)
    for (path, mode) in candidates {
      do throws(InteropError) {
        let ring = path == .hostCopy ? try hostCopy(plan, mode) : try shared(plan, path, mode)
        return (ring, refusals)
      } catch {
        refusals.append(Refusal(path: path, mode: mode, error: error))
      }
    }
    guard let first = refusals.first else { preconditionFailure("there is always a candidate") }
    throw first.error
  }

  /// Ways to try, best first; options that exclude each other are errors here.
  private static func candidates(_ options: ProducerOptions) throws(InteropError) -> [(TransferPath, TransferMode)] {
    let paths = options.path.map { [$0] } ?? TransferPath.all
    if let unknown = paths.first(where: { !TransferPath.all.contains($0) }) {
      throw InteropError(
        .invalidArgument, step: "choose the path", reason: "there is no path \(unknown)",
        advice: "Choose \(TransferPath.all.map(\.rawValue).joined(separator: " or "))")
    }
    let mustBlit = options.samples > 1 || options.orientation == .topDown
    if options.mode == .direct, mustBlit, options.path != .hostCopy {
      throw InteropError(
        .invalidArgument, step: "choose the mode",
        reason: "mode direct can neither resolve \(options.samples) samples nor turn the picture top-down",
        advice: "Use mode blit, or 1 sample and bottom-up frames")
    }
    return paths.flatMap { path -> [(TransferPath, TransferMode)] in
      // host-copy reads back what was drawn; there is nothing to blit.
      if path == .hostCopy { return [(path, options.mode ?? .direct)] }
      if let mode = options.mode { return [(path, mode)] }
      return mustBlit ? [(path, .blit)] : [(path, .direct), (path, .blit)]
    }
  }

  private static func shared(
    _ plan: Plan, _ path: TransferPath, _ mode: TransferMode
  ) throws(InteropError) -> FrameRing {
    let options = plan.options
    let description = SharedImageDescription(
      size: plan.size, format: options.format, tiling: options.tiling, direction: .glToVulkan, mode: mode,
      orientation: options.orientation)
    // In mode blit the application draws into one framebuffer of ours, whichever slot comes next.
    let source =
      mode == .blit
      ? try DrawTarget(options.format.glInternalFormat, plan.size, samples: options.samples, plan.context) : nil
    var slots: [FrameSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try SharedImage(description, gl: plan.context, host: plan.host, sync: options.sync)
      if slots.isEmpty, options.verifiesPixels { try PixelCheck.verify(image, blitter: plan.blitter) }
      guard let target = source ?? image.glFramebuffer.map({ DrawTarget(borrowing: $0) }) else {
        preconditionFailure("an image of mode direct has a framebuffer")
      }
      slots.append(FrameSlot(image: image, target: target, signal: plan.signal, logger: options.logger))
    }
    guard let first = slots.first?.image as? SharedImage else { preconditionFailure("at least one slot") }
    return FrameRing(size: plan.size, path: path, mode: mode, sync: first.sync, slots: slots)
  }

  private static func hostCopy(_ plan: Plan, _ mode: TransferMode) throws(InteropError) -> FrameRing {
    let options = plan.options
    if options.sync == .semaphoreFD {
      throw InteropError(
        .unsupported, step: "choose the sync", reason: "host-copy has nothing a semaphore could order",
        missing: ["semaphore-fd for host-copy"], advice: "Use cpu-wait")
    }
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
    return FrameRing(size: plan.size, path: .hostCopy, mode: mode, sync: .cpuWait, slots: slots)
  }
}
