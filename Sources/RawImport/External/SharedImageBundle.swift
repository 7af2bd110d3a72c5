public import InteropDrivers

extension SharedImage {
  /// How the image was created and its memory allocated, for an implementation that imports it.
  public var externalDescription: ExternalImageDescription {
    let identity = host.info.identity
    let types = host.memoryRequirements(of: vkImage).memoryTypeBits
    // The same choice as at the allocation.
    let type = (try? host.localMemoryType(allowedBy: types)) ?? 0
    var made = ExternalImageDescription(
      size: size, format: format, usage: usage, handleType: description.handleType, allocationSize: memorySize,
      memoryTypeIndex: type, deviceUUID: identity.deviceUUIDs.first, driverUUID: identity.driverUUID,
      sync: sync)
    made.tiling = tiling
    made.flags = createFlags
    made.queueFamily = outsideFamily
    made.orientation = orientation
    made.isOpaque = isOpaque
    return made
  }

  /// Gives the image to another implementation: its memory, its semaphores, and all that the importer must know.
  ///
  /// Export it once for each taker. For each frame ``acquireForExternal()`` says what the taker waits for, and
  /// ``releaseFromExternal(after:layout:)`` what GL waits for. One taker has the image at a time.
  ///
  /// GL is the giver, and the taker does what Vulkan on this device would: it reads an image of direction
  /// `gl-to-vulkan`, and writes one of direction `vulkan-to-gl`. On any thread; the descriptors belong to the bundle.
  ///
  /// - Throws: the driver's refusal.
  ///
  /// The corresponding C functions are `vkGetMemoryFdKHR` and `vkGetSemaphoreFdKHR`.
  public func externalBundle() throws(InteropError) -> ExternalImageBundle {
    guard let signals = ownership.sharedMemory?.signals else {
      preconditionFailure("the memory of a shared image is shared")
    }
    let glWrites = description.direction == .glToVulkan
    let giver = glWrites ? signals.writerDone : signals.readerDone
    let taker = glWrites ? signals.readerDone : signals.writerDone
    let memory: ExternalImageBundle.Memory =
      if let dmaBuf { .dmaBuf(try dmaBuf.duplicate()) } else {
        .opaqueFD(try host.exportMemory(vkMemory, description.handleType))
      }
    return ExternalImageBundle(
      externalDescription, memory: memory, giverDone: try giver.exportPayload(), takerDone: try taker.exportPayload())
  }

  /// Gives Vulkan's access to the taker of a bundle.
  ///
  /// - Returns: what the taker waits for before it touches the image; ``ExternalPoint/done`` where nothing is
  ///   due: before the first write, and after a frame that was dropped.
  /// - Throws: ``InteropError/Code/invalidState`` if Vulkan may not have access now.
  public func acquireForExternal() throws(InteropError) -> ExternalPoint { try ownership.acquireForExternal(tag: nil) }

  /// Ends the access that ``acquireForExternal()`` began: GL's next access waits for the taker.
  ///
  /// - Parameters:
  ///   - point: what the taker's release returned. A binary semaphore's signal must have been submitted. A taker that is
  ///     not trusted may never signal: then GL never goes on.
  ///   - layout: the layout in which the taker released the image. From another one than GENERAL, and after a new
  ///     semaphore, a submission of this device's brings the image back.
  /// - Throws: ``InteropError/Code/invalidState`` if no such access has begun; ``InteropError/Code/invalidArgument`` for
  ///   a point of another sync or a value that has passed; the image stays with the taker then.
  public func releaseFromExternal(
    after point: consuming ExternalPoint, layout: VkImageLayout = VK_IMAGE_LAYOUT_GENERAL
  ) throws(InteropError) {
    try ownership.releaseFromExternal(after: point, layout: layout, sync: sync, tag: nil)
  }
}
