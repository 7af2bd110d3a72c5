internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// The slots of a producer at one size, and the combination they were made with. The ring is made by trying the
/// combinations in order.
final class FrameRing {
  let size: PixelSize
  let configuration: TransferConfiguration
  let slots: [FrameSlot]
  /// The readback methods that were tried before the one in use.
  let readbackRefusals: [ReadbackTrial.Refusal]

  var path: TransferPath { configuration.path }
  var mode: TransferMode { configuration.mode }
  var sync: SyncKind { configuration.sync }
  /// The modifier of the slots' DMA-BUFs; all slots have the same.
  var modifier: DRMModifier? { slots.first?.image.dmaBuf?.modifier }

  /// The readback method of path `host-copy`; all slots have the same.
  var readback: ReadbackMethod? { (slots.first?.image as? HostCopyImage)?.method }

  private init(
    size: PixelSize, configuration: TransferConfiguration, slots: [FrameSlot],
    readbackRefusals: [ReadbackTrial.Refusal] = []
  ) {
    self.readbackRefusals = readbackRefusals
    self.size = size
    self.configuration = configuration
    self.slots = slots
  }

  /// Returns this ring without slots, for the time after the last frame.
  func emptied() -> FrameRing { FrameRing(size: size, configuration: configuration, slots: []) }

  /// Checks the size and the number of frames.
  ///
  /// - Throws: ``InteropError/Code/invalidArgument``.
  static func check(_ size: PixelSize, _ framesInFlight: Int) throws(InteropError) {
    try size.validate("check the frames' size")
    guard (1...16).contains(framesInFlight) else {
      throw InteropError(
        .invalidArgument, step: "check the frames in flight", reason: "\(framesInFlight) frames in flight",
        advice: "Use 1 to 16; 3 is usual")
    }
  }

  /// Makes a ring with the first combination that works and passes the pixel check.
  ///
  /// - Parameter excluded: combinations that failed while frames ran.
  /// - Returns: the ring and the combinations refused before it.
  /// - Throws: the refusal of the best combination, if nothing works or the caller's choice does not.
  static func make(
    _ plan: FramePlan, excluding excluded: Set<TransferConfiguration> = []
  ) throws(InteropError) -> (FrameRing, [PathRefusal]) {
    try plan.selection.firstThatWorks(excluding: excluded) { (configuration) throws(InteropError) in
      configuration.path == .hostCopy ? try hostCopy(plan, configuration) : try shared(plan, configuration)
    }
  }

  private static func shared(_ plan: FramePlan, _ configuration: TransferConfiguration) throws(InteropError)
    -> FrameRing
  {
    let options = plan.options
    let mode = configuration.mode
    var description = SharedImageDescription(
      size: plan.size, format: options.format, tiling: configuration.tiling, direction: .glToVulkan, mode: mode,
      handleType: configuration.path == .opaqueFD ? .opaqueFD : .dmaBuf,
      allocator: configuration.path.dmaBufAllocator ?? .vulkan, modifiers: plan.selection.modifiers(configuration),
      orientation: options.orientation, usage: options.ring.usage(checkedBy: VK_IMAGE_USAGE_TRANSFER_SRC_BIT),
      isOpaque: options.alphaMode == .opaque)
    try SharedImage.checkSupport(description, sync: configuration.sync, gl: plan.context, host: plan.host)
    // In mode blit the application draws into one framebuffer of the package, whichever slot comes next.
    let source = mode == .blit ? SlotTarget(plan) : nil
    if plan.makesTarget { _ = try source?.get() }
    var slots: [FrameSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try SharedImage(
        description, gl: plan.context, host: plan.host, sync: configuration.sync,
        ownershipQueue: plan.selection.ownershipQueue(configuration, plan.host))
      try plan.selection.check(image.modifier)
      if slots.isEmpty, options.verifiesPixels {
        try plan.selection.verify(
          image, configuration, by: PixelCheck(plan.context, plan.host, blitter: plan.blitter))
      }
      // The device and GL chose one of the allowed modifiers for this image; the other slots use the same.
      if let modifier = image.modifier { description.modifiers = [modifier] }
      guard
        let target = source ?? image.glFramebuffer.map({ SlotTarget(DrawTarget(borrowing: $0), isOfImage: true) })
      else {
        preconditionFailure("an image of mode direct has a framebuffer")
      }
      slots.append(
        FrameSlot(image: image, target: target, notice: plan.notice, signal: plan.signal, logger: options.logger))
    }
    return FrameRing(size: plan.size, configuration: configuration, slots: slots)
  }

  private static func hostCopy(_ plan: FramePlan, _ configuration: TransferConfiguration) throws(InteropError)
    -> FrameRing
  {
    let options = plan.options
    let source = try ReadbackSource(
      size: plan.size, format: options.format, orientation: options.orientation,
      isOpaque: options.alphaMode == .opaque, gl: plan.context)
    let target = options.samples > 1 ? SlotTarget(plan) : SlotTarget(source.target)
    if plan.makesTarget { _ = try target.get() }
    let egl = plan.context.egl.map { ($0.functions, $0.display) }
    let pixelCheck = options.verifiesPixels ? PixelCheck(plan.context, plan.host, blitter: plan.blitter) : nil
    let (first, refusals) = try ReadbackTrial(plan.readbacks, pixelCheck: pixelCheck).run {
      (method) throws(InteropError) in
      try HostCopyImage(source, by: method, usage: options.usage, egl: egl, host: plan.host)
    }
    var slots: [FrameSlot] = []
    while slots.count < options.framesInFlight {
      let image =
        slots.isEmpty
        ? first
        : try HostCopyImage(source, by: first.method, usage: options.usage, egl: egl, host: plan.host)
      slots.append(
        FrameSlot(image: image, target: target, notice: plan.notice, signal: plan.signal, logger: options.logger))
    }
    return FrameRing(size: plan.size, configuration: configuration, slots: slots, readbackRefusals: refusals)
  }
}
