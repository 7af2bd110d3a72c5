internal import Capability
internal import InteropDrivers
internal import Logging
internal import RawImport

/// The slots of a consumer at one size, and the combination they were made with.
final class ConsumerRing: Sendable {
  let size: PixelSize
  let configuration: TransferConfiguration
  let slots: [ConsumerSlot]

  var modifier: DRMModifier? { slots.first?.image.dmaBuf?.modifier }

  init(size: PixelSize, configuration: TransferConfiguration, slots: [ConsumerSlot]) {
    self.size = size
    self.configuration = configuration
    self.slots = slots
  }

  /// Returns this ring without slots, for the time after the last frame.
  func emptied() -> ConsumerRing { ConsumerRing(size: size, configuration: configuration, slots: []) }

  /// The specification of a consumer's ring.
  struct Plan {
    let size: PixelSize
    let options: ConsumerOptions
    let context: GLContext
    let host: VulkanHost
    let duties: ConsumerDuties
    let selection: PathSelection
  }

  /// Makes a ring with the first combination that works and passes the pixel check, on the GL thread.
  ///
  /// Parameters, result and errors are those of ``FrameRing/make(_:excluding:)``.
  static func make(
    _ plan: Plan, excluding excluded: Set<TransferConfiguration> = []
  ) throws(InteropError) -> (ConsumerRing, [PathRefusal]) {
    try plan.selection.firstThatWorks(excluding: excluded) { (configuration) throws(InteropError) in
      configuration.path == .hostCopy ? try hostCopy(plan, configuration) : try shared(plan, configuration)
    }
  }

  private static func shared(_ plan: Plan, _ configuration: TransferConfiguration) throws(InteropError) -> ConsumerRing
  {
    let options = plan.options
    var description = SharedImageDescription(
      size: plan.size, format: options.format, tiling: configuration.tiling, direction: .vulkanToGL,
      mode: configuration.mode,
      handleType: configuration.path == .opaqueFD ? .opaqueFD : .dmaBuf,
      allocator: configuration.path.dmaBufAllocator ?? .vulkan, modifiers: plan.selection.modifiers(configuration),
      orientation: options.orientation, usage: options.ring.usage(checkedBy: VK_IMAGE_USAGE_TRANSFER_DST_BIT),
      isOpaque: options.alphaMode == .opaque)
    try SharedImage.checkSupport(description, sync: configuration.sync, gl: plan.context, host: plan.host)
    var slots: [ConsumerSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try SharedImage(
        description, gl: plan.context, host: plan.host, sync: configuration.sync,
        ownershipQueue: plan.selection.ownershipQueue(configuration, plan.host))
      try plan.selection.check(image.modifier)
      if slots.isEmpty, options.verifiesPixels {
        try plan.selection.verify(image, configuration, by: PixelCheck(plan.context, plan.host))
      }
      // The device and GL chose one of the allowed modifiers for this image; the other slots use the same.
      if let modifier = image.modifier { description.modifiers = [modifier] }
      slots.append(ConsumerSlot(image, plan.context, configuration, plan.duties, options.logger))
    }
    return ConsumerRing(size: plan.size, configuration: configuration, slots: slots)
  }

  private static func hostCopy(_ plan: Plan, _ configuration: TransferConfiguration) throws(InteropError)
    -> ConsumerRing
  {
    let options = plan.options
    var slots: [ConsumerSlot] = []
    for _ in 0..<options.framesInFlight {
      let image = try HostCopyTexture(
        size: plan.size, format: options.format, orientation: options.orientation,
        isOpaque: options.alphaMode == .opaque, usage: options.ring.usage(checkedBy: VK_IMAGE_USAGE_TRANSFER_DST_BIT),
        gl: plan.context, host: plan.host)
      if slots.isEmpty, options.verifiesPixels, try !PixelCheck(plan.context, plan.host).verify(image) {
        options.logger.debug("host-copy: GL reads no \(options.format) framebuffer, so the pixels were not looked at")
      }
      slots.append(ConsumerSlot(image, plan.context, configuration, plan.duties, options.logger))
    }
    return ConsumerRing(size: plan.size, configuration: configuration, slots: slots)
  }
}
